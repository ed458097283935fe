//! The mail gate: the closed list of letters, and the acts that may cause each (`mail.solicited`).
//!
//! A letter enters the outbox only through [`write`], which takes the journal's line of an act of its one recipient.

mod reply;

pub use reply::Reply;

use keyring::{Permit, Slot};
use policy::purpose::{Erasing, Writing};
use serde::{Deserialize, Serialize};
use store::{Actor, AuditKind, Error, NewAuditEntry, Operation, Outgoing, Tx};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A letter of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The link to one's own page.
    PageLink,
    /// Confirmation of a new address, sent to that address.
    NewAddress,
    /// What a member of staff answers to somebody who wrote.
    StaffReply,
}

/// An act of a person that may cause a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Asked for the link to their own page.
    AskedForPage,
    /// Asked, on their own page, for a new address to be confirmed.
    AskedForAddress,
    /// Wrote a message, by mail or on the page.
    WroteToUs,
    /// Wrote a message that staff answer with the link to their own page: it names the line of the writing as its
    /// cause.
    IsSentLink,
}

impl Act {
    /// Its name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AskedForPage => "asked for the link to their page",
            Self::AskedForAddress => "asked for a new address",
            Self::WroteToUs => "wrote to us",
            Self::IsSentLink => "wrote and is sent the link to their page",
        }
    }
}

impl Kind {
    /// All letters that there are.
    pub const ALL: [Self; 3] = [Self::PageLink, Self::NewAddress, Self::StaffReply];

    /// Its name in tables, the journal and the folder of its templates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PageLink => "page-link",
            Self::NewAddress => "new-address",
            Self::StaffReply => "staff-reply",
        }
    }

    /// The letter of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The acts that may cause it: each at most once, but for replies.
    #[must_use]
    pub fn caused_by(self) -> &'static [Act] {
        match self {
            Self::PageLink => &[Act::AskedForPage, Act::IsSentLink],
            Self::NewAddress => &[Act::AskedForAddress],
            Self::StaffReply => &[Act::WroteToUs],
        }
    }
}

/// What a letter says. No Debug: it is about a person.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Content {
    /// Its one recipient.
    pub to: String,
    /// The link that it is about, on our own site. Of a reply, the link that closes and erases its thread.
    pub link: String,
    /// Of a reply, the row of the message that it brings.
    #[serde(default)]
    pub message: i64,
    /// Of a reply, the row of the person's message that it answers; 0 for none.
    #[serde(default)]
    pub answers: i64,
    /// Of a reply, whether it quotes that message.
    #[serde(default)]
    pub quote: bool,
}

impl Content {
    /// Of a letter that is about a link.
    pub(crate) fn link(to: String, link: String) -> Self {
        Self { to, link, message: 0, answers: 0, quote: false }
    }
}

/// Notes an act of a person, which may have an earlier act as its cause (0 for none), and returns its line.
pub(crate) async fn act(tx: &mut Tx, act: Act, of: Slot, cause: i64) -> Result<i64, Error> {
    let line = NewAuditEntry {
        kind: AuditKind::Act,
        what: act.name(),
        who: &Actor::Person,
        slot: Some(of),
        cause,
        recipient: &[],
        digest: &[],
    };
    tx.note(&line).await
}

/// Puts a letter into the outbox, caused by an act that this notes.
pub(crate) async fn write(
    tx: &mut Tx,
    kind: Kind,
    act: Act,
    of: Slot,
    content: &Content,
    expires_at: i64,
) -> Result<(), Error> {
    let cause = self::act(tx, act, of, 0).await?;
    put(tx, kind, cause, of, content, expires_at).await
}

/// Puts a letter into the outbox, caused by an act that was noted on the same slot.
pub(crate) async fn put(
    tx: &mut Tx,
    kind: Kind,
    cause: i64,
    of: Slot,
    content: &Content,
    expires_at: i64,
) -> Result<(), Error> {
    let bytes = serde_json::to_vec(content).map_err(|_| Error::Unknown("outbox.letter"))?;
    let bytes = zeroize::Zeroizing::new(bytes);
    tx.add_letter(&store::Letter { slot: of, kind: kind.name(), cause, expires_at, content: &bytes }).await?;
    Ok(())
}

