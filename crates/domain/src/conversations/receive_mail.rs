//! A mail came in: it joins its thread or begins one, exactly once, and causes no letter.
//!
//! A token says which thread is meant, and our own server's word says who wrote: only both together join. Whoever has
//! the one without the other begins a thread of their own, and staff see that the two may belong together.

mod machine;

use keyring::{Slot, Tag16};
use store::{Error, NewThread, Operation, Thread, ThreadKind, ThreadState, Tx, Via};

use super::answer::wake;
use super::body::{clean_html, clean_line};
use super::reply_route::has_code;
use super::start::{address, person_of, say_as};
use super::{Body, Contact, LONGEST_MESSAGE, clean, files, mail_token, read_token, suppression};
use crate::licensing::issue::fresh_number;
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use crate::token;
use inbound_mail::{Incoming, Machine, SenderClass};

/// Takes a mail that was read.
pub struct ReceiveMail<'a> {
    /// The mail.
    pub incoming: &'a Incoming,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
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
    const NAME: &'static str = "take mail";
    type Done = Taken;

    async fn act(&self, tx: &mut Tx) -> Result<Taken, Error> {
        let once = tx.vault().tag("mail", &data_encoding::HEXLOWER.encode(&self.incoming.fingerprint))?;
        if tx.comes_again(&once).await? {
            return Ok(Taken::Before);
        }
        let named = self.named(tx).await?;
        match (self.incoming.nature, named) {
            (SenderClass::Machine(kind), Some(thread)) => {
                machine::record(tx, self.incoming, kind, thread, &once).await
            }
            (SenderClass::Machine(Machine::Bounce { .. } | Machine::Complaint), None) => {
                tx.count("mail dropped: a report about no letter of ours", 1).await?;
                Ok(Taken::Dropped("a report about no letter of ours"))
            }
            (nature, named) => {
                let writer = self.writer(tx).await?;
                let human = nature == SenderClass::Person;
                match named {
                    Some(thread) if human && belongs(tx, &thread, &writer)? => {
                        self.join(tx, thread, &writer, &once).await
                    }
                    named => self.begin(tx, &writer, named.as_ref(), human, &once).await,
                }
            }
        }
    }
}

/// Whether a thread of nobody's bears this address. One whose mark doesn't open bears none that is known.
fn bears(tx: &Tx, thread: &Thread, mark: &Tag16) -> Result<bool, Error> {
    if thread.person != Slot(0) {
        return Ok(false);
    }
    match tx.is_marked(thread, mark) {
        Err(Error::Damaged { .. } | Error::Unknown(_)) => Ok(false),
        marked => marked,
    }
}

/// Whether a writer is the one with whom a thread is held.
fn belongs(tx: &Tx, thread: &Thread, writer: &Writer) -> Result<bool, Error> {
    Ok(match (writer.verified, thread.person, &writer.mark) {
        (true, Slot(0), Some(mark)) => tx.is_marked(thread, mark)?,
        (true, person, _) => writer.person == Some(person),
        (false, ..) => false,
    })
}

