//! An open conversation, with its messages.

use domain::conversations::{self, ConversationEvent, staff};
use message_catalogue::English;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ConversationRow, SenderKind, State, some};

/// The route of a reply.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReplyRoute {
    /// By e-mail. A person with an access code can read the reply on the web page too.
    Email,
    /// On the web page of the conversation only.
    Web,
    /// No reply is possible.
    None,
}

/// The route of a reply, and why it is not e-mail.
#[derive(Serialize, ToSchema)]
pub struct ReplyRouteAndReason {
    /// The route.
    pub route: ReplyRoute,
    /// Why the reply is not sent by e-mail. Null if it is.
    pub reason: Option<String>,
}

impl From<conversations::ReplyRoute> for ReplyRouteAndReason {
    fn from(route: conversations::ReplyRoute) -> Self {
        match route {
            conversations::ReplyRoute::Email => Self { route: ReplyRoute::Email, reason: None },
            conversations::ReplyRoute::WebOnly { reason: why } => {
                Self { route: ReplyRoute::Web, reason: Some(why.english()) }
            }
            conversations::ReplyRoute::Impossible { reason: why } => {
                Self { route: ReplyRoute::None, reason: Some(why.english()) }
            }
        }
    }
}

/// The author of a message.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The person who contacted the vendor.
    Person,
    /// Staff, to the person.
    Staff,
    /// A note between staff members.
    Note,
    /// A machine: a bounce or an out-of-office reply.
    Machine,
}

/// A file of a message, without its content.
#[derive(Serialize, ToSchema)]
pub struct FileRow {
    /// Its number as a string, because it has more digits than some JSON readers keep.
    pub id: String,
    /// Its name, as the sender gave it.
    pub name: String,
    /// Size in bytes.
    pub size: i64,
    /// image, text or other: the first two have a preview.
    pub kind: String,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct OpenMessage {
    /// Its number in the conversation, from 1.
    pub n: i64,
    /// The author.
    pub kind: Author,
    /// How it came: web, email or staff.
    pub via: String,
    /// The staff member who wrote it. Null for other authors.
    pub staff: Option<String>,
    /// The day.
    pub day: String,
    /// The text.
    pub text: String,
    /// The quoted part of earlier messages. Null for none.
    pub quoted: Option<String>,
    /// The signature. Null for none.
    pub signature: Option<String>,
    /// The text as safe HTML, which loads and runs nothing. Null if the message was plain text.
    pub html: Option<String>,
    /// Attachments that were refused, with the reason.
    pub refused: Vec<String>,
    /// Whether the author was verified.
    pub verified: bool,
    /// The kind of machine that wrote it. Null for none.
    pub machine: Option<String>,
    /// The files.
    pub files: Vec<FileRow>,
}

/// An open conversation.
#[derive(Serialize, ToSchema)]
pub struct OpenConversation {
    /// Its row in a queue.
    pub conversation: ConversationRow,
    /// The subject. Null for none.
    pub subject: Option<String>,
    /// The name that the sender gave. Null for none.
    pub writer: Option<String>,
    /// The address that the sender gave. Null for none.
    pub address: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// The route of a reply.
    pub answer: ReplyRouteAndReason,
    /// The messages, in their order.
    pub messages: Vec<OpenMessage>,
}

impl From<staff::StaffView> for OpenConversation {
    fn from(seen: staff::StaffView) -> Self {
        Self {
            conversation: ConversationRow {
                id: seen.number,
                codename: seen.name,
                kind: SenderKind::parse(&seen.kind),
                state: State::parse(&seen.state),
                assigned: some(seen.assigned),
                snoozed_until: some(seen.snoozed_until),
                messages: seen.messages_seen,
                opened: seen.opened,
                updated: seen.last_message,
                closed: some(seen.closed),
                verified: seen.verified,
                has_customer: seen.has_customer,
                licence: some(seen.licence),
                related: some(seen.related),
                suppressed: some(seen.suppression),
            },
            subject: some(seen.subject),
            writer: some(seen.sender),
            address: some(seen.address),
            tags: seen.tags,
            answer: seen.answer.into(),
            messages: seen.messages.into_iter().map(OpenMessage::from).collect(),
        }
    }
}

impl From<staff::StaffMessageView> for OpenMessage {
    fn from(seen: staff::StaffMessageView) -> Self {
        let file = |file: conversations::view::FileView| FileRow {
            id: file.id.to_string(),
            name: file.name,
            size: file.size,
            kind: file.kind,
        };
        let said = seen.event.map(|event| event.english());
        let (text, machine) = match seen.event {
            // The message has no text of its own any more.
            Some(ConversationEvent::ErasedByAuthor) => (said.unwrap_or_default(), None),
            Some(ConversationEvent::Automated(_) | ConversationEvent::Unsent(_)) | None => (seen.text, said),
        };
        Self {
            n: seen.n,
            kind: match &*seen.kind {
                "person" => Author::Person,
                "staff" => Author::Staff,
                "note" => Author::Note,
                _ => Author::Machine,
            },
            via: seen.via,
            staff: some(seen.actor),
            day: seen.day,
            text,
            quoted: some(seen.quoted),
            signature: some(seen.signature),
            html: some(seen.html),
            refused: seen.refused.iter().map(English::english).collect(),
            verified: seen.verified,
            machine,
            files: seen.files.into_iter().map(file).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::email::DeliveryFailure;

    fn message(kind: &str, text: &str, event: Option<ConversationEvent>) -> OpenMessage {
        let seen = staff::StaffMessageView {
            n: 1,
            kind: kind.to_owned(),
            via: "staff".to_owned(),
            actor: String::new(),
            day: "2026-11-22".to_owned(),
            text: text.to_owned(),
            quoted: String::new(),
            signature: String::new(),
            html: String::new(),
            refused: Vec::new(),
            verified: false,
            event,
            files: Vec::new(),
        };
        seen.into()
    }

    #[test]
    fn an_event_is_said_in_words() {
        let unsent = message("machine", "", Some(ConversationEvent::Unsent(DeliveryFailure::Reply(550))));
        let said = "an e-mail could not be sent: the mail server replied 550";
        assert_eq!((&*unsent.text, unsent.machine.as_deref()), ("", Some(said)));
        let erased = message("note", "", Some(ConversationEvent::ErasedByAuthor));
        let said = "Erased by the person who wrote on the contact page.";
        assert_eq!((&*erased.text, erased.machine.as_deref()), (said, None));
        let written = message("person", "Hello", None);
        assert_eq!((&*written.text, written.machine.as_deref()), ("Hello", None));
    }
}
