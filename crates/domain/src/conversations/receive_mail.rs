//! Stores a received e-mail exactly once: in the conversation that it answers, or in a new one. It causes no e-mail.
//!
//! A reply token names the conversation, and the authentication results of our own mail server name the sender. An
//! e-mail joins a conversation only with both. Otherwise it starts a new one, and staff see that the two may belong
//! together.

mod automatic_mail;

use keyring::{Slot, Tag16};
use store::{
    Conversation, ConversationId, ConversationKind, ConversationState, Error, NewConversation, Operation,
    Suppression, Tx, Via,
};

use super::access_code::has_access_code;
use super::answer_by_code::reopen;
use super::body::{clean_html, clean_line};
use super::start::{add_person_message_proving, address, person_of_address};
use super::{
    attachments, body::Body, body::Contact, body::clean_text, limits::MAX_MESSAGE_CHARS, reply_token,
    reply_token::parse_reply_token, suppression,
};
use crate::counter::Counter;
use crate::licensing::issue::generate_serial;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use inbound_mail::{AutomatedSender, IncomingEmail, SenderClass};

/// Stores a parsed e-mail.
pub struct ReceiveMail<'a> {
    /// The e-mail.
    pub incoming: &'a IncomingEmail,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

/// Outcome of [`ReceiveMail`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReceiveOutcome {
    /// The e-mail started a new conversation, with this id.
    New(ConversationId),
    /// The e-mail was added to the conversation that it answers.
    Joined(ConversationId),
    /// The automatic e-mail was added to the conversation that it names.
    Recorded(ConversationId),
    /// The e-mail was received before.
    Duplicate,
    /// The e-mail is a delivery report about an e-mail that we did not send, so it was not stored.
    Dropped,
}

/// The sender, as far as our own mail server authenticated them.
struct Sender {
    contact: Contact,
    /// Tag of the address in the blind index.
    address_tag: Option<Tag16>,
    /// The address was authenticated.
    verified: bool,
    /// The person of an authenticated address.
    person: Option<Slot>,
}

impl Operation for ReceiveMail<'_> {
    const NAME: &'static str = "receive mail";
    type Output = ReceiveOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ReceiveOutcome, Error> {
        let idempotency_key =
            tx.keyring().tag("mail", &data_encoding::HEXLOWER.encode(&self.incoming.fingerprint))?;
        if tx.touch_processed_mail(&idempotency_key).await? {
            return Ok(ReceiveOutcome::Duplicate);
        }
        let named = self.named_conversation(tx).await?;
        match (self.incoming.sender_class, named) {
            (SenderClass::Automated(kind), Some(conversation)) => {
                automatic_mail::record_automatic_mail(tx, self.incoming, kind, conversation, &idempotency_key)
                    .await
            }
            (SenderClass::Automated(AutomatedSender::Bounce { .. } | AutomatedSender::Complaint), None) => {
                Counter::StrayDeliveryReport.add_one(tx).await?;
                Ok(ReceiveOutcome::Dropped)
            }
            (class, named) => {
                let sender = self.sender(tx).await?;
                let is_person = class == SenderClass::Person;
                match named {
                    Some(conversation) if is_person && is_from_participant(tx, &conversation, &sender)? => {
                        self.join(tx, conversation, &sender, &idempotency_key).await
                    }
                    named => self.start(tx, &sender, named.as_ref(), is_person, &idempotency_key).await,
                }
            }
        }
    }
}

/// Tells whether a conversation without a customer has this address. One whose address tag does not open has no known
/// address.
fn has_address(tx: &Tx, conversation: &Conversation, tag: &Tag16) -> Result<bool, Error> {
    if conversation.person.is_some() {
        return Ok(false);
    }
    match tx.has_address(conversation, tag) {
        Err(Error::Damaged { .. } | Error::Unknown(_)) => Ok(false),
        result => result,
    }
}

