//! `scruple tokens`.

use super::words::{day, table};
use super::{CommandContext, Done, Failed, Outcome, json, say};
use scruple::commands::{AddToken, Exit, TokensCommand};
use serde_json::json as value;
use store::ApiToken;
use web::handlers::api::token::{Add, Revoke};

/// Does it.
pub async fn run(room: &CommandContext, command: TokensCommand) -> Done {
    match command {
        TokensCommand::Add(asked) => add(room, &asked).await,
        TokensCommand::List { json } => list(room, json).await,
        TokensCommand::Revoke { name } => revoke(room, &name).await,
    }
}

async fn add(room: &CommandContext, asked: &AddToken) -> Done {
    let AddToken { name, staff, scopes, days, json: as_json } = asked;
    let deed = Add { name, staff, scopes, days: *days, who: &room.who };
    let Some((token, ends)) = room.db.write(&deed).await? else {
        return Err(Failed::new(format!(
            "there is a token named {name} already: revoke it first, or name another"
        )));
    };
    let ends = day(ends, "");
    if *as_json {
        return json(&value!({ "name": name, "token": *token, "ends": ends }));
    }
    Ok(Outcome {
        text: format!("{}\n", *token),
        aside: format!("this token acts for {staff} until {ends}; it is shown this once, so keep it now\n"),
        exit: Exit::Done,
    })
}

async fn list(room: &CommandContext, as_json: bool) -> Done {
    let tokens = room.db.read().await?.api_tokens().await?;
    let ends = |token: &ApiToken| day(token.expires_day, "never");
    if as_json {
        let one = |t: &ApiToken| {
            value!({ "name": t.name, "staff": t.staff, "scopes": t.scopes.split(',').collect::<Vec<_>>(),
                     "made": day(t.made_day, ""), "ends": ends(t) })
        };
        return json(&tokens.iter().map(one).collect::<Vec<_>>());
    }
    if tokens.is_empty() {
        return say("There is no token.\n");
    }
    let row =
        |t: &ApiToken| vec![t.name.clone(), t.staff.clone(), t.scopes.clone(), day(t.made_day, ""), ends(t)];
    let rows: Vec<Vec<String>> = tokens.iter().map(row).collect();
    say(table(&["NAME", "STAFF", "SCOPES", "MADE", "ENDS"], &rows))
}

async fn revoke(room: &CommandContext, name: &str) -> Done {
    match room.db.write(&Revoke { name, who: &room.who }).await? {
        true => say(format!("The token {name} is void.\n")),
        false => Err(Failed::new(format!("there is no token named {name}"))),
    }
}
