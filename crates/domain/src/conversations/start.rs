//! Somebody writes on the contact page: a thread begins. Whoever wrote gets a code, and nothing else is needed.

use keyring::{Address, Slot, Tag16};
use paypro::pan::looks_like_card;
use store::{
    BlindIndex, ConversationAccessKind, Error, MessageKind, NewMessage, NewThread, Thread, ThreadKind,
    ThreadState, Tx, Via,
};
use zeroize::Zeroizing;

use super::body::clean_line;
use super::{Body, Contact, LONGEST_MESSAGE, clean, code, files, suppression};
use crate::licensing::issue::fresh_number;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;

/// A message from the contact page. Everything but the message may be empty.
pub struct Begin<'a> {
    /// What is said.
    pub message: &'a str,
    /// What the writer wants to be called.
    pub name: &'a str,
    /// Where the writer wants to be answered.
    pub address: &'a str,
    /// The number of the licence that it is about, as typed.
    pub licence: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// Files that were uploaded before.
    pub files: &'a [i64],
    /// The slot under which those files lie.
    pub slot: Option<Slot>,
    /// It looks like spam: staff may look.
    pub held: bool,
    /// Whose page is open: the thread is tied to them.
    pub person: Option<Slot>,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

/// What became of it.
pub enum Started {
    /// The thread has begun.
    Started {
        /// Its number.
        id: i64,
        /// The code, which is nowhere else.
        code: Zeroizing<String>,
    },
    /// It can't be taken, and why; for whoever wrote.
    Refused(&'static str),
}

/// What of a form can be kept.
struct Form {
    message: String,
    contact: Contact,
    mark: Option<Tag16>,
    licence: i64,
}

impl store::Operation for Begin<'_> {
    const NAME: &'static str = "begin thread";
    type Done = Started;

    async fn act(&self, tx: &mut Tx) -> Result<Started, Error> {
        self.begin(tx, code::fresh()?).await
    }
}

/// A message from a form that may be sent twice: by a second press of its button, by a page that is loaded again.
pub struct BeginOnce<'a> {
    /// The message.
    pub begin: Begin<'a>,
    /// What tells this form, with what was typed into it, from every other. It is kept nowhere: the code follows from it
    /// and the keyring, and so does the thread that has this code already.
    pub once: &'a [u8; 32],
}

/// What became of it.
pub enum BegunOnce {
    /// It came for the first time.
    First(Started),
    /// Its thread is there; nothing was written. This is the code that it got then.
    Again(Zeroizing<String>),
}

impl store::Operation for BeginOnce<'_> {
    const NAME: &'static str = "begin thread once";
    type Done = BegunOnce;

    async fn act(&self, tx: &mut Tx) -> Result<BegunOnce, Error> {
        let code = code::following(tx.vault(), self.once)?;
        if let code::Read::Code(tag) = code::read(&code)
            && tx.way(&tag).await?.is_some()
        {
            return Ok(BegunOnce::Again(code));
        }
        self.begin.begin(tx, code).await.map(BegunOnce::First)
    }
}

impl Begin<'_> {
    async fn begin(&self, tx: &mut Tx, code: Zeroizing<String>) -> Result<Started, Error> {
        let form = match self.read(tx).await? {
            Ok(form) => form,
            Err(why) => return Ok(Started::Refused(why)),
        };
        let person = self.person(tx, form.mark.as_ref()).await?;
        let slot = match self.slot {
            Some(slot) => slot,
            None => tx.vault().take_slot()?,
        };
        let contact = form.contact.bytes()?;
        let kind = match (person, contact.is_empty()) {
            (Some(_), _) => ThreadKind::Customer,
            (None, false) => ThreadKind::Address,
            (None, true) => ThreadKind::Anonymous,
        };
        let mut thread = tx
            .add_thread(&NewThread {
                id: fresh_number()?,
                slot,
                kind,
                state: if self.held { ThreadState::Held } else { ThreadState::Open },
                person: person.unwrap_or(Slot(0)),
                licence: form.licence,
                linked: 0,
                verified: person.is_some(),
                subject: &clean_line(self.subject),
                contact: &contact,
                mark: form.mark.as_ref(),
            })
            .await?;
        if let code::Read::Code(tag) = code::read(&code) {
            tx.add_way(&tag, thread.id, slot, ConversationAccessKind::Code, 0).await?;
        }
        let body = Body::said(form.message, person.is_some());
        say(tx, &mut thread, Via::Page, &body, self.files).await?;
        tx.save_thread(&mut thread).await?;
        Ok(Started::Started { id: thread.id, code })
    }
}

