//! The sample conversation: an anonymous question with a reply.

use std::error::Error;

use domain::VendorSettings;
use domain::conversations::staff::{ReplyOutcome, ReplyToConversation};
use domain::conversations::{StartConversation, Started};
use store::{Actor, Db};
use zeroize::Zeroizing;

const QUESTION: &str = "Does Lantern Studio run without a network? I am often on trains.";
const ANSWER: &str = "It does. The key is checked on your machine, and nothing is sent anywhere.\n\nMary";

/// Stores the question and the reply of Mary, and returns the access code.
///
/// # Errors
/// If one of them is refused.
pub async fn seed(db: &Db, settings: &VendorSettings) -> Result<Zeroizing<String>, Box<dyn Error>> {
    let begin = StartConversation::with_message(QUESTION, settings);
    let Started::Started { id, code } = db.execute(&begin).await? else {
        return Err("the question was refused".into());
    };
    let actor = Actor::Staff("mary".into());
    let reply = ReplyToConversation {
        id,
        text: ANSWER,
        quote: false,
        seen: None,
        force: false,
        close: false,
        actor: &actor,
        settings,
    };
    match db.execute(&reply).await? {
        ReplyOutcome::Waits(_) => Ok(code),
        _ => Err("the reply is not on the web".into()),
    }
}
