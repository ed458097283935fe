//! Receives e-mail from an IMAP mailbox: all messages in the configured folder, one at a time.
//!
//! A message is removed from the mailbox only after its content is committed. After an interruption in between, the
//! message is recognised by its fingerprint, so it is received exactly once. A message that fails is tried again later,
//! and does not block the messages after it.

mod quarantine;

use super::imap::{Body, ImapError, MAX_MESSAGE_BYTES, Session};
use super::receive::{ReceiveError, local_identity, receive_message};
use crate::settings::{After, Imap, MailConfig};
use calendar::Day;
use domain::VendorSettings;
use domain::compliance::doctor::{MailboxFault, RecordMailStatus};
use domain::conversations::ReceiveOutcome;
use inbound_mail::LocalIdentity;
use message_catalogue::English as _;
use quarantine::Quarantine;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Error};
use tokio::time::Instant;

/// The folder for messages that are too large.
const TOO_LARGE: &str = "Too large";

/// The maximum time of one IDLE. Servers end it after half an hour (RFC 2177), and many routers much sooner.
const IDLE: Duration = Duration::from_secs(9 * 60);

/// The longest pause between two connection attempts.
const MAX_PAUSE: Duration = Duration::from_secs(300);

/// The mailbox from which e-mail is received.
pub struct Mailbox {
    imap: Imap,
    identity: Arc<LocalIdentity>,
    /// The pause between two polls, for a server without IDLE.
    pub polling: Duration,
}

/// Why a session with the mailbox ended.
enum SessionEnd {
    Mailbox(ImapError),
    Store(Error),
}

impl From<ImapError> for SessionEnd {
    fn from(error: ImapError) -> Self {
        Self::Mailbox(error)
    }
}

/// The state that is kept between sessions.
struct State {
    /// Messages that failed and are tried again later.
    quarantine: Quarantine,
    pause: Duration,
    /// The status last recorded for `doctor`: how many messages are quarantined, and the mailbox fault, if any.
    recorded: (Option<usize>, Option<Option<MailboxFault>>),
    /// The day on which the receipt of e-mail was last recorded for `doctor`.
    received_day: Option<Day>,
}

impl Mailbox {
    /// The configured mailbox, if there is one.
    pub fn new(mail: MailConfig) -> Option<Self> {
        let identity = local_identity(&mail);
        mail.imap.map(|imap| Self { imap, identity, polling: Duration::from_secs(60) })
    }

    /// Receives all messages, now and later. Never returns.
    pub async fn watch(&self, db: &Db, settings: &VendorSettings) {
        let mut state = State {
            quarantine: Quarantine::default(),
            pause: Duration::ZERO,
            recorded: (None, None),
            received_day: None,
        };
        loop {
            match self.run_session(db, settings, &mut state).await {
                SessionEnd::Mailbox(error) => {
                    let fault = MailboxFault::from(error);
                    tracing::warn!(cause = fault.english(), "e-mail waits in the mailbox");
                    state.record_fault(db, Some(fault)).await;
                }
                SessionEnd::Store(error) => tracing::warn!(cause = %error, "e-mail waits in the mailbox"),
            }
            state.pause = (state.pause * 2).clamp(Duration::from_secs(1), MAX_PAUSE);
            tokio::time::sleep(state.pause).await;
        }
    }

    async fn run_session(&self, db: &Db, settings: &VendorSettings, state: &mut State) -> SessionEnd {
        let mut session = match Session::open(&self.imap).await {
            Ok(session) => session,
            Err(error) => return SessionEnd::Mailbox(error),
        };
        state.quarantine.set_validity(session.validity);
        match self.receive_all(&mut session, db, settings, state).await {
            Ok(never) => match never {},
            Err(SessionEnd::Store(error)) => {
                session.close().await;
                SessionEnd::Store(error)
            }
            Err(end) => end,
        }
    }

    async fn receive_all(
        &self,
        session: &mut Session,
        db: &Db,
        settings: &VendorSettings,
        state: &mut State,
    ) -> Result<Infallible, SessionEnd> {
        loop {
            let messages = session.messages().await?;
            state.quarantine.retain(&messages);
            for uid in messages {
                if state.quarantine.is_due(uid) {
                    self.receive_one(session, uid, db, settings, state).await?;
                }
            }
            state.pause = Duration::ZERO;
            state.record_fault(db, None).await;
            state.record_quarantine(db).await;
            let again =
                state.quarantine.next_attempt().map(|at| at.saturating_duration_since(Instant::now()));
            if session.can("IDLE") {
                session.wait(again.unwrap_or(IDLE).min(IDLE)).await?;
            } else {
                tokio::time::sleep(again.unwrap_or(self.polling).min(self.polling)).await;
            }
        }
    }

