//! `scruple audit`: prints and verifies the audit log.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output, output_json};
use super::table::{count, table};
use calendar::{Day, Timestamp};
use clap::Subcommand;
use domain::compliance::audit_cases::OpenCases;
use message_catalogue::English;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{AuditEntry, AuditKind, Tx};

/// Read and verify the audit log
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Print the audit log, oldest entry first
    #[command(after_help = "Examples:
  scruple audit show
  scruple audit show --since 2026-01-01 --json
  scruple audit show --cases --as ada")]
    Show {
        /// Leave out entries older than this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE")]
        since: Option<Day>,
        /// Open the encrypted reasons (cases) too; this adds one audit entry for each person concerned
        #[arg(long)]
        cases: bool,
        /// Print JSON, one line for each entry
        #[arg(long)]
        json: bool,
    },
    /// Recompute the hash chain of the audit log, and report where it breaks
    #[command(after_help = "Exit status: 0 complete, 1 broken.

Example:
  scruple audit verify")]
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(ctx: &CommandContext, command: AuditCommand) -> CommandResult {
    match command {
        AuditCommand::Show { since, cases, json } => show(ctx, since, cases, json).await,
        AuditCommand::Verify { json } => verify(ctx, json).await,
    }
}

const KINDS: [AuditKind; 6] = [
    AuditKind::Action,
    AuditKind::Opening,
    AuditKind::Email,
    AuditKind::Erasure,
    AuditKind::Agreement,
    AuditKind::Change,
];

async fn show(ctx: &CommandContext, since: Option<Day>, with_cases: bool, as_json: bool) -> CommandResult {
    let mut tx = ctx.db.read().await?;
    let mut entries = Vec::new();
    for kind in KINDS {
        entries.extend(tx.audit_entries_of_kind(kind).await?);
    }
    drop(tx);
    let since = since.map(|date| date.to_string()).unwrap_or_default();
    entries.retain(|entry| *time(entry.at).as_str() >= *since);
    // The ids of entries are random. The hash chain gives the order within a second.
    entries.sort_by_key(|entry| (entry.at, entry.audit_link == 0, entry.audit_link, entry.id));
    let cases = match with_cases {
        true => ctx.db.execute(&OpenCases { entries: &entries, actor: &ctx.actor }).await?,
        false => BTreeMap::new(),
    };
    let case = |entry: &AuditEntry| cases.get(&entry.id).cloned().unwrap_or_default();
    if as_json {
        return output(
            entries.iter().map(|entry| format!("{}\n", value(entry, case(entry)))).collect::<String>(),
        );
    }
    if entries.is_empty() {
        return output("There are no audit entries.\n");
    }
    let row = |entry: &AuditEntry| {
        let about = [entry.purpose.as_str(), entry.name.as_str()];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        vec![time(entry.at), entry.kind.clone(), entry.actor.clone(), about.join(": "), case(entry)]
    };
    let heads = ["WHEN (UTC)", "KIND", "ACTOR", "SUBJECT", if with_cases { "CASE" } else { "" }];
    output(table(&heads, &entries.iter().map(row).collect::<Vec<_>>()))
}

fn value(entry: &AuditEntry, case: String) -> Value {
    json!({
        "at": time(entry.at),
        "kind": entry.kind,
        "actor": entry.actor,
        "purpose": entry.purpose,
        "subject": entry.name,
        "case": (!case.is_empty()).then_some(case),
        "slot": entry.slot.map(|slot| slot.0),
        "entry": entry.id.to_string(),
        "cause": (entry.cause != 0).then(|| entry.cause.to_string()),
        "chained": entry.audit_link != 0,
    })
}

/// Formats a moment as day and time. An entry that records only its day has no time.
fn time(at: Timestamp) -> String {
    let (day, second) = (at.day(), at.second_of_day());
    if second == 0 {
        day.to_string()
    } else {
        format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }
}

async fn verify(ctx: &CommandContext, as_json: bool) -> CommandResult {
    // Read the anchor before the chain: the audit log must already contain what the keyring has anchored.
    let anchor = ctx.db.keyring().anchor()?;
    let mut tx = ctx.db.read().await?;
    let report = tx.verify_audit_chain().await?;
    let fault = match report.fault {
        None => truncation(&mut tx, anchor).await?,
        Some(fault) => Some(fault.english()),
    };
    let exit = if fault.is_none() { Exit::Done } else { Exit::Failed };
    if as_json {
        let value = json!({
            "complete": fault.is_none(), "fault": fault,
            "links": report.links, "entries": report.entries, "open_entries": report.unlinked_entries,
            "gaps": report.gaps,
        });
        return output_json(&value).map(|outcome| outcome.ending(exit));
    }
    let entries = |n: i64| count(n.unsigned_abs(), "entry", "entries");
    let mut figures = format!(
        "{} in {}, {} not chained yet\n",
        entries(report.entries),
        count(report.links.unsigned_abs(), "link", "links"),
        entries(report.unlinked_entries)
    );
    for (first, last) in &report.gaps {
        figures += &format!("A backup was restored: links {first} to {last} are missing from this data\n");
    }
    Ok(match fault {
        None => CommandOutput {
            text: format!("The audit log is complete: {figures}"),
            warnings: String::new(),
            exit,
        },
        Some(fault) => CommandOutput {
            text: figures,
            warnings: format!("the audit log was tampered with: {fault}\n"),
            exit,
        },
    })
}

/// Compares the audit log with the anchor in the keyring: a log whose end was cut off or replaced is detected.
async fn truncation(tx: &mut Tx, anchor: Option<(u64, [u8; 32])>) -> Result<Option<String>, CommandError> {
    let Some((seq, mac)) = anchor else { return Ok(None) };
    Ok(match tx.audit_link_mac(i64::try_from(seq)?).await? {
        Some(there) if there == mac => None,
        Some(_) => Some(format!("link {seq} differs from the anchor in the keyring")),
        None => Some(format!(
            "the keyring has anchored link {seq}, but the audit log ends before it: it was truncated"
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_a_person_show_only_their_day() {
        let midnight = Timestamp::from_unix_seconds(1_795_305_600);
        assert_eq!(time(midnight), "2026-11-22");
        assert_eq!(time(midnight + 3661), "2026-11-22 01:01:01");
    }
}
