//! `scruple prove`: checks each promise on the live database.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandResult, Exit, output, output_json};
use crate::config::{Config, Database};
use crate::{serve, startup};
use clap::Args;
use domain::compliance::prove::findings::visits;
use domain::compliance::prove::{Finding, Processor, ProcessorKind, Processors, Proof, prove};
use message_catalogue::English;
use serde::Serialize;
use store::{Db, Engine};
use web::cookie_check::{self, CookieCheck};

/// Arguments of `scruple prove`
#[derive(Args)]
#[command(after_help = "Exit status: 0 every promise is kept, 1 a promise is broken.

Examples:
  scruple prove
  scruple prove --json")]
pub struct Prove {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Proves promise by promise. Fails if a promise is broken.
pub async fn run(config: &Config, ctx: &CommandContext, args: &Prove) -> CommandResult {
    let mut proof = prove(&ctx.db, &ctx.settings, &processors(config, &ctx.db)?).await?;
    let answers = check_cookies(config, ctx).await?;
    let observed = visits::Observation::WithoutCookies { requests: answers.requests };
    let set = answers.with_cookie.into_iter().map(|request| visits::Violation::Cookie { request }.into());
    proof.add_evidence(policy::promise::VISITORS_UNIDENTIFIABLE, observed.into(), set.collect());
    let exit = if proof.all_kept() { Exit::Done } else { Exit::Failed };
    let result = if args.json { output_json(&ProofJson::of(&proof)) } else { output(proof.english()) };
    result.map(|output| output.ending(exit))
}

/// The proof as JSON.
#[derive(Serialize)]
struct ProofJson {
    promises: Vec<FindingJson>,
}

#[derive(Serialize)]
struct FindingJson {
    promise: &'static str,
    verdict: &'static str,
    evidence: Vec<String>,
    broken: Vec<String>,
}

impl ProofJson {
    fn of(proof: &Proof) -> Self {
        let finding = |of: &Finding| FindingJson {
            promise: of.promise.id,
            verdict: of.verdict.name(),
            evidence: of.evidence.iter().map(English::english).collect(),
            broken: of.violations.iter().map(English::english).collect(),
        };
        Self { promises: proof.promises.iter().map(finding).collect() }
    }
}

/// Requests the routes of visit statistics in this process, and checks that no response sets a cookie.
async fn check_cookies(config: &Config, ctx: &CommandContext) -> Result<CookieCheck, CommandError> {
    // No request in this check asks for a magic link, so the receiver can be dropped.
    let (magic_link_requests, _) = tokio::sync::mpsc::channel(1);
    let settings = startup::vendor_settings(config)?;
    let app = serve::app(config, ctx.db.clone(), settings, magic_link_requests, "/licence");
    Ok(cookie_check::check_cookies(app).await?)
}

/// The processors (GDPR Art. 4(8)): as configured, and as connected.
fn processors(config: &Config, db: &Db) -> Result<Processors, CommandError> {
    let file = || config.data.folder.join("scruple.db").display().to_string();
    let (named, opened) = match (&config.data.database, db.engine()) {
        (Database::Sqlite, Engine::Sqlite) => (file(), file()),
        (Database::Postgres { location, .. }, Engine::Postgres) => (location.clone(), location.clone()),
        (Database::Sqlite, Engine::Postgres) => (file(), "a PostgreSQL database".to_owned()),
        (Database::Postgres { location, .. }, Engine::Sqlite) => (location.clone(), file()),
    };
    let replicas = |paths: Vec<std::path::PathBuf>| paths.into_iter().map(|path| path.display().to_string());
    let mail = config.mail.smtp.iter().map(|smtp| format!("{}:{}", smtp.host, smtp.port));
    let mailbox = config.mail.imap.iter().map(|imap| format!("{}:{}", imap.host, imap.port));
    let register = |database: String, replicas: Vec<String>| {
        let replicas = replicas.into_iter().map(|at| Processor { kind: ProcessorKind::KeyringReplica, at });
        let mail = mail.clone().map(|at| Processor { kind: ProcessorKind::MailServer, at });
        let mailbox = mailbox.clone().map(|at| Processor { kind: ProcessorKind::Mailbox, at });
        std::iter::once(Processor { kind: ProcessorKind::Database, at: database })
            .chain(mail)
            .chain(mailbox)
            .chain(replicas)
            .collect()
    };
    Ok(Processors {
        configured: register(named, replicas(startup::replicas(config)?).collect()),
        connected: register(opened, replicas(db.keyring().replica_paths()).collect()),
    })
}
