//! The way to the mailbox: as much of IMAP (RFC 3501, RFC 9051) as taking mail needs, and no more.
//!
//! Small on purpose: what a server sends is bounded before it is kept, a message too large is read past and not into
//! memory, and a fault is named by its class alone, because servers repeat names and addresses in their sentences.

mod answer;
mod stream;

#[cfg(test)]
mod tests;

pub use answer::Body;
pub use stream::LARGEST;

use crate::settings::Imap;
use answer::{Answer, Fetched};
use std::fmt;
use std::time::Duration;
use stream::{Stream, Talk};
use tokio::time::timeout;

/// For an answer to a command, and for reaching the server.
const ANSWER: Duration = Duration::from_secs(120);

/// For a whole message, however slowly the server drips.
const MESSAGE: Duration = Duration::from_secs(600);

/// Why the mailbox can't be read, without a word of the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It can't be reached, or it hung up.
    Connection,
    /// It took too long.
    TimedOut,
    /// No trusted encryption with it.
    Tls,
    /// `mail.imap_ca_file` holds a certificate that can't be read.
    Authority,
    /// It lacks what we need: STARTTLS, or logging in with a password.
    Capability,
    /// It doesn't take name and password.
    Login,
    /// The folder isn't there, or can only be read.
    Folder,
    /// It answers what isn't IMAP.
    Protocol,
    /// It refused a command.
    Refused,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the mailbox can't be reached, or hung up",
            Self::TimedOut => "the mailbox took too long",
            Self::Tls => "no trusted encryption with the mailbox",
            Self::Authority => "mail.imap_ca_file holds a certificate that can't be read",
            Self::Capability => "the mailbox lacks STARTTLS, or takes no password",
            Self::Login => "the mailbox refuses the name or the password",
            Self::Folder => "the mailbox has no such folder, or only lets it be read",
            Self::Protocol => "the mailbox doesn't speak IMAP",
            Self::Refused => "the mailbox refused a command",
        })
    }
}

impl std::error::Error for Fault {}

/// A folder, selected.
pub struct Session {
    talk: Talk,
    can: Vec<String>,
    /// What tells this folder's numbers from those it had before it was made anew (RFC 3501, 2.3.1.1).
    pub validity: u32,
    /// Something arrived since the folder was last looked through.
    news: bool,
}

/// How a command ended.
struct Ended {
    done: bool,
    /// `[...]` of the last answer, without the brackets.
    code: String,
}

