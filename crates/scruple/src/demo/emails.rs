//! Captures the e-mails of the demo in the place of a mail server, so that its page can show them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::email::{ClaimEmail, ClaimedEmail, DeliveryFailure, DeliveryOutcome, RecordDelivery};
use domain::erasure::completion::roll_forward;
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};
use store::Error;
use tokio::time::timeout;

use mail::delivery::compose;
use web::app::{App, Shared};

/// An e-mail as its recipient sees it. No `Debug`, because its link is a credential.
#[derive(Clone)]
pub struct SentEmail {
    /// The headers as sent.
    pub head: String,
    pub subject: String,
    /// The recipient.
    pub to: String,
    /// The plain text.
    pub text: String,
    /// The link in it.
    pub link: String,
}

/// The maximum number of e-mails; older ones are dropped.
const MAX_EMAILS: usize = 50;

/// The sent e-mails, newest first.
#[derive(Default)]
pub struct SentEmails(Mutex<VecDeque<SentEmail>>);

impl SentEmails {
    /// A copy of all e-mails.
    pub fn all(&self) -> Vec<SentEmail> {
        self.0.lock().map_or_else(|_| Vec::new(), |emails| emails.iter().cloned().collect())
    }

    fn add(&self, email: SentEmail) {
        if let Ok(mut emails) = self.0.lock() {
            emails.push_front(email);
            emails.truncate(MAX_EMAILS);
        }
    }
}

/// Does the same as [`crate::jobs::send_emails`], without a mail server.
pub async fn capture_emails(app: Shared, sent: Arc<SentEmails>, from: Option<Mailbox>) {
    let Some(from) = from else { return };
    loop {
        if let Err(error) = roll_forward(&app.db).await {
            tracing::warn!(cause = %error, "erasures are pending");
        }
        if let Err(error) = capture_due(&app, &sent, &from).await {
            tracing::warn!(cause = %error, "e-mails wait in the outbox");
        }
        // A timeout starts the next round too.
        if timeout(Duration::from_secs(3), app.work_available.notified()).await.is_err() {}
    }
}

async fn capture_due(app: &App, sent: &SentEmails, from: &Mailbox) -> Result<(), Error> {
    while let Some(claimed) = app.db.execute(&ClaimEmail).await? {
        let outcome = match composed(app, from, &claimed) {
            Ok((email, digest)) => {
                sent.add(email);
                DeliveryOutcome::Sent(digest)
            }
            Err(why) => DeliveryOutcome::Rejected(why),
        };
        app.db.execute(&RecordDelivery { email: &claimed, outcome }).await?;
    }
    Ok(())
}

/// Composes the same message as for a mail server, with its hash.
fn composed(
    app: &App,
    from: &Mailbox,
    claimed: &ClaimedEmail,
) -> Result<(SentEmail, [u8; 32]), DeliveryFailure> {
    let (text, message) = compose(&app.settings, from, claimed)?;
    let raw = String::from_utf8_lossy(&message.raw);
    let head = raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n", "\n");
    let email = SentEmail {
        head,
        subject: text.subject.clone(),
        to: claimed.content.to.clone(),
        text: text.text.clone(),
        link: claimed.content.link.clone(),
    };
    Ok((email, Sha256::digest(&message.raw).into()))
}
