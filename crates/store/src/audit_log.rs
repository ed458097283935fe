//! The audit log. It has an entry for each opening of a personal value, each action that may cause an e-mail, each
//! e-mail sent, each erasure and each manual change. A hash chain makes changes to it detectable.
//!
//! Each entry commits in the same transaction as the event that it records. `audit_chain.rs` extends the chain over
//! the entries.

use calendar::Timestamp;
use keyring::{Permit, Slot};
use policy::inventory::sealed::AuditCase;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{
    execute, fetch_all, fetch_optional, optional_slot_from_i64, optional_slot_to_i64, random_id, slot_to_i64,
    statements,
};

/// The slot under which the case of an entry without a slot is sealed. It belongs to no person.
const UNATTRIBUTED: Slot = Slot(0);
use crate::{Error, Tx};

/// Kind of event that an entry records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditKind {
    /// An action of a person that may cause an e-mail.
    Action,
    /// An opening of a personal value.
    Opening,
    /// An e-mail was sent.
    Email,
    /// A person was erased, on request or by retention.
    Erasure,
    /// Consent to an erasure: only its hash, channel and day.
    Agreement,
    /// A manual change, or an event that the operator should know.
    Change,
}

impl AuditKind {
    /// Returns the value stored in the table.
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

/// Author of the event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The program itself.
    System,
    /// The person concerned.
    Person,
    /// A member of staff, by the name that they gave.
    Staff(String),
}

impl Actor {
    /// Returns the value stored in the table.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Person => "person",
            Self::Staff(name) => name,
        }
    }
}

/// An entry to be appended.
pub struct NewAuditEntry<'a> {
    /// Kind of event.
    pub kind: AuditKind,
    /// Name of the action, field, e-mail or change.
    pub name: &'a str,
    /// Author of the event.
    pub actor: &'a Actor,
    /// The key slot concerned.
    pub slot: Option<Slot>,
    /// The audit entry of the action that caused this event; 0 for none.
    pub cause: i64,
    /// The recipient's address, hashed under their own key slot; empty for none.
    pub recipient: &'a [u8],
    /// Hash of an e-mail or of an agreement's text; empty for none.
    pub digest: &'a [u8],
}

/// A row of `audit_entry`.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Random row number.
    pub id: i64,
    /// The link that covers it; 0 until one does.
    pub audit_link: i64,
    /// When it was written. Actions of a person, e-mails and erasures have only the day: its midnight in UTC.
    pub at: Timestamp,
    /// Kind of event, as stored.
    pub kind: String,
    /// Name of the action, field, e-mail or change.
    pub name: String,
    /// Purpose of an opening.
    pub purpose: String,
    /// Author of the event, as stored.
    pub actor: String,
    /// The key slot concerned.
    pub slot: Option<Slot>,
    /// The audit entry of the action that caused this event; 0 for none.
    pub cause: i64,
    /// Hash of the recipient's address.
    pub recipient: Vec<u8>,
    /// Hash of an e-mail or of an agreement's text.
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

pub(crate) fn entry_from_row(row: &AnyRow) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        id: row.try_get("id")?,
        audit_link: row.try_get("audit_link")?,
        at: columns::timestamp(row, "at")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        purpose: row.try_get("purpose")?,
        actor: row.try_get("actor")?,
        slot: optional_slot_from_i64(row.try_get("slot")?),
        cause: row.try_get("cause")?,
        recipient: row.try_get("recipient")?,
        digest: row.try_get("digest")?,
        case: row.try_get("case_text")?,
    })
}

impl Tx {
    /// Appends an entry and returns its number. Actions, e-mails and erasures are recorded by the day only.
    pub async fn append_audit(&mut self, new: &NewAuditEntry<'_>) -> Result<i64, Error> {
        let at = match new.kind {
            AuditKind::Action | AuditKind::Email | AuditKind::Erasure | AuditKind::Agreement => {
                self.today().midnight()
            }
            AuditKind::Opening | AuditKind::Change => self.now,
        };
        self.insert_audit_entry(new, at, "", "").await
    }

    /// Records that values of a person will be opened, and returns the [`Permit`] to open them. The entry is durable
    /// before any opened value leaves the transaction, because only a commit releases the operation's output.
    pub async fn permit<P: Purpose>(
        &mut self,
        of: Slot,
        what: &str,
        actor: &Actor,
        case: &str,
    ) -> Result<Permit<P>, Error> {
        self.permit_for(Some(of), what, actor, case).await
    }

    /// Like [`Tx::permit`], but without the key slot and with the day only. The entry then reveals neither visits to
    /// a conversation nor how often it was read. It serves persons who read their own conversation, and the search
    /// index.
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
        let at = if by_day { self.today().midnight() } else { self.now };
        let kind = AuditKind::Opening;
        let new = NewAuditEntry { kind, name: what, actor, slot, cause: 0, recipient: &[], digest: &[] };
        self.insert_audit_entry(&new, at, P::ID, case).await?;
        #[expect(clippy::disallowed_methods, reason = "the audit entry has just been written")]
        Ok(Permit::<P>::audited())
    }

    async fn insert_audit_entry(
        &mut self,
        new: &NewAuditEntry<'_>,
        at: Timestamp,
        purpose: &str,
        case: &str,
    ) -> Result<i64, Error> {
        let id = random_id()?;
        let case = self.seal::<AuditCase>(new.slot.unwrap_or(UNATTRIBUTED), id, case.as_bytes())?;
        execute!(
            self,
            ADD,
            id,
            at,
            new.kind.as_str(),
            new.name,
            purpose,
            new.actor.as_str(),
            optional_slot_to_i64(new.slot),
            new.cause,
            case,
            new.recipient,
            new.digest,
        )?;
        Ok(id)
    }

    /// Finds an entry by its number.
    pub async fn audit_entry(&mut self, id: i64) -> Result<Option<AuditEntry>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(entry_from_row).transpose()
    }

    /// Returns the latest 200 entries, newest first.
    pub async fn latest_audit_entries(&mut self) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, LAST)?.iter().map(entry_from_row).collect()
    }

    /// Returns all entries of a kind.
    pub async fn audit_entries_of_kind(&mut self, kind: AuditKind) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, OF_KIND, kind.as_str())?.iter().map(entry_from_row).collect()
    }

    /// Returns all entries about a key slot, oldest first.
    pub async fn audit_entries_of(&mut self, of: Slot) -> Result<Vec<AuditEntry>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(entry_from_row).collect()
    }

    /// Opens the case that an entry names; `None` if it names none, or if its person was forgotten.
    ///
    /// # Errors
    /// When the value can't be opened although its key slot exists.
    pub fn open_case<P: Purpose>(&self, of: &AuditEntry, permit: &Permit<P>) -> Result<Option<String>, Error>
    where
        AuditCase: OpenFor<P>,
    {
        match self.open::<AuditCase, P>(of.slot.unwrap_or(UNATTRIBUTED), of.id, &of.case, permit) {
            Ok(case) => Ok(case.map(|c| c.text().to_owned())),
            Err(Error::Forgotten { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }
}
