//! What happens by itself: letters leave, forgettings roll forward, the journal's chain is closed, the sweep sweeps.

use std::time::{Duration, SystemTime};

use desk::count::close_due;
use desk::doctor::NoteSweep;
use desk::forget::roll_forward;
use desk::letter::{InHand, Kind, LetterDone, Outcome, TakeLetter};
use desk::prove::close_journal;
use desk::recover::{AskForPage, LINK_SECONDS};
use desk::sweep::{Swept, sweep};
use lettre::Address;
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};
use store::Error;
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use zeroize::Zeroizing;

use crate::app::{App, Shared};
use crate::mail::letters::{NewAddress, PageLink, StaffReply, Words};
use crate::mail::message::{Letter, Place, Wrapped};
use crate::mail::wire::{SendError, Wire};

/// Answers those who asked for the link to their page, one after the other.
pub async fn answer_asks(app: Shared, mut asks: mpsc::Receiver<Zeroizing<String>>) {
    while let Some(address) = asks.recv().await {
        match app.db.write(&AskForPage { address: &address, house: &app.house }).await {
            Ok(()) => app.bell.notify_one(),
            Err(error) => tracing::warn!(cause = %error, "a wish for a link could not be looked at"),
        }
    }
}

/// Sends letters and rolls forgettings forward: when the bell rings, and every few seconds all the same, because
/// other processes ring no bell here.
pub async fn send_and_forget(app: Shared, way: Option<(Wire, Mailbox)>) {
    loop {
        if let Err(error) = roll_forward(&app.db).await {
            tracing::warn!(cause = %error, "forgettings wait");
        }
        if let Err(error) = app.search.purge(&app.db).await {
            tracing::warn!(cause = %error, "the search can't look what was forgotten");
        }
        if let Some((wire, from)) = &way
            && let Err(error) = send_all(&app, wire, from).await
        {
            tracing::warn!(cause = %error, "letters wait");
        }
        // Running out of time is the other way to go on.
        if timeout(Duration::from_secs(3), app.bell.notified()).await.is_err() {}
    }
}

async fn send_all(app: &App, wire: &Wire, from: &Mailbox) -> Result<(), Error> {
    while let Some(letter) = app.db.write(&TakeLetter).await? {
        let outcome = send(app, wire, from, &letter).await;
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
        app.db.write(&LetterDone { letter: &letter, outcome }).await?;
    }
    Ok(())
}

async fn send(app: &App, wire: &Wire, from: &Mailbox, letter: &InHand) -> Outcome {
    let (_, wrapped) = match wrap(app, from, letter) {
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
pub fn wrap(app: &App, from: &Mailbox, letter: &InHand) -> Result<(Words, Wrapped), String> {
    let words = words(app, letter)?;
    let address = |(local, domain): &(String, String)| Address::new(local, domain);
    let reply = app.house.reply.as_ref().map(address).transpose().map_err(|_| "mail.reply is no address")?;
    let wrapped = Letter {
        words: &words,
        to: &letter.content.to,
        from,
        vendor: &app.house.vendor,
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

fn words(app: &App, letter: &InHand) -> Result<Words, &'static str> {
    let cause = format!("{:016x}", letter.cause);
    let (vendor, link, cause) = (&*app.house.vendor, &*letter.content.link, &*cause);
    let minutes = u32::try_from(LINK_SECONDS / 60).unwrap_or(60);
    let words = match letter.kind {
        Kind::PageLink => PageLink { vendor, link, minutes, cause }.words(),
        Kind::NewAddress => NewAddress { vendor, link, minutes, cause }.words(),
        Kind::StaffReply => {
            let said = letter.reply.as_ref().ok_or("a reply without its message")?;
            let (subject, text, quoted) = (&*said.subject, &*said.text, &*said.quoted);
            let (wrote_on, by_mail, takes_answers) =
                (&*said.wrote_on, said.by_mail, app.house.reply.is_some());
            StaffReply { vendor, subject, text, quoted, wrote_on, by_mail, takes_answers, link, cause }
                .words()
        }
    };
    words.map_err(|_| "the template")
}

/// Reads all open threads for the search of the staff, once at the start.
pub async fn read_for_search(app: Shared) {
    if let Err(error) = app.search.keep_up(&app.db).await {
        tracing::warn!(cause = %error, "the search reads its threads when it is asked");
    }
}

/// Closes the journal's chain over what was written since, once a second, and anchors its head in the keyring.
pub async fn close_chain(app: Shared) {
    let mut ticks = interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        if let Err(error) = close_journal(&app.db).await {
            tracing::warn!(cause = %error, "the journal's chain waits to be closed");
        }
    }
}

/// Sweeps at the start and every hour.
pub async fn sweep_hourly(app: Shared) {
    let mut ticks = interval(Duration::from_secs(3600));
    loop {
        ticks.tick().await;
        match sweep_once(&app).await {
            Ok(swept) => tracing::info!(?swept, "swept"),
            Err(error) => tracing::warn!(cause = %error, "the sweep waits"),
        }
    }
}

async fn sweep_once(app: &App) -> Result<Swept, Error> {
    let swept = sweep(&app.db, &app.house).await?;
    app.db.write(&NoteSweep).await?;
    Ok(swept)
}

/// Closes the days of sites that are over, once a minute: they are published, and their keys forgotten.
pub async fn close_days(app: Shared) {
    let mut ticks = interval(Duration::from_secs(60));
    loop {
        ticks.tick().await;
        match close_due(&app.db, app.counter.folding()).await {
            Ok(closed) if closed.days + closed.lost > 0 => tracing::info!(?closed, "days of visits"),
            Ok(_) => {}
            Err(error) => tracing::warn!(cause = %error, "days of visits wait to be closed"),
        }
    }
}
