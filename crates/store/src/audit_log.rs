//! The journal: a line for every opening of a personal value, every act that may cause a letter, every letter,
//! every erasure and every change by hand; chained by keyed hashes, so that it can't be rewritten unseen.
//!
//! Lines are written in the transaction of what they tell; `chain.rs` closes the chain over them.

use keyring::{Permit, Slot};
use policy::inventory::sealed::AuditCase;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// What a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditKind {
    /// A person did something that may cause a letter.
    Action,
    /// A personal value was opened.
    Opening,
    /// A letter was sent.
    Email,
    /// A person was erased or swept.
    Erasure,
    /// An agreement to an erasure: only its hash, its channel and day.
    Agreement,
    /// Something was changed by hand, or the program met something that its keeper should know.
    Change,
}

impl AuditKind {
    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Opening => "opening",
            Self::Email => "email",
            Self::Erasure => "erasure",
            Self::Agreement => "agreement",
            Self::Change => "change",
        }
    }
}

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The program by itself.
    System,
    /// The person concerned.
    Person,
    /// A member of staff, by the name that they gave.
    Staff(String),
}

impl Actor {
    /// The word in the table.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Person => "person",
            Self::Staff(name) => name,
        }
    }
}

/// A line to be written.
pub struct NewAuditEntry<'a> {
    /// What it tells.
    pub kind: AuditKind,
    /// Which act, field, letter or change, by name.
    pub name: &'a str,
    /// Who did it.
    pub actor: &'a Actor,
    /// Whose slot it concerns.
    pub slot: Option<Slot>,
    /// The line of the act that caused it; 0 for none.
    pub cause: i64,
    /// The recipient's address hashed under their own slot; empty for none.
    pub recipient: &'a [u8],
    /// Hash of a letter or an agreement; empty for none.
    pub digest: &'a [u8],
}

/// A line as it stands.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Random row number.
    pub id: i64,
    /// The link that covers it; 0 until closed.
    pub audit_link: i64,
    /// Seconds since 1970; whole days for acts of a person, letters and erasures.
    pub at: i64,
    /// What it tells, as a word.
    pub kind: String,
    /// Which act, field, letter or change.
    pub name: String,
    /// Purpose of an opening.
    pub purpose: String,
    /// Who.
    pub actor: String,
    /// Whose slot; 0 for none.
    pub slot: Slot,
    /// The line of the act that caused it; 0 for none.
    pub cause: i64,
    /// Hashed recipient.
    pub recipient: Vec<u8>,
    /// Hash of a letter or an agreement.
    pub digest: Vec<u8>,
    pub(crate) case: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO audit_entry (id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest) \
           VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    GET = "SELECT id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest FROM audit_entry \
               WHERE id = $1";
    LAST = "SELECT id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest FROM audit_entry \
               ORDER BY at DESC, id LIMIT 200";
    OF_SLOT = "SELECT id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest FROM audit_entry \
               WHERE slot = $1 ORDER BY at, id";
    OF_KIND = "SELECT id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest FROM audit_entry \
               WHERE kind = $1 ORDER BY id";
}

pub(crate) fn line(row: &AnyRow) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        id: row.try_get("id")?,
        audit_link: row.try_get("audit_link")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        purpose: row.try_get("purpose")?,
        actor: row.try_get("actor")?,
        slot: slot_from_i64(row.try_get("slot")?),
        cause: row.try_get("cause")?,
        recipient: row.try_get("recipient")?,
        digest: row.try_get("digest")?,
        case: row.try_get("case_text")?,
    })
}

impl Tx {
    /// Writes a line and returns its number. Acts, letters and erasures are told by the day only.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn append_audit(&mut self, new: &NewAuditEntry<'_>) -> Result<i64, Error> {
        let at = match new.kind {
            AuditKind::Action | AuditKind::Email | AuditKind::Erasure | AuditKind::Agreement => {
                self.today() * 86_400
            }
            AuditKind::Opening | AuditKind::Change => self.now,
        };
        self.write_line(new, at, "", "").await
    }

    /// Writes that values of a person are about to be opened, and hands out the leave to do so. It is durable
    /// before anything leaves the transaction, because only a commit lets its result out.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn permit<P: Purpose>(
        &mut self,
        of: Slot,
        what: &str,
        actor: &Actor,
        case: &str,
    ) -> Result<Permit<P>, Error> {
        self.permit_for(Some(of), what, actor, case).await
    }

    /// [`Tx::permit`] without naming whose values: the line holds only the day, so that it tells neither a thread's
    /// visits nor how often it was read. For a person who reads their own thread, and for the search index.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn permit_unattributed<P: Purpose>(
        &mut self,
        what: &str,
        actor: &Actor,
    ) -> Result<Permit<P>, Error> {
        self.permit_for(None, what, actor, "").await
    }

    async fn permit_for<P: Purpose>(
        &mut self,
        slot: Option<Slot>,
        what: &str,
        actor: &Actor,
        case: &str,
    ) -> Result<Permit<P>, Error> {
        let by_day = *actor == Actor::Person || slot.is_none();
        let at = if by_day { self.today() * 86_400 } else { self.now };
        let kind = AuditKind::Opening;
        let new = NewAuditEntry { kind, name: what, actor, slot, cause: 0, recipient: &[], digest: &[] };
        self.write_line(&new, at, P::ID, case).await?;
        #[expect(clippy::disallowed_methods, reason = "the journal's line has just been written")]
        Ok(Permit::<P>::audited())
    }

    async fn write_line(
        &mut self,
        new: &NewAuditEntry<'_>,
        at: i64,
        purpose: &str,
        case: &str,
    ) -> Result<i64, Error> {
        let id = random_id()?;
        let of = new.slot.unwrap_or(Slot(0));
        let case = self.seal::<AuditCase>(of, id, case.as_bytes())?;
        execute!(
            self,
            ADD,
            id,
            at,
            new.kind.as_str(),
            new.name,
            purpose,
            new.actor.as_str(),
            slot_to_i64(of),
            new.cause,
            case,
            new.recipient,
            new.digest,
        )?;
        Ok(id)
    }

    /// A line by its number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit_entry(&mut self, id: i64) -> Result<Option<AuditEntry>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(line).transpose()
    }

    /// The latest 200 lines, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn latest_audit_entries(&mut self) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, LAST)?.iter().map(line).collect()
    }

    /// All lines of a kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit_entries_of_kind(&mut self, kind: AuditKind) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, OF_KIND, kind.as_str())?.iter().map(line).collect()
    }

    /// All lines that concern a slot, oldest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit_entries_of(&mut self, of: Slot) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(line).collect()
    }

    /// The case that a line names; `None` where there is none or its person was forgotten.
    ///
    /// # Errors
    /// When it doesn't open although its slot lives.
    pub fn open_case<P: Purpose>(&self, of: &AuditEntry, permit: &Permit<P>) -> Result<Option<String>, Error>
    where
        AuditCase: OpenFor<P>,
    {
        match self.open::<AuditCase, P>(of.slot, of.id, &of.case, permit) {
            Ok(case) => Ok(case.map(|c| c.text().to_owned())),
            Err(Error::Forgotten { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }
}
