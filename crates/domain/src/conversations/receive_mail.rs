//! A mail came in: it joins its thread or begins one, exactly once, and causes no letter.
//!
//! A token says which thread is meant, and our own server's word says who wrote: only both together join. Whoever has
//! the one without the other begins a thread of their own, and staff see that the two may belong together.

mod automatic_mail;

use keyring::{Slot, Tag16};
use store::{Conversation, ConversationKind, ConversationState, Error, NewConversation, Operation, Tx, Via};

use super::access_code::has_access_code;
use super::answer_by_code::reopen;
use super::body::{clean_html, clean_line};
use super::start::{add_person_message_proving, address, person_of_address};
use super::{
    attachments, body::Body, body::Contact, body::clean_text, limits::MAX_MESSAGE_CHARS, reply_token,
    reply_token::parse_reply_token, suppression,
};
use crate::licensing::issue::generate_serial;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use crate::token;
use inbound_mail::{AutomatedSender, IncomingEmail, SenderClass};

/// Takes a mail that was read.
pub struct ReceiveMail<'a> {
    /// The mail.
    pub incoming: &'a IncomingEmail,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReceiveOutcome {
    /// A thread has begun with it.
    New(i64),
    /// It is in the thread that it answers.
    Joined(i64),
    /// A machine's, kept in the thread that it speaks of.
    Recorded(i64),
    /// It was taken before.
    Before,
    /// It isn't kept, and why.
    Dropped(&'static str),
}

/// Who wrote, as far as the mail's own server vouches for it.
struct Writer {
    contact: Contact,
    /// The index tag of the address.
    mark: Option<Tag16>,
    /// The address is proved.
    verified: bool,
    /// The person of a proved address.
    person: Option<Slot>,
}

impl Operation for ReceiveMail<'_> {
    const NAME: &'static str = "receive mail";
    type Output = ReceiveOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ReceiveOutcome, Error> {
        let once = tx.keyring().tag("mail", &data_encoding::HEXLOWER.encode(&self.incoming.fingerprint))?;
        if tx.touch_processed_mail(&once).await? {
            return Ok(ReceiveOutcome::Before);
        }
        let named = self.named(tx).await?;
        match (self.incoming.sender_class, named) {
            (SenderClass::Automated(kind), Some(conversation)) => {
                automatic_mail::record_automatic_mail(tx, self.incoming, kind, conversation, &once).await
            }
            (SenderClass::Automated(AutomatedSender::Bounce { .. } | AutomatedSender::Complaint), None) => {
                tx.add_to_counter("mail dropped: a delivery report about an e-mail that we did not send", 1)
                    .await?;
                Ok(ReceiveOutcome::Dropped("a delivery report about an e-mail that we did not send"))
            }
            (nature, named) => {
                let writer = self.writer(tx).await?;
                let human = nature == SenderClass::Person;
                match named {
                    Some(conversation) if human && is_from_participant(tx, &conversation, &writer)? => {
                        self.join(tx, conversation, &writer, &once).await
                    }
                    named => self.begin(tx, &writer, named.as_ref(), human, &once).await,
                }
            }
        }
    }
}

/// Whether a thread of nobody's bears this address. One whose mark doesn't open bears none that is known.
fn has_address(tx: &Tx, conversation: &Conversation, mark: &Tag16) -> Result<bool, Error> {
    if conversation.person != Slot(0) {
        return Ok(false);
    }
    match tx.has_address(conversation, mark) {
        Err(Error::Damaged { .. } | Error::Unknown(_)) => Ok(false),
        marked => marked,
    }
}

/// Whether a writer is the one with whom a thread is held.
fn is_from_participant(tx: &Tx, conversation: &Conversation, writer: &Writer) -> Result<bool, Error> {
    Ok(match (writer.verified, conversation.person, &writer.mark) {
        (true, Slot(0), Some(mark)) => tx.has_address(conversation, mark)?,
        (true, person, _) => writer.person == Some(person),
        (false, ..) => false,
    })
}

