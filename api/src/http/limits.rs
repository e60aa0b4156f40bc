//! Bounds on what one operation may ask for, checked before it runs. Every refusal names the bound,
//! what was asked and the setting, with the code `LIMIT_EXCEEDED`.

use super::analysis::Size;
use crate::{config::Limits, error::Error};

/// Checks a document's text before it is parsed: the parser recurses, and takes memory for every
/// token.
///
/// # Errors
///
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_text(limits: &Limits, text: &str) -> Result<(), Error> {
    within(
        "document",
        "bytes",
        text.len(),
        limits.document_bytes,
        "document_bytes",
    )?;
    let Lexical { tokens, nesting } = scan(text);
    within("document", "tokens", tokens, limits.tokens, "tokens")?;
    within(
        "document",
        "levels of brackets",
        nesting,
        limits.nesting,
        "nesting",
    )
}

/// Checks what the walk over an operation found, for any variables.
///
/// # Errors
///
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_size(limits: &Limits, size: &Size) -> Result<(), Error> {
    within(
        "operation",
        "levels of fields",
        size.depth,
        limits.depth,
        "depth",
    )?;
    within(
        "operation",
        "root fields",
        size.root_fields,
        limits.root_fields,
        "root_fields",
    )?;
    within(
        "operation",
        "aliases",
        size.aliases,
        limits.aliases,
        "aliases",
    )?;
    within(
        "operation",
        "directives",
        size.directives,
        limits.directives,
        "directives",
    )?;
    // Pages of no items cost nothing, but validating what they would hold does.
    within(
        "operation",
        "fields",
        size.fields,
        limits.complexity,
        "complexity",
    )
}

/// Checks an operation's cost with its variables.
///
/// # Errors
///
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_cost(limits: &Limits, cost: u64) -> Result<(), Error> {
    within(
        "operation",
        "points of complexity",
        cost,
        limits.complexity,
        "complexity",
    )
}

/// Checks the length of a batch.
///
/// # Errors
///
/// `LIMIT_EXCEEDED`.
pub(crate) fn check_batch(most: usize, operations: usize) -> Result<(), Error> {
    if operations <= most {
        return Ok(());
    }
    Err(exceeded(
        "batch",
        "operations",
        operations,
        most,
        "http.batch_operations",
    ))
}

fn within<N>(what: &str, of: &str, actual: N, most: usize, setting: &str) -> Result<(), Error>
where
    N: TryInto<usize>,
{
    let actual = actual.try_into().unwrap_or(usize::MAX);
    if actual <= most {
        return Ok(());
    }
    Err(exceeded(
        what,
        of,
        actual,
        most,
        &format!("limits.{setting}"),
    ))
}

/// The refusal of what passes a bound.
pub(crate) fn exceeded(what: &str, of: &str, actual: usize, most: usize, setting: &str) -> Error {
    let message = format!("The {what} has {actual} {of}; at most {most} are allowed ({setting}).");
    let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
    Error::LimitExceeded {
        message,
        actual: number(actual),
        limit: number(most),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Lexical {
    tokens: usize,
    nesting: usize,
}

/// Counts tokens and the depth of brackets, as a lexer would see them. What is not GraphQL is
/// counted somehow and left to the parser.
fn scan(text: &str) -> Lexical {
    let mut rest = text.as_bytes();
    let (mut tokens, mut open, mut nesting) = (0, 0_usize, 0);
    while let [first, tail @ ..] = rest {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        rest = match first {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = tail;
                continue;
            }
            b'#' => {
                rest = after(tail, |byte| matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' if tail.starts_with(b"\"\"") => {
                after_block_string(tail.get(2..).unwrap_or_default())
            }
            b'"' => after_string(tail),
            b'.' if tail.starts_with(b"..") => tail.get(2..).unwrap_or_default(),
            b'{' | b'(' | b'[' => {
                open += 1;
                nesting = nesting.max(open);
                tail
            }
            b'}' | b')' | b']' => {
                open = open.saturating_sub(1);
                tail
            }
            b'-' | b'0'..=b'9' => {
                // A sign belongs to the number only after the letter of an exponent.
                let mut previous = *first;
                after(tail, |byte| {
                    let is_sign = matches!(byte, b'+' | b'-') && matches!(previous, b'e' | b'E');
                    previous = *byte;
                    !(is_sign || is_name(byte) || *byte == b'.')
                })
            }
            byte if is_name(byte) => after(tail, |byte| !is_name(byte)),
            _ => tail,
        };
        tokens += 1;
    }
    Lexical { tokens, nesting }
}

/// What is left from the first byte that ends a token.
fn after(text: &[u8], ends: impl FnMut(&u8) -> bool) -> &[u8] {
    let end = text.iter().position(ends).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

fn after_string(mut text: &[u8]) -> &[u8] {
    while let [first, tail @ ..] = text {
        text = match first {
            b'"' | b'\n' => return tail,
            b'\\' => tail.get(1..).unwrap_or_default(),
            _ => tail,
        };
    }
    text
}

fn after_block_string(mut text: &[u8]) -> &[u8] {
    while let [_, tail @ ..] = text {
        text = if let Some(tail) = text.strip_prefix(br#"\""""#) {
            tail
        } else if let Some(tail) = text.strip_prefix(br#"""""#) {
            return tail;
        } else {
            tail
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn lexical(tokens: usize, nesting: usize) -> Lexical {
        Lexical { tokens, nesting }
    }

    #[test]
    fn tokens_are_counted_as_a_lexer_would() {
        assert_eq!(scan(""), lexical(0, 0));
        assert_eq!(scan("{ a(b: [1, -2.5e+3]) ...C }"), lexical(13, 3));
        assert_eq!(scan("[1-2-3]"), lexical(5, 1));
        assert_eq!(scan("# { [ (\n\u{feff}{a}"), lexical(6, 1));
    }

    #[test]
    fn strings_are_one_token_whatever_they_hold() {
        assert_eq!(scan(r#"{a(b:"{[(\"")}"#), lexical(8, 2));
        assert_eq!(scan(r#"{a(b:"""{[( \""" " "")""")}"#), lexical(8, 2));
        assert_eq!(scan(r#"{a(b:"""#), lexical(6, 2));
        assert_eq!(scan(r#""never closed"#), lexical(1, 0));
    }

    #[test]
    fn a_refusal_names_bound_value_and_setting() {
        let limits = Limits {
            tokens: 3,
            ..Limits::default()
        };
        let Err(error) = check_text(&limits, "{ a b }") else {
            panic!("four tokens passed")
        };
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(
            error.to_string(),
            "The document has 4 tokens; at most 3 are allowed (limits.tokens)."
        );
    }
}
