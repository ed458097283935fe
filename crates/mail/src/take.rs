//! One message from whichever way it came: read, then taken by the desk.

use crate::settings::MailConfig;
use domain::VendorSettings;
use domain::conversations::{ReceiveMail, Taken};
use inbound_mail::Own;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use store::{Db, Error};

/// Why a message isn't taken.
#[derive(Debug)]
pub enum NotTaken {
    /// Database or keyring are away: later it may be.
    Away(Error),
    /// This message fails, and will again. What it says stays out of the reason.
    Fails(Error),
    /// Reading or keeping it broke the program, which goes on with the others.
    Broke,
}

/// The desk's own addresses, as the reader of mail must know them.
#[must_use]
pub fn own(mail: &MailConfig) -> Arc<Own> {
    let addresses = mail.reply.iter().chain(mail.from.as_ref().map(|from| &from.email));
    Arc::new(Own {
        reply: mail.reply.as_ref().map(|reply| (reply.user().to_owned(), reply.domain().to_owned())),
        addresses: addresses.map(|address| address.to_string().to_lowercase()).collect(),
        authserv: mail.authserv.clone(),
    })
}

/// Reads a message on a thread for slow work and takes it. When this returns, it is kept or was before.
///
/// # Errors
/// See [`NotTaken`].
pub async fn take(db: &Db, house: &VendorSettings, own: &Arc<Own>, raw: Vec<u8>) -> Result<Taken, NotTaken> {
    let own = Arc::clone(own);
    // The raw bytes go with the reading: they must not lie in memory beside all that was read from them.
    let reading = tokio::task::spawn_blocking(move || inbound_mail::read(&raw, &own));
    let incoming = reading.await.map_err(|_| NotTaken::Broke)?;
    unbroken(db.write(&ReceiveMail { incoming: &incoming, house })).await?.map_err(sorted)
}

/// A fault of ours that one message brings out must not end the job that takes all others. What was begun is rolled
/// back with its transaction.
async fn unbroken<T>(work: impl Future<Output = T>) -> Result<T, NotTaken> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(_) => Poll::Ready(Err(NotTaken::Broke)),
    })
    .await
}

fn sorted(error: Error) -> NotTaken {
    if error.away() { NotTaken::Away(error) } else { NotTaken::Fails(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fault_in_one_message_ends_nothing_but_its_own_taking() {
        assert_eq!(unbroken(async { 7 }).await.ok(), Some(7));
        let fault = unbroken(async {
            tokio::task::yield_now().await;
            assert!(std::hint::black_box(false), "a fault of ours");
        });
        assert!(matches!(fault.await, Err(NotTaken::Broke)));
    }
}
