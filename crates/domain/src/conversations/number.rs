//! Conversation numbers: parsing, and the case text under which staff open values.

/// Parses the number of a conversation or a licence. Case, blanks and dashes do not matter.
#[must_use]
pub fn parse_number(typed: &str) -> Option<i64> {
    let serial: licence::Serial = typed.trim().parse().ok()?;
    i64::try_from(serial.bits()).ok().filter(|n| *n > 0)
}

/// Returns the case that the audit log names when staff open values of a conversation.
pub(crate) fn case_of(id: i64) -> String {
    format!("conversation {}", crate::licensing::issue::display_number(id))
}
