//! Letters come here instead of going to a mail server, so that they can be seen.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::email::{ClaimEmail, ClaimedEmail, Outcome, RecordDelivery};
use domain::erasure::completion::roll_forward;
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};
use store::Error;
use tokio::time::timeout;

use mail::delivery::wrap;
use web::app::{App, Shared};

use super::Demo;

/// A letter as its recipient sees it. No `Debug`: the link in it opens a page.
#[derive(Clone)]
pub struct Seen {
    /// The headers, as they were sent.
    pub head: String,
    /// The subject.
    pub subject: String,
    /// The recipient.
    pub to: String,
    /// The plain text.
    pub text: String,
    /// The link in it.
    pub link: String,
}

/// Older ones are dropped.
const MOST: usize = 50;

/// The letters that have left, newest first.
#[derive(Default)]
pub struct Letterbox(Mutex<VecDeque<Seen>>);

impl Letterbox {
    /// A copy of all.
    pub fn all(&self) -> Vec<Seen> {
        self.0.lock().map_or_else(|_| Vec::new(), |letters| letters.iter().cloned().collect())
    }

    fn put(&self, letter: Seen) {
        if let Ok(mut letters) = self.0.lock() {
            letters.push_front(letter);
            letters.truncate(MOST);
        }
    }
}

/// Does what [`crate::jobs::send_and_forget`] does, but for the mail server.
pub async fn carry(app: Shared, demo: Arc<Demo>, from: Option<Mailbox>) {
    let Some(from) = from else { return };
    loop {
        if let Err(error) = roll_forward(&app.db).await {
            tracing::warn!(cause = %error, "forgettings wait");
        }
        if let Err(error) = carry_all(&app, &demo.letters, &from).await {
            tracing::warn!(cause = %error, "letters wait");
        }
        // Running out of time is the other way to go on.
        if timeout(Duration::from_secs(3), app.bell.notified()).await.is_err() {}
    }
}

async fn carry_all(app: &App, letterbox: &Letterbox, from: &Mailbox) -> Result<(), Error> {
    while let Some(letter) = app.db.write(&ClaimEmail).await? {
        let outcome = match seen(app, from, &letter) {
            Ok((seen, digest)) => {
                letterbox.put(seen);
                Outcome::Sent(digest)
            }
            Err(why) => Outcome::Never(why),
        };
        app.db.write(&RecordDelivery { letter: &letter, outcome }).await?;
    }
    Ok(())
}

/// The same words and the same message as on the wire, with the message's hash.
fn seen(app: &App, from: &Mailbox, letter: &ClaimedEmail) -> Result<(Seen, [u8; 32]), String> {
    let (words, wrapped) = wrap(&app.house, from, letter)?;
    let raw = String::from_utf8_lossy(&wrapped.raw);
    let head = raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n", "\n");
    let seen = Seen {
        head,
        subject: words.subject.clone(),
        to: letter.content.to.clone(),
        text: words.text.clone(),
        link: letter.content.link.clone(),
    };
    Ok((seen, Sha256::digest(&wrapped.raw).into()))
}
