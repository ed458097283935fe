//! Checks of the running system: `prove` for the promises, `doctor` for its operation.

/// Declares an enum with one variant for each area of a check, and the conversions into it.
macro_rules! by_area {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $area:ident($inner:ty),)* }) => {
        $(#[$attribute])*
        pub enum $name {
            $($(#[$doc])* $area($inner),)*
        }

        $(impl From<$inner> for $name {
            fn from(found: $inner) -> Self {
                Self::$area(found)
            }
        })*
    };
}

pub mod audit_cases;
pub mod doctor;
pub mod prove;
