//! `scruple licence issue`: issues a licence manually.

use super::super::context::CommandContext;
use super::super::files;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::value_parsers;
use super::input::key_day;
use calendar::Day;
use clap::Args;
use domain::licensing::issue_with_end::IssueWithEnd;
use domain::licensing::manual_licensing::IssueManually;
use domain::licensing::purchase::PartyDetails;
use licence::{Claims, Key};
use serde_json::{Value, json};
use store::{LicenceModel, Product};

/// Arguments of `scruple licence issue`
#[derive(Args)]
pub struct IssueLicence {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = value_parsers::provider_number)]
    pub product: String,
    /// The number of seats, a multiple of the product's seats per unit; one unit without this option
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub seats: Option<u16>,
    /// The last paid day of a subscription (the grace period follows it) or a trial
    #[arg(long, value_name = "DATE")]
    pub ends: Option<Day>,
    /// Read the holder's e-mail address from standard input
    #[arg(long)]
    pub holder: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub async fn issue(ctx: &CommandContext, args: &IssueLicence) -> CommandResult {
    let known = ctx.db.read().await?.product_of_provider(&args.product).await?;
    let Some(product) = known else {
        return Err(CommandError::new(format!(
            "there is no product {}: see `scruple product list`",
            args.product
        )));
    };
    let quantity = quantity(&product, args.seats)?;
    let paid_until = args.ends.map(|day| paid_until(&product, day, ctx)).transpose()?;
    let email = if args.holder { files::read_address()?.0.as_written().to_owned() } else { String::new() };
    let to = PartyDetails { email, name: String::new(), company: String::new(), language: String::new() };
    let manual = IssueManually {
        product: product.id,
        quantity,
        recipient: &to,
        actor: &ctx.actor,
        settings: &ctx.settings,
    };
    let Some(keys) = ctx.db.execute(&IssueWithEnd { issue: manual, paid_until }).await? else {
        return Err(CommandError::new("the product was removed meanwhile"));
    };
    if args.json {
        let each = |key: &String| Ok(json!({ "number": claims(key)?.serial.to_string(), "key": key }));
        let licences = keys.iter().map(each).collect::<Result<Vec<Value>, CommandError>>()?;
        return output_json(&json!({ "licences": licences }));
    }
    output(keys.join("\n\n") + "\n")
}

/// The number of units that give this number of seats.
fn quantity(product: &Product, seats: Option<u16>) -> Result<u32, CommandError> {
    let unit = product.seats.max(1);
    match seats {
        None => Ok(1),
        Some(seats) if seats.is_multiple_of(unit) => Ok(u32::from(seats / unit)),
        Some(_) => Err(CommandError::misuse(format!(
            "one unit of this product has {unit} seats: --seats must be a multiple of that"
        ))),
    }
}

fn paid_until(product: &Product, day: Day, ctx: &CommandContext) -> Result<Day, CommandError> {
    if product.kind == LicenceModel::Perpetual {
        return Err(CommandError::misuse(
            "--ends is for subscriptions and trials, but this product is perpetual",
        ));
    }
    key_day(day)?;
    if day < ctx.db.clock.today() {
        return Err(CommandError::misuse("--ends is in the past"));
    }
    Ok(day)
}

fn claims(key: &str) -> Result<Claims, CommandError> {
    Ok(*Key::parse(key)?.unverified())
}
