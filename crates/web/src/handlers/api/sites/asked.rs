//! What is asked of a site's figures: which days, which page of a table, and whether as JSON or CSV.

use analytics::Dimension;
use axum::http::{HeaderMap, header};
use domain::statistics::Step;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::handlers::api::fields::{Checked, line};
use crate::statistics::{Period, period};

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON.
    Json,
    /// Comma-separated values (RFC 4180) with a line of heads. A value that a spreadsheet would take for a formula has an
    /// apostrophe before it.
    Csv,
}

/// Whether CSV is asked for: by the address, or else by `Accept`.
#[must_use]
pub fn wants_csv(format: Option<Format>, headers: &HeaderMap) -> bool {
    let accepts = || headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    format.map_or_else(|| accepts().is_some_and(|accept| accept.contains("text/csv")), |f| f == Format::Csv)
}

/// Only a format.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Plain {
    /// Instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Checked for Plain {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Which days, and which page of a table.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfTable {
    /// First day, by the site's clock.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// Last day, which is in it. Today has no figures before it is over.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// Page of the table, from 1 on.
    #[param(minimum = 1, maximum = 1_000_000)]
    pub page: Option<u32>,
    /// Rows of a page: 100 where nothing is said. CSV has all rows unless this or `page` is there.
    #[param(minimum = 1, maximum = 1_000)]
    pub per_page: Option<u32>,
    /// Instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl OfTable {
    /// Rows left out at the beginning, and rows at most.
    #[must_use]
    pub fn rows(&self, all: bool) -> (usize, usize) {
        if all && self.page.is_none() && self.per_page.is_none() {
            return (0, usize::MAX);
        }
        let most = self.per_page();
        ((self.page() as usize - 1) * most as usize, most as usize)
    }

    /// The page.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page.unwrap_or(1)
    }

    /// Rows of a page.
    #[must_use]
    pub fn per_page(&self) -> u32 {
        self.per_page.unwrap_or(100)
    }
}

impl Checked for OfTable {
    fn check(&self) -> Result<(), String> {
        if !(1..=1_000_000).contains(&self.page()) {
            return Err("`page`: expected 1 to 1000000".to_owned());
        }
        if !(1..=1_000).contains(&self.per_page()) {
            return Err("`per_page`: expected 1 to 1000".to_owned());
        }
        days(&self.from, &self.to).map(drop)
    }
}

/// Which days, cut into what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfSeries {
    /// First day, by the site's clock.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// Last day, which is in it.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// Length of a piece; where nothing is said, what suits the days. Weeks, months and years are whole ones, even where
    /// the days begin or end within them.
    #[param(inline)]
    pub step: Option<Length>,
    /// Whose total; where nothing is said, that of pages, which is the site's.
    #[param(inline)]
    pub by: Option<By>,
    /// Instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Checked for OfSeries {
    fn check(&self) -> Result<(), String> {
        days(&self.from, &self.to).map(drop)
    }
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfDays {
    /// First day, by the site's clock.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub from: String,
    /// Last day, which is in it.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-31")]
    pub to: String,
    /// Instead of the header `Accept`.
    #[param(inline)]
    pub format: Option<Format>,
}

impl Checked for OfDays {
    fn check(&self) -> Result<(), String> {
        days(&self.from, &self.to).map(drop)
    }
}

/// A note to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSiteNote {
    /// The day of the site.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub day: String,
    /// One line, in the place of what was noted on that day; empty to remove it. No address belongs into it.
    #[schema(max_length = 200)]
    pub text: String,
}

impl Checked for NewSiteNote {
    fn check(&self) -> Result<(), String> {
        period::day("day", &self.day)?;
        if self.text.is_empty() { Ok(()) } else { line("text", &self.text, domain::statistics::LONGEST_NOTE) }
    }
}

/// Days from one to another.
///
/// # Errors
/// Which of them is wrong, and what it may be.
pub fn days(from: &str, to: &str) -> Result<Period, String> {
    Period::new(period::day("from", from)?, period::day("to", to)?)
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident for $of:ty { $($(#[$one:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$one])* $variant),* }

        impl $name {
            /// As the desk has it.
            #[must_use]
            pub const fn of(self) -> $of {
                match self { $(Self::$variant => <$of>::$variant),* }
            }
        }
    };
}

named! {
    /// Length of a piece of time.
    Length for Step {
        /// Hours, of 62 days at most.
        Hour,
        /// Days.
        Day,
        /// Weeks from Monday on.
        Week,
        /// Months.
        Month,
        /// Years.
        Year,
    }
}

named! {
    /// What visits are counted by.
    By for Dimension {
        /// Pages.
        Page,
        /// Pages with which people came.
        Entry,
        /// Named sources and hosts from which people came; empty for those who came directly.
        Referrer,
        /// `source / medium / campaign`.
        Campaign,
        /// ISO 3166 codes; empty where it is unknown.
        Country,
        /// Primary tags of languages; empty where nothing was said.
        Language,
        /// Families of browsers.
        Browser,
        /// Families of operating systems.
        System,
        /// Classes of the screen's width.
        Screen,
        /// Names of events.
        Event,
        /// Paths of files.
        Download,
        /// Paths that don't exist.
        Missing,
        /// Hours of the site's day, `00` to `23`.
        Hour,
    }
}
