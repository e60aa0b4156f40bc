//! Input fields that may be left out, be null, or hold a value.

use serde::{Serialize, Serializer};

/// A nullable input field. The server tells three things apart: a field that is left out (stays as it is, or takes its
/// default), `null` (clears the field) and a value.
///
/// `"text".into()`, `5.into()` and the like make a value. An `Option` becomes a value or [`Maybe::Absent`]; to clear a
/// field say [`Maybe::Null`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Maybe<T> {
    /// Not sent.
    #[default]
    Absent,
    /// Sent as `null`.
    Null,
    /// Sent as this value.
    Value(T),
}

impl<T> Maybe<T> {
    /// Whether the field is left out.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the field is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, or `null` to clear the field: the other reading of `None`.
    pub fn or_null(option: Option<T>) -> Self {
        option.map_or(Self::Null, Self::Value)
    }
}

impl<T: Serialize> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Structs skip absent fields; elsewhere null is the nearest thing.
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<T> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Maybe<T> {
    /// `None` leaves the field out.
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Absent, Self::Value)
    }
}

impl From<&str> for Maybe<String> {
    fn from(text: &str) -> Self {
        Self::Value(text.to_owned())
    }
}

impl From<&String> for Maybe<String> {
    fn from(text: &String) -> Self {
        Self::Value(text.clone())
    }
}

impl From<i32> for Maybe<i64> {
    fn from(number: i32) -> Self {
        Self::Value(number.into())
    }
}

impl From<u32> for Maybe<i64> {
    fn from(number: u32) -> Self {
        Self::Value(number.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Default)]
    struct Input {
        #[serde(skip_serializing_if = "Maybe::is_absent")]
        title: Maybe<String>,
        #[serde(skip_serializing_if = "Maybe::is_absent")]
        priority: Maybe<i64>,
    }

    fn json(title: impl Into<Maybe<String>>, priority: impl Into<Maybe<i64>>) -> String {
        serde_json::to_string(&Input {
            title: title.into(),
            priority: priority.into(),
        })
        .unwrap()
    }

    #[test]
    fn absent_null_and_value_are_written_apart() {
        assert_eq!(json(Maybe::Absent, Maybe::Null), r#"{"priority":null}"#);
        assert_eq!(json("a", 5), r#"{"title":"a","priority":5}"#);
    }

    #[test]
    fn none_leaves_a_field_out() {
        assert_eq!(json(None, Some(5)), r#"{"priority":5}"#);
        assert_eq!(
            json(Maybe::or_null(None), 5_u32),
            r#"{"title":null,"priority":5}"#
        );
    }
}
