//! `scruple threads`: the same deeds as the API, and with `--json` the same shapes.

mod change;
mod customer;
mod show;

use super::words::table;
use super::{CommandContext, Done, Failed, files, json, say};
use domain::conversations::customer_context;
use domain::conversations::staff::{Newer, Note, Noted, Replied, Reply, Show};
use scruple::commands::{Queue, ReplyToThread, ThreadsCommand};
use serde_json::json as value;
use web::handlers::api::shapes::{OpenThread, Panel, ThreadList, ThreadRow};
use zeroize::Zeroizing;

/// Does it.
pub async fn run(room: &CommandContext, command: ThreadsCommand) -> Done {
    match command {
        ThreadsCommand::List { queue, most, after, json } => list(room, queue, most, after, json).await,
        ThreadsCommand::Show(asked) => show(room, asked.id, asked.json).await,
        ThreadsCommand::Reply(asked) => reply(room, &asked).await,
        ThreadsCommand::Note { id, text, json } => note(room, id, &text, json).await,
        ThreadsCommand::Panel(asked) => beside(room, asked.id, asked.json).await,
        ThreadsCommand::Customer(command) => customer::run(room, command).await,
        other => change::run(room, other).await,
    }
}

/// Erased, merged into another or never there: that can't be told apart.
fn no_thread() -> Failed {
    Failed::new("there is no thread of this number: it was erased, merged into another, or never there")
}

async fn list(room: &CommandContext, queue: Queue, most: u16, after: Option<i64>, as_json: bool) -> Done {
    let mut tx = room.db.read().await?;
    let queue = match queue {
        Queue::Mine => store::Queue::Mine(room.who.word()),
        Queue::Unassigned => store::Queue::Unassigned,
        Queue::Open => store::Queue::Open,
        Queue::Waiting => store::Queue::Waiting,
        Queue::Snoozed => store::Queue::Snoozed,
        Queue::Held => store::Queue::Held,
        Queue::Closed => store::Queue::Closed,
    };
    let threads = tx.queue(&queue, after.unwrap_or(i64::MAX), i64::from(most) + 1).await?;
    let page = ThreadList::of(threads, usize::from(most), tx.today());
    if as_json {
        return json(&page);
    }
    if page.threads.is_empty() {
        return say("This queue is empty.\n");
    }
    let row = |thread: &ThreadRow| {
        vec![
            thread.id.clone(),
            thread.name.clone(),
            show::stands(thread),
            thread.kind.word().to_owned(),
            thread.messages.to_string(),
            thread.touched.clone(),
            thread.assigned.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let heads = ["THREAD", "NAME", "STATE", "FROM", "MESSAGES", "LAST", "OF"];
    let mut text = table(&heads, &page.threads.iter().map(row).collect::<Vec<_>>());
    if let Some(next) = page.next {
        text += &format!("There are more: --after {next}\n");
    }
    say(text)
}

async fn show(room: &CommandContext, id: i64, as_json: bool) -> Done {
    let seen = room.db.write(&Show { id, who: &room.who }).await?.ok_or_else(no_thread)?;
    let thread = OpenThread::from(seen);
    if as_json { json(&thread) } else { say(show::thread(&thread)) }
}

async fn beside(room: &CommandContext, id: i64, as_json: bool) -> Done {
    let panel = room.db.write(&customer_context::Show { id, who: &room.who }).await?.ok_or_else(no_thread)?;
    let panel = Panel::from(panel);
    if as_json { json(&panel) } else { say(show::beside(&panel)) }
}

/// The text itself, or standard input's.
fn text_of(given: &str) -> Result<Zeroizing<String>, Failed> {
    let text = match given {
        "-" => files::standard_input()?,
        text => Zeroizing::new(text.to_owned()),
    };
    if text.trim().is_empty() { Err(Failed::misuse("there is no text")) } else { Ok(text) }
}

async fn reply(room: &CommandContext, asked: &ReplyToThread) -> Done {
    let text = text_of(&asked.text)?;
    let deed = Reply {
        id: asked.thread.id,
        text: &text,
        quote: asked.quote,
        seen: asked.seen,
        anyway: asked.anyway,
        close: asked.close,
        who: &room.who,
        house: &room.house,
    };
    let (goes, why) = match room.db.write(&deed).await? {
        Replied::Sent => ("by-letter", None),
        Replied::Waits(why) => ("behind-code", Some(why)),
        Replied::Collision(newer) => return Err(collided(&newer)),
        Replied::Refused(why) => return Err(Failed::new(format!("not sent: {why}"))),
        Replied::NoThread => return Err(no_thread()),
    };
    if asked.thread.json {
        return json(&value!({ "goes": goes, "why": why }));
    }
    say(match why {
        None => "The answer is on its way by letter.\n".to_owned(),
        Some(why) => format!("The answer waits behind the person's code: {why}.\n"),
    })
}

fn collided(newer: &[Newer]) -> Failed {
    let by: Vec<String> = newer.iter().map(|message| format!("{} ({})", message.n, message.by)).collect();
    Failed::new(format!(
        "nothing was written, for the thread has grown since it was read: message {}. Read it with `scruple threads \
         show`, then give the new count with --seen, or --anyway",
        by.join(", ")
    ))
}

async fn note(room: &CommandContext, id: i64, text: &str, as_json: bool) -> Done {
    let text = text_of(text)?;
    let deed = Note { id, text: &text, seen: None, anyway: true, who: &room.who };
    match room.db.write(&deed).await? {
        Noted::Done if as_json => json(&value!({ "noted": true })),
        Noted::Done => say("It is noted.\n"),
        Noted::Collision(newer) => Err(collided(&newer)),
        Noted::Refused(why) => Err(Failed::new(why)),
        Noted::NoThread => Err(no_thread()),
    }
}
