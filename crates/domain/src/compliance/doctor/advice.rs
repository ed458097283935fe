//! Advice: a condition with its severity.

use super::conditions::Condition;

/// Severity of a condition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Everything is in order.
    Ok,
    /// For information.
    Note,
    /// Will cause a problem before long.
    Warn,
    /// Something does not work.
    Bad,
}

impl Level {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// The result of one check.
#[derive(Debug)]
pub struct Advice {
    /// Severity.
    pub level: Level,
    /// What the check found. It also decides what to do.
    pub condition: Condition,
}

impl Advice {
    pub(super) fn ok(condition: impl Into<Condition>) -> Self {
        Self::new(Level::Ok, condition)
    }

    pub(super) fn new(level: Level, condition: impl Into<Condition>) -> Self {
        Self { level, condition: condition.into() }
    }
}
