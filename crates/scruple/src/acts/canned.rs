//! `scruple canned`.

use super::words::{harmless, on_one_line, table};
use super::{CommandContext, Done, Failed, files, json, say};
use domain::conversations::canned_responses::{self, Remove, Set};
use domain::conversations::staff::Changed;
use scruple::commands::CannedCommand;
use web::handlers::api::canned::Canned;

/// Does it.
pub async fn run(room: &CommandContext, command: CannedCommand) -> Done {
    match command {
        CannedCommand::List { json } => list(room, json).await,
        CannedCommand::Set { name } => set(room, &name).await,
        CannedCommand::Drop { name } => drop_one(room, &name).await,
        CannedCommand::Fill { name, thread } => fill(room, &name, thread).await,
    }
}

async fn list(room: &CommandContext, as_json: bool) -> Done {
    let all = canned_responses::list(&mut room.db.read().await?).await?;
    if as_json {
        let all = all.into_iter().map(|(name, text)| Canned { name, text });
        return json(&all.collect::<Vec<_>>());
    }
    if all.is_empty() {
        return say("There is no canned answer.\n");
    }
    let begins = |text: &str| on_one_line(text).chars().take(70).collect::<String>();
    let rows: Vec<Vec<String>> = all.iter().map(|(name, text)| vec![name.clone(), begins(text)]).collect();
    say(table(&["NAME", "BEGINS"], &rows))
}

async fn set(room: &CommandContext, name: &str) -> Done {
    files::prompt("The answer, then end of input (Ctrl-D):");
    let body = files::standard_input()?;
    match room.db.write(&Set { name, body: &body, who: &room.who }).await? {
        Changed::Done => say(format!("The canned answer {name} is written.\n")),
        Changed::Refused(why) => Err(Failed::new(why)),
        Changed::NoThread => Err(no_answer(name)),
    }
}

fn no_answer(name: &str) -> Failed {
    Failed::new(format!("there is no canned answer named {name}"))
}

async fn drop_one(room: &CommandContext, name: &str) -> Done {
    match room.db.write(&Remove { name, who: &room.who }).await? {
        true => say(format!("The canned answer {name} is gone.\n")),
        false => Err(no_answer(name)),
    }
}

async fn fill(room: &CommandContext, name: &str, thread: i64) -> Done {
    let mut tx = room.db.read().await?;
    match canned_responses::fill(&mut tx, &room.house, name, thread, room.who.word()).await? {
        Some(text) => say(harmless(&text) + "\n"),
        None => Err(Failed::new(format!("there is no canned answer named {name}, or no such thread"))),
    }
}