/// Gives up the letters of a thread's slot that bring one of these messages.
pub(crate) async fn unwanted(
    tx: &mut Tx,
    of: Slot,
    messages: &[i64],
    leave: &Permit<Erasing>,
) -> Result<(), Error> {
    for waiting in tx.letters_of(of).await? {
        let Some(opened) = tx.open_letter(&waiting, leave)? else { continue };
        if messages.contains(&read(opened.bytes())?.message) {
            tx.give_letter_up(waiting.id, "given up: not wanted any more").await?;
        }
    }
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Content, Error> {
    serde_json::from_slice(bytes).map_err(|_| Error::Unknown("outbox.letter"))
}

/// The number of letters that nobody sent in time, by day.
pub(crate) const LATE: &str = "letters that expired unsent";

/// Deletes letters that are no longer wanted and says how many. One that waited in vain is counted, and staff are told
/// of a reply in its thread: they would wait for an answer to it.
pub(crate) async fn sweep(tx: &mut Tx) -> Result<u64, Error> {
    for late in tx.letters_late().await? {
        tx.count(LATE, 1).await?;
        if Kind::from_name(&late.kind) == Some(Kind::StaffReply) {
            reply::given_up(tx, late.slot, "no mail server took it before it was too old").await?;
        }
    }
    tx.sweep_letters().await
}

/// A letter in hand, to be sent now.
pub struct ClaimedEmail {
    /// Its row.
    pub id: i64,
    /// Which letter.
    pub kind: Kind,
    /// Whose slot.
    pub slot: Slot,
    /// The line of the act that caused it.
    pub cause: i64,
    /// How often it was tried, this time included.
    pub tries: i64,
    /// What it says.
    pub content: Content,
    /// What a reply says besides.
    pub reply: Option<Reply>,
}

/// How long a sender has a letter in hand before another may take it, in seconds.
const IN_HAND: i64 = 300;

/// Takes the next letter that is due, for the sender.
pub struct ClaimEmail;

impl Operation for ClaimEmail {
    const NAME: &'static str = "take letter";
    type Done = Option<ClaimedEmail>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<ClaimedEmail>, Error> {
        sweep(tx).await?;
        let Some(next) = tx.take_letter(IN_HAND).await? else { return Ok(None) };
        open(tx, &next).await
    }
}

async fn open(tx: &mut Tx, next: &Outgoing) -> Result<Option<ClaimedEmail>, Error> {
    let kind = Kind::from_name(&next.kind);
    let what = match kind {
        Some(Kind::StaffReply) => "outbox.letter thread.subject message.body",
        _ => "outbox.letter",
    };
    let leave = tx.leave::<Writing>(next.slot, what, &Actor::System, "").await?;
    let opened = match tx.open_letter(next, &leave) {
        // Forgotten between the search and the look: there is nobody to write to any more.
        Err(Error::Forgotten { .. }) => None,
        opened => opened?,
    };
    let (Some(opened), Some(kind)) = (opened, kind) else {
        tx.give_letter_up(next.id, "given up: unreadable").await?;
        return Ok(None);
    };
    let content = read(opened.bytes())?;
    let mut reply = None;
    if kind == Kind::StaffReply {
        reply = reply::open(tx, next, &content, &leave).await?;
        if reply.is_none() {
            tx.give_letter_up(next.id, "given up: not wanted any more").await?;
            return Ok(None);
        }
    }
    let (id, slot, cause, tries) = (next.id, next.slot, next.cause, next.tries);
    Ok(Some(ClaimedEmail { id, kind, slot, cause, tries, content, reply }))
}

/// What became of a letter in hand.
pub enum Outcome {
    /// The mail server took it; this is the hash of what was sent.
    Sent([u8; 32]),
    /// Try later; the class of the failure, without an address.
    Later(String),
    /// The mail server will not take it; the class of the failure, without an address.
    Never(String),
}

/// Tries before a letter is given up, with longer and longer pauses in between.
const TRIES: i64 = 8;

/// Notes what became of a letter in hand.
pub struct RecordDelivery<'a> {
    /// The letter.
    pub letter: &'a ClaimedEmail,
    /// What became of it.
    pub outcome: Outcome,
}

impl Operation for RecordDelivery<'_> {
    const NAME: &'static str = "letter done";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        let letter = self.letter;
        match &self.outcome {
            Outcome::Sent(digest) => {
                // A letter whose person was erased while it was on its way leaves a line without recipient.
                let recipient = tx.vault().slot_tag(letter.slot, "recipient", letter.content.to.as_bytes());
                let recipient = recipient.map(|tag| tag.to_vec()).unwrap_or_default();
                let line = NewAuditEntry {
                    kind: AuditKind::Email,
                    what: letter.kind.name(),
                    who: &Actor::System,
                    slot: Some(letter.slot),
                    cause: letter.cause,
                    recipient: &recipient,
                    digest,
                };
                tx.note(&line).await?;
                tx.letter_sent(letter.id).await
            }
            Outcome::Later(why) if letter.tries >= TRIES => give_up(tx, letter, why).await,
            Outcome::Later(_) => {
                // 1, 4, 9, ... minutes.
                let at = tx.now + 60 * letter.tries * letter.tries;
                tx.letter_later(letter.id, at).await
            }
            Outcome::Never(why) => give_up(tx, letter, why).await,
        }
    }
}

/// Gives a letter up. Staff are told of a reply: they would wait for an answer to it.
async fn give_up(tx: &mut Tx, letter: &ClaimedEmail, why: &str) -> Result<(), Error> {
    tx.give_letter_up(letter.id, &format!("given up: {why}")).await?;
    match letter.kind {
        Kind::StaffReply => reply::given_up(tx, letter.slot, why).await,
        Kind::PageLink | Kind::NewAddress => Ok(()),
    }
}
