//! `scruple site`.

use super::words::table;
use super::{CommandContext, Done, Failed, json, say};
use domain::statistics::{self, Annotate, Noted, Sited};
use scruple::commands::{AddSite, Date, EditSite, SiteCommand};
use serde_json::json as value;
use store::Site;

/// Does it.
pub async fn run(room: &CommandContext, command: SiteCommand) -> Done {
    match command {
        SiteCommand::Add(asked) => add(room, &asked).await,
        SiteCommand::List { json } => list(room, json).await,
        SiteCommand::Edit(asked) => edit(room, &asked).await,
        SiteCommand::Note { site, day, text } => note(room, &site, day, &text).await,
    }
}

async fn add(room: &CommandContext, asked: &AddSite) -> Done {
    let AddSite { id, host, time_zone, public } = asked;
    let (hosts, zone) = (host, time_zone);
    let deed = statistics::AddSite { name: id, hosts, zone, public: *public, who: &room.who };
    match room.db.write(&deed).await? {
        Sited::Done(site) => say(format!(
            "The site {id} on {} is counted, by the clock of {}. Put this into its pages:\n\n{}\n",
            site.hosts.join(", "),
            site.zone,
            tag(&room.house.public_url, id)
        )),
        Sited::Taken => Err(Failed::new(format!(
            "there is a site {id} already: change it with `scruple site edit --id {id}`"
        ))),
        Sited::Unknown => Err(unknown(id)),
        Sited::Refused(why) => Err(Failed::misuse(why)),
    }
}

/// What a page needs, for browsers with and without script.
fn tag(at: &str, id: &str) -> String {
    format!(
        "<script async src=\"{at}/count.js\" data-site=\"{id}\"></script>\n\
         <noscript><img src=\"{at}/count.gif?s={id}\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\"></noscript>\n"
    )
}

fn unknown(id: &str) -> Failed {
    Failed::new(format!("there is no site {id}: `scruple site list` shows those that there are"))
}

async fn list(room: &CommandContext, as_json: bool) -> Done {
    let sites = room.db.read().await?.sites().await?;
    if as_json {
        let one =
            |s: &Site| value!({ "id": s.name, "hosts": s.hosts, "time_zone": s.zone, "public": s.public });
        return json(&sites.iter().map(one).collect::<Vec<_>>());
    }
    if sites.is_empty() {
        return say("There is no site. Add one with `scruple site add`.\n");
    }
    let audience = |site: &Site| if site.public { "everybody" } else { "staff" }.to_owned();
    let row = |s: &Site| vec![s.name.clone(), s.hosts.join(","), s.zone.clone(), audience(s)];
    let rows: Vec<Vec<String>> = sites.iter().map(row).collect();
    say(table(&["SITE", "HOSTS", "TIME ZONE", "SEEN BY"], &rows))
}

async fn edit(room: &CommandContext, asked: &EditSite) -> Done {
    let EditSite { id, host, time_zone, public } = asked;
    let (hosts, zone) = (host.as_deref(), time_zone.as_deref());
    let deed = statistics::EditSite { name: id, hosts, zone, public: *public, who: &room.who };
    match room.db.write(&deed).await? {
        Sited::Done(_) => say(format!("The site {id} is changed.\n")),
        Sited::Refused(why) => Err(Failed::misuse(why)),
        Sited::Unknown | Sited::Taken => Err(unknown(id)),
    }
}

async fn note(room: &CommandContext, id: &str, day: Date, text: &str) -> Done {
    let Some(site) = room.db.read().await?.site(id).await? else { return Err(unknown(id)) };
    let date = i32::try_from(day.unix_day()).map_err(|_| Failed::misuse("there is no such day"))?;
    let deed = Annotate { site: site.id, date: analytics::Date(date), text, who: &room.who };
    match room.db.write(&deed).await? {
        Noted::Done => say(format!("Noted on {day}.\n")),
        Noted::Refused(why) => Err(Failed::misuse(why)),
    }
}
