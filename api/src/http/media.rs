//! Media types: what a request's body is, and in what the answer is written.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::answer::Refusal;
use crate::error::Error;

/// What an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the HTTP status tells how it went.
    Graphql,
    /// `application/json`: the status tells only whether the body is a GraphQL response.
    Json,
}

impl Media {
    /// As a `Content-Type`.
    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// What a client accepts best. Without a word, and for `*/*`, it is `application/json`, as old
    /// clients expect.
    ///
    /// # Errors
    ///
    /// 406, if it accepts neither.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut accepted = headers.get_all(header::ACCEPT).iter().peekable();
        if accepted.peek().is_none() {
            return Ok(Self::Json);
        }
        let accepted: Vec<_> = accepted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::parse)
            .collect();
        // A range counts by how exact it is, so `application/json;q=0, */*` accepts anything but
        // that.
        let quality = |subtype| {
            accepted
                .iter()
                .filter_map(|range| range.matches(subtype))
                .max_by_key(|(exactness, _)| *exactness)
        };
        let graphql = quality("graphql-response+json").filter(|(_, quality)| *quality > 0);
        let json = quality("json").filter(|(_, quality)| *quality > 0);
        match (graphql, json) {
            (Some((exactness, graphql)), Some((_, json)))
                if graphql > json || graphql == json && exactness == EXACT =>
            {
                Ok(Self::Graphql)
            }
            (Some(_), None) => Ok(Self::Graphql),
            (_, Some(_)) => Ok(Self::Json),
            (None, None) => Err(Refusal::new(
                StatusCode::NOT_ACCEPTABLE,
                Error::input(
                    &[],
                    "Answers are application/graphql-response+json or application/json; \"Accept\" allows neither.",
                ),
            )),
        }
    }
}

/// How exactly a range names a media type.
const EXACT: u8 = 2;

/// One part of an `Accept` header.
struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("q")
                .then(|| thousandths(value.trim()))
        });
        Some(Self {
            main,
            sub,
            quality: quality.unwrap_or(1000),
        })
    }

    /// How exactly it matches `application/<subtype>`, and how welcome that is.
    fn matches(&self, subtype: &str) -> Option<(u8, u16)> {
        let is_application = self.main.eq_ignore_ascii_case("application");
        let exactness = match (self.main, self.sub) {
            ("*", "*") => 0,
            (_, "*") if is_application => 1,
            (_, sub) if is_application && sub.eq_ignore_ascii_case(subtype) => EXACT,
            _ => return None,
        };
        Some((exactness, self.quality))
    }
}

/// A quality such as `0.8`, in thousandths; what is none is not welcome.
fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let fraction = digits.fold(0, |sum, digit| {
        sum * 10 + u16::from(digit.wrapping_sub(b'0') % 10)
    });
    if whole == "1" { 1000 } else { fraction }
}

/// Checks that a body is JSON in UTF-8. Forms and plain text are refused: a page of any origin may
/// send those without asking.
///
/// # Errors
///
/// 415.
pub(crate) fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |message: &str| {
        Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::input(&[], message),
        ))
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    if !parts
        .next()
        .unwrap_or_default()
        .eq_ignore_ascii_case("application/json")
    {
        return refuse("A request's \"Content-Type\" must be application/json.");
    }
    let is_other_charset = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("charset")
                && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    };
    if parts.any(is_other_charset) {
        return refuse("A request's charset must be utf-8.");
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            refuse("A request's body must not be compressed.")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<Media> {
        let headers = [(header::ACCEPT, HeaderValue::from_str(accept).ok()?)];
        Media::negotiate(&headers.into_iter().collect()).ok()
    }

    #[test]
    fn the_best_accepted_type_is_taken() {
        assert_eq!(Media::negotiate(&HeaderMap::new()).ok(), Some(Media::Json));
        assert_eq!(negotiated("*/*"), Some(Media::Json));
        assert_eq!(negotiated("application/*"), Some(Media::Json));
        assert_eq!(negotiated("Application/JSON"), Some(Media::Json));
        assert_eq!(
            negotiated("application/graphql-response+json"),
            Some(Media::Graphql)
        );
        assert_eq!(
            negotiated("application/json, application/graphql-response+json"),
            Some(Media::Graphql)
        );
        assert_eq!(
            negotiated("application/graphql-response+json, application/json;q=0.9"),
            Some(Media::Graphql)
        );
        assert_eq!(
            negotiated("application/graphql-response+json;q=0.5, application/json;q=0.51"),
            Some(Media::Json)
        );
        assert_eq!(negotiated("text/html, */*;q=0.1"), Some(Media::Json));
        assert_eq!(
            negotiated("application/json;q=0, */*"),
            Some(Media::Graphql)
        );
    }

    #[test]
    fn what_is_neither_is_not_acceptable() {
        assert_eq!(negotiated("text/html"), None);
        assert_eq!(negotiated("application/json; q=0"), None);
        assert_eq!(negotiated("application/json; q=no"), None);
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let is_read = |content_type: &'static str| {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
            check_content_type(&headers.into_iter().collect()).is_ok()
        };
        assert!(is_read("application/json"));
        assert!(is_read("application/json; charset=\"UTF-8\""));
        assert!(!is_read("application/json; charset=latin1"));
        assert!(!is_read("text/plain"));
        assert!(!is_read("application/x-www-form-urlencoded"));
        assert!(check_content_type(&HeaderMap::new()).is_err());
    }
}
