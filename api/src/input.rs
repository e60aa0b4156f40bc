//! Checks on what clients send, with messages that say what would be right.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Bytes of a title, a name, an agent id, a tag and the like.
pub const MAX_NAME: usize = 512;
/// Bytes of a description or a reason.
pub const MAX_TEXT: usize = 65_536;
/// How deep JSON values may nest.
pub const MAX_JSON_DEPTH: usize = 64;

/// A short text: 1 to 512 bytes, no control characters, not only white space.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn name(path: &[&str], text: &str) -> Result<()> {
    if text.trim().is_empty() || text.len() > MAX_NAME || text.chars().any(char::is_control) {
        return Err(Error::input(
            path,
            format!(
                "must have 1 to {MAX_NAME} bytes, something other than white space, and no control characters"
            ),
        ));
    }
    Ok(())
}

/// A short text that may be absent.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn optional_name(path: &[&str], text: Option<&str>) -> Result<()> {
    text.map_or(Ok(()), |text| name(path, text))
}

/// A long text that may be absent: at most 64 KiB, no NUL.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn optional_text(path: &[&str], text: Option<&str>) -> Result<()> {
    match text {
        Some(text) if text.len() > MAX_TEXT || text.contains('\0') => Err(Error::input(
            path,
            format!("must have at most {MAX_TEXT} bytes and no NUL character"),
        )),
        _ => Ok(()),
    }
}

/// A whole number within bounds.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn within(path: &[&str], value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::input(
        path,
        format!("must be between {least} and {most}, not {value}"),
    ))
}

/// A JSON object: bounded in size and depth, without NUL characters (PostgreSQL cannot keep them).
///
/// # Errors
/// `BAD_USER_INPUT`; `LIMIT_EXCEEDED` when it is too large.
pub fn object(path: &[&str], object: &Map<String, Value>, max_bytes: usize) -> Result<()> {
    for (key, value) in object {
        json(path, value, 1)?;
        no_nul(path, key)?;
    }
    let bytes = serde_json::to_vec(object).map_or(usize::MAX, |text| text.len());
    if bytes > max_bytes {
        return Err(Error::limit(
            "the size of a JSON object in bytes",
            bytes,
            max_bytes,
        ));
    }
    Ok(())
}

/// A JSON value inside an object, at this depth.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn json(path: &[&str], value: &Value, depth: usize) -> Result<()> {
    if depth > MAX_JSON_DEPTH {
        return Err(Error::input(
            path,
            format!("JSON may nest {MAX_JSON_DEPTH} levels deep"),
        ));
    }
    match value {
        Value::String(text) => no_nul(path, text),
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| json(path, item, depth + 1)),
        Value::Object(members) => members.iter().try_for_each(|(key, value)| {
            no_nul(path, key)?;
            json(path, value, depth + 1)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn no_nul(path: &[&str], text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::input(path, "text may not contain the NUL character"));
    }
    Ok(())
}

/// At most so many items.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn at_most(what: &str, count: usize, limit: usize) -> Result<()> {
    if count > limit {
        return Err(Error::limit(what, count, limit));
    }
    Ok(())
}
