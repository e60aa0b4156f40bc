//! The scalars: ids, cursors, moments and JSON.

use std::fmt;
use std::time::SystemTime;

use serde::de::{Deserialize, Deserializer, Visitor};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A JSON object.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// Declares a scalar that is kept as the exact text the server sent.
macro_rules! text_scalar {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is; the server decides whether it is valid.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The exact text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::scalar::text(deserializer).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(text.clone())
            }
        }

        impl From<&$name> for $name {
            fn from(text: &$name) -> Self {
                text.clone()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl From<String> for $crate::Maybe<$name> {
            fn from(text: String) -> Self {
                Self::Value(text.into())
            }
        }

        impl From<&str> for $crate::Maybe<$name> {
            fn from(text: &str) -> Self {
                Self::Value(text.into())
            }
        }

        impl From<&$name> for $crate::Maybe<$name> {
            fn from(text: &$name) -> Self {
                Self::Value(text.clone())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    };
}

text_scalar!(
    /// The global id of an object, such as `intent_01k…`. Its prefix names the type.
    Id
);

text_scalar!(
    /// An opaque position in the server's event log. Keep the last one seen to go on from there later.
    Cursor
);

text_scalar!(
    /// A moment, as the exact RFC 3339 text that the server sent: hashes cover that text, so it is kept as it is.
    ///
    /// Comparing two values compares their texts. For arithmetic convert with [`DateTime::to_utc`].
    DateTime
);

impl DateTime {
    /// The moment that the text names.
    ///
    /// # Errors
    /// The text is not RFC 3339.
    pub fn to_utc(&self) -> Result<OffsetDateTime, time::error::Parse> {
        let moment = OffsetDateTime::parse(&self.0, &Rfc3339)?;
        Ok(moment
            .checked_to_offset(time::UtcOffset::UTC)
            .unwrap_or(moment))
    }

    /// This machine's clock now. The server's clock decides; this one may differ.
    pub fn now() -> Self {
        OffsetDateTime::now_utc().into()
    }
}

impl From<OffsetDateTime> for DateTime {
    /// Writes UTC with microseconds, the form that the server writes.
    fn from(moment: OffsetDateTime) -> Self {
        let moment = moment
            .checked_to_offset(time::UtcOffset::UTC)
            .unwrap_or(moment);
        Self(format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            moment.year(),
            u8::from(moment.month()),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second(),
            moment.microsecond(),
        ))
    }
}

impl From<SystemTime> for DateTime {
    fn from(moment: SystemTime) -> Self {
        OffsetDateTime::from(moment).into()
    }
}

impl From<OffsetDateTime> for crate::Maybe<DateTime> {
    fn from(moment: OffsetDateTime) -> Self {
        Self::Value(moment.into())
    }
}

impl From<SystemTime> for crate::Maybe<DateTime> {
    fn from(moment: SystemTime) -> Self {
        Self::Value(moment.into())
    }
}

impl TryFrom<&DateTime> for OffsetDateTime {
    type Error = time::error::Parse;

    fn try_from(moment: &DateTime) -> Result<Self, Self::Error> {
        moment.to_utc()
    }
}

/// Another object, by its id alone: what a default selection holds where the schema leads to another entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Ref {
    /// The id, to load the object with.
    pub id: Id,
}

impl From<Ref> for Id {
    fn from(reference: Ref) -> Self {
        reference.id
    }
}

impl From<&Ref> for Id {
    fn from(reference: &Ref) -> Self {
        reference.id.clone()
    }
}

/// Reads a string, and is lenient with servers that write numbers as numbers.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_string<E>(self, text: String) -> Result<String, E> {
            Ok(text)
        }

        fn visit_i64<E>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_u64<E>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_f64<E>(self, number: f64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }

    deserializer.deserialize_any(Text)
}

/// The first field of a JSON object, unread, whatever it is called.
pub(crate) struct FirstField<'a>(pub(crate) Option<&'a serde_json::value::RawValue>);

impl<'de> Deserialize<'de> for FirstField<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;

        impl<'de> Visitor<'de> for First {
            type Value = FirstField<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut first = None;
                while map.next_key::<serde::de::IgnoredAny>()?.is_some() {
                    if first.is_none() {
                        first = Some(map.next_value::<&serde_json::value::RawValue>()?);
                    } else {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(FirstField(first))
            }
        }

        deserializer.deserialize_map(First)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_the_exact_text() {
        let text = "\"2026-11-21T10:00:00.120000Z\"";
        let moment: DateTime = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&moment).unwrap(), text);
        assert_eq!(DateTime::from(moment.to_utc().unwrap()), moment);
    }

    #[test]
    fn moments_with_an_offset_become_utc() {
        let moment = DateTime::new("2026-11-21T10:00:00+02:00").to_utc().unwrap();
        assert_eq!(
            DateTime::from(moment).as_str(),
            "2026-11-21T08:00:00.000000Z"
        );
        assert!(DateTime::new("yesterday").to_utc().is_err());
    }

    #[test]
    fn ids_may_come_as_numbers() {
        assert_eq!(serde_json::from_str::<Id>("17").unwrap(), "17");
        assert_eq!(serde_json::from_str::<Id>("\"a\"").unwrap(), "a");
    }

    #[test]
    fn first_field_does_not_depend_on_the_name() {
        let first: FirstField<'_> =
            serde_json::from_str(r#"{"int\u0065nt":{"id":"a"},"b":1}"#).unwrap();
        assert_eq!(first.0.unwrap().get(), r#"{"id":"a"}"#);
        assert!(
            serde_json::from_str::<FirstField<'_>>("{}")
                .unwrap()
                .0
                .is_none()
        );
    }
}
