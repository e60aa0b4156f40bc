//! A moment in time, as it is stored and as it is shown.

use std::fmt;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Microseconds since 1970-01-01T00:00:00Z. Stored as an integer, because text forms neither sort
/// nor round the same way in SQLite and PostgreSQL.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    DeriveValueType,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Always six digits, so that equal moments have equal texts: the text goes into event hashes.
const RFC3339_MICROS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

impl Timestamp {
    /// This moment plus so many microseconds; the end of time where that would overflow.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This moment plus so many seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339 text with any offset; what is finer than a microsecond is cut off. `None` when
    /// it is not RFC 3339, or its year in UTC has not four digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment =
            OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        let moment = moment.checked_to_offset(time::UtcOffset::UTC)?;
        if !(0..=9_999).contains(&moment.year()) {
            return None;
        }
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000))
            .ok()
            .map(Self)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, six digits of a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|moment| moment.format(RFC3339_MICROS).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_six_digits_and_reads_back() {
        let moment = Timestamp(1_774_310_401_000_000);
        assert_eq!(moment.to_string(), "2026-03-24T00:00:01.000000Z");
        assert_eq!(Timestamp::parse("2026-03-24T00:00:01Z"), Some(moment));
        assert_eq!(Timestamp::parse("2026-03-24T01:00:01+01:00"), Some(moment));
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59-01:00"), None);
        assert_eq!(Timestamp::parse("0000-01-01T00:00:00+01:00"), None);
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999999Z");
    }
}
