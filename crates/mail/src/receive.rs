//! Receives one message: parses it, then stores it in its conversation.

use crate::settings::MailConfig;
use domain::VendorSettings;
use domain::conversations::{ReceiveMail, ReceiveOutcome};
use inbound_mail::LocalIdentity;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use store::{Db, Error};

/// Why a message was not received.
#[derive(Debug)]
pub enum ReceiveError {
    /// The database or the keyring cannot be reached: try again later.
    Unavailable(Error),
    /// Storing this message fails, and will fail again. The reason contains none of its content.
    Failed(Error),
    /// Parsing or storing the message panicked. Other messages are not affected.
    Panicked,
}

/// The store's own addresses, which the parser of inbound e-mail needs.
#[must_use]
pub fn local_identity(mail: &MailConfig) -> Arc<LocalIdentity> {
    let addresses = mail.reply.iter().chain(mail.from.as_ref().map(|from| &from.email));
    Arc::new(LocalIdentity {
        reply: mail.reply.as_ref().map(|reply| (reply.user().to_owned(), reply.domain().to_owned())),
        addresses: addresses.map(|address| address.to_string().to_lowercase()).collect(),
        authserv_id: mail.authserv.clone(),
    })
}

/// Parses a message on a blocking thread and stores it. After success it is stored, now or by an earlier call.
///
/// # Errors
/// See [`ReceiveError`].
pub async fn receive_message(
    db: &Db,
    settings: &VendorSettings,
    identity: &Arc<LocalIdentity>,
    raw: Vec<u8>,
) -> Result<ReceiveOutcome, ReceiveError> {
    let identity = Arc::clone(identity);
    // The raw bytes are dropped after parsing: they must not stay in memory beside the parsed message.
    let parsing = tokio::task::spawn_blocking(move || inbound_mail::parse_email(&raw, &identity));
    let incoming = parsing.await.map_err(|_| ReceiveError::Panicked)?;
    catch_panic(db.execute(&ReceiveMail { incoming: &incoming, settings })).await?.map_err(classify)
}

/// Catches a panic that one message causes, so that the job continues with the others. The transaction is rolled back.
async fn catch_panic<T>(work: impl Future<Output = T>) -> Result<T, ReceiveError> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(_) => Poll::Ready(Err(ReceiveError::Panicked)),
    })
    .await
}

fn classify(error: Error) -> ReceiveError {
    if error.is_unavailable() { ReceiveError::Unavailable(error) } else { ReceiveError::Failed(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_one_message_does_not_stop_the_job() {
        assert_eq!(catch_panic(async { 7 }).await.ok(), Some(7));
        let fault = catch_panic(async {
            tokio::task::yield_now().await;
            assert!(std::hint::black_box(false), "a fault of ours");
        });
        assert!(matches!(fault.await, Err(ReceiveError::Panicked)));
    }
}