impl Begin<'_> {
    async fn read(&self, tx: &mut Tx) -> Result<Result<Form, &'static str>, Error> {
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(Err("there is no message"));
        }
        if self.message.chars().count() > LONGEST_MESSAGE {
            return Ok(Err("the message is too long: it has at most 100,000 characters"));
        }
        if let Some(why) = files::too_many(tx, self.files).await? {
            return Ok(Err(why));
        }
        let mut contact = Contact { name: clean_line(self.name), address: String::new() };
        let mut mark = None;
        if !self.address.trim().is_empty() {
            let Some(address) = address(self.address) else { return Ok(Err("this is no e-mail address")) };
            address.spelled().clone_into(&mut contact.address);
            mark = Some(address_tag(tx.vault(), address.spelled())?);
        }
        let mut licence = 0;
        if !self.licence.trim().is_empty() {
            let Some(serial) = super::read_number(self.licence) else {
                return Ok(Err("this is no licence number: it has eight letters and digits"));
            };
            // One that nobody was given is not told apart here: whoever guesses must learn nothing.
            licence = tx.licence(serial).await?.map_or(0, |l| l.serial);
        }
        Ok(Ok(Form { message: clean(self.message, LONGEST_MESSAGE), contact, mark, licence }))
    }

    /// Whose page is open, unless they are being erased. Holds the index, as an erasure does that looks for threads.
    async fn person(&self, tx: &mut Tx, mark: Option<&Tag16>) -> Result<Option<Slot>, Error> {
        if mark.is_some() || self.person.is_some() {
            tx.lock_index().await?;
        }
        match self.person {
            Some(slot) => living(tx, slot).await,
            None => Ok(None),
        }
    }
}

/// An address as typed, if letters could go there and it may be kept.
pub(super) fn address(typed: &str) -> Option<Address> {
    Address::parse(typed).ok().filter(|a| !looks_like_card(a.spelled()))
}

/// A person who is there and isn't being erased.
pub(super) async fn living(tx: &mut Tx, slot: Slot) -> Result<Option<Slot>, Error> {
    if tx.intents().await?.iter().any(|intent| intent.slots.contains(&slot)) {
        return Ok(None);
    }
    Ok(tx.person(slot).await?.map(|p| p.slot))
}

/// The person of an address, if somebody has it and isn't being erased. Holds the index until the transaction ends: a
/// thread that is begun or tied after this look is found by whatever erases that person later.
pub(super) async fn person_of(tx: &mut Tx, tag: &Tag16) -> Result<Option<Slot>, Error> {
    match tx.index_find_locked(BlindIndex::Address, tag).await? {
        Some(slot) => living(tx, Slot(slot)).await,
        None => Ok(None),
    }
}

/// Adds what a person says to their thread: the act, the message, its files. The caller saves the thread.
pub(super) async fn say(
    tx: &mut Tx,
    thread: &mut Thread,
    via: Via,
    body: &Body,
    files: &[i64],
) -> Result<(), Error> {
    say_as(tx, thread, via, body, files, None).await
}

/// The same for an address that is proved by it.
pub(super) async fn say_as(
    tx: &mut Tx,
    thread: &mut Thread,
    via: Via,
    body: &Body,
    files: &[i64],
    proved: Option<&Tag16>,
) -> Result<(), Error> {
    let line = suppression::wrote(tx, thread, proved).await?;
    let new = NewMessage { thread, kind: MessageKind::Person, via, who: "", act: line, body: &body.bytes()? };
    let message = tx.add_message(&new).await?;
    thread.messages += 1;
    thread.touched_day = tx.today();
    files::attach(tx, files, &message).await
}
