//! `scruple support`.

use super::words::{pairs, table};
use super::{CommandContext, Done, Failed, files, json, say};
use domain::licensing::manual_licensing::Release;
use domain::lookup::{By, Find, Found};
use keyring::Permit;
use policy::purpose::Support;
use scruple::commands::{Exit, FindPurchase, SupportCommand};
use store::{BlindIndex, Error, Operation, Tx};

/// Does it.
pub async fn run(room: &CommandContext, command: SupportCommand) -> Done {
    match command {
        SupportCommand::Find(asked) => find(room, &asked).await,
        SupportCommand::Release { order, case } => release(room, &order, &case).await,
    }
}

/// An erased customer, a stranger and a licence that nobody holds get the same answer.
const NOBODY: &str = "nobody is known by this: who was erased can't be told from who never bought";

async fn find(room: &CommandContext, asked: &FindPurchase) -> Done {
    let address;
    let by = match (&asked.asked.order, &asked.asked.licence) {
        (Some(order), _) => By::Order(order),
        (_, Some(serial)) => By::Licence(super::licence::serial(serial)?),
        _ => {
            address = files::address()?.0;
            By::Email(address.spelled())
        }
    };
    let found = room.db.write(&Find { by, case: &asked.case, who: &room.who }).await?;
    match (found.is_empty(), asked.json) {
        (true, true) => json(&found).map(|outcome| outcome.ending(Exit::Failed)),
        (true, false) => Err(Failed::new(NOBODY)),
        (false, true) => json(&found),
        (false, false) => say(found.iter().map(shown).collect::<Vec<_>>().join("\n")),
    }
}

fn shown(person: &Found) -> String {
    let mut who = vec![("Address", person.email.clone())];
    for (name, value) in
        [("Name", &person.name), ("Company", &person.company), ("Language", &person.language)]
    {
        if !value.is_empty() {
            who.push((name, value.clone()));
        }
    }
    who.push(("Customer since", person.since.clone()));
    let mut text = pairs(&who);
    if !person.licences.is_empty() {
        let rows: Vec<Vec<String>> = person
            .licences
            .iter()
            .map(|l| {
                vec![
                    l.number.clone(),
                    l.product.clone(),
                    l.state.clone(),
                    or(&l.until, "no end"),
                    l.seats.to_string(),
                ]
            })
            .collect();
        text += &format!("\n{}", table(&["LICENCE", "PRODUCT", "STATE", "UNTIL", "SEATS"], &rows));
    }
    if !person.orders.is_empty() {
        let rows: Vec<Vec<String>> = person
            .orders
            .iter()
            .map(|o| {
                vec![o.order.clone(), o.placed.clone(), o.standing.clone(), or(&o.last4, "-"), o.flag.clone()]
            })
            .collect();
        text += &format!("\n{}", table(&["ORDER", "PLACED", "STANDING", "CARD", "LOOK AT"], &rows));
    }
    text
}

fn or(value: &str, none: &str) -> String {
    if value.is_empty() { none.to_owned() } else { value.to_owned() }
}

async fn release(room: &CommandContext, order: &str, case: &str) -> Done {
    let release = Release { order, who: &room.who, house: &room.house };
    if room.db.write(&ReleaseFor { release, case }).await? {
        return say(format!(
            "Order {order} is released: its licence stands, and the provider gets its key.\n"
        ));
    }
    Err(Failed::new(format!("no order {order} is known")))
}

/// A release, with its case in the journal.
struct ReleaseFor<'a> {
    release: Release<'a>,
    case: &'a str,
}

impl Operation for ReleaseFor<'_> {
    const NAME: &'static str = "release order for a case";
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let tag = tx.vault().tag("order", self.release.order)?;
        let row = tx.index_find(BlindIndex::Order, &tag).await?;
        let Some(row) = row.and_then(|row| i64::try_from(row).ok()) else { return Ok(false) };
        let Some(order) = tx.order(row).await? else { return Ok(false) };
        // The release opens the numbers of that person's orders, without knowing the case.
        let _case: Permit<Support> =
            tx.leave(order.slot, "orders.numbers", self.release.who, self.case).await?;
        self.release.act(tx).await
    }
}
