//! State patches: `set`, `append`, `remove` and `merge`, addressed by JSON Pointer (RFC 6901).
//! A list of patches applies as a whole or not at all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One operation on a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Patch {
    /// Puts a value in place; missing objects on the way are made.
    Set {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
    /// Adds a value to the end of a list; makes the list when there is nothing.
    Append {
        /// Where the list is.
        path: String,
        /// What to add.
        value: Value,
    },
    /// Takes a value away. It must be there.
    Remove {
        /// Where.
        path: String,
    },
    /// Merges an object into an object (RFC 7396): members that are null are taken away.
    Merge {
        /// Where the object is; made when there is nothing.
        path: String,
        /// What to merge in.
        value: Map<String, Value>,
    },
}

/// Why a patch does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("patch {index}: {reason}")]
pub struct PatchError {
    /// Which patch of the list, from 0.
    pub index: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Patch {
    fn path(&self) -> &str {
        match self {
            Self::Set { path, .. }
            | Self::Append { path, .. }
            | Self::Remove { path }
            | Self::Merge { path, .. } => path,
        }
    }

    /// The values that it brings in.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Set { value, .. } | Self::Append { value, .. } => Some(value.clone()),
            Self::Merge { value, .. } => Some(Value::Object(value.clone())),
            Self::Remove { .. } => None,
        }
    }

    /// The patch as it stands in the `state_patched` event.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| json!({}))
    }
}

/// The parts of a JSON Pointer. A path without a leading `/` is one key.
fn parse(path: &str) -> Result<Vec<String>, String> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Ok(vec![path.to_owned()]);
    };
    rest.split('/').map(unescape).collect()
}

fn unescape(part: &str) -> Result<String, String> {
    let mut text = String::with_capacity(part.len());
    let mut chars = part.chars();
    while let Some(char) = chars.next() {
        match (char, char == '~') {
            (_, false) => text.push(char),
            (_, true) => match chars.next() {
                Some('0') => text.push('~'),
                Some('1') => text.push('/'),
                _ => {
                    return Err(
                        "in a JSON Pointer, `~` is written `~0` and `/` is written `~1`".to_owned(),
                    );
                }
            },
        }
    }
    Ok(text)
}

/// The top-level keys that patches write to, each once. `None` when a patch writes to the whole
/// state at once.
///
/// # Errors
/// A path is malformed, or touches a key that begins with `_` (those are the server's own).
pub fn touched(patches: &[Patch]) -> Result<Option<Vec<String>>, PatchError> {
    let mut keys: Vec<String> = Vec::new();
    let mut whole = false;
    for (index, patch) in patches.iter().enumerate() {
        let parts = parse(patch.path()).map_err(|reason| PatchError { index, reason })?;
        let written: Vec<&str> = match (parts.first(), patch) {
            (Some(first), _) => vec![first.as_str()],
            (None, Patch::Merge { value, .. }) => value.keys().map(String::as_str).collect(),
            (None, patch) => {
                whole = true;
                match patch {
                    Patch::Set {
                        value: Value::Object(members),
                        ..
                    } => members.keys().map(String::as_str).collect(),
                    _ => Vec::new(),
                }
            }
        };
        for key in written {
            if key.starts_with('_') {
                let reason = format!(
                    "the key `{key}` is the server's own: keys of yours do not begin with `_`"
                );
                return Err(PatchError { index, reason });
            }
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    }
    Ok((!whole).then_some(keys))
}

/// Applies all patches, in order, to a copy of the state.
///
/// # Errors
/// The first patch that does not apply.
pub fn apply(
    state: &Map<String, Value>,
    patches: &[Patch],
) -> Result<Map<String, Value>, PatchError> {
    let mut root = Value::Object(state.clone());
    for (index, patch) in patches.iter().enumerate() {
        apply_one(&mut root, patch).map_err(|reason| PatchError { index, reason })?;
    }
    match root {
        Value::Object(state) => Ok(state),
        _ => Err(PatchError {
            index: patches.len().saturating_sub(1),
            reason: "the whole state must stay an object".to_owned(),
        }),
    }
}

fn apply_one(root: &mut Value, patch: &Patch) -> Result<(), String> {
    let parts = parse(patch.path())?;
    match patch {
        Patch::Set { value, .. } => set(root, &parts, value.clone()),
        Patch::Append { value, .. } => match place(root, &parts)? {
            empty @ Value::Null => {
                *empty = Value::Array(vec![value.clone()]);
                Ok(())
            }
            Value::Array(items) => {
                items.push(value.clone());
                Ok(())
            }
            other => Err(format!(
                "`{}` is {}, not a list to append to",
                patch.path(),
                kind(other)
            )),
        },
        Patch::Remove { path } => remove(root, &parts, path),
        Patch::Merge { path, value } => {
            let target = place(root, &parts)?;
            if target.is_null() {
                *target = Value::Object(Map::new());
            }
            if !target.is_object() {
                return Err(format!(
                    "`{path}` is {}, not an object to merge into",
                    kind(target)
                ));
            }
            merge(target, value);
            Ok(())
        }
    }
}

fn set(root: &mut Value, parts: &[String], value: Value) -> Result<(), String> {
    let Some((last, way)) = parts.split_last() else {
        if !value.is_object() {
            return Err(format!(
                "the whole state must be an object, not {}",
                kind(&value)
            ));
        }
        *root = value;
        return Ok(());
    };
    match place(root, way)? {
        Value::Array(items) => {
            if last == "-" {
                items.push(value);
                return Ok(());
            }
            let len = items.len();
            let slot = index(last)
                .and_then(|at| items.get_mut(at))
                .ok_or_else(|| outside(last, len))?;
            *slot = value;
            Ok(())
        }
        Value::Object(members) => {
            members.insert(last.clone(), value);
            Ok(())
        }
        empty @ Value::Null => {
            *empty = json!({ last: value });
            Ok(())
        }
        other => Err(format!("there is {} on the way to `{last}`", kind(other))),
    }
}

/// The value at a path. Missing members of objects are made, as null.
fn place<'a>(root: &'a mut Value, parts: &[String]) -> Result<&'a mut Value, String> {
    let mut here = root;
    for part in parts {
        if here.is_null() {
            *here = Value::Object(Map::new());
        }
        here = match here {
            Value::Object(members) => members.entry(part.as_str()).or_insert(Value::Null),
            Value::Array(items) => {
                let len = items.len();
                index(part)
                    .and_then(|at| items.get_mut(at))
                    .ok_or_else(|| outside(part, len))?
            }
            other => return Err(format!("there is {} on the way to `{part}`", kind(other))),
        };
    }
    Ok(here)
}