    async fn receive_one(
        &self,
        session: &mut Session,
        uid: u32,
        db: &Db,
        settings: &VendorSettings,
        state: &mut State,
    ) -> Result<(), SessionEnd> {
        let Some(size) = session.size(uid).await? else { return Ok(()) };
        let body = if size > MAX_MESSAGE_BYTES { Some(Body::TooLarge) } else { session.body(uid).await? };
        let raw = match body {
            None => return Ok(()),
            Some(Body::TooLarge) => return move_too_large(session, uid, db, state).await,
            Some(Body::Whole(raw)) => raw,
        };
        match receive_message(db, settings, &self.identity, raw).await {
            Ok(taken) => {
                tracing::info!(outcome = name(&taken), "a message was received");
                state.record_received(db).await;
            }
            Err(ReceiveError::Unavailable(error)) => return Err(SessionEnd::Store(error)),
            Err(ReceiveError::Failed(error)) => {
                tracing::error!(cause = %error, "a message cannot be received; it stays in the mailbox");
                state.quarantine.retry_later(uid);
                return Ok(());
            }
            Err(ReceiveError::Panicked) => {
                tracing::error!("a message cannot be parsed; it stays in the mailbox");
                state.quarantine.retry_later(uid);
                return Ok(());
            }
        }
        let removed = match &self.imap.after {
            After::Delete => session.delete(uid).await?,
            After::Move(folder) => session.move_to(uid, folder).await?,
        };
        if removed {
            state.quarantine.remove(uid);
        } else {
            tracing::warn!("a message was received, but the mailbox allows neither moving nor deleting it");
            state.quarantine.retry_later(uid);
        }
        Ok(())
    }
}

/// Moves a message that is too large to a folder where staff can read it with a mail program.
async fn move_too_large(
    session: &mut Session,
    uid: u32,
    db: &Db,
    state: &mut State,
) -> Result<(), SessionEnd> {
    let below = format!("INBOX.{TOO_LARGE}");
    // Some servers have all folders below INBOX.
    if session.move_to(uid, TOO_LARGE).await? || session.move_to(uid, &below).await? {
        tracing::warn!("a message is too large; it was moved to the folder `{TOO_LARGE}`");
        state.quarantine.remove(uid);
        return db.execute(&RecordMailStatus::Quarantined).await.map_err(SessionEnd::Store);
    }
    tracing::warn!("a message is too large, and the mailbox does not allow moving it");
    state.quarantine.retry_later(uid);
    Ok(())
}

fn name(taken: &ReceiveOutcome) -> &'static str {
    match taken {
        ReceiveOutcome::New(_) => "new conversation",
        ReceiveOutcome::Joined(_) => "added to its conversation",
        ReceiveOutcome::Recorded(_) => "recorded in its conversation",
        ReceiveOutcome::Duplicate => "received before",
        ReceiveOutcome::Dropped => "a delivery report about an e-mail that we did not send",
    }
}

impl State {
    /// Records the mailbox status for `doctor`. A failure is only logged, because the next message meets it too.
    async fn record(db: &Db, status: RecordMailStatus) -> bool {
        match db.execute(&status).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(cause = %error, "the mailbox status could not be recorded");
                false
            }
        }
    }

    /// Records once a day that e-mail is received.
    async fn record_received(&mut self, db: &Db) {
        let today = db.clock.today();
        if self.received_day != Some(today) && Self::record(db, RecordMailStatus::Received).await {
            self.received_day = Some(today);
        }
    }

    async fn record_quarantine(&mut self, db: &Db) {
        let waiting = Some(self.quarantine.len());
        if self.recorded.0 != waiting
            && Self::record(db, RecordMailStatus::Unprocessable(self.quarantine.len())).await
        {
            self.recorded.0 = waiting;
        }
    }

    async fn record_fault(&mut self, db: &Db, fault: Option<MailboxFault>) {
        if self.recorded.1 != Some(fault) && Self::record(db, RecordMailStatus::Mailbox(fault)).await {
            self.recorded.1 = Some(fault);
        }
    }
}
