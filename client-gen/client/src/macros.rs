//! Macros: one for programs, and those that keep the generated code short.

/// A [JSON object](crate::Object) written as a literal, as `json!` writes any value.
///
/// ```
/// let constraints = openintent_client::object! { "budget": 40, "regions": ["eu"] };
/// assert_eq!(constraints["budget"], 40);
/// ```
#[macro_export]
macro_rules! object {
    ($($content:tt)*) => {
        match $crate::json!({ $($content)* }) {
            $crate::Value::Object(object) => object,
            _ => $crate::Object::new(),
        }
    };
}

/// Text conversions of an enum whose last variant, `Unknown(String)`, keeps values that this client was not built with.
macro_rules! string_enum {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        impl $name {
            /// The values that this client knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The value as the schema writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }

            /// Whether the server sent a value that this client was not built with.
            pub fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::scalar::text(deserializer).map(|text| Self::from(text.as_str()))
            }
        }
    };
}
pub(crate) use string_enum;

/// Reads and writes an enum of object types by `__typename`. Types that this client was not built with become
/// `Unknown`, with the fields that all types of the enum share.
macro_rules! typename_enum {
    ($name:ident { $($variant:ident = $text:literal,)* } unknown { $($field:ident : $rename:literal : $ty:ty,)* }) => {
        impl $name {
            /// The name of the object's type in the schema.
            pub fn type_name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $text,)*
                    Self::Unknown { type_name, .. } => type_name,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error as _;

                #[derive(serde::Deserialize)]
                struct Shared {
                    #[serde(rename = "__typename")]
                    type_name: String,
                    $(#[serde(rename = $rename)] $field: $ty,)*
                }

                let value = serde_json::Value::deserialize(deserializer)?;
                let type_name = value.get("__typename").and_then(serde_json::Value::as_str).unwrap_or_default();
                match type_name {
                    $($text => serde_json::from_value(value).map(Self::$variant).map_err(D::Error::custom),)*
                    _ => {
                        let Shared { type_name, $($field,)* } =
                            serde_json::from_value(value).map_err(D::Error::custom)?;
                        Ok(Self::Unknown { type_name, $($field,)* })
                    }
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(serde::Serialize)]
                struct Tagged<'a, T: serde::Serialize> {
                    #[serde(rename = "__typename")]
                    type_name: &'a str,
                    #[serde(flatten)]
                    object: &'a T,
                }

                #[derive(serde::Serialize)]
                struct Shared<'a> {
                    #[serde(rename = "__typename")]
                    type_name: &'a str,
                    $(#[serde(rename = $rename)] $field: &'a $ty,)*
                }

                match self {
                    $(Self::$variant(object) => Tagged { type_name: $text, object }.serialize(serializer),)*
                    Self::Unknown { type_name, $($field,)* } => {
                        Shared { type_name, $($field,)* }.serialize(serializer)
                    }
                }
            }
        }
    };
}
pub(crate) use typename_enum;

/// Makes a Relay connection known to the paging runtime.
macro_rules! connection {
    ($name:ident, $node:ty, |$connection:ident| $nodes:expr) => {
        impl $crate::Connection for $name {
            type Node = $node;

            fn into_page(self) -> $crate::Page<$node> {
                let $connection = self;
                let (has_next_page, end_cursor) = (
                    $connection.page_info.has_next_page,
                    $connection.page_info.end_cursor.clone(),
                );
                $crate::Page {
                    nodes: $nodes,
                    has_next_page,
                    end_cursor,
                }
            }
        }
    };
}
pub(crate) use connection;
