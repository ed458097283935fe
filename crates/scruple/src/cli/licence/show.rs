//! `scruple licence show`: what a licence key contains, and the state of its licence.

use super::super::context::CommandContext;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::table::{day, pairs};
use super::input::key_text;
use domain::licensing::issue::Signers;
use licence::{Key, Serial};
use serde_json::{Value, json};
use store::{Licence, LicenceModel, LicenceState, Product};

/// Runs the command.
pub async fn show(ctx: &CommandContext, argument: &str, as_json: bool) -> CommandResult {
    let text = key_text(argument)?;
    let mut tx = ctx.db.read().await?;
    let signers = Signers::load(&mut tx).await?;
    let (serial, given) = match text.parse::<Serial>() {
        Ok(serial) => (serial, None),
        Err(_) => {
            let key = Key::parse(&text).map_err(|why| CommandError::misuse(why.to_string()))?;
            licence::verify(&key, &signers.public).map_err(|why| CommandError::new(why.to_string()))?;
            (key.unverified().serial, Some(key))
        }
    };
    let Some(licence) = tx.licence(serial).await? else {
        let message = if given.is_some() {
            "the key is genuine, but its licence is not in this database"
        } else {
            "there is no licence with this number"
        };
        return Err(CommandError::new(message));
    };
    let product = tx.product(licence.product).await?;
    let current = match licence.state {
        LicenceState::Revoked | LicenceState::OnHold => None,
        _ => Some(signers.text(&licence.current_key)?),
    };
    let is_current = given.as_ref().map(|key| current.as_ref() == Some(&key.to_string()));
    let value = licence_json(&licence, product.as_ref(), current.as_deref(), is_current);
    if as_json {
        output_json(&value)
    } else {
        output(lines(&licence, product.as_ref(), current.as_deref(), is_current))
    }
}

fn licence_json(
    l: &Licence,
    product: Option<&Product>,
    current: Option<&str>,
    is_current: Option<bool>,
) -> Value {
    let until = l.until_day.map(|day| day.to_string());
    json!({
        "number": l.serial.to_string(),
        "product": product.map(|p| &p.provider_id),
        "product_name": product.map(|p| &p.name),
        "product_in_keys": l.product,
        "kind": l.kind.as_str(),
        "edition": l.edition,
        "state": l.state.as_str(),
        "until": until,
        "seats": l.seats,
        "issued": l.issued_day.to_string(),
        "key": current,
        "given_key_is_current": is_current,
    })
}

fn lines(l: &Licence, product: Option<&Product>, current: Option<&str>, is_current: Option<bool>) -> String {
    let name = product.map_or("no longer sold", |p| &p.name);
    let until = if l.kind == LicenceModel::Perpetual { "Updates until" } else { "Paid until" };
    let mut rows = vec![
        ("Licence", l.serial.to_string()),
        ("Product", format!("{name} (number {} in keys)", l.product)),
        ("Kind", l.kind.as_str().to_owned()),
        ("Edition", l.edition.to_string()),
        ("State", l.state.as_str().to_owned()),
        (until, day(l.until_day, "no end")),
        ("Seats", l.seats.to_string()),
        ("Issued", l.issued_day.to_string()),
    ];
    match is_current {
        Some(true) => rows.push(("Given key", "genuine, and the current one".to_owned())),
        Some(false) => rows.push(("Given key", "genuine, but no longer the current one".to_owned())),
        None => {}
    }
    rows.push(("Current key", current.unwrap_or("none, because of its state").to_owned()));
    pairs(&rows)
}
