//! The proof of the contact page and of conversations.

use domain::compliance::prove::findings::contact::{Fault, Observation, Violation};

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::UnsealedField { field, column } => {
                format!("contact page: the field {field} is not sealed in {column}")
            }
            Self::RequiredField { field } => {
                format!("contact page: the field {field} is required, but must be optional")
            }
            Self::RequestData { column } => format!("{column} would hold technical data of the request"),
            Self::FinerThanDay { column } => format!("{column} stores more than the day"),
            Self::UnknownWord { column } => format!("{column}: a value outside of its closed list"),
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::NotAnonymous => "anonymous conversations with a name, an address or a person",
            Self::WithoutPerson => "conversations linked to a person who does not exist",
            Self::WithoutAction => "conversations whose last action is not in the audit log",
            Self::MissingMessage => "conversations with a missing message",
            Self::MessageOfOtherSlot => "messages with another key slot than their conversation",
            Self::FileOfOtherSlot => "files with another key slot than their message",
            Self::MissingChunk => "files with a missing chunk",
            Self::ChunkWithoutFile => "chunks without a file",
            Self::AccessWithoutConversation => "access codes and links without a conversation",
        }
        .to_owned()
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::OptionalFields { fields } => {
                format!("contact page: only the message is required; optional fields: {}", fields.join(", "))
            }
            Self::Conversations { conversations, anonymous, messages, files, access } => format!(
                "conversations: {conversations}; anonymous ones among them: {anonymous}; messages: {messages}; files: \
                 {files}; access codes and links: {access}"
            ),
            Self::Words { words } => {
                format!("unencrypted words of conversations, each from a closed list: {words}")
            }
        }
    }
}
