//! Erasure: for a person who asked and agreed (`erasure.request`, `erasure.agreement`), and for one whose retention
//! ended (`details.support`). The licence stays and goes on working.
//!
//! This is the first transaction: the index forgets the person at once, and the intent is written. From then on
//! everybody gets the answer that a stranger gets; [`crate::erasure::completion::roll_forward`] does the rest.

use keyring::{Permit, Slot, Tag16, Tombstone};
use policy::purpose::Erasing;
use sha2::{Digest as _, Sha256};
use store::{Actor, AuditKind, Error, Intent, NewAuditEntry, Numbers, Operation, Order, Receipt, Tx, Why};

use crate::licensing::purchase::find::{ITEM, ORDER, SUBSCRIPTION, item, number_tag, word};
use crate::licensing::purchase::{OrderNotification, acted_tag, address_tag};
use crate::settings::VendorSettings;
use crate::token;

/// How a person agreed. Recorded without identity.
pub enum Agreement<'a> {
    /// On their own page: the tick and the typed word; this is the text that they agreed to.
    OnOwnPage(&'a str),
    /// To staff, by another channel; this is the text of their agreement.
    ToStaff {
        /// The text; only its hash is kept.
        text: &'a str,
        /// Who took it.
        who: &'a str,
    },
}

/// What an agreement led to.
#[derive(Clone, PartialEq, Eq)]
pub enum Agreed {
    /// The intent is written; the receipt can be fetched with this code once it is done.
    Erasing {
        /// The pick-up code.
        code: String,
    },
    /// It falls due on this day; until then the person can take it back. The code is for the receipt then.
    Cooling {
        /// Day on which the erasure is carried out, since 1970.
        day: i64,
        /// The pick-up code.
        code: String,
    },
    /// There is no such person (any more).
    Nobody,
}

/// A person agrees to be erased.
pub struct Agree<'a> {
    /// Whom.
    pub slot: Slot,
    /// How they agreed.
    pub agreement: Agreement<'a>,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for Agree<'_> {
    const NAME: &'static str = "agree to erasure";
    type Done = Agreed;

    async fn act(&self, tx: &mut Tx) -> Result<Agreed, Error> {
        if tx.person(self.slot).await?.is_none() {
            return Ok(Agreed::Nobody);
        }
        self.record(tx).await?;
        let code = token::fresh_code()?;
        let tag = token::tag(&token::read_code(&code));
        let intent = intent_id(tx, self.slot)?;
        let day = tx.today() + self.house.cooling_days.max(0);
        tx.add_receipt(&tag, &Receipt { intent, day, body: String::new() }).await?;
        if self.house.cooling_days > 0 && !tx.has_intent(intent).await? {
            tx.set_erase_day(self.slot, day).await?;
            return Ok(Agreed::Cooling { day, code });
        }
        intend(tx, self.house, self.slot, Why::Erasure).await?;
        Ok(Agreed::Erasing { code })
    }
}

impl Agree<'_> {
    /// The agreement stays in the journal as a hash with day and channel, tied to nobody.
    async fn record(&self, tx: &mut Tx) -> Result<(), Error> {
        let staff;
        let (what, who, text) = match &self.agreement {
            Agreement::OnOwnPage(text) => ("agreed to erasure on their own page", &Actor::Person, text),
            Agreement::ToStaff { text, who } => {
                staff = Actor::Staff((*who).to_owned());
                ("agreed to erasure to staff", &staff, text)
            }
        };
        let digest = Sha256::digest(text.as_bytes());
        let line = NewAuditEntry {
            kind: AuditKind::Agreement,
            what,
            who,
            slot: None,
            cause: 0,
            recipient: &[],
            digest: &digest,
        };
        tx.note(&line).await?;
        Ok(())
    }
}

/// The row number of a person's intent: known only while their slot lives, so that a receipt can be waiting for it.
fn intent_id(tx: &Tx, of: Slot) -> Result<i64, Error> {
    let tag = tx.vault().slot_tag(of, "intent", &[])?;
    let number = tag.iter().take(8).fold(0_i64, |n, b| n << 8 | i64::from(*b));
    Ok((number & i64::MAX).max(1))
}

