//! Conversations between people and support staff, anonymous ones included (`contact.*`, `mail.solicited`).
//!
//! Each conversation has its own key slot, so forgetting the slot erases the conversation (crypto-shredding).
//! A sender is identified by an access code, a proved e-mail address, a signed-in portal, or not at all.
//! Received mail never causes an e-mail. Only a staff reply does, within 30 days of the action that it answers.

pub mod access_code;
mod answer_by_code;
mod attachments;
pub(crate) mod body;
pub mod canned_responses;
pub(crate) mod close_and_erase;
pub(crate) mod codename;
pub mod customer_context;
mod customer_link;
mod event;
pub mod limits;
pub mod number;
pub mod queue;
mod receive_mail;
mod refusal;
pub(crate) mod reply_route;
mod reply_token;
pub mod search_documents;
pub mod staff;
mod start;
pub(crate) mod suppression;
pub mod upload;
pub mod view;
mod zeroizing_json;

pub use answer_by_code::{AnswerByCode, AnswerOutcome};
pub use close_and_erase::{CloseByEmailLink, EraseByCode, EraseByEmailLink, email_link_is_valid};
pub use codename::codename;
pub use customer_link::{
    ConversationRef, GiveAddress, GiveAddressOutcome, LinkCustomer, LinkOutcome, UnlinkCustomer,
};
pub use event::ConversationEvent;
pub use limits::{
    MAX_ACTION_AGE_DAYS, MAX_FILE_BYTES, MAX_FILES, MAX_LINE_CHARS, MAX_MESSAGE_BYTES, MAX_MESSAGE_CHARS,
    MAX_TAGS,
};
pub use number::{parse_conversation_id, parse_serial};
pub use receive_mail::{ReceiveMail, ReceiveOutcome};
pub use refusal::{
    CannedResponseRefusal, ChangeRefusal, MessageRefusal, NoteRefusal, ReplyRefusal, ResendRefusal,
};
pub use reply_route::{NoEmailReason, ReplyRoute};
pub use reply_token::{parse_reply_token, reply_token};
pub use start::{StartConversation, StartConversationOnce, Started, StartedOnce};