impl ReceiveMail<'_> {
    /// The thread that the mail names with a token of ours; where that was merged, the one into which it was.
    async fn named(&self, tx: &mut Tx) -> Result<Option<Conversation>, Error> {
        for text in &self.incoming.tokens {
            let Some(id) = parse_reply_token(tx.keyring(), text)? else { continue };
            if let Some(conversation) = tx.conversation(id).await? {
                return Ok(Some(conversation));
            }
            let merged = tx
                .conversation_access(&token::token_hash(&reply_token::reply_token(tx.keyring(), id)?))
                .await?;
            if let Some(way) = merged.filter(|w| w.kind == store::ConversationAccessKind::Merged)
                && let Some(conversation) = tx.conversation(way.conversation).await?
            {
                return Ok(Some(conversation));
            }
        }
        Ok(None)
    }

    async fn writer(&self, tx: &mut Tx) -> Result<Writer, Error> {
        let none = Writer { contact: Contact::default(), mark: None, verified: false, person: None };
        let Some(from) = &self.incoming.from else { return Ok(none) };
        // What can't be written to, or looks like a card number, is no address to be kept.
        let Some(address) = address(&from.address) else { return Ok(none) };
        let mark = address_tag(tx.keyring(), address.as_written())?;
        // Also where nobody vouches for it: an erasure of that address must find what begins here.
        let known = person_of_address(tx, &mark).await?;
        let verified = self.incoming.verified;
        Ok(Writer {
            contact: Contact { address: address.as_written().to_owned(), name: clean_line(&from.name) },
            mark: Some(mark),
            verified,
            person: known.filter(|_| verified),
        })
    }

    async fn join(
        &self,
        tx: &mut Tx,
        mut conversation: Conversation,
        writer: &Writer,
        once: &Tag16,
    ) -> Result<ReceiveOutcome, Error> {
        if !tx.record_processed_mail(once, conversation.slot).await? {
            return Ok(ReceiveOutcome::Before);
        }
        conversation.verified = true;
        // Not where somebody has a code: they need not be the one who has the address.
        if let Some(person) = writer.person
            && !has_access_code(&tx.messages_of(conversation.id).await?)
        {
            conversation.person = person;
            conversation.kind = ConversationKind::Customer;
        }
        self.say(tx, &mut conversation, writer).await?;
        if self.incoming.stop {
            suppression::stop(tx, &mut conversation, suppression::STOP, true).await?;
        } else if !self.incoming.thanks {
            reopen(&mut conversation);
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ReceiveOutcome::Joined(conversation.id))
    }

    /// A thread of its own; held where a machine wrote it.
    async fn begin(
        &self,
        tx: &mut Tx,
        writer: &Writer,
        linked: Option<&Conversation>,
        human: bool,
        once: &Tag16,
    ) -> Result<ReceiveOutcome, Error> {
        let slot = tx.keyring().allocate_slot()?;
        if !tx.record_processed_mail(once, slot).await? {
            return Ok(ReceiveOutcome::Before);
        }
        let contact = writer.contact.bytes()?;
        let mut conversation = tx
            .add_conversation(&NewConversation {
                id: generate_serial()?,
                slot,
                kind: if writer.person.is_some() {
                    ConversationKind::Customer
                } else {
                    ConversationKind::Address
                },
                state: if human { ConversationState::Open } else { ConversationState::Quarantined },
                person: writer.person.unwrap_or(Slot(0)),
                licence: 0,
                related: linked.map_or(0, |t| t.id),
                verified: writer.verified,
                subject: &clean_line(&self.incoming.subject),
                contact: &contact,
                address_tag: writer.mark.as_ref(),
            })
            .await?;
        if human {
            self.say(tx, &mut conversation, writer).await?;
        } else {
            automatic_mail::add_automatic_message(tx, self.incoming, &mut conversation).await?;
        }
        if human && self.incoming.stop {
            self.stop(tx, &mut conversation, writer, linked).await?;
        }
        if let (true, Some(other), Some(mark)) = (human, linked, &writer.mark)
            && has_address(tx, other, mark)?
        {
            self.note_answer_of_owner(tx, other.clone()).await?;
        }
        tx.save_conversation(&mut conversation).await?;
        Ok(ReceiveOutcome::New(conversation.id))
    }

    /// Who has the address of a thread answers a letter of it, though nobody vouches for them.
    async fn note_answer_of_owner(&self, tx: &mut Tx, mut other: Conversation) -> Result<(), Error> {
        if !self.incoming.stop {
            // A letter of ours was read: it may get another.
            if other.suppression.is_empty() {
                other.emails_since_action = 0;
                tx.save_conversation(&mut other).await?;
            }
        } else if !suppression::address_is_writers(tx, &other).await? {
            // Whoever typed that address can't silence it, but no letter of theirs reaches it any more.
            suppression::stop(tx, &mut other, suppression::STOP, false).await?;
            tx.save_conversation(&mut other).await?;
        }
        Ok(())
    }

    /// "Stop" outside of the thread that it means: all letters to a proved address stop, and to one that nobody proved
    /// where the mail names a thread of that address. So a forger who has the token too can stop letters, and no more.
    async fn stop(
        &self,
        tx: &mut Tx,
        conversation: &mut Conversation,
        writer: &Writer,
        linked: Option<&Conversation>,
    ) -> Result<(), Error> {
        suppression::stop(tx, conversation, suppression::STOP, false).await?;
        let Some(mark) = &writer.mark else { return Ok(()) };
        let named = match linked {
            Some(other) if other.person == Slot(0) => {
                has_address(tx, other, mark)? && suppression::address_is_writers(tx, other).await?
            }
            Some(other) => person_of_address(tx, mark).await? == Some(other.person),
            None => false,
        };
        if writer.verified || named {
            // It saves what it stops, and this thread may be one of them: it must be the state in hand.
            suppression::stop_emails_to(tx, conversation.id, mark, suppression::STOP).await?;
        }
        Ok(())
    }

    async fn say(&self, tx: &mut Tx, conversation: &mut Conversation, writer: &Writer) -> Result<(), Error> {
        let body = body_of(self.incoming, writer.verified);
        let ids = attachments::keep(tx, conversation.slot, &self.incoming.files).await?;
        let proved = writer.mark.as_ref().filter(|_| writer.verified);
        add_person_message_proving(tx, conversation, Via::Email, &body, &ids, proved).await
    }
}