/// A person takes an agreed erasure back before it is due.
pub struct TakeBack {
    /// Whose.
    pub slot: Slot,
}

impl Operation for TakeBack {
    const NAME: &'static str = "take erasure back";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_erase_day(self.slot, 0).await
    }
}

/// Writes the intent to forget a person.
pub(crate) async fn intend(tx: &mut Tx, house: &VendorSettings, of: Slot, why: Why) -> Result<(), Error> {
    let Some(person) = tx.person(of).await? else { return Ok(()) };
    let leave =
        tx.leave::<Erasing>(of, "person.email orders.numbers pending.notice", &Actor::System, "").await?;
    let mut old = Vec::new();
    let tag = address_tag(tx.vault(), tx.open_email(&person, &leave)?.text())?;
    tx.index_drop(store::BlindIndex::Address, &tag, &mut old).await?;
    // Nobody else begins this from here on; whoever waited for that entry finds it begun.
    if tx.has_intent(intent_id(tx, of)?).await? {
        return Ok(());
    }
    let mut tombstones = Vec::new();
    bury_orders(tx, house, of, &leave, &mut tombstones, &mut old).await?;
    for waiting in tx.pending_of(of).await? {
        let a: OrderNotification = {
            let notice = tx.open_pending(&waiting, &leave)?;
            serde_json::from_slice(notice.bytes()).map_err(|_| Error::Unknown("pending.notice"))?
        };
        let year = house.tombstone_year(tx, a.placed_day);
        let charged_until = crate::day::year(tx.today()) + 1;
        tombstones.extend(stone(tx, year, ORDER, &a.order, 0, 0)?);
        tombstones.extend(stone(tx, charged_until, SUBSCRIPTION, &a.subscription, 0, 0)?);
        // It must not be served under this slot any more.
        tx.drop_pending(waiting.id).await?;
    }
    // Their conversations go with them: at once, for nothing of one must be recognised later.
    let mut threads = tx.threads_of_person(of).await?;
    if why == Why::Erasure {
        threads.extend(tx.threads_marked(&tag).await?);
        unname(tx, of, &tag, &mut old).await?;
    }
    for thread in &threads {
        tx.delete_rows_of(thread.slot).await?;
    }
    tx.unbind_renewals(of).await?;
    tx.end_sessions_of(of).await?;
    tx.end_links_of(of).await?;
    tx.drop_letters_of(of).await?;
    let mut slots = vec![of];
    slots.extend(threads.iter().map(|t| t.slot));
    slots.extend(old);
    let (id, day) = (intent_id(tx, of)?, tx.today());
    tx.add_intent(&Intent { id, slots, tombstones, day, why }).await?;
    note_erasure(tx, why).await
}

/// The journal's line of an erasure, which names nobody.
pub(crate) async fn note_erasure(tx: &mut Tx, why: Why) -> Result<(), Error> {
    let line = NewAuditEntry {
        kind: AuditKind::Erasure,
        what: why.word(),
        who: &Actor::System,
        slot: None,
        cause: 0,
        recipient: &[],
        digest: &[],
    };
    tx.note(&line).await?;
    Ok(())
}

/// Takes a person's address out of the threads of others, where somebody gave it: each is sealed anew without it, so
/// that no backup holds it either.
async fn unname(tx: &mut Tx, of: Slot, tag: &Tag16, old: &mut Vec<Slot>) -> Result<(), Error> {
    for mut thread in tx.threads_tied_with(tag).await? {
        if thread.person == of {
            continue;
        }
        let (was, fresh) = (thread.slot, tx.vault().take_slot()?);
        let what = "thread.subject thread.contact thread.tags message.body attachment.name chunk.bytes outbox.letter";
        let leave = tx.leave::<Erasing>(was, what, &Actor::System, "").await?;
        tx.reseal_thread(&mut thread, fresh, |_, _| None, &leave).await?;
        tx.set_contact(&mut thread, &[])?;
        tx.set_mark(&mut thread, None)?;
        tx.save_thread(&mut thread).await?;
        old.push(was);
    }
    Ok(())
}