/// Tells whether a sender is the person of a conversation.
fn is_from_participant(tx: &Tx, conversation: &Conversation, sender: &Sender) -> Result<bool, Error> {
    Ok(match (sender.verified, conversation.person, &sender.address_tag) {
        (true, None, Some(tag)) => tx.has_address(conversation, tag)?,
        (true, Some(person), _) => sender.person == Some(person),
        (true, None, None) | (false, ..) => false,
    })
}

impl ReceiveMail<'_> {
    /// Returns the conversation that the reply token of the e-mail names. If it was merged, returns the one it was
    /// merged into.
    async fn named_conversation(&self, tx: &mut Tx) -> Result<Option<Conversation>, Error> {
        for text in &self.incoming.tokens {
            let Some(id) = parse_reply_token(tx.keyring(), text)? else { continue };
            if let Some(conversation) = tx.conversation(id).await? {
                return Ok(Some(conversation));
            }
            let hash = reply_token::stored_hash(tx.keyring(), id)?;
            let merged = tx.conversation_access(&hash).await?;
            if let Some(access) = merged.filter(|a| a.kind == store::ConversationAccessKind::Merged)
                && let Some(conversation) = tx.conversation(access.conversation).await?
            {
                return Ok(Some(conversation));
            }
        }
        Ok(None)
    }

    async fn sender(&self, tx: &mut Tx) -> Result<Sender, Error> {
        let none = Sender { contact: Contact::default(), address_tag: None, verified: false, person: None };
        let Some(from) = &self.incoming.from else { return Ok(none) };
        // An address that e-mail cannot reach, or that looks like a card number, is not stored.
        let Some(address) = address(&from.address) else { return Ok(none) };
        let tag = address_tag(tx.keyring(), address.as_written())?;
        // The lookup also runs for an unauthenticated address: it locks the blind index, so that an erasure of that
        // address finds the conversation started here.
        let person = person_of_address(tx, &tag).await?;
        let verified = self.incoming.verified;
        Ok(Sender {
            contact: Contact { address: address.as_written().to_owned(), name: clean_line(&from.name) },
            address_tag: Some(tag),
            verified,
            person: person.filter(|_| verified),
        })
    }

    async fn join(
        &self,
        tx: &mut Tx,
        mut conversation: Conversation,
        sender: &Sender,
        idempotency_key: &Tag16,
    ) -> Result<ReceiveOutcome, Error> {
        if !tx.record_processed_mail(idempotency_key, conversation.slot).await? {
            return Ok(ReceiveOutcome::Duplicate);
        }
        conversation.verified = true;
        // The holder of an access code may not own the address, so the conversation is not linked then.
        if let Some(person) = sender.person
            && !has_access_code(&tx.messages_of(conversation.id).await?)
        {
            conversation.person = Some(person);
            conversation.kind = ConversationKind::Customer;
        }
        self.add_message(tx, &mut conversation, sender).await?;
        if self.incoming.stop {
            suppression::stop(tx, &mut conversation, Suppression::Stop, true).await?;
        } else if !self.incoming.thanks {
            reopen(&mut conversation);
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ReceiveOutcome::Joined(conversation.id))
    }

    /// Starts a conversation, which is quarantined if the sender is automated.
    async fn start(
        &self,
        tx: &mut Tx,
        sender: &Sender,
        linked: Option<&Conversation>,
        is_person: bool,
        idempotency_key: &Tag16,
    ) -> Result<ReceiveOutcome, Error> {
        let slot = tx.keyring().allocate_slot()?;
        if !tx.record_processed_mail(idempotency_key, slot).await? {
            return Ok(ReceiveOutcome::Duplicate);
        }
        let contact = sender.contact.bytes()?;
        let mut conversation = tx
            .add_conversation(&NewConversation {
                id: generate_serial()?.into(),
                slot,
                kind: if sender.person.is_some() {
                    ConversationKind::Customer
                } else {
                    ConversationKind::Address
                },
                state: if is_person { ConversationState::Open } else { ConversationState::Quarantined },
                person: sender.person,
                licence: None,
                related: linked.map(|t| t.id),
                verified: sender.verified,
                subject: &clean_line(&self.incoming.subject),
                contact: &contact,
                address_tag: sender.address_tag.as_ref(),
            })
            .await?;
        if is_person {
            self.add_message(tx, &mut conversation, sender).await?;
        } else {
            automatic_mail::add_automatic_message(tx, self.incoming, &mut conversation).await?;
        }
        if is_person && self.incoming.stop {
            self.stop(tx, &mut conversation, sender, linked).await?;
        }
        if let (true, Some(other), Some(tag)) = (is_person, linked, &sender.address_tag)
            && has_address(tx, other, tag)?
        {
            self.record_answer_of_owner(tx, other.clone()).await?;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ReceiveOutcome::New(conversation.id))
    }

    /// Records that the owner of the address answered an e-mail of another conversation, though the answer was not
    /// authenticated.
    async fn record_answer_of_owner(&self, tx: &mut Tx, mut other: Conversation) -> Result<(), Error> {
        if !self.incoming.stop {
            // The owner read our e-mail, so the address may get another.
            if other.suppression.is_none() {
                other.emails_since_action = 0;
                tx.save_conversation(&mut other).await?;
            }
        } else if !suppression::sender_owns_address(tx, &other).await? {
            // The person who typed the address cannot stop all e-mails to it, but this conversation sends it none.
            suppression::stop(tx, &mut other, Suppression::Stop, false).await?;
            tx.save_conversation(&mut other).await?;
        }
        Ok(())
    }

    /// Handles "stop" in an e-mail that started a new conversation. All e-mails to the address stop if it was
    /// authenticated, or if the e-mail names a conversation of that address whose sender owns it.
    ///
    /// So an attacker with a reply token can stop e-mails, and nothing else.
    async fn stop(
        &self,
        tx: &mut Tx,
        conversation: &mut Conversation,
        sender: &Sender,
        linked: Option<&Conversation>,
    ) -> Result<(), Error> {
        suppression::stop(tx, conversation, Suppression::Stop, false).await?;
        let Some(tag) = &sender.address_tag else { return Ok(()) };
        let named = match linked {
            Some(other) if other.person.is_none() => {
                has_address(tx, other, tag)? && suppression::sender_owns_address(tx, other).await?
            }
            Some(other) => person_of_address(tx, tag).await? == other.person,
            None => false,
        };
        if sender.verified || named {
            // `stop_emails_to` saves the conversations that it stops. The caller saves this one, so it is left out.
            suppression::stop_emails_to(tx, conversation.id, tag, Suppression::Stop).await?;
        }
        Ok(())
    }

    async fn add_message(
        &self,
        tx: &mut Tx,
        conversation: &mut Conversation,
        sender: &Sender,
    ) -> Result<(), Error> {
        let body = body_of(self.incoming, sender.verified);
        let ids = attachments::store(tx, conversation.slot, &self.incoming.files).await?;
        let proved = sender.address_tag.as_ref().filter(|_| sender.verified);
        add_person_message_proving(tx, conversation, Via::Email, &body, &ids, proved).await
    }
}

/// Returns the body that is stored of an e-mail.
fn body_of(incoming: &IncomingEmail, verified: bool) -> Body {
    Body {
        text: clean_text(&incoming.text, MAX_MESSAGE_CHARS),
        quoted: clean_text(&incoming.quoted, MAX_MESSAGE_CHARS),
        signature: clean_text(&incoming.signature, MAX_MESSAGE_CHARS),
        html: clean_html(&incoming.html),
        message_id: storable_message_id(&incoming.message_id),
        references: incoming
            .references
            .iter()
            .map(|r| storable_message_id(r))
            .filter(|r| !r.is_empty())
            .collect(),
        refused: incoming.refused.clone(),
        verified,
        event: None,
    }
}

/// Returns a Message-ID; empty if it looks like a card number, because a masked one would not be valid.
fn storable_message_id(text: &str) -> String {
    if paypro::card_number::looks_like_card(text) { String::new() } else { text.to_owned() }
}
