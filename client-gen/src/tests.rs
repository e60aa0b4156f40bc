use super::*;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn schema_path() -> PathBuf {
    Path::new(FOLDER).join("../schema.graphql")
}

fn sdl(name: &str) -> String {
    match name {
        "schema.graphql" => read(&schema_path()).unwrap(),
        _ => read(&Path::new(FOLDER).join("testdata").join(name)).unwrap(),
    }
}

fn generated(sdl: &str) -> BTreeMap<&'static str, String> {
    generate(sdl, "", Path::new(FOLDER)).unwrap()
}

#[test]
fn every_root_field_has_a_documented_function() {
    let sdl = sdl("schema.graphql");
    let files = generated(&sdl);
    let schema = Schema::parse(&sdl).unwrap();
    for (file, fields, prefix) in [
        ("queries.rs", &schema.queries, ""),
        ("mutations.rs", &schema.mutations, ""),
        ("subscriptions.rs", &schema.subscriptions, "subscribe_"),
    ] {
        assert!(!fields.is_empty());
        let lines: Vec<&str> = files[file].lines().map(str::trim).collect();
        for field in fields {
            let start = format!("pub fn {prefix}{}(", names::snake(&field.name));
            let index = lines.iter().position(|line| line.starts_with(&start));
            let index = index.unwrap_or_else(|| panic!("{file} has no `{start}`"));
            assert!(
                lines[index - 1].starts_with("///"),
                "`{start}` is not documented"
            );
        }
    }
}

#[test]
fn every_type_of_the_schema_is_there() {
    let sdl = sdl("schema.graphql");
    let code: String = generated(&sdl).into_values().collect();
    for ty in Schema::parse(&sdl).unwrap().types.values() {
        let name = &ty.name;
        if !matches!(ty.kind, schema::Kind::Scalar) {
            let is_there = code.contains(&format!("pub struct {name} {{"))
                || code.contains(&format!("pub enum {name} {{"));
            assert!(is_there, "{name} is missing");
        }
    }
}

#[test]
fn public_items_are_documented() {
    for name in ["schema.graphql", "odd.graphql"] {
        for (file, code) in generated(&sdl(name)) {
            let mut before = "";
            for line in code.lines().map(str::trim) {
                let is_item = line.starts_with("pub ") && !line.starts_with("pub use");
                let is_attribute = line.starts_with("#[");
                assert!(
                    !is_item || before.starts_with("///"),
                    "{file}: {before}\n{line}"
                );
                if !is_attribute {
                    before = line;
                }
            }
        }
    }
}

#[test]
fn the_same_schema_gives_the_same_code() {
    let sdl = sdl("odd.graphql");
    assert_eq!(generated(&sdl), generated(&sdl));
}

#[test]
fn default_selections_are_valid_documents() {
    for name in ["schema.graphql", "odd.graphql"] {
        let schema = Schema::parse(&sdl(name)).unwrap();
        let rules = Rules::default();
        let selections = selection::Selections::new(&schema, &rules);
        for ty in schema.types.values() {
            if schema.is_leaf(&ty.name) || matches!(ty.kind, schema::Kind::Input { .. }) {
                continue;
            }
            let text = selections.text(&ty.name);
            if !text.is_empty() {
                async_graphql_parser::parse_query(format!("{{ a {{ {text} }} }}")).unwrap();
            }
            assert!(!text.contains("totalCount"), "{}: {text}", ty.name);
        }
    }
}

#[test]
fn odd_names_find_a_place() {
    let files = generated(&sdl("odd.graphql"));
    let holds = |file: &str, text: &str| assert!(files[file].contains(text), "{file}: {text}");
    holds("enums.rs", "UnknownValue,");
    holds("enums.rs", "UnknownValue = \"UNKNOWN\",");
    holds("enums.rs", "Self_,");
    holds(
        "objects.rs",
        "#[serde(rename = \"HTTPRoute\")]\n    pub http_route: Option<String>,",
    );
    holds("objects.rs", "pub self_: Option<Decimal>,");
    holds("objects.rs", "pub struct ErrorType {");
    holds("objects.rs", "pub enum ValueType {");
    holds("queries.rs", "pub fn url_query(&self)");
    holds("queries.rs", "pub fn execute_query(&self");
    holds("mutations.rs", "pub fn url_mutation(&self)");
    holds("scalars.rs", "Decimal");
}

#[test]
fn payloads_hold_what_success_brings() {
    let files = generated(&sdl("odd.graphql"));
    let payload = files["objects.rs"]
        .split("pub struct ThingPayload {")
        .nth(1)
        .unwrap();
    let payload = payload.split('}').next().unwrap();
    for line in [
        "pub thing: Thing,",
        "pub other: Option<Second>,",
        "pub cursor: Cursor,",
        "pub count: Option<i64>,",
    ] {
        assert!(payload.contains(line), "{line} in {payload}");
    }
    assert!(!payload.contains("errors"));
}

#[test]
fn two_functions_of_one_name_are_refused() {
    let sdl = "type Query { a_b: Int aB: Int a_B: Int }";
    let error = generate(sdl, "", Path::new(FOLDER)).unwrap_err();
    assert!(error.contains("there is a function `a_b"), "{error}");
}

#[test]
fn check_names_what_is_stale_and_the_command() {
    let folder = std::env::temp_dir().join(format!("openintent-client-gen-{}", std::process::id()));
    let arguments = |check| Arguments {
        schema: Path::new(FOLDER).join("testdata/odd.graphql"),
        rules: PathBuf::from("none"),
        out: folder.clone(),
        check,
    };
    assert!(run(&arguments(true)).unwrap_err().contains("queries.rs"));
    run(&arguments(false)).unwrap();
    run(&arguments(true)).unwrap();

    fs::write(folder.join("left_over.rs"), "").unwrap();
    fs::write(folder.join("enums.rs"), "// edited").unwrap();
    let error = run(&arguments(true)).unwrap_err();
    assert!(
        error.contains("(enums.rs, left_over.rs)") && error.contains(COMMAND),
        "{error}"
    );
    run(&arguments(false)).unwrap();
    assert!(!folder.join("left_over.rs").exists());
    run(&arguments(true)).unwrap();
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_committed_client_fits_the_schema() {
    run(&Arguments {
        schema: schema_path(),
        rules: Path::new(FOLDER).join("rules.txt"),
        out: Path::new(FOLDER).join("client/src/generated"),
        check: true,
    })
    .unwrap();
}
