//! Mail comes in: everything in the configured folder is taken, one message at a time, for ever.
//!
//! A message leaves the mailbox only after what it brought is committed. Stopped at any moment in between, it is found
//! again, known by its fingerprint and put away. One that can't be taken is passed by those behind it and tried again.

mod aside;

use super::imap::{Body, Fault, LARGEST, Session};
use super::take::{NotTaken, own, take};
use crate::settings::{After, Imap, MailConfig};
use aside::Aside;
use domain::VendorSettings;
use domain::compliance::doctor::NoteMail;
use domain::conversations::Taken;
use inbound_mail::Own;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Error};
use tokio::time::Instant;

/// Where a message lies that is too large.
const TOO_LARGE: &str = "Too large";

/// A server forgets an IDLE after half an hour (RFC 2177), and many a router on the way much sooner.
const IDLE: Duration = Duration::from_secs(9 * 60);

/// The longest pause before the mailbox is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The mailbox and what reading it needs.
pub struct Mailbox {
    imap: Imap,
    own: Arc<Own>,
    /// Between two looks, where the server can't wake us.
    pub polling: Duration,
}

/// Why a visit to the mailbox ended.
enum Stopped {
    Mailbox(Fault),
    VendorSettings(Error),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Mailbox(fault)
    }
}

/// What is remembered between visits.
struct Memory {
    /// Messages that are passed by for now.
    aside: Aside,
    pause: Duration,
    /// What the doctor was last told: how many wait, and why the mailbox can't be read.
    told: (Option<usize>, Option<String>),
    /// The day on which the doctor was last told that mail comes in.
    taken: i64,
}

impl Mailbox {
    /// The configured one, if there is one.
    pub fn new(mail: MailConfig) -> Option<Self> {
        let own = own(&mail);
        mail.imap.map(|imap| Self { imap, own, polling: Duration::from_secs(60) })
    }

    /// Takes what is there and what comes. Ends never.
    pub async fn watch(&self, db: &Db, house: &VendorSettings) {
        let mut memory =
            Memory { aside: Aside::default(), pause: Duration::ZERO, told: (None, None), taken: 0 };
        loop {
            match self.visit(db, house, &mut memory).await {
                Stopped::Mailbox(fault) => {
                    tracing::warn!(cause = %fault, "mail waits in the mailbox");
                    memory.tell_trouble(db, fault.to_string()).await;
                }
                Stopped::VendorSettings(error) => tracing::warn!(cause = %error, "mail waits in the mailbox"),
            }
            memory.pause = (memory.pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE);
            tokio::time::sleep(memory.pause).await;
        }
    }

    async fn visit(&self, db: &Db, house: &VendorSettings, memory: &mut Memory) -> Stopped {
        let mut session = match Session::open(&self.imap).await {
            Ok(session) => session,
            Err(fault) => return Stopped::Mailbox(fault),
        };
        memory.aside.of(session.validity);
        match self.stay(&mut session, db, house, memory).await {
            Ok(never) => match never {},
            Err(Stopped::VendorSettings(error)) => {
                session.close().await;
                Stopped::VendorSettings(error)
            }
            Err(stopped) => stopped,
        }
    }

    async fn stay(
        &self,
        session: &mut Session,
        db: &Db,
        house: &VendorSettings,
        memory: &mut Memory,
    ) -> Result<Infallible, Stopped> {
        loop {
            let messages = session.messages().await?;
            memory.aside.keep(&messages);
            for uid in messages {
                if memory.aside.is_due(uid) {
                    self.one(session, uid, db, house, memory).await?;
                }
            }
            memory.pause = Duration::ZERO;
            memory.tell_trouble(db, String::new()).await;
            memory.tell_waiting(db).await;
            let again = memory.aside.next().map(|at| at.saturating_duration_since(Instant::now()));
            if session.can("IDLE") {
                session.wait(again.unwrap_or(IDLE).min(IDLE)).await?;
            } else {
                tokio::time::sleep(again.unwrap_or(self.polling).min(self.polling)).await;
            }
        }
    }

    async fn one(
        &self,
        session: &mut Session,
        uid: u32,
        db: &Db,
        house: &VendorSettings,
        memory: &mut Memory,
    ) -> Result<(), Stopped> {
        let Some(size) = session.size(uid).await? else { return Ok(()) };
        let body = if size > LARGEST { Some(Body::TooLarge) } else { session.body(uid).await? };
        let raw = match body {
            None => return Ok(()),
            Some(Body::TooLarge) => return put_aside(session, uid, db, memory).await,
            Some(Body::Whole(raw)) => raw,
        };
        match take(db, house, &self.own, raw).await {
            Ok(taken) => {
                tracing::info!(how = name(&taken), "a message was taken");
                memory.tell_taken(db).await;
            }
            Err(NotTaken::Away(error)) => return Err(Stopped::VendorSettings(error)),
            Err(NotTaken::Fails(error)) => {
                tracing::error!(cause = %error, "a message can't be taken; it stays in the mailbox");
                memory.aside.later(uid);
                return Ok(());
            }
            Err(NotTaken::Broke) => {
                tracing::error!("a message can't be read; it stays in the mailbox");
                memory.aside.later(uid);
                return Ok(());
            }
        }
        let away = match &self.imap.after {
            After::Delete => session.delete(uid).await?,
            After::Move(folder) => session.move_to(uid, folder).await?,
        };
        if away {
            memory.aside.done(uid);
        } else {
            tracing::warn!("a message was taken, but the mailbox lets it neither be moved nor deleted");
            memory.aside.later(uid);
        }
        Ok(())
    }
}

/// A message that is too large is moved where staff can read it with a mail program.
async fn put_aside(session: &mut Session, uid: u32, db: &Db, memory: &mut Memory) -> Result<(), Stopped> {
    let below = format!("INBOX.{TOO_LARGE}");
    // Some servers have all folders below the inbox.
    if session.move_to(uid, TOO_LARGE).await? || session.move_to(uid, &below).await? {
        tracing::warn!("a message is too large; it lies in the folder `{TOO_LARGE}`");
        memory.aside.done(uid);
        return db.write(&NoteMail::Aside).await.map_err(Stopped::VendorSettings);
    }
    tracing::warn!("a message is too large, and the mailbox doesn't let it be moved");
    memory.aside.later(uid);
    Ok(())
}

fn name(taken: &Taken) -> &'static str {
    match taken {
        Taken::New(_) => "a new thread",
        Taken::Joined(_) => "joined its thread",
        Taken::Recorded(_) => "recorded with its thread",
        Taken::Before => "taken before",
        Taken::Dropped(reason) => reason,
    }
}

impl Memory {
    /// What the doctor is told can wait: a database that is away is seen by the next message.
    async fn tell(db: &Db, note: NoteMail) -> bool {
        match db.write(&note).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(cause = %error, "how it goes with the mail could not be noted");
                false
            }
        }
    }

    /// Once a day.
    async fn tell_taken(&mut self, db: &Db) {
        let today = db.clock.today();
        if self.taken != today && Self::tell(db, NoteMail::Taken).await {
            self.taken = today;
        }
    }

    async fn tell_waiting(&mut self, db: &Db) {
        let waiting = Some(self.aside.len());
        if self.told.0 != waiting && Self::tell(db, NoteMail::Waiting(self.aside.len())).await {
            self.told.0 = waiting;
        }
    }

    async fn tell_trouble(&mut self, db: &Db, why: String) {
        let why = Some(why);
        if self.told.1 != why && Self::tell(db, NoteMail::Trouble(why.clone().unwrap_or_default())).await {
            self.told.1 = why;
        }
    }
}
