//! Delivery: takes e-mails out of the outbox, composes them and sends them through the mail server.

use std::time::SystemTime;

use domain::VendorSettings;
use domain::email::{ClaimEmail, ClaimedEmail, Kind, Outcome, RecordDelivery};
use domain::portal::magic_link::LINK_SECONDS;
use lettre::Address;
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};
use store::{Db, Error};

use crate::letters::{NewAddress, PageLink, StaffReply, Words};
use crate::message::{Email, Place, Wrapped};
use crate::wire::{SendError, SmtpClient};

/// Sends every e-mail that is due, one after the other.
///
/// # Errors
/// When the database or the keyring is away.
pub async fn send_all(
    db: &Db,
    house: &VendorSettings,
    wire: &SmtpClient,
    from: &Mailbox,
) -> Result<(), Error> {
    while let Some(letter) = db.write(&ClaimEmail).await? {
        let outcome = send(house, wire, from, &letter).await;
        match &outcome {
            Outcome::Sent(_) => {
                tracing::info!(kind = letter.kind.name(), "a letter left");
            }
            Outcome::Later(why) => {
                tracing::warn!(kind = letter.kind.name(), why, "a letter waits");
            }
            Outcome::Never(why) => {
                tracing::warn!(kind = letter.kind.name(), why, "a letter was given up");
            }
        }
        db.write(&RecordDelivery { letter: &letter, outcome }).await?;
    }
    Ok(())
}

async fn send(house: &VendorSettings, wire: &SmtpClient, from: &Mailbox, letter: &ClaimedEmail) -> Outcome {
    let (_, wrapped) = match wrap(house, from, letter) {
        Ok(wrapped) => wrapped,
        Err(why) => return Outcome::Never(why),
    };
    match wire.send(&wrapped).await {
        Ok(_) => Outcome::Sent(Sha256::digest(&wrapped.raw).into()),
        Err(SendError::Temporary(class)) => Outcome::Later(class.to_string()),
        Err(SendError::Permanent(class)) => Outcome::Never(class.to_string()),
    }
}

/// A letter in hand as it goes over the wire, with its words.
///
/// # Errors
/// Why it can never be sent, without a word of it.
pub fn wrap(
    house: &VendorSettings,
    from: &Mailbox,
    letter: &ClaimedEmail,
) -> Result<(Words, Wrapped), String> {
    let words = words(house, letter)?;
    let address = |(local, domain): &(String, String)| Address::new(local, domain);
    let reply = house.reply.as_ref().map(address).transpose().map_err(|_| "mail.reply is no address")?;
    let wrapped = Email {
        words: &words,
        to: &letter.content.to,
        from,
        vendor: &house.vendor,
        cause: &format!("{:016x}", letter.cause),
        message_id: &format!("{:016x}.{}", letter.id, letter.tries),
        date: SystemTime::now(),
        place: letter.reply.as_ref().map(|said| Place {
            reply: reply.as_ref(),
            token: &said.token,
            n: said.n,
            previous: said.previous,
            in_reply_to: &said.in_reply_to,
            references: &said.references,
        }),
    }
    .wrap()
    .map_err(|why| why.to_string())?;
    Ok((words, wrapped))
}

fn words(house: &VendorSettings, letter: &ClaimedEmail) -> Result<Words, &'static str> {
    let cause = format!("{:016x}", letter.cause);
    let (vendor, link, cause) = (&*house.vendor, &*letter.content.link, &*cause);
    let minutes = u32::try_from(LINK_SECONDS / 60).unwrap_or(60);
    let words = match letter.kind {
        Kind::PageLink => PageLink { vendor, link, minutes, cause }.words(),
        Kind::NewAddress => NewAddress { vendor, link, minutes, cause }.words(),
        Kind::StaffReply => {
            let said = letter.reply.as_ref().ok_or("a reply without its message")?;
            let (subject, text, quoted) = (&*said.subject, &*said.text, &*said.quoted);
            let (wrote_on, by_mail, takes_answers) = (&*said.wrote_on, said.by_mail, house.reply.is_some());
            StaffReply { vendor, subject, text, quoted, wrote_on, by_mail, takes_answers, link, cause }
                .words()
        }
    };
    words.map_err(|_| "the template")
}