/// What is kept of a mail.
fn body_of(incoming: &IncomingEmail, verified: bool) -> Body {
    Body {
        text: clean_text(&incoming.text, MAX_MESSAGE_CHARS),
        quoted: clean_text(&incoming.quoted, MAX_MESSAGE_CHARS),
        signature: clean_text(&incoming.signature, MAX_MESSAGE_CHARS),
        html: clean_html(&incoming.html),
        message_id: id(&incoming.message_id),
        references: incoming.references.iter().map(|r| id(r)).filter(|r| !r.is_empty()).collect(),
        refused: incoming.refused.iter().map(|r| refused(*r).to_owned()).collect(),
        verified,
        machine: String::new(),
    }
}

/// A Message-ID that could be taken for a card number is left out: it can't be masked and still be one.
fn id(text: &str) -> String {
    if paypro::card_number::looks_like_card(text) { String::new() } else { text.to_owned() }
}

fn refused(why: inbound_mail::OmittedPart) -> &'static str {
    match why {
        inbound_mail::OmittedPart::Tnef => "attachments in Microsoft's TNEF format (winmail.dat)",
        inbound_mail::OmittedPart::TooLarge => "files that are too large",
        inbound_mail::OmittedPart::TooMany => "too many files or parts",
        inbound_mail::OmittedPart::TooLong => "text beyond the size limit",
        inbound_mail::OmittedPart::Encrypted => "an encrypted part",
        inbound_mail::OmittedPart::Unreadable => "a part that could not be read",
    }
}
