//! Days as text and as numbers.

use calendar::Day;

/// Formats a day as `YYYY-MM-DD`; empty for none.
#[must_use]
pub fn text(day: Option<Day>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

/// The form of a day in stored facts: the number of days since 1970-01-01.
pub(crate) fn to_fact(day: Day) -> String {
    day.to_unix_days().to_string()
}

/// Reads a day from a stored fact.
pub(crate) fn from_fact(fact: &str) -> Option<Day> {
    fact.parse().ok().map(Day::from_unix_days)
}

/// Serializes a day as the number of days since 1970-01-01.
pub(crate) mod unix_days {
    use calendar::Day;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(day.to_unix_days())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        i64::deserialize(deserializer).map(Day::from_unix_days)
    }
}

/// Serializes an optional day as the number of days since 1970-01-01; 0 for none.
pub(crate) mod optional_unix_days {
    use calendar::Day;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(day.map_or(0, Day::to_unix_days))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
        let days = i64::deserialize(deserializer)?;
        Ok((days != 0).then_some(Day::from_unix_days(days)))
    }
}
