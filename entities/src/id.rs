//! Typed ids. A server-made id is a type prefix and a UUIDv7 in Crockford base32 (the `TypeID` form,
//! `intent_01k…`): it sorts by creation time, and its prefix tells which type it belongs to.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of the wanted type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id with the prefix `{0}_`")]
pub struct ParseIdError(pub &'static str);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LEN: usize = 26;

/// 128 bits as 26 characters of base32; the first character carries only three bits.
fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..SUFFIX_LEN)
        .rev()
        .map(|place| {
            let digit = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            char::from(ALPHABET[digit])
        })
        .collect()
}

fn is_suffix(text: &str) -> bool {
    text.len() == SUFFIX_LEN
        && text.bytes().all(|byte| ALPHABET.contains(&byte))
        && matches!(text.as_bytes().first(), Some(b'0'..=b'7'))
}

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What ids of this type begin with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id that carries this UUID, which should be a version 7 one.
            #[must_use]
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(format!("{}_{}", Self::PREFIX, encode(uuid)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                match text.split_once('_') {
                    Some((Self::PREFIX, suffix)) if is_suffix(suffix) => Ok(Self(text.to_owned())),
                    _ => Err(ParseIdError(Self::PREFIX)),
                }
            }
        }
    )+};
}

ids! {
    /// Id of an intent, `intent_…`.
    IntentId = "intent";
    /// Id of an event, `evt_…`.
    EventId = "evt";
    /// Id of a lease, `lease_…`.
    LeaseId = "lease";
    /// Id of a portfolio, `port_…`.
    PortfolioId = "port";
    /// Id of an API key, `key_…`.
    KeyId = "key";
    /// Id of a scheduled job, `job_…`.
    JobId = "job";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_typeid_vectors() {
        assert_eq!(encode(Uuid::nil()), "00000000000000000000000000");
        assert_eq!(encode(Uuid::from_u128(1)), "00000000000000000000000001");
        assert_eq!(encode(Uuid::from_u128(32)), "00000000000000000000000010");
        assert_eq!(encode(Uuid::max()), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        let uuid = Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881);
        assert_eq!(encode(uuid), "01h2xcejqtf2nbrexx3vqjhp41");
    }

    #[test]
    fn an_id_of_another_type_or_shape_does_not_parse() {
        let id = IntentId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.as_str().parse::<IntentId>(), Ok(id.clone()));
        assert_eq!(id.as_str().parse::<LeaseId>(), Err(ParseIdError("lease")));
        for text in [
            "",
            "intent",
            "intent_",
            "intent_01",
            "intent_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "intent_0000000000000000000000000U",
            "Intent_00000000000000000000000007",
        ] {
            assert!(text.parse::<IntentId>().is_err(), "{text}");
        }
    }
}