impl ReceiveMail<'_> {
    /// The thread that the mail names with a token of ours; where that was merged, the one into which it was.
    async fn named(&self, tx: &mut Tx) -> Result<Option<Thread>, Error> {
        for text in &self.incoming.tokens {
            let Some(id) = read_token(tx.vault(), text)? else { continue };
            if let Some(thread) = tx.thread(id).await? {
                return Ok(Some(thread));
            }
            let merged = tx.way(&token::tag(&mail_token::token(tx.vault(), id)?)).await?;
            if let Some(way) = merged.filter(|w| w.kind == store::ConversationAccessKind::Merged)
                && let Some(thread) = tx.thread(way.thread).await?
            {
                return Ok(Some(thread));
            }
        }
        Ok(None)
    }

    async fn writer(&self, tx: &mut Tx) -> Result<Writer, Error> {
        let none = Writer { contact: Contact::default(), mark: None, verified: false, person: None };
        let Some(from) = &self.incoming.from else { return Ok(none) };
        // What can't be written to, or looks like a card number, is no address to be kept.
        let Some(address) = address(&from.address) else { return Ok(none) };
        let mark = address_tag(tx.vault(), address.spelled())?;
        // Also where nobody vouches for it: an erasure of that address must find what begins here.
        let known = person_of(tx, &mark).await?;
        let verified = self.incoming.verified;
        Ok(Writer {
            contact: Contact { address: address.spelled().to_owned(), name: clean_line(&from.name) },
            mark: Some(mark),
            verified,
            person: known.filter(|_| verified),
        })
    }

    async fn join(
        &self,
        tx: &mut Tx,
        mut thread: Thread,
        writer: &Writer,
        once: &Tag16,
    ) -> Result<Taken, Error> {
        if !tx.take_mail(once, thread.slot).await? {
            return Ok(Taken::Before);
        }
        thread.verified = true;
        // Not where somebody has a code: they need not be the one who has the address.
        if let Some(person) = writer.person
            && !has_code(&tx.messages_of(thread.id).await?)
        {
            thread.person = person;
            thread.kind = ThreadKind::Customer;
        }
        self.say(tx, &mut thread, writer).await?;
        if self.incoming.stop {
            suppression::stop(tx, &mut thread, suppression::STOP, true).await?;
        } else if !self.incoming.thanks {
            wake(&mut thread);
        }
        tx.save_thread(&mut thread).await?;
        Ok(Taken::Joined(thread.id))
    }

    /// A thread of its own; held where a machine wrote it.
    async fn begin(
        &self,
        tx: &mut Tx,
        writer: &Writer,
        linked: Option<&Thread>,
        human: bool,
        once: &Tag16,
    ) -> Result<Taken, Error> {
        let slot = tx.vault().take_slot()?;
        if !tx.take_mail(once, slot).await? {
            return Ok(Taken::Before);
        }
        let contact = writer.contact.bytes()?;
        let mut thread = tx
            .add_thread(&NewThread {
                id: fresh_number()?,
                slot,
                kind: if writer.person.is_some() { ThreadKind::Customer } else { ThreadKind::Address },
                state: if human { ThreadState::Open } else { ThreadState::Held },
                person: writer.person.unwrap_or(Slot(0)),
                licence: 0,
                linked: linked.map_or(0, |t| t.id),
                verified: writer.verified,
                subject: &clean_line(&self.incoming.subject),
                contact: &contact,
                mark: writer.mark.as_ref(),
            })
            .await?;
        if human {
            self.say(tx, &mut thread, writer).await?;
        } else {
            machine::say(tx, self.incoming, &mut thread).await?;
        }
        if human && self.incoming.stop {
            self.stop(tx, &mut thread, writer, linked).await?;
        }
        if let (true, Some(other), Some(mark)) = (human, linked, &writer.mark)
            && bears(tx, other, mark)?
        {
            self.heard(tx, other.clone()).await?;
        }
        tx.save_thread(&mut thread).await?;
        Ok(Taken::New(thread.id))
    }

    /// Who has the address of a thread answers a letter of it, though nobody vouches for them.
    async fn heard(&self, tx: &mut Tx, mut other: Thread) -> Result<(), Error> {
        if !self.incoming.stop {
            // A letter of ours was read: it may get another.
            if other.stopped.is_empty() {
                other.letters_since_act = 0;
                tx.save_thread(&mut other).await?;
            }
        } else if !suppression::has_own_address(tx, &other).await? {
            // Whoever typed that address can't silence it, but no letter of theirs reaches it any more.
            suppression::stop(tx, &mut other, suppression::STOP, false).await?;
            tx.save_thread(&mut other).await?;
        }
        Ok(())
    }

    /// "Stop" outside of the thread that it means: all letters to a proved address stop, and to one that nobody proved
    /// where the mail names a thread of that address. So a forger who has the token too can stop letters, and no more.
    async fn stop(
        &self,
        tx: &mut Tx,
        thread: &mut Thread,
        writer: &Writer,
        linked: Option<&Thread>,
    ) -> Result<(), Error> {
        suppression::stop(tx, thread, suppression::STOP, false).await?;
        let Some(mark) = &writer.mark else { return Ok(()) };
        let named = match linked {
            Some(other) if other.person == Slot(0) => {
                bears(tx, other, mark)? && suppression::has_own_address(tx, other).await?
            }
            Some(other) => person_of(tx, mark).await? == Some(other.person),
            None => false,
        };
        if writer.verified || named {
            // It saves what it stops, and this thread may be one of them: it must be the state in hand.
            suppression::stop_all(tx, thread.id, mark, suppression::STOP).await?;
        }
        Ok(())
    }

    async fn say(&self, tx: &mut Tx, thread: &mut Thread, writer: &Writer) -> Result<(), Error> {
        let body = body_of(self.incoming, writer.verified);
        let ids = files::keep(tx, thread.slot, &self.incoming.files).await?;
        let proved = writer.mark.as_ref().filter(|_| writer.verified);
        say_as(tx, thread, Via::Mail, &body, &ids, proved).await
    }
}

/// What is kept of a mail.
fn body_of(incoming: &Incoming, verified: bool) -> Body {
    Body {
        text: clean(&incoming.text, LONGEST_MESSAGE),
        quoted: clean(&incoming.quoted, LONGEST_MESSAGE),
        signature: clean(&incoming.signature, LONGEST_MESSAGE),
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
    if paypro::pan::looks_like_card(text) { String::new() } else { text.to_owned() }
}

fn refused(why: inbound_mail::Refused) -> &'static str {
    match why {
        inbound_mail::Refused::Tnef => "attachments in a format of one program alone (winmail.dat)",
        inbound_mail::Refused::TooLarge => "files that are too large",
        inbound_mail::Refused::TooMany => "too many files or parts",
        inbound_mail::Refused::TooLong => "text beyond what is kept",
        inbound_mail::Refused::Encrypted => "an encrypted part",
        inbound_mail::Refused::Unreadable => "a part that could not be read",
    }
}
