//! A conversation that is there already when the demo opens: a nameless question, answered.

use std::error::Error;

use domain::VendorSettings;
use domain::conversations::staff::{Replied, Reply};
use domain::conversations::{Begin, Started};
use store::{Actor, Db};
use zeroize::Zeroizing;

const QUESTION: &str = "Does Lantern Studio run without a network? I am often on trains.";
const ANSWER: &str = "It does. The key is checked on your machine, and nothing is sent anywhere.\n\nMary";

/// Somebody asks, Mary answers; returns the code.
///
/// # Errors
/// When one of them isn't taken.
pub async fn hold(db: &Db, house: &VendorSettings) -> Result<Zeroizing<String>, Box<dyn Error>> {
    let begin = Begin {
        message: QUESTION,
        name: "",
        address: "",
        licence: "",
        subject: "",
        files: &[],
        slot: None,
        held: false,
        person: None,
        house,
    };
    let Started::Started { id, code } = db.write(&begin).await? else {
        return Err("the question was refused".into());
    };
    let who = Actor::Staff("mary".into());
    let reply =
        Reply { id, text: ANSWER, quote: false, seen: None, anyway: false, close: false, who: &who, house };
    match db.write(&reply).await? {
        Replied::Waits(_) => Ok(code),
        _ => Err("the answer doesn't wait behind its code".into()),
    }
}
