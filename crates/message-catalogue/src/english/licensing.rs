//! Licences: why a change is refused.

use domain::licensing::manual_licensing::{ExtensionRefusal, MAX_EXTENSION_MONTHS};

use crate::English;

impl English for ExtensionRefusal {
    fn english(&self) -> String {
        match self {
            Self::Months => format!("you can extend a licence by 1 to {MAX_EXTENSION_MONTHS} months"),
            Self::NoEnd => "this licence has no end date".to_owned(),
            Self::NotActive => "you can only extend an active or suspended licence".to_owned(),
        }
    }
}
