//! Somebody writes on the contact page: a thread begins. Whoever wrote gets a code, and nothing else is needed.

use keyring::{Address, Slot, Tag16};
use paypro::card_number::looks_like_card;
use store::{
    BlindIndex, Conversation, ConversationAccessKind, ConversationKind, ConversationState, Error,
    MessageKind, NewConversation, NewMessage, Tx, Via,
};
use zeroize::Zeroizing;

use super::body::clean_line;
use super::{
    access_code, attachments, body::Body, body::Contact, body::clean_text, limits::MAX_MESSAGE_CHARS,
    suppression,
};
use crate::licensing::issue::generate_serial;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;

/// A message from the contact page. Everything but the message may be empty.
pub struct StartConversation<'a> {
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
    pub settings: &'a VendorSettings,
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

impl store::Operation for StartConversation<'_> {
    const NAME: &'static str = "start conversation";
    type Output = Started;

    async fn execute(&self, tx: &mut Tx) -> Result<Started, Error> {
        self.begin(tx, access_code::new_code()?).await
    }
}

/// A message from a form that may be sent twice: by a second press of its button, by a page that is loaded again.
pub struct StartConversationOnce<'a> {
    /// The message.
    pub begin: StartConversation<'a>,
    /// What tells this form, with what was typed into it, from every other. It is kept nowhere: the code follows from it
    /// and the keyring, and so does the thread that has this code already.
    pub once: &'a [u8; 32],
}

/// What became of it.
pub enum StartedOnce {
    /// It came for the first time.
    First(Started),
    /// Its thread is there; nothing was written. This is the code that it got then.
    Again(Zeroizing<String>),
}

impl store::Operation for StartConversationOnce<'_> {
    const NAME: &'static str = "start conversation once";
    type Output = StartedOnce;

    async fn execute(&self, tx: &mut Tx) -> Result<StartedOnce, Error> {
        let code = access_code::derive_code(tx.keyring(), self.once)?;
        if let access_code::ParsedCode::Code(tag) = access_code::parse_code(&code)
            && tx.conversation_access(&tag).await?.is_some()
        {
            return Ok(StartedOnce::Again(code));
        }
        self.begin.begin(tx, code).await.map(StartedOnce::First)
    }
}

impl StartConversation<'_> {
    async fn begin(&self, tx: &mut Tx, code: Zeroizing<String>) -> Result<Started, Error> {
        let form = match self.read(tx).await? {
            Ok(form) => form,
            Err(why) => return Ok(Started::Refused(why)),
        };
        let person = self.person(tx, form.mark.as_ref()).await?;
        let slot = match self.slot {
            Some(slot) => slot,
            None => tx.keyring().allocate_slot()?,
        };
        let contact = form.contact.bytes()?;
        let kind = match (person, contact.is_empty()) {
            (Some(_), _) => ConversationKind::Customer,
            (None, false) => ConversationKind::Address,
            (None, true) => ConversationKind::Anonymous,
        };
        let mut conversation = tx
            .add_conversation(&NewConversation {
                id: generate_serial()?,
                slot,
                kind,
                state: if self.held { ConversationState::Quarantined } else { ConversationState::Open },
                person: person.unwrap_or(Slot(0)),
                licence: form.licence,
                related: 0,
                verified: person.is_some(),
                subject: &clean_line(self.subject),
                contact: &contact,
                address_tag: form.mark.as_ref(),
            })
            .await?;
        if let access_code::ParsedCode::Code(tag) = access_code::parse_code(&code) {
            tx.add_conversation_access(&tag, conversation.id, slot, ConversationAccessKind::Code, 0).await?;
        }
        let body = Body::of_text(form.message, person.is_some());
        add_person_message(tx, &mut conversation, Via::Web, &body, self.files).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(Started::Started { id: conversation.id, code })
    }
}

impl StartConversation<'_> {
    async fn read(&self, tx: &mut Tx) -> Result<Result<Form, &'static str>, Error> {
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(Err("Enter a message"));
        }
        if self.message.chars().count() > MAX_MESSAGE_CHARS {
            return Ok(Err("The message must have 100,000 characters or fewer"));
        }
        if let Some(why) = attachments::limit_exceeded(tx, self.files).await? {
            return Ok(Err(why));
        }
        let mut contact = Contact { name: clean_line(self.name), address: String::new() };
        let mut mark = None;
        if !self.address.trim().is_empty() {
            let Some(address) = address(self.address) else {
                return Ok(Err("Enter an e-mail address in the correct format, like name@example.com"));
            };
            address.as_written().clone_into(&mut contact.address);
            mark = Some(address_tag(tx.keyring(), address.as_written())?);
        }
        let mut licence = 0;
        if !self.licence.trim().is_empty() {
            let Some(serial) = super::parse_number(self.licence) else {
                return Ok(Err("Enter a licence number with 8 letters and digits"));
            };
            // One that nobody was given is not told apart here: whoever guesses must learn nothing.
            licence = tx.licence(serial).await?.map_or(0, |l| l.serial);
        }
        Ok(Ok(Form { message: clean_text(self.message, MAX_MESSAGE_CHARS), contact, mark, licence }))
    }

    /// Whose page is open, unless they are being erased. Holds the index, as an erasure does that looks for threads.
    async fn person(&self, tx: &mut Tx, mark: Option<&Tag16>) -> Result<Option<Slot>, Error> {
        if mark.is_some() || self.person.is_some() {
            tx.lock_index().await?;
        }
        match self.person {
            Some(slot) => living_person(tx, slot).await,
            None => Ok(None),
        }
    }
}

/// An address as typed, if letters could go there and it may be kept.
pub(super) fn address(typed: &str) -> Option<Address> {
    Address::parse(typed).ok().filter(|a| !looks_like_card(a.as_written()))
}

/// A person who is there and isn't being erased.
pub(super) async fn living_person(tx: &mut Tx, slot: Slot) -> Result<Option<Slot>, Error> {
    if tx.erasure_intents().await?.iter().any(|intent| intent.slots.contains(&slot)) {
        return Ok(None);
    }
    Ok(tx.person(slot).await?.map(|p| p.slot))
}

/// The person of an address, if somebody has it and isn't being erased. Holds the index until the transaction ends: a
/// thread that is begun or tied after this look is found by whatever erases that person later.
pub(super) async fn person_of_address(tx: &mut Tx, tag: &Tag16) -> Result<Option<Slot>, Error> {
    match tx.index_find_locked(BlindIndex::Address, tag).await? {
        Some(slot) => living_person(tx, Slot(slot)).await,
        None => Ok(None),
    }
}

/// Adds what a person says to their thread: the act, the message, its files. The caller saves the thread.
pub(super) async fn add_person_message(
    tx: &mut Tx,
    conversation: &mut Conversation,
    via: Via,
    body: &Body,
    files: &[i64],
) -> Result<(), Error> {
    add_person_message_proving(tx, conversation, via, body, files, None).await
}

/// The same for an address that is proved by it.
pub(super) async fn add_person_message_proving(
    tx: &mut Tx,
    conversation: &mut Conversation,
    via: Via,
    body: &Body,
    files: &[i64],
    proved: Option<&Tag16>,
) -> Result<(), Error> {
    let line = suppression::record_message(tx, conversation, proved).await?;
    let new = NewMessage {
        conversation,
        kind: MessageKind::Person,
        via,
        actor: "",
        action: line,
        body: &body.bytes()?,
    };
    let message = tx.add_message(&new).await?;
    conversation.messages += 1;
    conversation.last_message_day = tx.today();
    attachments::attach(tx, files, &message).await
}
