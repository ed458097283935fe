//! Numbers that people type, and the case text under which staff open values.

use licence::Serial;
use store::ConversationId;

/// Parses the number of a licence. Case, blanks and dashes do not matter.
#[must_use]
pub fn parse_serial(typed: &str) -> Option<Serial> {
    typed.trim().parse().ok().filter(|number: &Serial| number.bits() > 0)
}

/// Parses the number of a conversation, which has the form of a licence's number.
#[must_use]
pub fn parse_conversation_id(typed: &str) -> Option<ConversationId> {
    parse_serial(typed).map(ConversationId::from)
}

/// Returns the case that the audit log names when staff open values of a conversation.
pub(crate) fn case_of(id: ConversationId) -> String {
    format!("conversation {id}")
}
