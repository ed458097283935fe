//! Delivery: takes e-mails out of the outbox, composes them and sends them through the mail server.

use std::time::SystemTime;

use domain::VendorSettings;
use domain::email::{ClaimEmail, ClaimedEmail, DeliveryFailure, DeliveryOutcome, EmailKind, RecordDelivery};
use domain::portal::magic_link::LINK_SECONDS;
use lettre::Address;
use lettre::message::Mailbox;
use message_catalogue::English as _;
use sha2::{Digest as _, Sha256};
use store::{Db, Error};

use crate::emails::{EmailText, MagicLinkEmail, NewAddressEmail, StaffReplyEmail};
use crate::message::{ComposedEmail, Email, Threading};
use crate::smtp::{SendError, SmtpClient};

/// Sends every e-mail that is due, one after the other.
///
/// # Errors
/// If the database or the keyring cannot be reached.
pub async fn send_all(
    db: &Db,
    settings: &VendorSettings,
    smtp: &SmtpClient,
    from: &Mailbox,
) -> Result<(), Error> {
    while let Some(email) = db.execute(&ClaimEmail).await? {
        let outcome = send(settings, smtp, from, &email).await;
        match &outcome {
            DeliveryOutcome::Sent(_) => {
                tracing::info!(kind = email.kind.name(), "an e-mail was sent");
            }
            DeliveryOutcome::Retry(why) => {
                let why = why.english();
                tracing::warn!(kind = email.kind.name(), why, "an e-mail will be sent again later");
            }
            DeliveryOutcome::Rejected(why) => {
                let why = why.english();
                tracing::warn!(kind = email.kind.name(), why, "an e-mail cannot be sent");
            }
        }
        db.execute(&RecordDelivery { email: &email, outcome }).await?;
    }
    Ok(())
}

async fn send(
    settings: &VendorSettings,
    smtp: &SmtpClient,
    from: &Mailbox,
    email: &ClaimedEmail,
) -> DeliveryOutcome {
    let (_, composed) = match compose(settings, from, email) {
        Ok(composed) => composed,
        Err(why) => return DeliveryOutcome::Rejected(why),
    };
    match smtp.send(&composed).await {
        Ok(_) => DeliveryOutcome::Sent(Sha256::digest(&composed.raw).into()),
        Err(SendError::Temporary(class)) => DeliveryOutcome::Retry(class.into()),
        Err(SendError::Permanent(class)) => DeliveryOutcome::Rejected(class.into()),
    }
}

/// Composes a claimed e-mail, and returns its text too.
///
/// # Errors
/// The reason why it can never be sent, without any of its content.
pub fn compose(
    settings: &VendorSettings,
    from: &Mailbox,
    email: &ClaimedEmail,
) -> Result<(EmailText, ComposedEmail), DeliveryFailure> {
    let text = render(settings, email)?;
    let address = |(local, domain): &(String, String)| Address::new(local, domain);
    let reply_to = settings.reply.as_ref().map(address).transpose();
    let reply_to = reply_to.map_err(|_| DeliveryFailure::InvalidReplyAddress)?;
    let composed = Email {
        text: &text,
        to: &email.content.to,
        from,
        vendor: &settings.vendor,
        cause: &format!("{:016x}", email.cause),
        message_id: &format!("{:016x}.{}", email.id, email.attempts),
        date: SystemTime::now(),
        threading: email.reply.as_ref().map(|reply| Threading {
            reply_to: reply_to.as_ref(),
            token: &reply.token,
            n: reply.n,
            previous: reply.previous,
            in_reply_to: &reply.in_reply_to,
            references: &reply.references,
        }),
    }
    .compose()?;
    Ok((text, composed))
}

fn render(settings: &VendorSettings, email: &ClaimedEmail) -> Result<EmailText, DeliveryFailure> {
    let cause = format!("{:016x}", email.cause);
    let (vendor, link, cause) = (&*settings.vendor, &*email.content.link, &*cause);
    let minutes = u32::try_from(LINK_SECONDS / 60).unwrap_or(60);
    let rendered = match email.kind {
        EmailKind::MagicLink => MagicLinkEmail { vendor, link, minutes, cause }.render(),
        EmailKind::NewAddress => NewAddressEmail { vendor, link, minutes, cause }.render(),
        EmailKind::StaffReply => {
            let reply = email.reply.as_ref().ok_or(DeliveryFailure::MissingMessage)?;
            let (subject, text, quoted) = (&*reply.subject, &*reply.text, &*reply.quoted);
            let (wrote_on, by_mail, accepts_replies) =
                (&*reply.wrote_on, reply.by_mail, settings.reply.is_some());
            StaffReplyEmail { vendor, subject, text, quoted, wrote_on, by_mail, accepts_replies, link, cause }
                .render()
        }
    };
    rendered.map_err(|_| DeliveryFailure::Template)
}