impl Session {
    /// Reaches the server, encrypts, logs in and selects the folder.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn open(imap: &Imap) -> Result<Self, Fault> {
        let stream = timeout(ANSWER, stream::connect(imap)).await.map_err(|_| Fault::TimedOut)??;
        Self::over(stream, imap).await
    }

    /// The same over a stream that is there and encrypted.
    async fn over(stream: Box<dyn Stream>, imap: &Imap) -> Result<Self, Fault> {
        let mut session = Self { talk: Talk::over(stream), can: Vec::new(), validity: 0, news: false };
        if !stream::is_encrypting(imap) {
            let greeting = session.read().await?;
            greeting.greets().then_some(()).ok_or(Fault::Protocol)?;
        }
        session.capabilities().await?;
        session.log_in(imap).await?;
        session.capabilities().await?;
        session.select(&imap.folder).await?;
        Ok(session)
    }

    /// Whether the server can do what this word stands for.
    #[must_use]
    pub fn can(&self, word: &str) -> bool {
        self.can.iter().any(|can| can == word)
    }

    async fn capabilities(&mut self) -> Result<(), Fault> {
        let mut can = Vec::new();
        self.must("CAPABILITY", &mut |answer| can.extend(answer.capabilities())).await?;
        self.can = can;
        Ok(())
    }

    async fn log_in(&mut self, imap: &Imap) -> Result<(), Fault> {
        if self.can("LOGINDISABLED") {
            return Err(Fault::Capability);
        }
        let (name, password) = (&imap.login.name, &*imap.login.password);
        let tag = self.talk.begin();
        self.talk.say(&format!("{tag} LOGIN ")).await?;
        for (text, end) in [(name.as_str(), " "), (password, "\r\n")] {
            if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
                self.talk.say(&quoted(text)).await?;
            } else {
                self.talk.say(&format!("{{{}}}\r\n", text.len())).await?;
                self.continued().await.map_err(|_| Fault::Login)?;
                self.talk.say(text).await?;
            }
            self.talk.say(end).await?;
        }
        let ended = self.end(&tag, ANSWER, &mut |_| {}).await?;
        ended.done.then_some(()).ok_or(Fault::Login)
    }

    async fn select(&mut self, folder: &str) -> Result<(), Fault> {
        let mut validity = 0;
        let select = format!("SELECT {}", quoted(folder));
        let mut hear = |answer: Answer| validity = answer.validity().unwrap_or(validity);
        let ended = self.ask(&select, ANSWER, &mut hear).await?;
        if !ended.done || ended.code.eq_ignore_ascii_case("READ-ONLY") {
            return Err(Fault::Folder);
        }
        self.validity = validity;
        Ok(())
    }

    /// The numbers of the messages that lie in the folder, ascending. Those marked as deleted too: a stop between the
    /// mark and its end must leave none behind.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn messages(&mut self) -> Result<Vec<u32>, Fault> {
        // What has arrived counts from here on: a server may tell of it only at the next command.
        self.must("NOOP", &mut |_| {}).await?;
        self.news = false;
        let mut numbers = Vec::new();
        self.must("UID SEARCH ALL", &mut |answer| numbers.extend(answer.found())).await?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// The size of a message, in bytes; none when it is gone.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn size(&mut self, uid: u32) -> Result<Option<u64>, Fault> {
        let fetched = self.fetch(uid, "RFC822.SIZE", ANSWER).await?;
        Ok(fetched.and_then(|fetched| fetched.size))
    }

    /// A whole message; none when it is gone. One larger than [`stream::LARGEST`] is read past.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn body(&mut self, uid: u32) -> Result<Option<Body>, Fault> {
        let fetched = self.fetch(uid, "BODY.PEEK[]", MESSAGE).await?;
        Ok(fetched.and_then(|fetched| fetched.body))
    }

    async fn fetch(&mut self, uid: u32, what: &str, limit: Duration) -> Result<Option<Fetched>, Fault> {
        let mut of_it = None;
        let mut hear = |answer: Answer| {
            // The server may tell of others too, or of its flags alone.
            let fetched = answer.fetched().filter(|fetched| fetched.uid == Some(uid));
            of_it = fetched.filter(|one| one.size.is_some() || one.body.is_some()).or(of_it.take());
        };
        let ended = self.ask(&format!("UID FETCH {uid} (UID {what})"), limit, &mut hear).await?;
        ended.done.then_some(of_it).ok_or(Fault::Refused)
    }

    /// Deletes one message and no other. False: the server refused.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn delete(&mut self, uid: u32) -> Result<bool, Fault> {
        let marked =
            self.ask(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"), ANSWER, &mut |_| {}).await?;
        // Without UIDPLUS what others have marked goes as well; who marks a message means that.
        let expunge = if self.can("UIDPLUS") { format!("UID EXPUNGE {uid}") } else { "EXPUNGE".to_owned() };
        Ok(marked.done && self.ask(&expunge, ANSWER, &mut |_| {}).await?.done)
    }

    /// Moves a message to a folder, which is made where it isn't there. False: the server refused.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn move_to(&mut self, uid: u32, folder: &str) -> Result<bool, Fault> {
        let moves = self.can("MOVE");
        let command = format!("UID {} {uid} {}", if moves { "MOVE" } else { "COPY" }, quoted(folder));
        let mut ended = self.ask(&command, ANSWER, &mut |_| {}).await?;
        if !ended.done {
            self.ask(&format!("CREATE {}", quoted(folder)), ANSWER, &mut |_| {}).await?;
            ended = self.ask(&command, ANSWER, &mut |_| {}).await?;
        }
        match (ended.done, moves) {
            (true, false) => self.delete(uid).await,
            (done, _) => Ok(done),
        }
    }

    /// Waits until something arrives, at most so long; at once when something has arrived meanwhile. Only where the
    /// server can `IDLE` (RFC 2177).
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn wait(&mut self, most: Duration) -> Result<(), Fault> {
        let tag = self.talk.begin();
        self.talk.say(&format!("{tag} IDLE\r\n")).await?;
        self.continued().await?;
        let until = tokio::time::Instant::now() + most;
        while !self.news {
            match tokio::time::timeout_at(until, self.talk.answer()).await {
                // An answer that was half read is read on: what came so far is kept.
                Err(_) => break,
                Ok(answer) => self.heed(&answer?)?,
            }
        }
        self.talk.say("DONE\r\n").await?;
        self.end(&tag, ANSWER, &mut |_| {}).await?.done.then_some(()).ok_or(Fault::Refused)
    }

    /// Says good-bye. Nothing depends on its answer.
    pub async fn close(mut self) {
        if self.must("LOGOUT", &mut |_| {}).await.is_err() {}
    }

    async fn must(&mut self, command: &str, hear: &mut (dyn FnMut(Answer) + Send)) -> Result<(), Fault> {
        self.ask(command, ANSWER, hear).await?.done.then_some(()).ok_or(Fault::Refused)
    }

    async fn ask(
        &mut self,
        command: &str,
        limit: Duration,
        hear: &mut (dyn FnMut(Answer) + Send),
    ) -> Result<Ended, Fault> {
        let tag = self.talk.begin();
        self.talk.say(&format!("{tag} {command}\r\n")).await?;
        self.end(&tag, limit, hear).await
    }

    /// Hears what comes until the command has ended.
    async fn end(
        &mut self,
        tag: &str,
        limit: Duration,
        hear: &mut (dyn FnMut(Answer) + Send),
    ) -> Result<Ended, Fault> {
        let heard = async {
            loop {
                let answer = self.talk.answer().await?;
                if let Some(done) = answer.ends(tag) {
                    return Ok(Ended { done, code: answer.code().to_owned() });
                }
                self.heed(&answer)?;
                hear(answer);
            }
        };
        timeout(limit, heard).await.map_err(|_| Fault::TimedOut)?
    }

    /// Waits for the `+` that asks for more.
    async fn continued(&mut self) -> Result<(), Fault> {
        loop {
            let answer = self.read().await?;
            if answer.asks_for_more() {
                return Ok(());
            }
            if !answer.is_untagged() {
                return Err(Fault::Refused);
            }
            self.heed(&answer)?;
        }
    }

    async fn read(&mut self) -> Result<Answer, Fault> {
        timeout(ANSWER, self.talk.answer()).await.map_err(|_| Fault::TimedOut)?
    }

    /// What may come at any time: news, or a good-bye.
    fn heed(&mut self, answer: &Answer) -> Result<(), Fault> {
        self.news |= answer.is_news();
        if answer.says_goodbye() { Err(Fault::Connection) } else { Ok(()) }
    }
}

/// A quoted string; its text was checked to be ASCII without control symbols.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
