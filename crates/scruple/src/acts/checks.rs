//! `scruple doctor` and `scruple prove`.

use super::{CommandContext, Done, json, say};
use domain::compliance::doctor::{Facts, Level, doctor};
use domain::compliance::prove::{CarrierKind, Carriers, Processor, prove};
use scruple::boot;
use scruple::commands::Exit;
use scruple::config::{Config, Database};
use scruple::serve;
use store::{Db, Engine};
use url::{Host, Url};
use web::cookies::{self, Answers};

/// Says what is configured badly, waits or lacks; fails where something doesn't work.
pub async fn advise(config: &Config, room: &CommandContext, as_json: bool) -> Done {
    let facts = Facts {
        smtp_configured: config.mail.smtp.is_some(),
        validation_key_set: config.paypro.validation_key.is_some(),
        allow_test_orders: config.paypro.allow_test_orders,
        checkout_key_error: misfit(room).await?,
        public_url_is_local: is_local(&config.server.public_url),
        reply_configured: config.mail.reply.is_some(),
        imap_configured: config.mail.imap.is_some(),
        authserv_configured: config.mail.authserv.is_some(),
    };
    let advice = doctor(&room.db, &room.house, &facts).await;
    let exit = if advice.iter().any(|one| one.level == Level::Bad) { Exit::Failed } else { Exit::Done };
    let said = if as_json {
        json(&advice)
    } else {
        say(advice.iter().map(|one| format!("{one}\n")).collect::<String>())
    };
    said.map(|outcome| outcome.ending(exit))
}

/// The first product whose renewal discount can't be sealed under the checkout key, which depends on its number.
async fn misfit(room: &CommandContext) -> Result<Option<String>, store::Error> {
    let Some(key) = &room.house.dynamic else { return Ok(None) };
    let products = room.db.read().await?.products().await?;
    let discounted = products.iter().filter(|product| product.renewal_discount > 0);
    Ok(discounted.into_iter().find_map(|product| {
        key.fits(&product.provider_id).err().map(|why| format!("product {}: {why}", product.provider_id))
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

/// Proves promise by promise; fails where one is broken.
pub async fn proof(config: &Config, room: &CommandContext, as_json: bool) -> Done {
    let mut proof = prove(&room.db, &room.house, &carriers(config, &room.db)?).await?;
    let answers = doors(config, room).await?;
    let seen = format!(
        "doors of visitor statistics that were asked, none of which sets a cookie: {}",
        answers.asked
    );
    proof.witness(policy::promise::VISITORS_UNIDENTIFIABLE, seen, answers.with_cookie);
    let exit = if proof.holds() { Exit::Done } else { Exit::Failed };
    let said = if as_json { json(&proof) } else { say(proof.to_string()) };
    said.map(|outcome| outcome.ending(exit))
}

/// What the doors of visitor statistics answer, as this program would give it.
async fn doors(config: &Config, room: &CommandContext) -> Result<Answers, super::Failed> {
    // Nobody asks for a link here.
    let (asks, _) = tokio::sync::mpsc::channel(1);
    let app = serve::app(config, room.db.clone(), boot::house(config)?, asks, "/licence");
    Ok(cookies::look(app).await?)
}

/// Who carries something for us: as configured, and as opened.
fn carriers(config: &Config, db: &Db) -> Result<Carriers, super::Failed> {
    let file = || config.data.folder.join("scruple.db").display().to_string();
    let (named, opened) = match (&config.data.database, db.engine()) {
        (Database::Sqlite, Engine::Sqlite) => (file(), file()),
        (Database::Postgres { place, .. }, Engine::Postgres) => (place.clone(), place.clone()),
        (Database::Sqlite, Engine::Postgres) => (file(), "a PostgreSQL".to_owned()),
        (Database::Postgres { place, .. }, Engine::Sqlite) => (place.clone(), file()),
    };
    let places =
        |places: Vec<std::path::PathBuf>| places.into_iter().map(|place| place.display().to_string());
    let mail = config.mail.smtp.iter().map(|smtp| format!("{}:{}", smtp.host, smtp.port));
    let mailbox = config.mail.imap.iter().map(|imap| format!("{}:{}", imap.host, imap.port));
    let register = |database: String, places: Vec<String>| {
        let places = places.into_iter().map(|at| Processor { kind: CarrierKind::KeyringPlace, at });
        let mail = mail.clone().map(|at| Processor { kind: CarrierKind::MailServer, at });
        let mailbox = mailbox.clone().map(|at| Processor { kind: CarrierKind::Mailbox, at });
        std::iter::once(Processor { kind: CarrierKind::Database, at: database })
            .chain(mail)
            .chain(mailbox)
            .chain(places)
            .collect()
    };
    Ok(Carriers {
        configured: register(named, places(boot::places(config)?).collect()),
        connected: register(opened, places(db.vault().places()).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_only_this_machine_reaches_is_local() {
        for url in ["http://127.0.0.1:8470", "http://[::1]", "http://localhost:80"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://licence.example.com", "http://10.0.0.1", "https://localhost.example.com"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
