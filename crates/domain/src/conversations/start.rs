//! Starts a conversation from the contact page. The sender gets an access code; an address is optional.

use keyring::{Address, Slot, Tag16};
use licence::Serial;
use paypro::card_number::looks_like_card;
use store::{
    BlindIndex, Conversation, ConversationAccessKind, ConversationId, ConversationKind, ConversationState,
    Error, MessageKind, NewConversation, NewMessage, Tx, Via,
};
use zeroize::Zeroizing;

use super::access_code::{self, AccessCode};
use super::body::clean_line;
use super::refusal::MessageRefusal;
use super::{
    attachments, body::Body, body::Contact, body::clean_text, limits::MAX_MESSAGE_CHARS, suppression,
};
use crate::licensing::issue::generate_serial;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use crate::token::Token;

/// Starts a conversation with a message of the contact page. Every field but the message may be empty.
pub struct StartConversation<'a> {
    /// Text of the message.
    pub message: &'a str,
    /// Name of the sender.
    pub name: &'a str,
    /// E-mail address of the sender for replies.
    pub address: &'a str,
    /// Number of the licence that the message is about, as typed.
    pub licence: &'a str,
    pub subject: &'a str,
    /// Files already uploaded.
    pub files: &'a [i64],
    /// Key slot of those files.
    pub slot: Option<Slot>,
    /// The message looks like spam, so the conversation is quarantined for review by staff.
    pub quarantined: bool,
    /// The customer of the portal session, to whom the conversation is linked.
    pub person: Option<Slot>,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl<'a> StartConversation<'a> {
    /// A conversation with this message and nothing else.
    #[must_use]
    pub fn with_message(message: &'a str, settings: &'a VendorSettings) -> Self {
        Self {
            message,
            name: "",
            address: "",
            licence: "",
            subject: "",
            files: &[],
            slot: None,
            quarantined: false,
            person: None,
            settings,
        }
    }
}

/// Outcome of [`StartConversation`].
pub enum Started {
    /// The conversation was created.
    Started {
        id: ConversationId,
        /// The access code. Only its lookup hash is stored.
        code: Zeroizing<String>,
    },
    Refused(MessageRefusal),
}

/// Values of the form after validation and cleaning.
struct Form {
    message: String,
    contact: Contact,
    address_tag: Option<Tag16>,
    licence: Option<Serial>,
}

impl store::Operation for StartConversation<'_> {
    const NAME: &'static str = "start conversation";
    type Output = Started;

    async fn execute(&self, tx: &mut Tx) -> Result<Started, Error> {
        self.start(tx, Token::generate()?).await
    }
}

/// Starts a conversation from a form that a browser may submit more than once: by a second click, or by reloading the
/// page.
pub struct StartConversationOnce<'a> {
    pub conversation: StartConversation<'a>,
    /// Idempotency key of the form and what was typed into it. It is not stored. The access code is derived from it
    /// with the keyring, and an existing conversation is found by that code.
    pub idempotency_key: &'a [u8; 32],
}

/// Outcome of [`StartConversationOnce`].
pub enum StartedOnce {
    /// The form was submitted for the first time.
    Created(Started),
    /// The form was submitted before, and nothing was written. The access code is the one of the first time.
    Duplicate(Zeroizing<String>),
}

impl store::Operation for StartConversationOnce<'_> {
    const NAME: &'static str = "start conversation once";
    type Output = StartedOnce;

    async fn execute(&self, tx: &mut Tx) -> Result<StartedOnce, Error> {
        let code = access_code::derive_code(tx.keyring(), self.idempotency_key)?;
        if tx.conversation_access(&code.hash()).await?.is_some() {
            return Ok(StartedOnce::Duplicate(code.into_text()));
        }
        self.conversation.start(tx, code).await.map(StartedOnce::Created)
    }
}

impl StartConversation<'_> {
    async fn start(&self, tx: &mut Tx, code: Token<AccessCode>) -> Result<Started, Error> {
        let form = match self.validate(tx).await? {
            Ok(form) => form,
            Err(reason) => return Ok(Started::Refused(reason)),
        };
        let person = self.person(tx, form.address_tag.as_ref()).await?;
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
                id: generate_serial()?.into(),
                slot,
                kind,
                state: if self.quarantined {
                    ConversationState::Quarantined
                } else {
                    ConversationState::Open
                },
                person,
                licence: form.licence,
                related: None,
                verified: person.is_some(),
                subject: &clean_line(self.subject),
                contact: &contact,
                address_tag: form.address_tag.as_ref(),
            })
            .await?;
        let kind = ConversationAccessKind::Code;
        tx.add_conversation_access(&code.hash(), conversation.id, slot, kind, None).await?;
        let body = Body::of_text(form.message, person.is_some());
        add_person_message(tx, &mut conversation, Via::Web, &body, self.files).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(Started::Started { id: conversation.id, code: code.into_text() })
    }
}

