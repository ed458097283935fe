//! `scruple licence`, but for its signing keys.

use super::words::{day, pairs};
use super::{CommandContext, Done, Failed, Outcome, files, json, say, signing};
use domain::licensing::issue::{Signers, number, settle};
use domain::licensing::manual_licensing::{IssueByHand, Revoke};
use domain::licensing::purchase::Named;
use licence::{Check, Claims, Day, Key, PublicKeys, Refusal, Serial, Term};
use scruple::commands::{Date, Exit, IssueLicence, LicenceCommand, VerifyLicence};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Error, Kind, Licence, Operation, Product, State, Tx};

/// Does it; `verify` needs no room and stands by itself.
pub async fn run(room: &CommandContext, command: LicenceCommand) -> Done {
    match command {
        LicenceCommand::Issue(asked) => issue(room, &asked).await,
        LicenceCommand::Show { key, json } => show(room, &key, json).await,
        LicenceCommand::Verify(asked) => verify(&asked),
        LicenceCommand::Revoke { serial, restore } => revoke(room, &serial, !restore).await,
        LicenceCommand::Keys(command) => signing::run(room, command).await,
    }
}

/// A licence's number as typed: 8 symbols, tolerantly read.
pub fn serial(typed: &str) -> Result<i64, Failed> {
    let read = typed.parse::<Serial>().ok().and_then(|serial| i64::try_from(serial.bits()).ok());
    read.ok_or_else(|| Failed::misuse("this is no licence number: expected 8 symbols such as 7K3M-9QXD"))
}

/// The public keys in a file.
pub fn public_keys(path: &Path) -> Result<PublicKeys, Failed> {
    PublicKeys::parse(&files::text_of(path)?)
        .map_err(|why| Failed::misuse(format!("{}: {why}", path.display())))
}

fn typed(argument: &str) -> Result<String, Failed> {
    let text = if argument == "-" { files::standard_input()?.to_string() } else { argument.to_owned() };
    if text.trim().is_empty() { Err(Failed::misuse("there is no key: the text is empty")) } else { Ok(text) }
}

async fn issue(room: &CommandContext, asked: &IssueLicence) -> Done {
    let known = room.db.read().await?.product_of_provider(&asked.product).await?;
    let Some(product) = known else {
        return Err(Failed::new(format!(
            "product {} is not in the shop: see `scruple product list`",
            asked.product
        )));
    };
    let quantity = quantity(&product, asked.seats)?;
    let paid_until = asked.ends.map(|date| paid_until(&product, date, room)).transpose()?;
    let email = if asked.holder { files::address()?.0.spelled().to_owned() } else { String::new() };
    let to = Named { email, name: String::new(), company: String::new(), language: String::new() };
    let by_hand = IssueByHand { product: product.id, quantity, to: &to, who: &room.who, house: &room.house };
    let Some(keys) = room.db.write(&Issue { by_hand, paid_until }).await? else {
        return Err(Failed::new("the product was taken out of the shop meanwhile"));
    };
    if asked.json {
        let each = |key: &String| Ok(json!({ "number": claims(key)?.serial.to_string(), "key": key }));
        return json(&keys.iter().map(each).collect::<Result<Vec<Value>, Failed>>()?);
    }
    say(keys.join("\n\n") + "\n")
}

/// How many units give so many seats.
fn quantity(product: &Product, seats: Option<u16>) -> Result<u32, Failed> {
    let unit = product.seats.max(1);
    match seats {
        None => Ok(1),
        Some(seats) if seats.is_multiple_of(unit) => Ok(u32::from(seats / unit)),
        Some(_) => Err(Failed::misuse(format!(
            "a unit of this product has {unit} seats: --seats must be a multiple"
        ))),
    }
}

fn paid_until(product: &Product, date: Date, room: &CommandContext) -> Result<i64, Failed> {
    if product.kind == Kind::Perpetual {
        return Err(Failed::misuse("--ends is for subscriptions and trials: this product is perpetual"));
    }
    let day = key_day(date)?.to_unix_days();
    if day < room.db.clock.today() {
        return Err(Failed::misuse("--ends is a day that is over"));
    }
    Ok(day)
}

/// Issues by hand, perhaps with an end of its own.
struct Issue<'a> {
    by_hand: IssueByHand<'a>,
    /// The day paid for, since 1970; a subscription's grace comes on top.
    paid_until: Option<i64>,
}

impl Operation for Issue<'_> {
    const NAME: &'static str = IssueByHand::NAME;
    type Done = Option<Vec<String>>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let (keys, day) = match (self.by_hand.act(tx).await?, self.paid_until) {
            (Some(keys), Some(day)) => (keys, day),
            (keys, _) => return Ok(keys),
        };
        let signers = Signers::load(tx).await?;
        let mut dated = Vec::new();
        for key in keys {
            let key = Key::parse(&key).map_err(|_| Error::Unknown("a key just signed"))?;
            let serial =
                i64::try_from(key.unverified().serial.bits()).map_err(|_| Error::Unknown("serial"))?;
            let licence = settle(tx, &signers, serial, |_, terms| {
                for term in terms {
                    term.until_day = day;
                    term.given_key.clear();
                }
            });
            dated.push(signers.text(&licence.await?.current_key)?);
        }
        Ok(Some(dated))
    }
}

