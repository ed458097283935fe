//! `scruple lookup`: finds a purchase, to answer its buyer. Each access is audited.

use super::context::CommandContext;
use super::files;
use super::outcome::{CommandError, CommandResult, Exit, output, output_json};
use super::table::{pairs, table};
use super::value_parsers;
use clap::Args;
use domain::lookup::{CustomerRecord, LookUpCustomer, LookupQuery};
use licence::Serial;
use serde_json::json as value;

/// Arguments of `scruple lookup`
#[derive(Args)]
#[command(
    after_help = "The audit log records who looked up which purchase, and why. An e-mail address is read from standard
input, because arguments show in the list of processes.

Examples:
  scruple lookup --order 1001 --case 'ticket 17: key lost'
  scruple lookup --licence 7K3M9QXD --case 'ticket 18'
  scruple lookup --email --case 'ticket 19' --json < address.txt"
)]
pub struct Lookup {
    /// The search key.
    #[command(flatten)]
    pub by: LookupKey,
    /// The reason, for the audit log
    #[arg(long, value_name = "TEXT", value_parser = value_parsers::case)]
    pub case: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The search key of a lookup: exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct LookupKey {
    /// The provider's order number
    #[arg(long, value_name = "N", value_parser = value_parsers::provider_number)]
    pub order: Option<String>,
    /// An e-mail address, read from standard input
    #[arg(long)]
    pub email: bool,
    /// A licence number, 8 symbols
    #[arg(long, value_name = "NUMBER", value_parser = value_parsers::licence)]
    pub licence: Option<Serial>,
}

/// The answer for an erased customer and for a stranger: the two must look the same.
const NOT_FOUND: &str =
    "no customer is found: an erased customer looks the same as a person who never bought";

/// Looks up the customers behind an order, an e-mail address or a licence.
pub async fn lookup(ctx: &CommandContext, args: &Lookup) -> CommandResult {
    let address;
    let query = match (&args.by.order, args.by.licence) {
        (Some(order), _) => LookupQuery::Order(order),
        (_, Some(serial)) => LookupQuery::Licence(serial),
        _ => {
            address = files::read_address()?.0;
            LookupQuery::Email(address.as_written())
        }
    };
    let found = ctx.db.execute(&LookUpCustomer { query, case: &args.case, actor: &ctx.actor }).await?;
    match (found.is_empty(), args.json) {
        (true, true) => {
            output_json(&value!({ "customers": found })).map(|output| output.ending(Exit::Failed))
        }
        (true, false) => Err(CommandError::new(NOT_FOUND)),
        (false, true) => output_json(&value!({ "customers": found })),
        (false, false) => output(found.iter().map(customer_text).collect::<Vec<_>>().join("\n")),
    }
}

fn customer_text(person: &CustomerRecord) -> String {
    let mut lines = vec![("Address", person.email.clone())];
    for (name, value) in
        [("Name", &person.name), ("Company", &person.company), ("Language", &person.language)]
    {
        if !value.is_empty() {
            lines.push((name, value.clone()));
        }
    }
    lines.push(("Customer since", person.since.clone()));
    let mut text = pairs(&lines);
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
                vec![
                    o.order.clone(),
                    o.placed.clone(),
                    o.payment_status.clone(),
                    or(&o.last4, "-"),
                    o.flag.clone(),
                ]
            })
            .collect();
        text += &format!("\n{}", table(&["ORDER", "PLACED", "PAYMENT", "CARD", "CHECK"], &rows));
    }
    text
}

fn or(value: &str, none: &str) -> String {
    if value.is_empty() { none.to_owned() } else { value.to_owned() }
}
