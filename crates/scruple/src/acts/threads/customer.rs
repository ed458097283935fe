//! What is done for the customer of a thread.

use super::change::done;
use super::no_thread;
use crate::acts::{CommandContext, Done, Failed, files, json, say};
use domain::conversations::customer_context::{Extend, ResendKeys, Revoke, StartErasure};
use domain::conversations::staff::Changed;
use domain::day;
use domain::erasure::completion::roll_forward;
use domain::erasure::intent::Agreed;
use scruple::commands::CustomerCommand;
use serde_json::json as value;

/// Does it.
pub async fn run(room: &CommandContext, command: CustomerCommand) -> Done {
    let who = &room.who;
    match command {
        CustomerCommand::ResendKeys(thread) => {
            let deed = ResendKeys { id: thread.id, who, house: &room.house };
            let sent = room.db.write(&deed).await?;
            told(sent, thread.json, "The link to their page is on its way by letter.\n")
        }
        CustomerCommand::Extend { of, months } => {
            let deed = Extend { id: of.thread.id, serial: of.licence, months, who };
            told(room.db.write(&deed).await?, of.thread.json, "The licence is extended.\n")
        }
        CustomerCommand::Revoke { of, restore } => {
            let deed = Revoke { id: of.thread.id, serial: of.licence, revoked: !restore, who };
            let says = if restore { "The revocation is taken back.\n" } else { "The licence is revoked.\n" };
            told(room.db.write(&deed).await?, of.thread.json, says)
        }
        CustomerCommand::Erase(thread) => erase(room, thread.id, thread.json).await,
    }
}

fn told(changed: Changed, as_json: bool, says: &str) -> Done {
    done(changed)?;
    if as_json { json(&value!({ "done": true })) } else { say(says.to_owned()) }
}

async fn erase(room: &CommandContext, id: i64, as_json: bool) -> Done {
    files::prompt("The text of their agreement, then end of input (Ctrl-D):");
    let agreement = files::standard_input()?;
    if agreement.trim().is_empty() {
        return Err(Failed::misuse(
            "the customer's agreement is missing: its text is read from standard input",
        ));
    }
    if room.db.read().await?.thread(id).await?.is_none() {
        return Err(no_thread());
    }
    let deed = StartErasure { id, agreement: agreement.trim(), who: &room.who, house: &room.house };
    let (code, due) = match room.db.write(&deed).await? {
        Some(Agreed::Erasing { code }) => (code, None),
        Some(Agreed::Cooling { day, code }) => (code, Some(day::text(day))),
        Some(Agreed::Nobody) | None => {
            return Err(Failed::new("the thread is tied to no customer: there is nobody to erase"));
        }
    };
    let waits = match due {
        // From here on nobody finds them; what is left of it goes on by itself.
        None => roll_forward(&room.db).await.err(),
        Some(_) => None,
    };
    if as_json {
        return json(&value!({ "code": code, "due": due, "waits": waits.is_some() }));
    }
    let stands = match (&due, &waits) {
        (Some(due), _) => format!("The erasure falls due on {due}; until then the person can take it back."),
        (None, None) => "The person is erased, and this thread with them.".to_owned(),
        (None, Some(why)) => format!("Nobody finds the person any more, but the erasure waits: {why}."),
    };
    say(format!("{stands}\nGive them this code for the receipt: {code}\n"))
}
