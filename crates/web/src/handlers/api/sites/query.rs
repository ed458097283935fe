//! Query parameters of the statistics: days, page of a table, and JSON or CSV.

use analytics::Dimension;
use axum::http::{HeaderMap, header};
use domain::statistics::Step;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::handlers::api::extract::{Validate, check_line};
use crate::statistics::{Period, period};

/// The format of a response.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON.
    Json,
    /// Comma-separated values (RFC 4180) with a header line. A value that looks like a formula gets an apostrophe.
    Csv,
}

/// Returns whether CSV is requested, by the parameter or else by `Accept` (content negotiation).
#[must_use]
pub(crate) fn wants_csv(format: Option<Format>, headers: &HeaderMap) -> bool {
    let accepts = || headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    format.map_or_else(|| accepts().is_some_and(|accept| accept.contains("text/csv")), |f| f == Format::Csv)
}

/// Only a format.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FormatParameter {
    /// The format, instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Validate for FormatParameter {
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The days, and the page of a table.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableParameters {
    /// The first day, in the site's time zone.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// The last day, included. Today has no figures before it is over.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// Page of the table, from 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    pub page: Option<u32>,
    /// Rows of a page, 100 by default. CSV has all rows unless this or `page` is given.
    #[param(minimum = 1, maximum = 1_000)]
    pub per_page: Option<u32>,
    /// The format, instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl TableParameters {
    /// Returns how many rows to skip, and how many to return.
    #[must_use]
    pub fn rows(&self, all: bool) -> (usize, usize) {
        if all && self.page.is_none() && self.per_page.is_none() {
            return (0, usize::MAX);
        }
        let limit = self.per_page();
        ((self.page() as usize - 1) * limit as usize, limit as usize)
    }

    /// Returns the page.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page.unwrap_or(1)
    }

    /// Returns the rows of a page.
    #[must_use]
    pub fn per_page(&self) -> u32 {
        self.per_page.unwrap_or(100)
    }
}

impl Validate for TableParameters {
    fn validate(&self) -> Result<(), String> {
        if !(1..=1_000_000).contains(&self.page()) {
            return Err("`page`: expected 1 to 1000000".to_owned());
        }
        if !(1..=1_000).contains(&self.per_page()) {
            return Err("`per_page`: expected 1 to 1000".to_owned());
        }
        parse_days(&self.from, &self.to).map(drop)
    }
}

/// The days, and the time step.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SeriesParameters {
    /// The first day, in the site's time zone.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// The last day, included.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// The time step. The default suits the number of days. Weeks, months and years are whole, even if the days begin or
    /// end within them.
    #[param(inline)]
    pub step: Option<StepName>,
    /// The dimension whose total is shown. The default is pages, which is the site's total.
    #[param(inline)]
    pub by: Option<DimensionName>,
    /// The format, instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Validate for SeriesParameters {
    fn validate(&self) -> Result<(), String> {
        parse_days(&self.from, &self.to).map(drop)
    }
}

/// The days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DaysParameters {
    /// The first day, in the site's time zone.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// The last day, included.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// The format, instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Validate for DaysParameters {
    fn validate(&self) -> Result<(), String> {
        parse_days(&self.from, &self.to).map(drop)
    }
}

/// A note on a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSiteNote {
    /// The day, in the site's time zone.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub day: String,
    /// One line, which replaces the note on that day. Empty to remove it. It must contain no address.
    #[schema(max_length = 200)]
    pub text: String,
}

impl Validate for NewSiteNote {
    fn validate(&self) -> Result<(), String> {
        period::parse_day("day", &self.day)?;
        if self.text.is_empty() {
            Ok(())
        } else {
            check_line("text", &self.text, domain::statistics::MAX_NOTE_CHARS)
        }
    }
}

/// Parses a period of days.
///
/// # Errors
/// Names the invalid day and what is expected.
pub(crate) fn parse_days(from: &str, to: &str) -> Result<Period, String> {
    Period::new(period::parse_day("from", from)?, period::parse_day("to", to)?)
}

macro_rules! names_of {
    ($(#[$doc:meta])* $name:ident for $of:ty { $($(#[$one:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$one])* $variant),* }

        impl $name {
            /// Converts it to the domain's type.
            #[must_use]
            pub const fn of(self) -> $of {
                match self { $(Self::$variant => <$of>::$variant),* }
            }
        }
    };
}

names_of! {
    /// A time step.
    StepName for Step {
        /// Hours, of at most 62 days.
        Hour,
        /// Days.
        Day,
        /// Weeks, from Monday.
        Week,
        /// Months.
        Month,
        /// Years.
        Year,
    }
}

names_of! {
    /// A dimension by which visits are counted.
    DimensionName for Dimension {
        /// Pages.
        Page,
        /// Entry pages.
        Entry,
        /// Sources and hosts from which visitors came. Empty for direct visits.
        Referrer,
        /// `source / medium / campaign`.
        Campaign,
        /// ISO 3166 codes. Empty if unknown.
        Country,
        /// Primary language tags. Empty if not given.
        Language,
        /// Browser families.
        Browser,
        /// Families of operating systems.
        System,
        /// Classes of screen width.
        Screen,
        /// Names of events.
        Event,
        /// Paths of files.
        Download,
        /// Paths that don't exist.
        Missing,
        /// Hours of the day in the site's time zone, `00` to `23`.
        Hour,
    }
}
