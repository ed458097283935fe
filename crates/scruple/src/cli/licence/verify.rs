//! `scruple licence verify`: verifies a licence key offline.

use super::super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output, output_json};
use super::super::table::pairs;
use super::input::{key_day, key_text, public_keys};
use calendar::Day;
use clap::Args;
use licence::{Check, Claims, Key, Refusal, Term};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Arguments of `scruple licence verify`
#[derive(Args)]
pub struct VerifyLicence {
    /// The licence key, or - for standard input
    pub key: String,
    /// The public keys, as `scruple licence keys export --public` writes them
    #[arg(long, value_name = "FILE")]
    pub public_key: PathBuf,
    /// The product number in licence keys (see `scruple product list`); any without this option
    #[arg(long, value_name = "N")]
    pub product: Option<u8>,
    /// The day to check for, instead of today
    #[arg(long, value_name = "DATE")]
    pub today: Option<Day>,
    /// The build day of the program, to check whether updates include it
    #[arg(long, value_name = "DATE")]
    pub build: Option<Day>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn today() -> Result<licence::Day, CommandError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    licence::Day::from_unix_seconds(i64::try_from(now)?)
        .map_err(|_| CommandError::misuse("the clock of this machine is wrong: give the day with --today"))
}

/// Runs the command, with the public keys and a day alone.
pub fn verify(args: &VerifyLicence) -> CommandResult {
    let keys = public_keys(&args.public_key)?;
    let today = args.today.map_or_else(today, key_day)?;
    let build = args.build.map(key_day).transpose()?;
    let text = key_text(&args.key)?;
    let verified = Key::parse(&text).and_then(|key| {
        let claims = *licence::verify(&key, &keys)?;
        let product = args.product.unwrap_or(claims.product);
        Check { product, today, build }.admits(&claims).map(|()| claims)
    });
    match verified {
        Ok(claims) if args.json => output_json(&claims_json(&claims)),
        Ok(claims) => output(format!("The key is valid.\n{}", claims_text(&claims))),
        Err(why) if args.json => {
            let value = json!({ "valid": false, "reason": reason(why), "message": why.to_string() });
            output_json(&value).map(|outcome| outcome.ending(Exit::NotValid))
        }
        Err(why) => Ok(CommandOutput {
            text: String::new(),
            warnings: format!("not valid: {why}\n"),
            exit: Exit::NotValid,
        }),
    }
}

fn claims_json(claims: &Claims) -> Value {
    let (updates, ends) = match claims.term {
        Term::Forever => (None, None),
        Term::UpdatesUntil(day) => (Some(day.to_string()), None),
        Term::Ends(day) => (None, Some(day.to_string())),
    };
    json!({
        "valid": true,
        "number": claims.serial.to_string(),
        "product": claims.product,
        "edition": claims.edition,
        "seats": claims.seats,
        "updates_until": updates,
        "ends": ends,
        "signing_key": claims.signing_key,
    })
}

fn claims_text(claims: &Claims) -> String {
    let term = match claims.term {
        Term::Forever => "no end, every build".to_owned(),
        Term::UpdatesUntil(day) => format!("no end, builds up to {day}"),
        Term::Ends(day) => format!("ends after {day}"),
    };
    pairs(&[
        ("Licence", claims.serial.to_string()),
        ("Product in keys", claims.product.to_string()),
        ("Edition", claims.edition.to_string()),
        ("Seats", if claims.seats == 0 { "no limit".to_owned() } else { claims.seats.to_string() }),
        ("Term", term),
        ("Signing key", claims.signing_key.to_string()),
    ])
}

/// The name of a refusal, for scripts.
fn reason(why: Refusal) -> &'static str {
    match why {
        Refusal::Unreadable(_) => "unreadable",
        Refusal::UnknownVersion(_) => "unknown version",
        Refusal::UnknownSigningKey(_) => "unknown signing key",
        Refusal::Forged => "forged",
        Refusal::OtherProduct { .. } => "other product",
        Refusal::Ended(_) => "ended",
        Refusal::UpdatesOver { .. } => "updates over",
    }
}
