//! The customer link: a person who wrote without a name adds an address, or links the conversation to their portal, and
//! can undo it.

use keyring::Slot;
use policy::purpose::Access;
use store::{Actor, Conversation, ConversationKind, Error, MessageKind, Operation, Tx, Via};

use super::answer_by_code::conversation_of_code;
use super::start::{address, living_person};
use super::{body::Contact, body::open_contact};
use crate::licensing::purchase::address_tag;

/// What became of an address that was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GiveAddressOutcome {
    /// It is where answers go; empty: they wait behind the code.
    Done,
    /// This is no address.
    NoAddress,
    /// Somebody proved another address for this thread: it can't be turned away from them.
    Proved,
    /// No thread has this code.
    NoConversation,
}

/// Gives a thread an address, or takes it back.
pub struct GiveAddress<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// The address as typed; empty takes it back.
    pub address: &'a str,
}

impl Operation for GiveAddress<'_> {
    const NAME: &'static str = "give e-mail address";
    type Output = GiveAddressOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<GiveAddressOutcome, Error> {
        let Some(mut conversation) = conversation_of_code(tx, self.tag).await? else {
            return Ok(GiveAddressOutcome::NoConversation);
        };
        if continued_by_email(tx, &conversation).await? {
            return Ok(GiveAddressOutcome::Proved);
        }
        // An erasure that looks for threads of this address comes before this or sees it.
        tx.lock_index().await?;
        let permit = tx.permit_unattributed::<Access>("conversation.contact", &Actor::Person).await?;
        let mut contact = open_contact(tx, &conversation, &permit)?;
        if self.address.trim().is_empty() {
            contact.address.clear();
            tx.set_address_tag(&mut conversation, None)?;
        } else {
            let Some(address) = address(self.address) else { return Ok(GiveAddressOutcome::NoAddress) };
            address.as_written().clone_into(&mut contact.address);
            let tag = address_tag(tx.keyring(), address.as_written())?;
            tx.set_address_tag(&mut conversation, Some(&tag))?;
        }
        save_contact(tx, &mut conversation, &contact)?;
        // A letter that waits would still go to where it was addressed.
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(GiveAddressOutcome::Done)
    }
}

fn save_contact(tx: &Tx, conversation: &mut Conversation, contact: &Contact) -> Result<(), Error> {
    let bytes = contact.bytes()?;
    tx.set_contact(conversation, &bytes)?;
    conversation.kind = match (conversation.person, bytes.is_empty()) {
        (Slot(0), true) => ConversationKind::Anonymous,
        (Slot(0), false) => ConversationKind::Address,
        _ => ConversationKind::Customer,
    };
    Ok(())
}

/// Whether the owner of the address has written by mail into a thread that began on the page.
async fn continued_by_email(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    let by_mail = |m: &store::Message| m.kind == MessageKind::Person && m.via == Via::Email;
    Ok(conversation.person == Slot(0) && tx.messages_of(conversation.id).await?.iter().any(by_mail))
}

/// Which thread.
#[derive(Clone, Copy)]
pub enum ConversationRef<'a> {
    /// That of a code.
    Code(&'a [u8; 32]),
    /// That of a number: only one that bears the person's own address, and that they proved by mail.
    Number(i64),
}

/// What became of a tie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkOutcome {
    /// The thread is tied to the person.
    Done,
    /// Somebody else proved an address for this thread, or it is tied to another person.
    Proved,
    /// There is no such thread, or no such person.
    NoConversation,
}

/// Ties a thread to the person whose page is open.
pub struct LinkCustomer<'a> {
    /// Which thread.
    pub which: ConversationRef<'a>,
    /// Whose page is open.
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
            ConversationRef::Code(tag) => conversation_of_code(tx, tag).await?,
            ConversationRef::Number(id) => tx.conversation(id).await?,
        };
        let Some(mut conversation) = conversation else { return Ok(LinkOutcome::NoConversation) };
        if conversation.person != Slot(0) && conversation.person != person {
            return Ok(LinkOutcome::Proved);
        }
        let by_number = matches!(self.which, ConversationRef::Number(_));
        if (by_number || continued_by_email(tx, &conversation).await?)
            && !is_of(tx, &conversation, person).await?
        {
            return Ok(if by_number { LinkOutcome::NoConversation } else { LinkOutcome::Proved });
        }
        conversation.person = person;
        conversation.kind = ConversationKind::Customer;
        conversation.verified = true;
        // A letter that waits would still go to where it was addressed.
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(LinkOutcome::Done)
    }
}

/// Whether a thread bears the proved address of a person.
async fn is_of(tx: &mut Tx, conversation: &Conversation, of: Slot) -> Result<bool, Error> {
    let Some(person) = tx.person(of).await? else { return Ok(false) };
    let permit = tx.permit::<Access>(of, "person.email", &Actor::Person, "").await?;
    let tag = address_tag(tx.keyring(), tx.open_email(&person, &permit)?.text())?;
    Ok(conversation.verified && tx.has_address(conversation, &tag)?)
}

/// Unties a thread from the person's page. What it says stays as it is.
pub struct UnlinkCustomer<'a> {
    /// Which thread: by code, or by the number of a thread that is tied to `person`.
    pub which: ConversationRef<'a>,
    /// Whose page is open, where it is untied there.
    pub person: Option<Slot>,
}

impl Operation for UnlinkCustomer<'_> {
    const NAME: &'static str = "unlink customer";
    /// Whether there was such a thread.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let conversation = match self.which {
            ConversationRef::Code(tag) => conversation_of_code(tx, tag).await?,
            ConversationRef::Number(id) => {
                tx.conversation(id).await?.filter(|t| Some(t.person) == self.person)
            }
        };
        let Some(mut conversation) = conversation.filter(|t| t.person != Slot(0)) else { return Ok(false) };
        // Before the person is gone from it: whose mails are in it is told by whose address it bears.
        let proved = is_of(tx, &conversation, conversation.person).await?;
        conversation.person = Slot(0);
        let permit = tx.permit_unattributed::<Access>("conversation.contact", &Actor::Person).await?;
        let contact = open_contact(tx, &conversation, &permit)?;
        save_contact(tx, &mut conversation, &contact)?;
        // An address that was typed once is as unproved as it was, whoever wrote by mail; one that a mail proved stays so.
        conversation.verified = proved && continued_by_email(tx, &conversation).await?;
        tx.delete_outbox_of(conversation.slot).await?;
        tx.save_conversation(&mut conversation).await?;
        Ok(true)
    }
}
