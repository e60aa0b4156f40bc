//! Names of the schema as Rust writes them.

/// `createIntent`, `SCREAMING_CASE`, `HTTPRoute` → the words, in lower case.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &character) in characters.iter().enumerate() {
        if character == '_' {
            words.push(std::mem::take(&mut word));
            continue;
        }
        if character.is_uppercase() {
            let after_lower = index > 0
                && characters
                    .get(index - 1)
                    .is_some_and(|before| !before.is_uppercase());
            let before_lower = characters
                .get(index + 1)
                .is_some_and(|after| after.is_lowercase());
            if after_lower || before_lower {
                words.push(std::mem::take(&mut word));
            }
        }
        word.extend(character.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// `createIntent` → `create_intent`, without regard to keywords.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `IN_PROGRESS`, `createIntent` → `InProgress`, `CreateIntent`.
pub(crate) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// `IntentStatus` → `intentStatus`.
pub(crate) fn camel(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}

/// A function's constant: `create_intent` → `CREATE_INTENT`.
pub(crate) fn screaming(name: &str) -> String {
    name.trim_start_matches("r#").to_uppercase()
}

/// A field, function or parameter: snake case, with keywords made usable.
pub(crate) fn ident(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "self" | "super" | "crate" => format!("{name}_"),
        _ if KEYWORDS.contains(&name.as_str()) => format!("r#{name}"),
        _ => name,
    }
}

/// A type. Names that mean something else to Rust or to the client's own code get a suffix.
pub(crate) fn type_name(name: &str) -> String {
    let name = pascal_type(name);
    if RESERVED.contains(&name.as_str()) {
        format!("{name}Type")
    } else {
        name
    }
}

/// Whether serde's `camelCase` makes the schema's name from the field's.
pub(crate) fn round_trips(name: &str) -> bool {
    let mut camel = String::new();
    for (index, word) in snake(name).split('_').enumerate() {
        camel.push_str(&if index == 0 {
            word.to_owned()
        } else {
            capitalised(word)
        });
    }
    camel == name
}

/// Types are Pascal case already; only underscores and a small first letter have to go.
fn pascal_type(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

const RESERVED: &[&str] = &[
    "Box",
    "Call",
    "Client",
    "ClientBuilder",
    "Connection",
    "ConnectionState",
    "Cursor",
    "DateTime",
    "Default",
    "Deserialize",
    "Err",
    "Error",
    "From",
    "GraphqlError",
    "GraphqlErrors",
    "Id",
    "Into",
    "IntoIterator",
    "Iterator",
    "Maybe",
    "NodeStream",
    "None",
    "Object",
    "Ok",
    "Operation",
    "Option",
    "Page",
    "Ref",
    "Refused",
    "Result",
    "RetryPolicy",
    "Self",
    "Serialize",
    "Some",
    "String",
    "Subscribe",
    "Subscription",
    "Value",
    "Vec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rust_names() {
        assert_eq!(snake("createIntent"), "create_intent");
        assert_eq!(snake("HTTPRoute"), "http_route");
        assert_eq!(snake("rfc3339Text"), "rfc3339_text");
        assert_eq!(pascal("SUSPENDED_AWAITING_INPUT"), "SuspendedAwaitingInput");
        assert_eq!(pascal("createIntent"), "CreateIntent");
        assert_eq!(camel("IntentStatus"), "intentStatus");
        assert_eq!(screaming("r#move"), "MOVE");
    }

    #[test]
    fn keywords_and_taken_names_are_avoided() {
        assert_eq!(ident("type"), "r#type");
        assert_eq!(ident("self"), "self_");
        assert_eq!(type_name("Error"), "ErrorType");
        assert_eq!(type_name("IntentPayload"), "IntentPayload");
        assert_eq!(type_name("_Service"), "Service");
    }

    #[test]
    fn names_that_serde_would_get_wrong_are_known() {
        assert!(round_trips("createdAt"));
        assert!(round_trips("type"));
        assert!(!round_trips("HTTPRoute"));
        assert!(!round_trips("snake_case"));
    }
}