fn remove(root: &mut Value, parts: &[String], path: &str) -> Result<(), String> {
    let missing = || format!("there is nothing at `{path}` to remove");
    let Some((last, way)) = parts.split_last() else {
        return Err("the whole state cannot be removed: set it to `{}`".to_owned());
    };
    let mut here = root;
    for part in way {
        here = match here {
            Value::Object(members) => members.get_mut(part),
            Value::Array(items) => index(part).and_then(|at| items.get_mut(at)),
            _ => None,
        }
        .ok_or_else(missing)?;
    }
    match here {
        Value::Object(members) => members.remove(last).map(drop).ok_or_else(missing),
        Value::Array(items) => {
            let at = index(last)
                .filter(|at| *at < items.len())
                .ok_or_else(missing)?;
            items.remove(at);
            Ok(())
        }
        _ => Err(missing()),
    }
}

fn merge(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(members) = target {
        for (key, value) in patch {
            match value {
                Value::Null => {
                    members.remove(key);
                }
                Value::Object(inner) => {
                    merge(members.entry(key.as_str()).or_insert(Value::Null), inner)
                }
                other => {
                    members.insert(key.clone(), other.clone());
                }
            }
        }
    }
}

/// An array index as RFC 6901 writes it: no sign, no leading zeros.
fn index(part: &str) -> Option<usize> {
    let digits = part.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (part == "0" || !part.starts_with('0'))).then(|| part.parse().ok())?
}

