//! What the proof finds in the contact page and in conversations.

/// What contradicts a promise in the contact page or in conversations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// A field of the contact page is not sealed in its column.
    UnsealedField {
        /// Name of the field.
        field: &'static str,
        /// Its column, as `table.column`.
        column: &'static str,
    },
    /// A field of the contact page is required, but must be optional.
    RequiredField {
        /// Name of the field.
        field: &'static str,
    },
    /// A column would hold technical data of the request.
    RequestData {
        /// The column, as `table.column`.
        column: String,
    },
    /// A column stores more than the day.
    FinerThanDay {
        /// The column, as `table.column`.
        column: String,
    },
    /// A column holds a value outside of its closed list.
    UnknownWord {
        /// The column, as `table.column`.
        column: String,
    },
}

/// A fault of conversations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An anonymous conversation has a name, an address or a person.
    NotAnonymous,
    /// A conversation is linked to a person who does not exist.
    WithoutPerson,
    /// The last action of a conversation is not in the audit log.
    WithoutAction,
    /// A conversation lacks a message.
    MissingMessage,
    /// A message has another key slot than its conversation.
    MessageOfOtherSlot,
    /// A file has another key slot than its message.
    FileOfOtherSlot,
    /// A file lacks a chunk.
    MissingChunk,
    /// A chunk belongs to no file.
    ChunkWithoutFile,
    /// An access code or link belongs to no conversation.
    AccessWithoutConversation,
}

/// What was checked in the contact page and in conversations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Only the message of the contact page is required.
    OptionalFields {
        /// Names of the optional fields.
        fields: Vec<&'static str>,
    },
    /// Rows of conversations were compared with each other.
    Conversations {
        conversations: i64,
        /// Conversations without address and person.
        anonymous: i64,
        messages: i64,
        /// Files of messages.
        files: i64,
        /// Access codes and links.
        access: i64,
    },
    /// Unencrypted values were compared with their closed lists.
    Words {
        /// Distinct values.
        words: usize,
    },
}
