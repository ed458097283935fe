//! The mail gate: the closed list of letters, and the acts that may cause each (`mail.solicited`).
//!
//! A letter enters the outbox only through [`write`], which takes the journal's line of an act of its one recipient.

use policy::purpose::Writing;
use serde::{Deserialize, Serialize};
use store::{Deed, Error, LineKind, NewLine, Outgoing, Tx, Who};
use vault::Slot;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A letter of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The link to one's own page.
    PageLink,
    /// Confirmation of a new address, sent to that address.
    NewAddress,
}

/// An act of a person that may cause a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Asked for the link to their own page.
    AskedForPage,
    /// Asked, on their own page, for a new address to be confirmed.
    AskedForAddress,
}

impl Act {
    /// Its name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AskedForPage => "asked for the link to their page",
            Self::AskedForAddress => "asked for a new address",
        }
    }
}

impl Kind {
    /// All letters that there are.
    pub const ALL: [Self; 2] = [Self::PageLink, Self::NewAddress];

    /// Its name in tables, the journal and the folder of its templates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PageLink => "page-link",
            Self::NewAddress => "new-address",
        }
    }

    /// The letter of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The one act that may cause it, at most once.
    #[must_use]
    pub fn caused_by(self) -> Act {
        match self {
            Self::PageLink => Act::AskedForPage,
            Self::NewAddress => Act::AskedForAddress,
        }
    }
}

/// What a letter says. No Debug: it is about a person.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Content {
    /// Its one recipient.
    pub to: String,
    /// The link that it is about, on our own site.
    pub link: String,
}

/// Notes an act of a person, and returns its line.
pub(crate) async fn act(tx: &mut Tx, act: Act, of: Slot) -> Result<i64, Error> {
    let line = NewLine {
        kind: LineKind::Act,
        what: act.name(),
        who: &Who::Person,
        slot: Some(of),
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    tx.note(&line).await
}

/// Puts a letter into the outbox, caused by the act just noted.
pub(crate) async fn write(
    tx: &mut Tx,
    kind: Kind,
    of: Slot,
    content: &Content,
    expires_at: i64,
) -> Result<(), Error> {
    let cause = act(tx, kind.caused_by(), of).await?;
    let bytes = serde_json::to_vec(content).map_err(|_| Error::Unknown("outbox.letter"))?;
    let bytes = zeroize::Zeroizing::new(bytes);
    tx.add_letter(&store::Letter { slot: of, kind: kind.name(), cause, expires_at, content: &bytes }).await?;
    Ok(())
}

/// A letter in hand, to be sent now.
pub struct InHand {
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
}

/// How long a sender has a letter in hand before another may take it, in seconds.
const IN_HAND: i64 = 300;

/// Takes the next letter that is due, for the sender.
pub struct TakeLetter;

impl Deed for TakeLetter {
    const NAME: &'static str = "take letter";
    type Done = Option<InHand>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<InHand>, Error> {
        tx.sweep_letters().await?;
        let Some(next) = tx.take_letter(IN_HAND).await? else { return Ok(None) };
        open(tx, &next).await
    }
}

async fn open(tx: &mut Tx, next: &Outgoing) -> Result<Option<InHand>, Error> {
    let leave = tx.leave::<Writing>(next.slot, "outbox.letter", &Who::System, "").await?;
    let opened = match tx.open_letter(next, &leave) {
        // Forgotten between the search and the look: there is nobody to write to any more.
        Err(Error::Forgotten { .. }) => None,
        opened => opened?,
    };
    let (Some(opened), Some(kind)) = (opened, Kind::from_name(&next.kind)) else {
        tx.give_letter_up(next.id, "given up: unreadable").await?;
        return Ok(None);
    };
    let content = serde_json::from_slice(opened.bytes()).map_err(|_| Error::Unknown("outbox.letter"))?;
    Ok(Some(InHand { id: next.id, kind, slot: next.slot, cause: next.cause, tries: next.tries, content }))
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
pub struct LetterDone<'a> {
    /// The letter.
    pub letter: &'a InHand,
    /// What became of it.
    pub outcome: Outcome,
}

impl Deed for LetterDone<'_> {
    const NAME: &'static str = "letter done";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        let letter = self.letter;
        match &self.outcome {
            Outcome::Sent(digest) => {
                // A letter whose person was erased while it was on its way leaves a line without recipient.
                let recipient = tx.vault().slot_tag(letter.slot, "recipient", letter.content.to.as_bytes());
                let recipient = recipient.map(|tag| tag.to_vec()).unwrap_or_default();
                let line = NewLine {
                    kind: LineKind::Letter,
                    what: letter.kind.name(),
                    who: &Who::System,
                    slot: Some(letter.slot),
                    cause: letter.cause,
                    recipient: &recipient,
                    digest,
                };
                tx.note(&line).await?;
                tx.letter_sent(letter.id).await
            }
            Outcome::Later(why) if letter.tries >= TRIES => {
                tx.give_letter_up(letter.id, &format!("given up: {why}")).await
            }
            Outcome::Later(_) => {
                // 1, 4, 9, ... minutes.
                let at = tx.now + 60 * letter.tries * letter.tries;
                tx.letter_later(letter.id, at).await
            }
            Outcome::Never(why) => tx.give_letter_up(letter.id, &format!("given up: {why}")).await,
        }
    }
}
