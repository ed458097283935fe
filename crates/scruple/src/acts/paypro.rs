//! `scruple paypro send`: the payment provider, played.

use super::post::{self, Answer};
use super::{Done, Failed, Outcome, say};
use ::paypro::simulator::Party;
use ::paypro::{Draft, Kind, Moment, Purchase, Secret, Shop};
use scruple::commands::{Exit, Field, SendNotice};
use scruple::config::Config;
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes a notice, signs it, and posts or prints it.
pub async fn send(config: &Config, asked: &SendNotice) -> Done {
    let kind: Kind =
        asked.notice.parse().map_err(|why: ::paypro::kind::NoSuchKind| Failed::misuse(why.to_string()))?;
    let key = config.paypro.validation_key.as_ref().and_then(|key| Secret::new(key.expose().to_owned()));
    let key = key.ok_or_else(|| {
        Failed::misuse(
            "paypro.validation_key isn't set: notices are signed with it, and the server checks them with it",
        )
    })?;
    let body = draft(&Shop::new(key), kind, &asked.fields)?.body();
    if asked.print {
        return say(body + "\n");
    }
    let to = asked.to.clone().unwrap_or_else(|| format!("http://{}/paypro", config.server.listen));
    let Answer { status, body } = post::form(&to, &body).await?;
    let exit = if (200..300).contains(&status) { Exit::Done } else { Exit::Failed };
    Ok(Outcome { text: format!("{status}\n{}\n", body.trim_end()), aside: String::new(), exit })
}

/// A notice of a made-up purchase of today, with the given fields in it: what depends on another field follows it.
fn draft(shop: &Shop, kind: Kind, fields: &[Field]) -> Result<Draft, Failed> {
    let given =
        |name: &str| fields.iter().rev().find(|field| field.name == name).map(|field| field.value.as_str());
    let or = |name: &str, usual: &'static str| given(name).unwrap_or(usual).to_owned();
    let buyer = Party::new(or("CUSTOMER_EMAIL", "zoe.muster@example.org"), or("CUSTOMER_NAME", "Zoe Muster"));
    let mut purchase = Purchase::new(or("ORDER_ID", "1234567"), or("PRODUCT_ID", "4711"), buyer.clone());
    purchase.placed = now()?;
    if kind.needs_subscription() || given("SUBSCRIPTION_ID").is_some() {
        purchase = purchase.subscribed(or("SUBSCRIPTION_ID", "990017"), 30);
    }
    let draft = match kind {
        Kind::TrialCharged => shop.trial(&purchase, 30),
        Kind::SubscriptionFinished => shop.finished(&purchase, 0),
        Kind::Lead => shop.lead(&buyer),
        kind => shop.notice(kind, &purchase),
    };
    Ok(fields.iter().fold(draft, |draft, field| draft.field(&field.name, &field.value)))
}

/// This minute.
fn now() -> Result<Moment, Failed> {
    let minutes = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 60;
    let (day, minute) = (i32::try_from(minutes / 1440)?, minutes % 1440);
    let (hour, minute) = (u8::try_from(minute / 60)?, u8::try_from(minute % 60)?);
    Moment::at(day, hour, minute).ok_or_else(|| Failed::new("this machine's clock can't be right"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: Kind, fields: &[(&str, &str)]) -> Draft {
        let field =
            |(name, value): &(&str, &str)| Field { name: (*name).to_owned(), value: (*value).to_owned() };
        let fields: Vec<Field> = fields.iter().map(field).collect();
        draft(&Shop::new(Secret::new("key").unwrap()), kind, &fields).ok().unwrap()
    }

    #[test]
    fn every_kind_is_a_notice_that_the_shop_reads() {
        for kind in Kind::ALL {
            let body = made(kind, &[("ORDER_ID", "77")]).body();
            let notice = ::paypro::Unverified::parse(body.as_bytes()).unwrap();
            assert_eq!(notice.verify(&Secret::new("key").unwrap()).unwrap().kind(), kind);
        }
    }

    #[test]
    fn what_depends_on_a_field_follows_it() {
        let draft = made(Kind::OrderCharged, &[("ORDER_ID", "77"), ("CUSTOMER_EMAIL", "ada@example.com")]);
        assert_ne!(draft.value("ORDER_ITEM_ID"), made(Kind::OrderCharged, &[]).value("ORDER_ITEM_ID"));
        assert_eq!(draft.value("LICENSED_TO_EMAIL"), Some(""));
        let charge = made(Kind::SubscriptionCharged, &[("SUBSCRIPTION_ID", "5")]);
        assert_eq!(charge.value("SUBSCRIPTION_ID"), Some("5"));
    }

    #[test]
    fn a_given_field_wins_and_a_given_signature_too() {
        let draft = made(Kind::OrderCharged, &[("PRODUCT_QUANTITY", "9"), ("SIGNATURE", "wrong")]);
        assert_eq!(draft.value("PRODUCT_QUANTITY"), Some("9"));
        assert!(draft.body().contains("SIGNATURE=wrong"));
    }
}
