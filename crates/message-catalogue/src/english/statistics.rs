//! Visitor statistics: why a site or a note is refused.

use domain::statistics::{AnnotationRefusal, MAX_HOSTS, MAX_NOTE_CHARS, MAX_SITES, SiteRefusal};

use crate::English;

impl English for SiteRefusal {
    fn english(&self) -> String {
        match self {
            Self::InvalidName => {
                "the id of a site must have 1 to 32 small letters, digits and dashes".to_owned()
            }
            Self::TooManySites => format!("there are already {MAX_SITES} sites, which is the maximum"),
            Self::UnknownTimeZone { zone } => {
                format!("{zone:?} is not a time zone; write it like Europe/Berlin, or UTC")
            }
            Self::InvalidHost { host } => {
                format!("{host:?} is not a host; write it like example.org, without https:// and path")
            }
            Self::HostCount => format!("a site must have 1 to {MAX_HOSTS} hosts"),
        }
    }
}

impl English for AnnotationRefusal {
    fn english(&self) -> String {
        match self {
            Self::TooLong => format!("a note can have up to {MAX_NOTE_CHARS} characters"),
            Self::ContainsAddress => {
                "a note is not encrypted, so it must not contain an e-mail address".to_owned()
            }
        }
    }
}
