//! Replies of staff: the only operation that causes an e-mail about a conversation.

use policy::purpose::Support;
use serde::Serialize;
use store::{
    Actor, Conversation, ConversationAccessKind, ConversationId, ConversationState, Error, Message,
    MessageKind, NewMessage, Operation, Tx, Via,
};

use crate::conversations::close_and_erase::close;
use crate::conversations::limits::MAX_ACTION_AGE_DAYS;
use crate::conversations::refusal::ReplyRefusal;
use crate::conversations::reply_route::{NoEmailReason, ReplyRoute, last_of_person, recipient, reply_route};
use crate::conversations::{
    body::Body, body::clean_text, body::open_contact, limits::MAX_MESSAGE_CHARS, number::case_of,
};
use crate::email::{self, EmailContent, EmailKind};
use crate::settings::VendorSettings;
use crate::token::{ConversationLink, Token};

/// Days for which the link of an e-mail closes or erases its conversation.
const LINK_DAYS: i64 = 60;

/// Replies to a conversation. The reply is sent by e-mail or waits on the web page, as [`ReplyRoute`] says.
pub struct ReplyToConversation<'a> {
    pub id: ConversationId,
    pub text: &'a str,
    /// Quote the message that is answered, if the identity of its sender was proved.
    pub quote: bool,
    /// Number of messages that the author has seen; `None` skips the check.
    pub seen: Option<i64>,
    /// Reply even if there are newer messages.
    pub force: bool,
    /// Close the conversation after the reply.
    pub close: bool,
    /// The member of staff.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

/// A message that arrived while the reply was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewerMessage {
    /// Position in the conversation, from 1.
    pub n: i64,
    /// `person`, `note` or `machine`, or the name of the member of staff who replied.
    pub by: String,
}

/// Outcome of [`ReplyToConversation`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplyOutcome {
    /// The reply was queued as an e-mail.
    Sent,
    /// The reply waits on the web page behind the access code, with the reason why no e-mail is sent.
    Waits(NoEmailReason),
    /// The conversation has messages that the author has not seen, so nothing was written.
    Collision(Vec<NewerMessage>),
    /// No reply is possible; nothing was written.
    Refused(ReplyRefusal),
    /// The conversation does not exist.
    NoConversation,
}

impl Operation for ReplyToConversation<'_> {
    const NAME: &'static str = "reply to conversation";
    type Output = ReplyOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ReplyOutcome, Error> {
        let Some(mut conversation) = tx.conversation(self.id).await? else {
            return Ok(ReplyOutcome::NoConversation);
        };
        let text = clean_text(self.text, MAX_MESSAGE_CHARS);
        if text.is_empty() {
            return Ok(ReplyOutcome::Refused(ReplyRefusal::EmptyText));
        }
        // An unproved address gets one e-mail over all its conversations. The lock keeps two replies from sending two.
        if !conversation.verified {
            tx.lock_index().await?;
        }
        let messages = tx.messages_of(conversation.id).await?;
        if !self.force
            && let Some(newer) = newer_messages(&messages, self.seen)
        {
            return Ok(ReplyOutcome::Collision(newer));
        }
        let permit = tx
            .permit::<Support>(
                conversation.slot,
                "conversation.contact",
                self.actor,
                &case_of(conversation.id),
            )
            .await?;
        let address = !open_contact(tx, &conversation, &permit)?.address.is_empty();
        let route = reply_route(tx, &conversation, &messages, address).await?;
        if let ReplyRoute::Impossible { reason } = route {
            return Ok(ReplyOutcome::Refused(ReplyRefusal::NoRoute(reason)));
        }
        let body = Body::of_text(text, true).bytes()?;
        let (kind, actor) = (MessageKind::Staff, self.actor.as_str());
        let new =
            NewMessage { conversation: &conversation, kind, via: Via::Staff, actor, action: 0, body: &body };
        let message = tx.add_message(&new).await?;
        conversation.messages += 1;
        conversation.last_message_day = tx.today();
        let outcome = match route {
            ReplyRoute::WebOnly { reason } => ReplyOutcome::Waits(reason),
            ReplyRoute::Email | ReplyRoute::Impossible { .. } => {
                self.enqueue_email(tx, &conversation, &message, last_of_person(&messages)).await?;
                conversation.emails_since_action += 1;
                ReplyOutcome::Sent
            }
        };
        conversation.state = ConversationState::Waiting;
        conversation.closed_day = None;
        conversation.snoozed_day = None;
        if self.close {
            close(tx, &mut conversation);
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(outcome)
    }
}

impl ReplyToConversation<'_> {
    async fn enqueue_email(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        message: &Message,
        answers: Option<&Message>,
    ) -> Result<(), Error> {
        let to = recipient(tx, conversation, self.actor).await?;
        let token = Token::<ConversationLink>::generate()?;
        let expiry_day = tx.today() + LINK_DAYS;
        tx.add_conversation_access(
            &token.hash(),
            conversation.id,
            conversation.slot,
            ConversationAccessKind::Email,
            Some(expiry_day),
        )
        .await?;
        let content = EmailContent {
            to,
            link: format!("{}/conversation/email/{}", self.settings.public_url, token.text()),
            message: message.id,
            answers: answers.map_or(0, |m| m.id),
            quote: self.quote && conversation.verified,
        };
        // One hour before the action is too old, so that sending finishes in time.
        let expires_at = conversation
            .last_action_day
            .map_or(tx.now, |day| (day + MAX_ACTION_AGE_DAYS + 1).midnight() - 3600);
        email::enqueue(
            tx,
            EmailKind::StaffReply,
            conversation.last_action,
            conversation.slot,
            &content,
            expires_at,
        )
        .await
    }
}

/// Returns the messages after the first `seen` ones, or `None` if there are none.
pub(super) fn newer_messages(messages: &[Message], seen: Option<i64>) -> Option<Vec<NewerMessage>> {
    let seen = seen?;
    let by = |m: &Message| match m.kind {
        MessageKind::Staff => m.actor.clone(),
        kind => kind.as_str().to_owned(),
    };
    let newer: Vec<NewerMessage> = messages
        .iter()
        .filter(|m| m.number > seen)
        .map(|m| NewerMessage { n: m.number, by: by(m) })
        .collect();
    (!newer.is_empty()).then_some(newer)
}
