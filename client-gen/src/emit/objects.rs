//! What the server answers: objects, interfaces and unions.

use crate::names;
use crate::schema::{Field, Kind, Ty, Type};
use crate::selection::{Depth, Selected};

use super::Writer;
use super::text::{Code, doc, literal};

impl Writer<'_> {
    pub(super) fn objects(&self) -> Code {
        let mut code = Code::default();
        for ty in self.schema.types.values() {
            match &ty.kind {
                Kind::Object { .. } => self.object(&mut code, ty),
                Kind::Interface { .. } | Kind::Union { .. } => self.abstraction(&mut code, ty),
                Kind::Scalar | Kind::Enum(_) | Kind::Input { .. } => {}
            }
        }
        if code.is_empty() {
            return code;
        }
        let mut file = Code::default();
        file.line("//! What the server answers. Each type holds what calls ask for by default: its `FIELDS`.\n");
        file.line("use serde::{Deserialize, Serialize};\n");
        let macros: Vec<&str> = ["connection", "typename_enum"]
            .into_iter()
            .filter(|name| code.as_str().contains(&format!("\n{name}!(")))
            .collect();
        if !macros.is_empty() {
            file.line(&format!("use crate::macros::{{{}}};", macros.join(", ")));
        }
        file.line("use crate::*;");
        file.line(code.as_str());
        file
    }

    fn object(&self, code: &mut Code, ty: &Type) {
        let name = names::type_name(&ty.name);
        let selected = self.selections.of(&ty.name);
        code.line("");
        code.line(&doc(
            ty.description.as_deref(),
            &format!("The type `{}`.", ty.name),
            None,
        ));
        code.line("#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]");
        code.line("#[serde(rename_all = \"camelCase\")]");
        code.line(&format!("pub struct {name} {{"));
        for Selected { field, depth } in &selected {
            self.field(code, &ty.name, field, *depth);
        }
        code.line("}");

        code.line(&format!("\nimpl {name} {{"));
        self.fields_constant(code, &ty.name);
        code.line("}");
        if self.selections.is_connection(&ty.name) {
            self.connection(code, ty);
        }
    }

    fn fields_constant(&self, code: &mut Code, name: &str) {
        code.line("/// What calls ask for of this type.");
        code.line(&format!(
            "pub const FIELDS: &'static str = {};",
            literal(&self.selections.text(name))
        ));
    }

    fn field(&self, code: &mut Code, owner: &str, field: &Field, depth: Depth) {
        let shown = format!("`{}: {}`", field.name, field.ty);
        code.line(&doc(
            field.description.as_deref(),
            &shown,
            field.deprecated.as_deref(),
        ));
        let mut serde = Vec::new();
        if !names::round_trips(&field.name) {
            serde.push(format!("rename = \"{}\"", field.name));
        }
        if let Some(alias) = self.selections.alias(owner, &field.name) {
            serde.push(format!("alias = \"{alias}\""));
        }
        if depth == Depth::OnRequest {
            serde.push("skip_serializing_if = \"Option::is_none\"".to_owned());
        }
        if !serde.is_empty() {
            code.line(&format!("#[serde({})]", serde.join(", ")));
        }
        code.line(&format!(
            "pub {}: {},",
            names::ident(&field.name),
            self.field_type(owner, field, depth)
        ));
    }

    fn field_type(&self, owner: &str, field: &Field, depth: Depth) -> String {
        let base = if depth == Depth::Id {
            "Ref".to_owned()
        } else {
            self.base_type(field.ty.base())
        };
        let ty = match depth {
            Depth::OnRequest => field.ty.with_nullable(true),
            _ if self.is_given_on_success(owner, field) => field.ty.with_nullable(false),
            _ => field.ty.clone(),
        };
        self.wrapped(&ty, &base)
    }

    /// A payload's first object and its cursor are null only when the mutation was refused, and that is an error.
    fn is_given_on_success(&self, owner: &str, field: &Field) -> bool {
        if !self.selections.is_payload(owner)
            || self
                .rules
                .optional
                .contains(&format!("{owner}.{}", field.name))
        {
            return false;
        }
        let is_object =
            |field: &&Field| !field.ty.is_list() && !self.schema.is_leaf(field.ty.base());
        let first = self.schema.fields(owner).iter().find(is_object);
        first.is_some_and(|first| first.name == field.name)
            || (field.name == "cursor" && field.ty.base() == "Cursor")
    }

    fn connection(&self, code: &mut Code, ty: &Type) {
        let fields = self.schema.fields(&ty.name);
        let field = |wanted: &str| fields.iter().find(|field| field.name == wanted);
        let page_info = field("pageInfo")
            .map(|field| self.schema.fields(field.ty.base()))
            .unwrap_or_default();
        let pages = ["hasNextPage", "endCursor"];
        if !pages
            .iter()
            .all(|wanted| page_info.iter().any(|field| field.name == *wanted))
        {
            return;
        }
        // `[T!]!` is taken as it is; nulls on the way are skipped.
        let taken = |ty: &Ty, path: &str| {
            let list = if ty.is_nullable() {
                format!("{path}.unwrap_or_default()")
            } else {
                path.to_owned()
            };
            let items_may_be_null = matches!(ty, Ty::List { of, .. } if of.is_nullable());
            (list, items_may_be_null)
        };
        let (node, nodes) = if let Some(nodes) = field("nodes") {
            let (list, may_be_null) = taken(&nodes.ty, "connection.nodes");
            let list = if may_be_null {
                format!("{list}.into_iter().flatten().collect()")
            } else {
                list
            };
            (nodes.ty.base(), list)
        } else if let Some(edges) = field("edges")
            && let Some(node) = self
                .schema
                .fields(edges.ty.base())
                .iter()
                .find(|field| field.name == "node")
        {
            let (list, may_be_null) = taken(&edges.ty, "connection.edges");
            let flat = if may_be_null { ".flatten()" } else { "" };
            let take = if node.ty.is_nullable() {
                "filter_map"
            } else {
                "map"
            };
            (
                node.ty.base(),
                format!("{list}.into_iter(){flat}.{take}(|edge| edge.node).collect()"),
            )
        } else {
            return;
        };
        let name = names::type_name(&ty.name);
        code.line(&format!(
            "\nconnection!({name}, {}, |connection| {nodes});",
            self.base_type(node)
        ));
    }

    fn abstraction(&self, code: &mut Code, ty: &Type) {
        let name = names::type_name(&ty.name);
        let members = self.schema.members(&ty.name).unwrap_or_default();
        let shared = self.selections.shared(&ty.name);
        let variant = |member: &str| variant_of(&ty.name, member);

        code.line("");
        code.line(&doc(
            ty.description.as_deref(),
            &format!("One of several types: `{}`.", ty.name),
            None,
        ));
        code.line("#[derive(Clone, Debug, PartialEq)]");
        code.line(&format!("pub enum {name} {{"));
        for member in members {
            let description = self
                .schema
                .get(member)
                .and_then(|member| member.description.as_deref());
            code.line(&doc(description, &format!("The type `{member}`."), None));
            code.line(&format!(
                "{}({}),",
                variant(member),
                boxed(&names::type_name(member))
            ));
        }
        code.line("/// A type that this client was not built with.");
        code.line("Unknown {");
        code.line("/// The type's name in the schema.");
        code.line("type_name: String,");
        for field in &shared {
            code.line(&doc(
                field.description.as_deref(),
                &format!("`{}: {}`", field.name, field.ty),
                None,
            ));
            code.line(&format!(
                "{}: {},",
                names::ident(&field.name),
                self.shared_type(field)
            ));
        }
        code.line("},");
        code.line("}");

        code.line(&format!("\ntypename_enum!({name} {{"));
        for member in members {
            code.line(&format!("    {} = \"{member}\",", variant(member)));
        }
        code.line("} unknown {");
        for field in &shared {
            let ident = names::ident(&field.name);
            code.line(&format!(
                "    {ident}: \"{}\": {},",
                field.name,
                self.shared_type(field)
            ));
        }
        code.line("});");

        code.line(&format!("\nimpl {name} {{"));
        self.fields_constant(code, &ty.name);
        for field in &shared {
            self.shared_accessor(code, members, field, &variant);
        }
        for member in members {
            let variant = variant(member);
            code.line(&format!("\n/// The object, if its type is `{member}`."));
            code.line(&format!(
                "pub fn as_{}(&self) -> Option<&{}> {{ match self {{ Self::{variant}(object) => Some(object), _ => None }} }}",
                names::snake(&variant),
                names::type_name(member)
            ));
        }
        code.line("}");
        if ty.name == "MutationError" {
            self.refusals(code, members);
        }
    }

    fn shared_type(&self, field: &Field) -> String {
        self.wrapped(&field.ty, &self.base_type(field.ty.base()))
    }

    fn shared_accessor(
        &self,
        code: &mut Code,
        members: &[String],
        field: &Field,
        variant: &dyn Fn(&str) -> String,
    ) {
        let ident = names::ident(&field.name);
        let base = self.base_type(field.ty.base());
        let is_copy = matches!(base.as_str(), "i64" | "f64" | "bool");
        let nullable = field.ty.is_nullable();
        let (ty, take) = match &field.ty {
            Ty::List { of, .. } => {
                let slice = format!("&[{}]", self.wrapped(of, &base));
                if nullable {
                    (format!("Option<{slice}>"), ".as_deref()")
                } else {
                    (slice, "")
                }
            }
            Ty::Named { .. } => match (base.as_str(), nullable) {
                ("String", false) => ("&str".to_owned(), ""),
                ("String", true) => ("Option<&str>".to_owned(), ".as_deref()"),
                (_, false) if is_copy => (base.clone(), ""),
                (_, true) if is_copy => (format!("Option<{base}>"), ""),
                (_, false) => (format!("&{base}"), ""),
                (_, true) => (format!("Option<&{base}>"), ".as_ref()"),
            },
        };
        let borrow = if take.is_empty() && !is_copy { "&" } else { "" };
        let copy = if is_copy { "*" } else { "" };
        code.line("");
        code.line(&doc(
            field.description.as_deref(),
            &format!("`{}: {}`", field.name, field.ty),
            None,
        ));
        code.line(&format!("pub fn {ident}(&self) -> {ty} {{ match self {{"));
        for member in members {
            code.line(&format!(
                "Self::{}(object) => {borrow}object.{ident}{take},",
                variant(member)
            ));
        }
        code.line(&format!(
            "Self::Unknown {{ {ident}, .. }} => {copy}{ident}{take}, }} }}"
        ));
    }

    /// `error.version_conflict()` and the like, on the error and on the list of refusals in it.
    fn refusals(&self, code: &mut Code, members: &[String]) {
        for (owner, find) in [
            ("Refused", "self.iter().find_map(MutationError::as_"),
            ("Error", "self.refused().and_then(Refused::"),
        ] {
            code.line(&format!("\nimpl {owner} {{"));
            for member in members {
                let variant = names::snake(&variant_of("MutationError", member));
                code.line(&format!(
                    "/// The first `{member}`, if the mutation was refused for that."
                ));
                code.line(&format!(
                    "pub fn {variant}(&self) -> Option<&{}> {{ {find}{variant}) }}\n",
                    names::type_name(member)
                ));
            }
            code.line("}");
        }
    }
}

/// `VersionConflictError` in `MutationError` is `VersionConflict`: the last word says nothing new.
fn variant_of(abstraction: &str, member: &str) -> String {
    let last_word = abstraction
        .rfind(char::is_uppercase)
        .and_then(|start| abstraction.get(start..))
        .unwrap_or_default();
    let short = member
        .strip_suffix(last_word)
        .filter(|short| !short.is_empty())
        .unwrap_or(member);
    super::variant(short)
}

fn boxed(ty: &str) -> String {
    format!("Box<{ty}>")
}
