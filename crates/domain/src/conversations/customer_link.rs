//! The customer link. A person who wrote anonymously adds an address, or links the conversation to their portal, and
//! can undo both.

use keyring::Slot;
use policy::purpose::Access;
use store::{Actor, Conversation, ConversationId, ConversationKind, Error, MessageKind, Operation, Tx, Via};

use super::answer_by_code::conversation_of_code;
use super::start::{address, living_person};
use super::{body::Contact, body::open_contact};
use crate::licensing::purchase::address_tag;

/// Outcome of [`GiveAddress`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GiveAddressOutcome {
    /// The address was set or removed. Without an address, replies wait behind the access code.
    Done,
    /// The text is not an e-mail address.
    InvalidAddress,
    /// The owner of an address continued the conversation by e-mail, so the address cannot be changed.
    ProvedByOther,
    /// No conversation has this access code.
    NoConversation,
}

/// Sets or removes the address of a conversation.
pub struct GiveAddress<'a> {
    /// Lookup hash of the access code.
    pub code_hash: &'a [u8; 32],
    /// The address as typed; empty removes it.
    pub address: &'a str,
}

impl Operation for GiveAddress<'_> {
    const NAME: &'static str = "give e-mail address";
    type Output = GiveAddressOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<GiveAddressOutcome, Error> {
        let Some(mut conversation) = conversation_of_code(tx, self.code_hash).await? else {
            return Ok(GiveAddressOutcome::NoConversation);
        };
        if continued_by_email(tx, &conversation).await? {
            return Ok(GiveAddressOutcome::ProvedByOther);
        }
        // With this lock an erasure of this address either runs before, or finds this conversation.
        tx.lock_index().await?;
        let permit = tx.permit_unattributed::<Access>("conversation.contact", &Actor::Person).await?;
        let mut contact = open_contact(tx, &conversation, &permit)?;
        if self.address.trim().is_empty() {
            contact.address.clear();
            tx.set_address_tag(&mut conversation, None)?;
        } else {
            let Some(address) = address(self.address) else { return Ok(GiveAddressOutcome::InvalidAddress) };
            address.as_written().clone_into(&mut contact.address);
            let tag = address_tag(tx.keyring(), address.as_written())?;
            tx.set_address_tag(&mut conversation, Some(&tag))?;
        }
        save_contact(tx, &mut conversation, &contact)?;
        // A queued e-mail would still go to the previous address.
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(GiveAddressOutcome::Done)
    }
}

fn save_contact(tx: &Tx, conversation: &mut Conversation, contact: &Contact) -> Result<(), Error> {
    let bytes = contact.bytes()?;
    tx.set_contact(conversation, &bytes)?;
    conversation.kind = match (conversation.person, bytes.is_empty()) {
        (None, true) => ConversationKind::Anonymous,
        (None, false) => ConversationKind::Address,
        (Some(_), _) => ConversationKind::Customer,
    };
    Ok(())
}

/// Tells whether the owner of the address continued a web conversation by e-mail.
async fn continued_by_email(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    let is_email = |m: &store::Message| m.kind == MessageKind::Person && m.via == Via::Email;
    Ok(conversation.person.is_none() && tx.messages_of(conversation.id).await?.iter().any(is_email))
}

/// Identifies a conversation.
#[derive(Clone, Copy)]
pub enum ConversationRef<'a> {
    /// The conversation of an access code, by its lookup hash.
    Code(&'a [u8; 32]),
    /// The conversation with this id. It must have the address of the person, proved by e-mail.
    Number(ConversationId),
}

/// Outcome of [`LinkCustomer`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkOutcome {
    /// The conversation is linked to the customer.
    Done,
    /// Another person proved an address for this conversation, or it is linked to another customer.
    ProvedByOther,
    /// The conversation or the person does not exist.
    NoConversation,
}

/// Links a conversation to the customer of the portal session.
pub struct LinkCustomer<'a> {
    pub which: ConversationRef<'a>,
    /// The customer of the portal session.
    pub person: Slot,
}

impl Operation for LinkCustomer<'_> {
    const NAME: &'static str = "link customer";
    type Output = LinkOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<LinkOutcome, Error> {
        tx.lock_index().await?;
        let Some(person) = living_person(tx, self.person).await? else {
            return Ok(LinkOutcome::NoConversation);
        };
        let conversation = match self.which {
            ConversationRef::Code(hash) => conversation_of_code(tx, hash).await?,
            ConversationRef::Number(id) => tx.conversation(id).await?,
        };
        let Some(mut conversation) = conversation else { return Ok(LinkOutcome::NoConversation) };
        if conversation.person.is_some_and(|linked| linked != person) {
            return Ok(LinkOutcome::ProvedByOther);
        }
        let by_number = matches!(self.which, ConversationRef::Number(_));
        if (by_number || continued_by_email(tx, &conversation).await?)
            && !has_proved_address_of(tx, &conversation, person).await?
        {
            return Ok(if by_number { LinkOutcome::NoConversation } else { LinkOutcome::ProvedByOther });
        }
        conversation.person = Some(person);
        conversation.kind = ConversationKind::Customer;
        conversation.verified = true;
        // A queued e-mail would still go to the previous address.
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(LinkOutcome::Done)
    }
}

/// Tells whether a conversation has the proved address of a person.
async fn has_proved_address_of(tx: &mut Tx, conversation: &Conversation, slot: Slot) -> Result<bool, Error> {
    let Some(person) = tx.person(slot).await? else { return Ok(false) };
    let permit = tx.permit::<Access>(slot, "person.email", &Actor::Person, "").await?;
    let tag = address_tag(tx.keyring(), tx.open_email(&person, &permit)?.text())?;
    Ok(conversation.verified && tx.has_address(conversation, &tag)?)
}

/// Unlinks a conversation from its customer. Its content stays.
pub struct UnlinkCustomer<'a> {
    /// The conversation: by access code, or by the id of one that is linked to `person`.
    pub which: ConversationRef<'a>,
    /// The customer of the portal session, if it is unlinked there.
    pub person: Option<Slot>,
}

impl Operation for UnlinkCustomer<'_> {
    const NAME: &'static str = "unlink customer";
    /// Whether the conversation was found.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let conversation = match self.which {
            ConversationRef::Code(hash) => conversation_of_code(tx, hash).await?,
            ConversationRef::Number(id) => tx.conversation(id).await?.filter(|t| t.person == self.person),
        };
        let Some(mut conversation) = conversation else { return Ok(false) };
        let Some(person) = conversation.person.take() else { return Ok(false) };
        let proved = has_proved_address_of(tx, &conversation, person).await?;
        let permit = tx.permit_unattributed::<Access>("conversation.contact", &Actor::Person).await?;
        let contact = open_contact(tx, &conversation, &permit)?;
        save_contact(tx, &mut conversation, &contact)?;
        // An address that was only typed is unproved again. One that an e-mail proved stays proved.
        conversation.verified = proved && continued_by_email(tx, &conversation).await?;
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(true)
    }
}