fn outside(part: &str, len: usize) -> String {
    format!("`{part}` is no index of a list with {len} items")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("not an object: {other}"),
        }
    }

    fn applied(start: Value, patches: &[Patch]) -> Result<Value, String> {
        apply(&state(start), patches)
            .map(Value::Object)
            .map_err(|error| error.to_string())
    }

    fn set(path: &str, value: Value) -> Patch {
        Patch::Set {
            path: path.to_owned(),
            value,
        }
    }

    fn append(path: &str, value: Value) -> Patch {
        Patch::Append {
            path: path.to_owned(),
            value,
        }
    }

    fn remove(path: &str) -> Patch {
        Patch::Remove {
            path: path.to_owned(),
        }
    }

    fn merge(path: &str, value: Value) -> Patch {
        Patch::Merge {
            path: path.to_owned(),
            value: state(value),
        }
    }

    #[test]
    fn each_operation_does_what_it_says() {
        for (start, patch, end) in [
            (json!({}), set("/a/b", json!(1)), json!({"a": {"b": 1}})),
            (
                json!({"a": [1, 2]}),
                set("/a/0", json!(9)),
                json!({"a": [9, 2]}),
            ),
            (
                json!({"a": [1]}),
                set("/a/-", json!(2)),
                json!({"a": [1, 2]}),
            ),
            (
                json!({}),
                set("plain key", json!(1)),
                json!({"plain key": 1}),
            ),
            (
                json!({}),
                set("/a~1b/c~0d", json!(1)),
                json!({"a/b": {"c~d": 1}}),
            ),
            (json!({}), set("/", json!(1)), json!({"": 1})),
            (json!({"a": 1}), set("", json!({"b": 2})), json!({"b": 2})),
            (
                json!({}),
                append("/list", json!("x")),
                json!({"list": ["x"]}),
            ),
            (
                json!({"list": ["x"]}),
                append("/list", json!(null)),
                json!({"list": ["x", null]}),
            ),
            (
                json!({"a": {"b": 1, "c": 2}}),
                remove("/a/b"),
                json!({"a": {"c": 2}}),
            ),
            (
                json!({"a": [1, 2, 3]}),
                remove("/a/1"),
                json!({"a": [1, 3]}),
            ),
            (
                json!({"a": {"b": 1, "c": {"d": 1, "e": 2}}}),
                merge("/a", json!({"b": null, "c": {"e": 3}, "f": [1]})),
                json!({"a": {"c": {"d": 1, "e": 3}, "f": [1]}}),
            ),
            (
                json!({"x": 1}),
                merge("", json!({"y": 2})),
                json!({"x": 1, "y": 2}),
            ),
            (
                json!({}),
                merge("/new", json!({"y": 2, "z": null})),
                json!({"new": {"y": 2}}),
            ),
        ] {
            assert_eq!(
                applied(start.clone(), std::slice::from_ref(&patch)),
                Ok(end),
                "{start} {patch:?}"
            );
        }
    }

    #[test]
    fn what_does_not_apply_is_refused_with_a_reason() {
        for (start, patch, reason) in [
            (
                json!({"a": 1}),
                set("/a/b", json!(1)),
                "a number on the way",
            ),
            (
                json!({"a": [1]}),
                set("/a/1", json!(1)),
                "no index of a list with 1 items",
            ),
            (json!({"a": [1]}), set("/a/01", json!(1)), "no index"),
            (
                json!({"a": {}}),
                append("/a", json!(1)),
                "an object, not a list",
            ),
            (json!({}), remove("/a"), "nothing at `/a`"),
            (json!({"a": 1}), remove("/a/b/c"), "nothing at"),
            (json!({}), remove(""), "cannot be removed"),
            (
                json!({"a": 1}),
                merge("/a", json!({"b": 1})),
                "a number, not an object",
            ),
            (json!({}), set("/a~2", json!(1)), "`~0`"),
            (json!({}), set("/a~", json!(1)), "`~0`"),
            (json!({}), set("", json!(1)), "must be an object"),
        ] {
            let error = applied(start, std::slice::from_ref(&patch)).unwrap_err();
            assert!(error.contains(reason), "{patch:?}: {error}");
        }
    }

    #[test]
    fn a_later_failure_undoes_all() {
        let start = state(json!({"a": 1}));
        let error = apply(&start, &[set("/b", json!(2)), remove("/c")]).unwrap_err();
        assert_eq!(error.index, 1);
        assert_eq!(Value::Object(start), json!({"a": 1}));
    }

    #[test]
    fn touched_keys_are_the_first_segments() {
        let keys = |patches: &[Patch]| touched(patches).map_err(|error| error.to_string());
        assert_eq!(
            keys(&[
                set("/a/b", json!(1)),
                append("/a/c", json!(1)),
                merge("", json!({"d": 1}))
            ]),
            Ok(Some(vec!["a".to_owned(), "d".to_owned()]))
        );
        assert_eq!(keys(&[set("", json!({"a": 1}))]), Ok(None));
        assert!(keys(&[set("/_lease", json!(1))]).is_err());
        assert!(keys(&[merge("", json!({"_x": 1}))]).is_err());
        assert!(keys(&[set("", json!({"_x": 1}))]).is_err());
        assert!(keys(&[set("/a/_inner", json!(1))]).is_ok());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-c~/]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c~/]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn object() -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::btree_map("[a-c~/]{0,2}", value(), 0..4)
            .prop_map(|map| map.into_iter().collect())
    }

    /// Where `serde_json` finds a value, so that `set` can be checked against it.
    fn pointer(parts: &[String]) -> String {
        parts
            .iter()
            .map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")))
            .collect()
    }

    proptest! {
        #[test]
        fn what_was_set_is_found_there(start in object(), parts in prop::collection::vec("[a-c~/]{0,2}", 1..4), value in value()) {
            let path = pointer(&parts);
            if let Ok(end) = apply(&start, &[Patch::Set { path: path.clone(), value: value.clone() }]) {
                let end = Value::Object(end);
                prop_assert_eq!(end.pointer(&path), Some(&value));
            }
        }

        #[test]
        fn merging_twice_is_merging_once(start in object(), patch in object()) {
            let patch = Patch::Merge { path: String::new(), value: patch };
            let once = apply(&start, std::slice::from_ref(&patch)).unwrap();
            let twice = apply(&once, std::slice::from_ref(&patch)).unwrap();
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn only_touched_keys_change(start in object(), path in "/[a-c~/]{0,6}", value in value()) {
            let patches = [Patch::Set { path, value }];
            if let (Ok(Some(keys)), Ok(end)) = (touched(&patches), apply(&start, &patches)) {
                for key in start.keys().chain(end.keys()).filter(|key| !keys.contains(key)) {
                    prop_assert_eq!(start.get(key), end.get(key));
                }
            }
        }
    }
}
