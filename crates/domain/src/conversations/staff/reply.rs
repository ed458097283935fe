//! Staff answer: the one way by which a letter about a thread comes to be.

use policy::purpose::Support;
use serde::Serialize;
use store::{
    Actor, Conversation, ConversationAccessKind, ConversationState, Error, Message, MessageKind, NewMessage,
    Operation, Tx, Via,
};

use crate::conversations::close_and_erase::close;
use crate::conversations::limits::MAX_ACTION_AGE_DAYS;
use crate::conversations::reply_route::{ReplyRoute, last_of_person, recipient, reply_route};
use crate::conversations::{
    body::Body, body::clean_text, body::open_contact, limits::MAX_MESSAGE_CHARS, number::case_of,
};
use crate::email::{self, EmailContent, EmailKind};
use crate::settings::VendorSettings;
use crate::token;

/// Days for which the link of a letter closes and erases its thread.
const LINK_DAYS: i64 = 60;

/// An answer.
pub struct ReplyToConversation<'a> {
    /// Number of the thread.
    pub id: i64,
    /// What is said.
    pub text: &'a str,
    /// Quote the message that is answered, where its writer was proved.
    pub quote: bool,
    /// How many messages whoever answers has seen; none where they don't say.
    pub seen: Option<i64>,
    /// Answer although there are newer messages.
    pub anyway: bool,
    /// Close the thread with it.
    pub close: bool,
    /// Who answers.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

/// A message that came while an answer was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewerMessage {
    /// Its place in the thread.
    pub n: i64,
    /// `person`, `note` or `machine`, or the name of the member of staff who answered.
    pub by: String,
}

/// What became of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplyOutcome {
    /// A letter waits to be sent.
    Sent,
    /// No letter goes, and why; it waits behind the code.
    Waits(String),
    /// There are newer messages than whoever answers has seen; nothing was written.
    Collision(Vec<NewerMessage>),
    /// It can't be answered, and why; nothing was written.
    Refused(String),
    /// There is no such thread.
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
            return Ok(ReplyOutcome::Refused("the text is empty".to_owned()));
        }
        // What other threads of its address brought is counted: no two of them get their one letter at once.
        if !conversation.verified {
            tx.lock_index().await?;
        }
        let messages = tx.messages_of(conversation.id).await?;
        if !self.anyway
            && let Some(newer) = newer(&messages, self.seen)
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
        let way = reply_route(tx, &conversation, &messages, address).await?;
        if let ReplyRoute::Impossible { reason } = way {
            return Ok(ReplyOutcome::Refused(reason));
        }
        let body = Body::of_text(text, true).bytes()?;
        let (kind, actor) = (MessageKind::Staff, self.actor.as_str());
        let new =
            NewMessage { conversation: &conversation, kind, via: Via::Staff, actor, action: 0, body: &body };
        let message = tx.add_message(&new).await?;
        conversation.messages += 1;
        conversation.last_message_day = tx.today();
        let replied = match way {
            ReplyRoute::WebOnly { reason } => ReplyOutcome::Waits(reason),
            ReplyRoute::Email | ReplyRoute::Impossible { .. } => {
                self.write(tx, &conversation, &message, last_of_person(&messages)).await?;
                conversation.emails_since_action += 1;
                ReplyOutcome::Sent
            }
        };
        conversation.state = ConversationState::Waiting;
        conversation.closed_day = 0;
        conversation.snoozed_day = 0;
        if self.close {
            close(tx, &mut conversation);
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(replied)
    }
}

impl ReplyToConversation<'_> {
    async fn write(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        message: &Message,
        answers: Option<&Message>,
    ) -> Result<(), Error> {
        let to = recipient(tx, conversation, self.actor).await?;
        let token = token::generate()?;
        let ends = tx.today() + LINK_DAYS;
        tx.add_conversation_access(
            &token::token_hash(&token),
            conversation.id,
            conversation.slot,
            ConversationAccessKind::Email,
            ends,
        )
        .await?;
        let content = EmailContent {
            to,
            link: format!("{}/conversation/email/{}", self.settings.public_url, *token),
            message: message.id,
            answers: answers.map_or(0, |m| m.id),
            quote: self.quote && conversation.verified,
        };
        // An hour before the act is too old, so that a letter that is in hand then is sent in time.
        let expires_at = (conversation.last_action_day + MAX_ACTION_AGE_DAYS + 1) * 86_400 - 3600;
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

/// The messages beyond those that somebody has seen; none where they have seen all.
pub(super) fn newer(messages: &[Message], seen: Option<i64>) -> Option<Vec<NewerMessage>> {
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
