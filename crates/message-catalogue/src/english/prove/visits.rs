//! The proof of visitor statistics.

use domain::compliance::prove::findings::visits::{Fault, Observation, Violation};
use store::FiguresKey;

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::UnknownColumn { column } => {
                format!("{column} is in the database, but unknown to this proof")
            }
            Self::FirstSmallTable(FiguresKey { site, audience, dimension, span, start }) => {
                format!("the first such table: site {site}, {audience}, {dimension}, {span} from {start}")
            }
            Self::Cookie { request } => format!("{request} sets a cookie"),
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::RowWithoutSite => "visitor statistics: rows without a site",
            Self::FiguresOfOpenDay => "visitor statistics: figures of days that are not closed",
            Self::IdentifyingLabel => "labels that look like an address or a whole user agent",
            Self::ClosedDayWithKey => "closed days that have a key",
            Self::TallyOfClosedDay => "unpublished counts of closed days",
            Self::TallyOfOtherSlot => "unpublished counts with another key slot than their day",
            Self::OverdueDay => "days that should have closed two days ago",
            Self::SlotNotForgotten => "closed days whose key slot is not forgotten",
            Self::TooFewPeople => "tables of figures with a number of too few people",
            Self::FineTime => "days that store a time finer than an hour",
            Self::LabelNotHour => "hour labels that are not hours",
            Self::WrongRollup => "weeks, months or years that are not the sum of their days",
            Self::PublicBeyondStaff => "days with public figures beyond the staff's figures",
        }
        .to_owned()
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Figures { sites, closed, open, tables, labels } => format!(
                "websites: {sites}; days counted and published: {closed}; days open: {open}; tables of figures: \
                 {tables}; labels in them: {labels}"
            ),
            Self::Rollups { rollups } => {
                format!("weeks, months and years, each compared with the sum of its days: {rollups}")
            }
            Self::Tables { tables } => format!(
                "tables of visitor statistics, none with a row for a visit or a visitor: {}",
                tables.join(", ")
            ),
            Self::ClosedDays { closed, sealed } => format!(
                "closed days, each without key and unpublished counts, its key slot forgotten or about to be: {closed}; \
                 sealed values of open days: {sealed}"
            ),
            Self::NothingPublished => "nothing is published yet".to_owned(),
            Self::ThresholdsChanged => {
                "the disclosure thresholds were changed: older figures have no common threshold".to_owned()
            }
            Self::Published { staff, public, numbers, tables } => format!(
                "published numbers, each of at least {staff} people ({public} for the public) and rounded down to \
                 multiples of that: {numbers} in {tables} tables"
            ),
            Self::WithoutCookies { requests } => format!(
                "requests to the routes of visit statistics, none of whose responses sets a cookie: {requests}"
            ),
        }
    }
}
