//! `scruple doctor`: checks the configuration and the running store.

use super::context::CommandContext;
use super::outcome::{CommandResult, Exit, output, output_json};
use crate::config::Config;
use clap::Args;
use domain::compliance::doctor::{Advice, CheckoutKeyFault, Facts, Level, doctor};
use message_catalogue::English;
use message_catalogue::english::doctor::action;
use serde_json::{Value, json};
use url::{Host, Url};

/// Arguments of `scruple doctor`
#[derive(Args)]
#[command(after_help = "Exit status: 0 nothing is broken, 1 something does not work.

Examples:
  scruple doctor
  scruple doctor --json")]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Reports what is misconfigured, pending or missing. Fails if something does not work.
pub async fn run(config: &Config, ctx: &CommandContext, args: &Doctor) -> CommandResult {
    let facts = Facts {
        smtp_configured: config.mail.smtp.is_some(),
        validation_key_set: config.paypro.validation_key.is_some(),
        allow_test_orders: config.paypro.allow_test_orders,
        checkout_key_fault: checkout_key_fault(ctx).await?,
        public_url_is_local: is_local(&config.server.public_url),
        reply_configured: config.mail.reply.is_some(),
        imap_configured: config.mail.imap.is_some(),
        authserv_configured: config.mail.authserv.is_some(),
    };
    let findings = doctor(&ctx.db, &ctx.settings, &facts).await;
    let exit = if findings.iter().any(|one| one.level == Level::Bad) { Exit::Failed } else { Exit::Done };
    let result = if args.json {
        output_json(&json!({ "findings": findings.iter().map(json_of).collect::<Vec<_>>() }))
    } else {
        output(findings.iter().map(|one| format!("{}\n", one.english())).collect::<String>())
    };
    result.map(|output| output.ending(exit))
}

fn json_of(advice: &Advice) -> Value {
    json!({
        "level": advice.level.name(), "message": advice.condition.english(),
        "action": action(&advice.condition).unwrap_or_default(),
    })
}

/// The first product whose renewal discount cannot be encrypted with the checkout key. The product's number is part of
/// that key, so the length can be wrong for one product and right for another.
async fn checkout_key_fault(ctx: &CommandContext) -> Result<Option<CheckoutKeyFault>, store::Error> {
    let Some(key) = &ctx.settings.dynamic else { return Ok(None) };
    let products = ctx.db.read().await?.products().await?;
    let discounted = products.iter().filter(|product| product.renewal_discount > 0);
    Ok(discounted.into_iter().find_map(|product| {
        let error = key.check_length(&product.provider_id).err()?;
        Some(CheckoutKeyFault { product: product.provider_id.clone(), error })
    }))
}

fn is_local(public_url: &str) -> bool {
    match Url::parse(public_url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_only_this_machine_reaches_is_local() {
        for url in ["http://127.0.0.1:8470", "http://[::1]", "http://localhost:80"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://licence.example.com", "http://10.0.0.1", "https://localhost.example.com"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
