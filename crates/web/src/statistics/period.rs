//! Periods of days, and the periods before them.

use calendar::Day;
use domain::statistics::DateRange;

/// A period from its first to its last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Day,
    to: Day,
}

/// Parses a day (YYYY-MM-DD).
///
/// # Errors
/// Names the field and the expected format.
pub(crate) fn parse_day(field: &str, text: &str) -> Result<Day, String> {
    let day = text.parse().ok().filter(|day| *day >= Day::UNIX_EPOCH);
    day.ok_or_else(|| format!("`{field}`: expected a date since 1970, like 2026-12-31"))
}

impl Period {
    /// # Errors
    /// When the first day comes after the last one.
    pub fn new(from: Day, to: Day) -> Result<Self, String> {
        if from > to {
            return Err(format!("`from`: {from} is after `to`, {to}: swap them"));
        }
        Ok(Self { from, to })
    }

    /// The given number of days (at least one) up to `last`.
    #[must_use]
    pub fn days_to(last: Day, days: i64) -> Self {
        Self { from: (last - days.max(1) + 1).max(Day::UNIX_EPOCH), to: last }
    }

    /// The year up to `last`.
    #[must_use]
    pub(crate) fn year_to(last: Day) -> Self {
        Self { from: last.plus_months(-12) + 1, to: last }
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> Day {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(self) -> Day {
        self.to
    }

    /// Returns the number of days, at least 1.
    #[must_use]
    pub fn days(self) -> i64 {
        self.to - self.from + 1
    }

    /// Returns the previous period: as many months if these are whole months, otherwise as many days. `None` before 1970.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        let to = self.from - 1;
        let whole = self.from == self.from.first_of_month() && self.to + 1 == (self.to + 1).first_of_month();
        let from =
            if whole { self.from.plus_months(-months(self.from, self.to)) } else { to - self.days() + 1 };
        (from >= Day::UNIX_EPOCH && from <= to).then_some(Self { from, to })
    }

    /// Returns the range for a query.
    #[must_use]
    pub fn range(self) -> DateRange {
        DateRange { from: self.from, to: self.to }
    }
}

/// Returns the number of months from one to another, both included.
fn months(from: Day, to: Day) -> i64 {
    let count = |day: Day| {
        let (year, month, _) = day.to_date();
        i64::from(year) * 12 + i64::from(month)
    };
    count(to) - count(from) + 1
}

/// A period that the page offers. It ends yesterday, because the figures of a day are published when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 90 days.
    Quarter,
    /// The last 12 months.
    Year,
    /// All days with figures.
    All,
}

impl Choice {
    /// All choices in the order of the page.
    pub const ALL: [Self; 5] = [Self::Week, Self::Month, Self::Quarter, Self::Year, Self::All];

    /// Returns its value in a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "12m",
            Self::All => "all",
        }
    }

    /// Returns its name on the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "12 months",
            Self::All => "All",
        }
    }

    /// # Errors
    /// Lists the possible values.
    pub fn parse(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|choice| choice.as_str() == word);
        known.ok_or_else(|| "`period`: expected 7d, 30d, 90d, 12m or all".to_owned())
    }

    /// Returns its days, given yesterday and the first day with figures.
    #[must_use]
    pub fn period(self, yesterday: Day, first: Option<Day>) -> Period {
        match self {
            Self::Week => Period::days_to(yesterday, 7),
            Self::Month => Period::days_to(yesterday, 30),
            Self::Quarter => Period::days_to(yesterday, 90),
            Self::Year => Period::year_to(yesterday),
            Self::All => {
                let first = first.filter(|first| *first <= yesterday);
                first.map_or(Period::days_to(yesterday, 30), |from| Period { from, to: yesterday })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Day {
        text.parse::<Day>().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(date(from), date(to)).unwrap()
    }

    #[test]
    fn the_previous_period_has_as_many_days_or_whole_months() {
        for (from, to, before_from, before_to) in [
            ("2026-01-08", "2026-01-14", "2026-01-01", "2026-01-07"),
            ("2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"),
            ("2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29"),
            ("2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"),
            ("2026-01-01", "2026-01-30", "2025-12-02", "2025-12-31"),
            ("2026-02-28", "2026-02-28", "2026-02-27", "2026-02-27"),
        ] {
            assert_eq!(period(from, to).before(), Some(period(before_from, before_to)), "{from} to {to}");
        }
        assert_eq!(period("1970-01-02", "1970-01-31").before(), None, "there are no days before 1970");
    }

    #[test]
    fn the_offered_periods_end_yesterday() {
        let yesterday = date("2024-02-29");
        let of = |choice: Choice| choice.period(yesterday, Some(date("2014-05-06")));
        assert_eq!(of(Choice::Week), period("2024-02-23", "2024-02-29"));
        assert_eq!(of(Choice::Month).days(), 30);
        assert_eq!(of(Choice::Year), period("2023-03-01", "2024-02-29"));
        assert_eq!(of(Choice::All), period("2014-05-06", "2024-02-29"));
        assert_eq!(Choice::All.period(yesterday, None).days(), 30, "a site without figures yet");
        for choice in Choice::ALL {
            assert_eq!(Choice::parse(choice.as_str()), Ok(choice));
            assert_eq!(of(choice).to(), yesterday);
        }
        assert!(Choice::parse("1d").is_err());
    }

    #[test]
    fn an_invalid_day_is_reported_with_its_field() {
        assert!(parse_day("from", "2026-02-30").unwrap_err().starts_with("`from`: expected a date"));
        assert!(parse_day("to", "yesterday").unwrap_err().contains("2026-12-31"));
        let wrong = Period::new(date("2026-02-02"), date("2026-02-01")).unwrap_err();
        assert!(wrong.contains("2026-02-02") && wrong.contains("swap"), "{wrong}");
    }
}
