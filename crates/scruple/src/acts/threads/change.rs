//! What is changed of threads.

use super::no_thread;
use crate::acts::{CommandContext, Done, Failed, files, json, say};
use domain::conversations::staff::{Assign, Changed, Erase, Merge, Redact, Release, SetState, Snooze, Tag};
use domain::erasure::completion::roll_forward;
use domain::licensing::issue;
use scruple::commands::{Date, ThreadsCommand};
use serde_json::json as value;
use store::ThreadState;
use web::handlers::api::shapes::ThreadRow;

/// Does it.
pub async fn run(room: &CommandContext, command: ThreadsCommand) -> Done {
    match command {
        ThreadsCommand::Assign { id, to, json } => {
            let done = room.db.write(&Assign { id, to: to.to.as_deref() }).await?;
            told(room, id, done, json).await
        }
        ThreadsCommand::Close { thread, reopen } => {
            let state = if reopen { ThreadState::Open } else { ThreadState::Closed };
            let done = room.db.write(&SetState { id: thread.id, state }).await?;
            told(room, thread.id, done, thread.json).await
        }
        ThreadsCommand::Snooze { thread, until } => {
            let until_day = until.until.map_or(0, Date::unix_day);
            let done = room.db.write(&Snooze { id: thread.id, until_day }).await?;
            told(room, thread.id, done, thread.json).await
        }
        ThreadsCommand::Tag { thread, tags } => {
            let done = room.db.write(&Tag { id: thread.id, tags: &tags }).await?;
            told(room, thread.id, done, thread.json).await
        }
        ThreadsCommand::Release(thread) => {
            let done = room.db.write(&Release { id: thread.id, who: &room.who }).await?;
            told(room, thread.id, done, thread.json).await
        }
        ThreadsCommand::Merge { thread, into } => {
            let done = room.db.write(&Merge { id: thread.id, into, who: &room.who }).await?;
            forgotten(room, done).await?;
            told(room, into, Changed::Done, thread.json).await
        }
        ThreadsCommand::Redact { thread, message, files: numbers } => {
            files::prompt("The passage, exactly as it stands there, then end of input (Ctrl-D):");
            let passage = files::standard_input()?;
            let passage = passage.trim_end_matches('\n');
            let deed = Redact { id: thread.id, message, passage, files: &numbers, who: &room.who };
            let done = room.db.write(&deed).await?;
            forgotten(room, done).await?;
            told(room, thread.id, Changed::Done, thread.json).await
        }
        ThreadsCommand::Erase { thread, .. } => {
            let done = room.db.write(&Erase { id: thread.id, who: &room.who }).await?;
            forgotten(room, done).await?;
            if thread.json {
                return json(&value!({ "erased": issue::number(thread.id) }));
            }
            say("Erased, with all that was in it.\n")
        }
        ThreadsCommand::List { .. }
        | ThreadsCommand::Show(_)
        | ThreadsCommand::Panel(_)
        | ThreadsCommand::Customer(_)
        | ThreadsCommand::Reply(_)
        | ThreadsCommand::Note { .. } => unreachable!("these change no thread, or only add to it"),
    }
}

pub(super) fn done(changed: Changed) -> Result<(), Failed> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Refused(why) => Err(Failed::new(format!("not done: {why}"))),
        Changed::NoThread => Err(no_thread()),
    }
}

/// After what forgets a slot: forgets it now, as the server would within seconds.
async fn forgotten(room: &CommandContext, changed: Changed) -> Result<(), Failed> {
    done(changed)?;
    match roll_forward(&room.db).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failed::new(format!(
            "it is done and nobody finds it any more, but what was left behind isn't forgotten yet: {error}. It goes \
             on by itself"
        ))),
    }
}

/// How the thread stands now.
async fn told(room: &CommandContext, id: i64, changed: Changed, as_json: bool) -> Done {
    done(changed)?;
    let mut tx = room.db.read().await?;
    let thread = tx.thread(id).await?.ok_or_else(no_thread)?;
    let row = ThreadRow::of(&thread, tx.today());
    if as_json {
        return json(&row);
    }
    let of = row.assigned.as_ref().map_or_else(String::new, |name| format!(", of {name}"));
    say(format!("{} {} is {}{of}.\n", row.id, row.name, super::show::stands(&row)))
}