/// Takes a person's orders out of the index and keeps what must be recognised. A charge may arrive until its
/// subscription is out of the index, so it looks until there is nothing new.
async fn bury_orders(
    tx: &mut Tx,
    house: &VendorSettings,
    of: Slot,
    leave: &Permit<Erasing>,
    tombstones: &mut Vec<Tombstone>,
    old: &mut Vec<Slot>,
) -> Result<(), Error> {
    let mut buried = Vec::new();
    loop {
        let mut orders = tx.orders_of(of).await?;
        orders.retain(|order| !buried.contains(&order.id));
        if orders.is_empty() {
            return Ok(());
        }
        for order in orders {
            let numbers = tx.open_numbers(&order, leave)?;
            drop_numbers(tx, &numbers, old).await?;
            // It may have moved to another person while we waited for the index.
            if tx.order(order.id).await?.is_none_or(|now| now.slot != of) {
                return Err(Error::Collided);
            }
            bury(tx, house, &order, &numbers, tombstones).await?;
            let acted = tx.open_acted(&order, leave)?;
            keep_marks(tx, house.tombstone_year(tx, order.placed_day), &acted).await?;
            buried.push(order.id);
        }
    }
}

async fn drop_numbers(tx: &mut Tx, numbers: &Numbers, old: &mut Vec<Slot>) -> Result<(), Error> {
    for (kind, number) in [
        (ITEM, &item(&numbers.order, &numbers.item)),
        (SUBSCRIPTION, &numbers.subscription),
        (ORDER, &numbers.order),
    ] {
        if !number.is_empty() {
            let tag = number_tag(tx.vault(), kind, number)?;
            tx.index_drop(store::BlindIndex::Order, &tag, old).await?;
        }
    }
    Ok(())
}

/// What must be recognised later, as keyed tags: the order item with what it gave, its order, its subscription.
async fn bury(
    tx: &mut Tx,
    house: &VendorSettings,
    order: &Order,
    numbers: &Numbers,
    stones: &mut Vec<Tombstone>,
) -> Result<(), Error> {
    let year = house.tombstone_year(tx, order.placed_day);
    // A subscription goes on being charged: its tag must outlive the year in which it began, and the next charge may
    // be a year away and late.
    let next_year = crate::day::year(tx.today()) + 1;
    let item = item(&numbers.order, &numbers.item);
    stones.extend(stone(tx, year, ORDER, &numbers.order, 0, 0)?);
    for grant in tx.grants(order.id).await? {
        stones.extend(stone(tx, year, ITEM, &item, grant.serial, grant.term)?);
        stones.extend(stone(tx, next_year, SUBSCRIPTION, &numbers.subscription, grant.serial, grant.term)?);
    }
    Ok(())
}

fn stone(
    tx: &Tx,
    year: i32,
    kind: u8,
    number: &str,
    serial: i64,
    term: i64,
) -> Result<Option<Tombstone>, Error> {
    if number.is_empty() {
        return Ok(None);
    }
    let tag = tx.vault().year_tag(year, word(kind), number.as_bytes())?;
    let (serial, term) = (u64::try_from(serial).unwrap_or(0), u32::try_from(term).unwrap_or(0));
    Ok(tag.map(|tag| Tombstone { year, tag, kind, serial, term }))
}

/// Which notices have acted, under the year's key. Changes of address and card are left out: their marks are about
/// the person.
async fn keep_marks(tx: &mut Tx, year: i32, acted: &[u8]) -> Result<(), Error> {
    const PERSONAL: [u8; 2] = [15, 21];
    for identity in acted.chunks(17).filter(|i| !PERSONAL.contains(&i[0])) {
        if let Some(tag) = acted_tag(tx.vault(), year, identity)? {
            tx.mark_acted(&tag, i64::from(year)).await?;
        }
    }
    Ok(())
}
