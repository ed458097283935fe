//! Somebody who wrote without a name gives an address, or ties the thread to their own page; and takes that back.

use keyring::Slot;
use policy::purpose::Access;
use store::{Actor, Error, MessageKind, Operation, Thread, ThreadKind, Tx, Via};

use super::answer::by_code;
use super::start::{address, living};
use super::{Contact, contact_of};
use crate::licensing::purchase::address_tag;

/// What became of an address that was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// It is where answers go; empty: they wait behind the code.
    Done,
    /// This is no address.
    NoAddress,
    /// Somebody proved another address for this thread: it can't be turned away from them.
    Proved,
    /// No thread has this code.
    NoThread,
}

/// Gives a thread an address, or takes it back.
pub struct GiveAddress<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// The address as typed; empty takes it back.
    pub address: &'a str,
}

impl Operation for GiveAddress<'_> {
    const NAME: &'static str = "give address";
    type Done = Given;

    async fn act(&self, tx: &mut Tx) -> Result<Given, Error> {
        let Some(mut thread) = by_code(tx, self.tag).await? else { return Ok(Given::NoThread) };
        if went_on_by_mail(tx, &thread).await? {
            return Ok(Given::Proved);
        }
        // An erasure that looks for threads of this address comes before this or sees it.
        tx.lock_index().await?;
        let leave = tx.leave_unnamed::<Access>("thread.contact", &Actor::Person).await?;
        let mut contact = contact_of(tx, &thread, &leave)?;
        if self.address.trim().is_empty() {
            contact.address.clear();
            tx.set_mark(&mut thread, None)?;
        } else {
            let Some(address) = address(self.address) else { return Ok(Given::NoAddress) };
            address.spelled().clone_into(&mut contact.address);
            let tag = address_tag(tx.vault(), address.spelled())?;
            tx.set_mark(&mut thread, Some(&tag))?;
        }
        keep_contact(tx, &mut thread, &contact)?;
        // A letter that waits would still go to where it was addressed.
        tx.drop_letters_of(thread.slot).await?;
        tx.save_thread(&mut thread).await?;
        Ok(Given::Done)
    }
}

fn keep_contact(tx: &Tx, thread: &mut Thread, contact: &Contact) -> Result<(), Error> {
    let bytes = contact.bytes()?;
    tx.set_contact(thread, &bytes)?;
    thread.kind = match (thread.person, bytes.is_empty()) {
        (Slot(0), true) => ThreadKind::Anonymous,
        (Slot(0), false) => ThreadKind::Address,
        _ => ThreadKind::Customer,
    };
    Ok(())
}

/// Whether the owner of the address has written by mail into a thread that began on the page.
async fn went_on_by_mail(tx: &mut Tx, thread: &Thread) -> Result<bool, Error> {
    let by_mail = |m: &store::Message| m.kind == MessageKind::Person && m.via == Via::Mail;
    Ok(thread.person == Slot(0) && tx.messages_of(thread.id).await?.iter().any(by_mail))
}

/// Which thread.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// That of a code.
    Code(&'a [u8; 32]),
    /// That of a number: only one that bears the person's own address, and that they proved by mail.
    Number(i64),
}

/// What became of a tie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tied {
    /// The thread is tied to the person.
    Done,
    /// Somebody else proved an address for this thread, or it is tied to another person.
    Proved,
    /// There is no such thread, or no such person.
    NoThread,
}

/// Ties a thread to the person whose page is open.
pub struct Tie<'a> {
    /// Which thread.
    pub which: Which<'a>,
    /// Whose page is open.
    pub person: Slot,
}

impl Operation for Tie<'_> {
    const NAME: &'static str = "tie thread";
    type Done = Tied;

    async fn act(&self, tx: &mut Tx) -> Result<Tied, Error> {
        tx.lock_index().await?;
        let Some(person) = living(tx, self.person).await? else { return Ok(Tied::NoThread) };
        let thread = match self.which {
            Which::Code(tag) => by_code(tx, tag).await?,
            Which::Number(id) => tx.thread(id).await?,
        };
        let Some(mut thread) = thread else { return Ok(Tied::NoThread) };
        if thread.person != Slot(0) && thread.person != person {
            return Ok(Tied::Proved);
        }
        let by_number = matches!(self.which, Which::Number(_));
        if (by_number || went_on_by_mail(tx, &thread).await?) && !is_of(tx, &thread, person).await? {
            return Ok(if by_number { Tied::NoThread } else { Tied::Proved });
        }
        thread.person = person;
        thread.kind = ThreadKind::Customer;
        thread.verified = true;
        // A letter that waits would still go to where it was addressed.
        tx.drop_letters_of(thread.slot).await?;
        tx.save_thread(&mut thread).await?;
        Ok(Tied::Done)
    }
}

/// Whether a thread bears the proved address of a person.
async fn is_of(tx: &mut Tx, thread: &Thread, of: Slot) -> Result<bool, Error> {
    let Some(person) = tx.person(of).await? else { return Ok(false) };
    let leave = tx.leave::<Access>(of, "person.email", &Actor::Person, "").await?;
    let tag = address_tag(tx.vault(), tx.open_email(&person, &leave)?.text())?;
    Ok(thread.verified && tx.is_marked(thread, &tag)?)
}

/// Unties a thread from the person's page. What it says stays as it is.
pub struct Untie<'a> {
    /// Which thread: by code, or by the number of a thread that is tied to `person`.
    pub which: Which<'a>,
    /// Whose page is open, where it is untied there.
    pub person: Option<Slot>,
}

impl Operation for Untie<'_> {
    const NAME: &'static str = "untie thread";
    /// Whether there was such a thread.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let thread = match self.which {
            Which::Code(tag) => by_code(tx, tag).await?,
            Which::Number(id) => tx.thread(id).await?.filter(|t| Some(t.person) == self.person),
        };
        let Some(mut thread) = thread.filter(|t| t.person != Slot(0)) else { return Ok(false) };
        // Before the person is gone from it: whose mails are in it is told by whose address it bears.
        let proved = is_of(tx, &thread, thread.person).await?;
        thread.person = Slot(0);
        let leave = tx.leave_unnamed::<Access>("thread.contact", &Actor::Person).await?;
        let contact = contact_of(tx, &thread, &leave)?;
        keep_contact(tx, &mut thread, &contact)?;
        // An address that was typed once is as unproved as it was, whoever wrote by mail; one that a mail proved stays so.
        thread.verified = proved && went_on_by_mail(tx, &thread).await?;
        tx.drop_letters_of(thread.slot).await?;
        tx.save_thread(&mut thread).await?;
        Ok(true)
    }
}
