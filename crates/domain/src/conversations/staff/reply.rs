//! Staff answer: the one way by which a letter about a thread comes to be.

use policy::purpose::Support;
use serde::Serialize;
use store::{
    Actor, ConversationAccessKind, Error, Message, MessageKind, NewMessage, Operation, Thread, ThreadState,
    Tx, Via,
};

use crate::conversations::close_and_erase::close;
use crate::conversations::reply_route::{MOST_DAYS, ReplyRoute, answered, recipient, reply_route};
use crate::conversations::{Body, LONGEST_MESSAGE, case, clean, contact_of};
use crate::email::{self, Content, Kind};
use crate::settings::VendorSettings;
use crate::token;

/// Days for which the link of a letter closes and erases its thread.
const LINK_DAYS: i64 = 60;

/// An answer.
pub struct Reply<'a> {
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
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

/// A message that came while an answer was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Newer {
    /// Its place in the thread.
    pub n: i64,
    /// `person`, `note` or `machine`, or the name of the member of staff who answered.
    pub by: String,
}

/// What became of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replied {
    /// A letter waits to be sent.
    Sent,
    /// No letter goes, and why; it waits behind the code.
    Waits(String),
    /// There are newer messages than whoever answers has seen; nothing was written.
    Collision(Vec<Newer>),
    /// It can't be answered, and why; nothing was written.
    Refused(String),
    /// There is no such thread.
    NoThread,
}

impl Operation for Reply<'_> {
    const NAME: &'static str = "reply";
    type Done = Replied;

    async fn act(&self, tx: &mut Tx) -> Result<Replied, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Replied::NoThread) };
        let text = clean(self.text, LONGEST_MESSAGE);
        if text.is_empty() {
            return Ok(Replied::Refused("there is no text".to_owned()));
        }
        // What other threads of its address brought is counted: no two of them get their one letter at once.
        if !thread.verified {
            tx.lock_index().await?;
        }
        let messages = tx.messages_of(thread.id).await?;
        if !self.anyway
            && let Some(newer) = newer(&messages, self.seen)
        {
            return Ok(Replied::Collision(newer));
        }
        let leave = tx.leave::<Support>(thread.slot, "thread.contact", self.who, &case(thread.id)).await?;
        let address = !contact_of(tx, &thread, &leave)?.address.is_empty();
        let way = reply_route(tx, &thread, &messages, address).await?;
        if let ReplyRoute::Nowhere { why } = way {
            return Ok(Replied::Refused(why));
        }
        let body = Body::said(text, true).bytes()?;
        let (kind, who) = (MessageKind::Staff, self.who.word());
        let new = NewMessage { thread: &thread, kind, via: Via::Desk, who, act: 0, body: &body };
        let message = tx.add_message(&new).await?;
        thread.messages += 1;
        thread.touched_day = tx.today();
        let replied = match way {
            ReplyRoute::BehindCode { why } => Replied::Waits(why),
            ReplyRoute::ByLetter | ReplyRoute::Nowhere { .. } => {
                self.write(tx, &thread, &message, answered(&messages)).await?;
                thread.letters_since_act += 1;
                Replied::Sent
            }
        };
        thread.state = ThreadState::Waiting;
        thread.closed_day = 0;
        thread.snoozed_day = 0;
        if self.close {
            close(tx, &mut thread);
        }
        tx.save_thread(&mut thread).await?;
        Ok(replied)
    }
}

impl Reply<'_> {
    async fn write(
        &self,
        tx: &mut Tx,
        thread: &Thread,
        message: &Message,
        answers: Option<&Message>,
    ) -> Result<(), Error> {
        let to = recipient(tx, thread, self.who).await?;
        let token = token::fresh()?;
        let ends = tx.today() + LINK_DAYS;
        tx.add_way(&token::tag(&token), thread.id, thread.slot, ConversationAccessKind::Letter, ends).await?;
        let content = Content {
            to,
            link: format!("{}/thread/letter/{}", self.house.public_url, *token),
            message: message.id,
            answers: answers.map_or(0, |m| m.id),
            quote: self.quote && thread.verified,
        };
        // An hour before the act is too old, so that a letter that is in hand then is sent in time.
        let expires_at = (thread.last_act_day + MOST_DAYS + 1) * 86_400 - 3600;
        email::put(tx, Kind::StaffReply, thread.last_act, thread.slot, &content, expires_at).await
    }
}

/// The messages beyond those that somebody has seen; none where they have seen all.
pub(super) fn newer(messages: &[Message], seen: Option<i64>) -> Option<Vec<Newer>> {
    let seen = seen?;
    let by = |m: &Message| match m.kind {
        MessageKind::Staff => m.who.clone(),
        kind => kind.word().to_owned(),
    };
    let newer: Vec<Newer> =
        messages.iter().filter(|m| m.n > seen).map(|m| Newer { n: m.n, by: by(m) }).collect();
    (!newer.is_empty()).then_some(newer)
}
