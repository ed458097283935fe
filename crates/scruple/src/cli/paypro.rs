//! `scruple paypro`: a simulator of the payment provider's notifications (webhooks; PayPro calls them IPN).

use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output};
use super::value_parsers::Field;
use crate::config::Config;
use crate::loopback_client::{self, Response, Unreachable};
use ::paypro::simulator::Party;
use ::paypro::{Draft, NotificationKind, Purchase, Secret, Shop};
use calendar::Timestamp;
use clap::{Args, Subcommand};
use std::time::SystemTime;
use url::Url;

/// Simulate the payment provider
#[derive(Subcommand)]
pub enum PayproCommand {
    /// Build and sign a notification (webhook) like the provider's, and post it to this machine
    #[command(
        after_help = "Fields that are left out get values that fit the type. The body is signed with paypro.validation_key.
A field SIGNATURE=... replaces the signature.

The notification is posted to addresses of this machine (loopback) only. For any other URL nothing is sent: the
command prints the signed body and a curl command that posts it.

Examples:
  scruple paypro send --type 1
  scruple paypro send --type LicenseRequested --field ORDER_ID=1001 --field CUSTOMER_EMAIL=ada@example.com
  scruple paypro send --type 2 --field ORDER_ID=1001 --to http://127.0.0.1:8470/paypro
  scruple paypro send --type 6 --print"
    )]
    Send(SendNotification),
}

/// Arguments of `scruple paypro send`
#[derive(Args)]
pub struct SendNotification {
    /// The type of the notification: its number or its name
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: String,
    /// A field of the notification; may be repeated
    #[arg(long = "field", value_name = "NAME=VALUE")]
    pub fields: Vec<Field>,
    /// Where to post it, instead of the configured server's /paypro
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Print the signed body and a curl command instead of posting
    #[arg(long)]
    pub print: bool,
}

/// Builds and signs a notification, then posts it to this machine or prints it.
pub async fn send(config: &Config, args: &SendNotification) -> CommandResult {
    let kind: NotificationKind = args
        .kind
        .parse()
        .map_err(|why: ::paypro::kind::UnknownKindName| CommandError::misuse(why.to_string()))?;
    let key = config.paypro.validation_key.as_ref().and_then(|key| Secret::new(key.expose().to_owned()));
    let key = key.ok_or_else(|| {
        CommandError::misuse(
            "paypro.validation_key is not set: notifications are signed with it, and the server checks them with it",
        )
    })?;
    let body = draft(&Shop::new(key), kind, &args.fields)?.body();
    let to = args.to.clone().unwrap_or_else(|| format!("http://{}/paypro", config.server.listen));
    let url = Url::parse(&to).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url =
        url.ok_or_else(|| CommandError::misuse("--to must be a URL such as http://127.0.0.1:8470/paypro"))?;
    if args.print {
        return output(curl(&url, &body));
    }
    match loopback_client::post_form(&url, body.clone()).await {
        Ok(Response { status, body }) => {
            let exit = if (200..300).contains(&status) { Exit::Done } else { Exit::Failed };
            let text = format!("{status}\n{}\n", body.trim_end());
            Ok(CommandOutput { text, warnings: String::new(), exit })
        }
        Err(Unreachable::NotLoopback | Unreachable::Encrypted) => Ok(CommandOutput {
            text: curl(&url, &body),
            warnings:
                "not sent: Scruple posts to this machine only, without TLS. The curl command posts it\n"
                    .to_owned(),
            exit: Exit::Done,
        }),
        Err(other) => Err(CommandError::new(other.to_string())),
    }
}

/// The curl command that posts the signed body from standard input, and the body as its here-document. The body is no
/// argument, because arguments show in the list of processes.
fn curl(url: &Url, body: &str) -> String {
    let url = url.as_str().replace('\'', "%27");
    format!(
        "curl --header 'Content-Type: application/x-www-form-urlencoded' --data-binary @- '{url}' <<'SCRUPLE_BODY'\n\
         {body}\nSCRUPLE_BODY\n"
    )
}

/// A notification of a simulated purchase of today, with the given fields. Fields that depend on a given field follow it.
fn draft(shop: &Shop, kind: NotificationKind, fields: &[Field]) -> Result<Draft, CommandError> {
    let given =
        |name: &str| fields.iter().rev().find(|field| field.name == name).map(|field| field.value.as_str());
    let or = |name: &str, usual: &'static str| given(name).unwrap_or(usual).to_owned();
    let buyer = Party::new(or("CUSTOMER_EMAIL", "zoe.muster@example.org"), or("CUSTOMER_NAME", "Zoe Muster"));
    let mut purchase = Purchase::new(or("ORDER_ID", "1234567"), or("PRODUCT_ID", "4711"), buyer.clone());
    purchase.placed = Timestamp::from(SystemTime::now());
    if kind.needs_subscription() || given("SUBSCRIPTION_ID").is_some() {
        purchase = purchase.subscribed(or("SUBSCRIPTION_ID", "990017"), 30);
    }
    let draft = match kind {
        NotificationKind::TrialCharged => shop.trial(&purchase, 30),
        NotificationKind::SubscriptionFinished => shop.finished(&purchase, 0),
        NotificationKind::Lead => shop.lead(&buyer),
        kind => shop.notification(kind, &purchase),
    };
    Ok(fields.iter().fold(draft, |draft, field| draft.field(&field.name, &field.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafted(kind: NotificationKind, fields: &[(&str, &str)]) -> Draft {
        let field =
            |(name, value): &(&str, &str)| Field { name: (*name).to_owned(), value: (*value).to_owned() };
        let fields: Vec<Field> = fields.iter().map(field).collect();
        draft(&Shop::new(Secret::new("key").unwrap()), kind, &fields).ok().unwrap()
    }

    #[test]
    fn each_kind_is_a_notification_with_a_valid_signature() {
        for kind in NotificationKind::ALL {
            let body = drafted(kind, &[("ORDER_ID", "77")]).body();
            let notification = ::paypro::UnverifiedNotification::parse(body.as_bytes()).unwrap();
            assert_eq!(notification.verify(&Secret::new("key").unwrap()).unwrap().kind(), kind);
        }
    }

    #[test]
    fn fields_that_depend_on_a_given_field_follow_it() {
        let draft = drafted(
            NotificationKind::OrderCharged,
            &[("ORDER_ID", "77"), ("CUSTOMER_EMAIL", "ada@example.com")],
        );
        assert_ne!(
            draft.value("ORDER_ITEM_ID"),
            drafted(NotificationKind::OrderCharged, &[]).value("ORDER_ITEM_ID")
        );
        assert_eq!(draft.value("LICENSED_TO_EMAIL"), Some(""));
        let charge = drafted(NotificationKind::SubscriptionCharged, &[("SUBSCRIPTION_ID", "5")]);
        assert_eq!(charge.value("SUBSCRIPTION_ID"), Some("5"));
    }

    #[test]
    fn a_given_field_replaces_the_default_and_so_does_a_given_signature() {
        let draft =
            drafted(NotificationKind::OrderCharged, &[("PRODUCT_QUANTITY", "9"), ("SIGNATURE", "wrong")]);
        assert_eq!(draft.value("PRODUCT_QUANTITY"), Some("9"));
        assert!(draft.body().contains("SIGNATURE=wrong"));
    }
}
