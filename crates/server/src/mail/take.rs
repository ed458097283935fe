//! One message from whichever way it came: read, then taken by the desk.

use crate::config::MailConfig;
use desk::House;
use desk::converse::{TakeMail, Taken};
use desk::doctor::NoteMail;
use inbox::Own;
use std::sync::Arc;
use store::{Db, Error};

/// Why a message isn't taken.
#[derive(Debug)]
pub enum NotTaken {
    /// Database or keyring are away: later it may be.
    Away(Error),
    /// This message fails, and will again. What it says stays out of the reason.
    Fails(Error),
    /// Reading it broke.
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
pub async fn take(db: &Db, house: &House, own: &Arc<Own>, raw: Vec<u8>) -> Result<Taken, NotTaken> {
    let own = Arc::clone(own);
    // The raw bytes go with the reading: they must not lie in memory beside all that was read from them.
    let reading = tokio::task::spawn_blocking(move || inbox::read(&raw, &own));
    let incoming = reading.await.map_err(|_| NotTaken::Broke)?;
    let taken = db.write(&TakeMail { incoming: &incoming, house }).await.map_err(sorted)?;
    db.write(&NoteMail::Taken).await.map_err(sorted)?;
    Ok(taken)
}

fn sorted(error: Error) -> NotTaken {
    if error.away() { NotTaken::Away(error) } else { NotTaken::Fails(error) }
}
