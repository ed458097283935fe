//! An IMAP client (RFC 3501, RFC 9051) with only the commands that receiving e-mail needs.
//!
//! Everything that a server sends is bounded before it is kept, and a message that is too large is skipped without being
//! held in memory. An error names only its class, because servers repeat names and addresses in their responses.

mod error;
mod response;
mod stream;

#[cfg(test)]
mod tests;

pub use error::ImapError;
pub use response::Body;
pub use stream::MAX_MESSAGE_BYTES;

use crate::settings::Imap;
use response::{Fetched, ImapResponse};
use std::time::Duration;
use stream::{ImapStream, RESPONSE_TIMEOUT, Stream};
use tokio::time::timeout;

/// The time limit for a whole message, for a slow server too.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(600);

/// A session with a selected folder.
pub struct Session {
    stream: ImapStream,
    capabilities: Vec<String>,
    /// The UIDVALIDITY of the folder. It changes if the folder is created again (RFC 3501, 2.3.1.1).
    pub validity: u32,
    /// Whether a message arrived since the last search.
    has_new: bool,
}

/// The completion of a command.
struct Completion {
    done: bool,
    /// The response code `[...]`, without the brackets.
    code: String,
}

impl Session {
    /// Connects to the server with encryption, logs in and selects the folder.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn open(imap: &Imap) -> Result<Self, ImapError> {
        let stream =
            timeout(RESPONSE_TIMEOUT, stream::connect(imap)).await.map_err(|_| ImapError::TimedOut)??;
        Self::start(stream, imap).await
    }

    /// Starts a session over an encrypted stream.
    async fn start(stream: Box<dyn Stream>, imap: &Imap) -> Result<Self, ImapError> {
        let mut session =
            Self { stream: ImapStream::new(stream), capabilities: Vec::new(), validity: 0, has_new: false };
        if !stream::greeting_is_read(imap) {
            let greeting = session.read().await?;
            greeting.is_greeting().then_some(()).ok_or(ImapError::Protocol)?;
        }
        session.read_capabilities().await?;
        session.log_in(imap).await?;
        session.read_capabilities().await?;
        session.select(&imap.folder).await?;
        Ok(session)
    }

    /// Whether the server has a capability.
    #[must_use]
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    async fn read_capabilities(&mut self) -> Result<(), ImapError> {
        let mut capabilities = Vec::new();
        self.run("CAPABILITY", &mut |response| capabilities.extend(response.capabilities())).await?;
        self.capabilities = capabilities;
        Ok(())
    }

    async fn log_in(&mut self, imap: &Imap) -> Result<(), ImapError> {
        if self.can("LOGINDISABLED") {
            return Err(ImapError::Capability);
        }
        let (name, password) = (&imap.login.name, &*imap.login.password);
        let tag = self.stream.next_tag();
        self.stream.send(&format!("{tag} LOGIN ")).await?;
        for (text, end) in [(name.as_str(), " "), (password, "\r\n")] {
            if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
                self.stream.send(&quoted(text)).await?;
            } else {
                self.stream.send(&format!("{{{}}}\r\n", text.len())).await?;
                self.wait_for_continuation().await.map_err(|_| ImapError::Login)?;
                self.stream.send(text).await?;
            }
            self.stream.send(end).await?;
        }
        let completion = self.complete(&tag, RESPONSE_TIMEOUT, &mut |_| {}).await?;
        completion.done.then_some(()).ok_or(ImapError::Login)
    }

    async fn select(&mut self, folder: &str) -> Result<(), ImapError> {
        let mut validity = 0;
        let select = format!("SELECT {}", quoted(folder));
        let mut on_response = |response: ImapResponse| validity = response.validity().unwrap_or(validity);
        let completion = self.command(&select, RESPONSE_TIMEOUT, &mut on_response).await?;
        if !completion.done || completion.code.eq_ignore_ascii_case("READ-ONLY") {
            return Err(ImapError::Folder);
        }
        self.validity = validity;
        Ok(())
    }

    /// Lists the UIDs of all messages in the folder, ascending. Includes messages marked as deleted, so that an
    /// interrupted deletion is completed.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn messages(&mut self) -> Result<Vec<u32>, ImapError> {
        // NOOP lets the server report new messages, which the search then includes.
        self.run("NOOP", &mut |_| {}).await?;
        self.has_new = false;
        let mut numbers = Vec::new();
        self.run("UID SEARCH ALL", &mut |response| numbers.extend(response.found())).await?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// The size of a message in bytes; none if it no longer exists.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn size(&mut self, uid: u32) -> Result<Option<u64>, ImapError> {
        let fetched = self.fetch(uid, "RFC822.SIZE", RESPONSE_TIMEOUT).await?;
        Ok(fetched.and_then(|fetched| fetched.size))
    }

    /// A whole message; none if it no longer exists. One larger than [`stream::MAX_MESSAGE_BYTES`] is skipped.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn body(&mut self, uid: u32) -> Result<Option<Body>, ImapError> {
        let fetched = self.fetch(uid, "BODY.PEEK[]", MESSAGE_TIMEOUT).await?;
        Ok(fetched.and_then(|fetched| fetched.body))
    }

    async fn fetch(&mut self, uid: u32, what: &str, limit: Duration) -> Result<Option<Fetched>, ImapError> {
        let mut found = None;
        let mut on_response = |response: ImapResponse| {
            // The server may also report other messages, or flags alone.
            let fetched = response.fetched().filter(|fetched| fetched.uid == Some(uid));
            found = fetched.filter(|one| one.size.is_some() || one.body.is_some()).or(found.take());
        };
        let completion =
            self.command(&format!("UID FETCH {uid} (UID {what})"), limit, &mut on_response).await?;
        completion.done.then_some(found).ok_or(ImapError::Refused)
    }

    /// Deletes one message. Returns false if the server refuses.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn delete(&mut self, uid: u32) -> Result<bool, ImapError> {
        let marked = self
            .command(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"), RESPONSE_TIMEOUT, &mut |_| {})
            .await?;
        // Without UIDPLUS, messages that other clients marked as deleted are removed too.
        let expunge = if self.can("UIDPLUS") { format!("UID EXPUNGE {uid}") } else { "EXPUNGE".to_owned() };
        Ok(marked.done && self.command(&expunge, RESPONSE_TIMEOUT, &mut |_| {}).await?.done)
    }

    /// Moves a message to a folder, which is created if it does not exist. Returns false if the server refuses.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub(crate) async fn move_to(&mut self, uid: u32, folder: &str) -> Result<bool, ImapError> {
        let moves = self.can("MOVE");
        let command = format!("UID {} {uid} {}", if moves { "MOVE" } else { "COPY" }, quoted(folder));
        let mut completion = self.command(&command, RESPONSE_TIMEOUT, &mut |_| {}).await?;
        if !completion.done {
            self.command(&format!("CREATE {}", quoted(folder)), RESPONSE_TIMEOUT, &mut |_| {}).await?;
            completion = self.command(&command, RESPONSE_TIMEOUT, &mut |_| {}).await?;
        }
        match (completion.done, moves) {
            (true, false) => self.delete(uid).await,
            (done, _) => Ok(done),
        }
    }

    /// Waits for a new message, up to a time limit. Returns at once if a message arrived since the last search. The server
    /// must support `IDLE` (RFC 2177).
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn wait(&mut self, limit: Duration) -> Result<(), ImapError> {
        let tag = self.stream.next_tag();
        self.stream.send(&format!("{tag} IDLE\r\n")).await?;
        self.wait_for_continuation().await?;
        let until = tokio::time::Instant::now() + limit;
        while !self.has_new {
            match tokio::time::timeout_at(until, self.stream.response()).await {
                // A response that was partly read is kept, and completed by the next call.
                Err(_) => break,
                Ok(response) => self.observe(&response?)?,
            }
        }
        self.stream.send("DONE\r\n").await?;
        self.complete(&tag, RESPONSE_TIMEOUT, &mut |_| {}).await?.done.then_some(()).ok_or(ImapError::Refused)
    }

    /// Logs out. The response does not matter.
    pub async fn close(mut self) {
        if self.run("LOGOUT", &mut |_| {}).await.is_err() {}
    }

    async fn run(
        &mut self,
        command: &str,
        on_response: &mut (dyn FnMut(ImapResponse) + Send),
    ) -> Result<(), ImapError> {
        self.command(command, RESPONSE_TIMEOUT, on_response)
            .await?
            .done
            .then_some(())
            .ok_or(ImapError::Refused)
    }

    async fn command(
        &mut self,
        command: &str,
        limit: Duration,
        on_response: &mut (dyn FnMut(ImapResponse) + Send),
    ) -> Result<Completion, ImapError> {
        let tag = self.stream.next_tag();
        self.stream.send(&format!("{tag} {command}\r\n")).await?;
        self.complete(&tag, limit, on_response).await
    }

    /// Reads responses until the command is complete.
    async fn complete(
        &mut self,
        tag: &str,
        limit: Duration,
        on_response: &mut (dyn FnMut(ImapResponse) + Send),
    ) -> Result<Completion, ImapError> {
        let read = async {
            loop {
                let response = self.stream.response().await?;
                if let Some(done) = response.completes(tag) {
                    return Ok(Completion { done, code: response.code().to_owned() });
                }
                self.observe(&response)?;
                on_response(response);
            }
        };
        timeout(limit, read).await.map_err(|_| ImapError::TimedOut)?
    }

    /// Waits for the continuation request `+`.
    async fn wait_for_continuation(&mut self) -> Result<(), ImapError> {
        loop {
            let response = self.read().await?;
            if response.is_continuation() {
                return Ok(());
            }
            if !response.is_untagged() {
                return Err(ImapError::Refused);
            }
            self.observe(&response)?;
        }
    }

    async fn read(&mut self) -> Result<ImapResponse, ImapError> {
        timeout(RESPONSE_TIMEOUT, self.stream.response()).await.map_err(|_| ImapError::TimedOut)?
    }

    /// Handles responses that can come at any time: a new message, or BYE.
    fn observe(&mut self, response: &ImapResponse) -> Result<(), ImapError> {
        self.has_new |= response.is_new_message();
        if response.is_bye() { Err(ImapError::Connection) } else { Ok(()) }
    }
}

/// Formats a quoted string. The text must be ASCII without control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