impl StartConversation<'_> {
    async fn validate(&self, tx: &mut Tx) -> Result<Result<Form, MessageRefusal>, Error> {
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(Err(MessageRefusal::Empty));
        }
        if self.message.chars().count() > MAX_MESSAGE_CHARS {
            return Ok(Err(MessageRefusal::TooLong));
        }
        if let Some(reason) = attachments::limit_exceeded(tx, self.files).await? {
            return Ok(Err(reason));
        }
        let mut contact = Contact { name: clean_line(self.name), address: String::new() };
        let mut tag = None;
        if !self.address.trim().is_empty() {
            let Some(address) = address(self.address) else {
                return Ok(Err(MessageRefusal::InvalidAddress));
            };
            address.as_written().clone_into(&mut contact.address);
            tag = Some(address_tag(tx.keyring(), address.as_written())?);
        }
        let mut licence = None;
        if !self.licence.trim().is_empty() {
            let Some(serial) = super::parse_serial(self.licence) else {
                return Ok(Err(MessageRefusal::InvalidLicenceNumber));
            };
            // An unknown number gives no error, so that guessing reveals nothing.
            licence = tx.licence(serial).await?.map(|l| l.serial);
        }
        Ok(Ok(Form {
            message: clean_text(self.message, MAX_MESSAGE_CHARS),
            contact,
            address_tag: tag,
            licence,
        }))
    }

    /// Returns the customer of the portal session, unless an erasure of them has started. Locks the blind index, as an
    /// erasure does when it searches for conversations.
    async fn person(&self, tx: &mut Tx, address: Option<&Tag16>) -> Result<Option<Slot>, Error> {
        if address.is_some() || self.person.is_some() {
            tx.lock_index().await?;
        }
        match self.person {
            Some(slot) => living_person(tx, slot).await,
            None => Ok(None),
        }
    }
}

/// Parses a typed address. `None` if no e-mail can be sent there, or if it looks like a card number.
pub(super) fn address(typed: &str) -> Option<Address> {
    Address::parse(typed).ok().filter(|a| !looks_like_card(a.as_written()))
}

/// Returns a person who exists and is not being erased.
pub(super) async fn living_person(tx: &mut Tx, slot: Slot) -> Result<Option<Slot>, Error> {
    if tx.erasure_intents().await?.iter().any(|intent| intent.slots.contains(&slot)) {
        return Ok(None);
    }
    Ok(tx.person(slot).await?.map(|p| p.slot))
}

/// Finds the person of an address, unless they are being erased. Locks the blind index until the transaction ends, so
/// a later erasure of that person finds the conversation that is started or linked here.
pub(super) async fn person_of_address(tx: &mut Tx, tag: &Tag16) -> Result<Option<Slot>, Error> {
    match tx.index_find_locked(BlindIndex::Address, tag).await? {
        Some(slot) => living_person(tx, Slot(slot)).await,
        None => Ok(None),
    }
}

/// Adds a message of a person: the action, the message and its files. The caller saves the conversation.
pub(super) async fn add_person_message(
    tx: &mut Tx,
    conversation: &mut Conversation,
    via: Via,
    body: &Body,
    files: &[i64],
) -> Result<(), Error> {
    add_person_message_proving(tx, conversation, via, body, files, None).await
}

/// Does the same for a message that may prove an address.
pub(super) async fn add_person_message_proving(
    tx: &mut Tx,
    conversation: &mut Conversation,
    via: Via,
    body: &Body,
    files: &[i64],
    proved: Option<&Tag16>,
) -> Result<(), Error> {
    let action = suppression::record_message(tx, conversation, proved).await?;
    let new =
        NewMessage { conversation, kind: MessageKind::Person, via, actor: "", action, body: &body.bytes()? };
    let message = tx.add_message(&new).await?;
    conversation.messages += 1;
    conversation.last_message_day = tx.today();
    attachments::attach(tx, files, &message).await
}