async fn show(room: &CommandContext, argument: &str, as_json: bool) -> Done {
    let text = typed(argument)?;
    let mut tx = room.db.read().await?;
    let signers = Signers::load(&mut tx).await?;
    let (serial, given) = match text.parse::<Serial>() {
        Ok(serial) => (serial, None),
        Err(_) => {
            let key = Key::parse(&text).map_err(|why| Failed::misuse(why.to_string()))?;
            licence::verify(&key, &signers.public).map_err(|why| Failed::new(why.to_string()))?;
            (key.unverified().serial, Some(key))
        }
    };
    let bits = i64::try_from(serial.bits())?;
    let Some(licence) = tx.licence(bits).await? else {
        let says = if given.is_some() {
            "the key is genuine, but its licence isn't in this database"
        } else {
            "no licence has this number"
        };
        return Err(Failed::new(says));
    };
    let product = tx.product(licence.product).await?;
    let current = match licence.state {
        State::Revoked | State::Held => None,
        _ => Some(signers.text(&licence.current_key)?),
    };
    let newest = given.as_ref().map(|key| current.as_ref() == Some(&key.to_string()));
    let value = shown(&licence, product.as_ref(), current.as_deref(), newest);
    if as_json { json(&value) } else { say(lines(&licence, product.as_ref(), current.as_deref(), newest)) }
}

fn shown(l: &Licence, product: Option<&Product>, current: Option<&str>, newest: Option<bool>) -> Value {
    let until = (l.until_day != 0).then(|| domain::day::text(l.until_day));
    json!({
        "number": number(l.serial),
        "product": product.map(|p| &p.provider_id),
        "product_name": product.map(|p| &p.name),
        "product_in_keys": l.product,
        "kind": l.kind.word(),
        "edition": l.edition,
        "state": l.state.word(),
        "until": until,
        "seats": l.seats,
        "issued": domain::day::text(l.issued_day),
        "key": current,
        "given_key_is_current": newest,
    })
}

fn lines(l: &Licence, product: Option<&Product>, current: Option<&str>, newest: Option<bool>) -> String {
    let name = product.map_or("not in the shop any more", |p| &p.name);
    let until = if l.kind == Kind::Perpetual { "Updates until" } else { "Paid until" };
    let mut said = vec![
        ("Licence", number(l.serial)),
        ("Product", format!("{name} (number {} in keys)", l.product)),
        ("Kind", l.kind.word().to_owned()),
        ("Edition", l.edition.to_string()),
        ("State", l.state.word().to_owned()),
        (until, day(l.until_day, "no end")),
        ("Seats", l.seats.to_string()),
        ("Issued", domain::day::text(l.issued_day)),
    ];
    match newest {
        Some(true) => said.push(("Given key", "genuine, and the current one".to_owned())),
        Some(false) => said.push(("Given key", "genuine, but no longer the current one".to_owned())),
        None => {}
    }
    said.push(("Current key", current.unwrap_or("none: nothing is given out for it").to_owned()));
    pairs(&said)
}

async fn revoke(room: &CommandContext, typed: &str, revoked: bool) -> Done {
    let serial = serial(typed)?;
    let Some(licence) = room.db.write(&Revoke { serial, revoked, who: &room.who }).await? else {
        return Err(Failed::new("no licence has this number"));
    };
    let (number, state) = (number(serial), licence.state.word());
    say(if revoked {
        format!(
            "Licence {number} is {state}. Its key verifies offline until its end; a refresh is refused.\n"
        )
    } else {
        format!("The revocation of licence {number} is taken back: it is {state}.\n")
    })
}

fn key_day(date: Date) -> Result<Day, Failed> {
    Day::from_date(date.year, date.month, date.day).map_err(|_| {
        Failed::misuse(format!("{date} is no day that keys can hold: {} to {}", Day::FIRST, Day::LAST))
    })
}

fn today() -> Result<Day, Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Day::from_unix_seconds(i64::try_from(now)?)
        .map_err(|_| Failed::misuse("this machine's clock can't be right: name the day with --today"))
}

fn claims(key: &str) -> Result<Claims, Failed> {
    Ok(*Key::parse(key)?.unverified())
}

/// Checks a key with nothing but the public keys and a day.
pub fn verify(asked: &VerifyLicence) -> Done {
    let keys = public_keys(&asked.public_key)?;
    let today = asked.today.map_or_else(today, key_day)?;
    let build = asked.build.map(key_day).transpose()?;
    let text = typed(&asked.key)?;
    let judged = Key::parse(&text).and_then(|key| {
        let claims = *licence::verify(&key, &keys)?;
        let product = asked.product.unwrap_or(claims.product);
        Check { product, today, build }.admits(&claims).map(|()| claims)
    });
    match judged {
        Ok(claims) if asked.json => json(&valid(&claims)),
        Ok(claims) => say(format!("The key is valid.\n{}", held(&claims))),
        Err(why) if asked.json => {
            let value = json!({ "valid": false, "reason": reason(why), "says": why.to_string() });
            json(&value).map(|outcome| outcome.ending(Exit::NotValid))
        }
        Err(why) => {
            Ok(Outcome { text: String::new(), aside: format!("not valid: {why}\n"), exit: Exit::NotValid })
        }
    }
}

fn valid(claims: &Claims) -> Value {
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

fn held(claims: &Claims) -> String {
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

/// The refusal in one word, for scripts.
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
