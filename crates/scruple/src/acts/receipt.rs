//! `scruple receipt`.

use super::{CommandContext, Done, Failed, Outcome, files, say};
use domain::erasure::receipt;
use domain::licensing::issue::Signers;
use licence::PublicKeys;
use scruple::commands::Exit;
use std::path::Path;

/// Checks a receipt with a file of public keys: needs nothing else.
pub fn verify_with(file: &Path, public_key: &Path) -> Done {
    verify(file, &super::licence::public_keys(public_key)?)
}

/// Checks a receipt with the public keys of this shop.
pub async fn verify_here(room: &CommandContext, file: &Path) -> Done {
    let keys = Signers::load(&mut room.db.read().await?).await?.public;
    verify(file, &keys)
}

fn verify(file: &Path, keys: &PublicKeys) -> Done {
    let text = files::text_of(file)?;
    if text.trim().is_empty() {
        return Err(Failed::misuse("there is no receipt to check: the text is empty"));
    }
    match receipt::verify(&text, keys) {
        Ok(()) => say("The receipt is genuine.\n"),
        Err(why) => {
            Ok(Outcome { text: String::new(), aside: format!("not genuine: {why}\n"), exit: Exit::NotValid })
        }
    }
}
