//! `scruple journal`.

use super::words::{count, table};
use super::{CommandContext, Done, Failed, Outcome, json, say};
use policy::purpose::Operating;
use scruple::commands::{Date, Exit, JournalCommand};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use store::{Actor, AuditKind, Error, Line, Operation, Tx};

/// Does it.
pub async fn run(room: &CommandContext, command: JournalCommand) -> Done {
    match command {
        JournalCommand::Show { since, cases, json } => show(room, since, cases, json).await,
        JournalCommand::Verify { json } => verify(room, json).await,
    }
}

const KINDS: [AuditKind; 6] = [
    AuditKind::Act,
    AuditKind::Opening,
    AuditKind::Email,
    AuditKind::Erasure,
    AuditKind::Agreement,
    AuditKind::Change,
];

async fn show(room: &CommandContext, since: Option<Date>, with_cases: bool, as_json: bool) -> Done {
    let mut tx = room.db.read().await?;
    let mut lines = Vec::new();
    for kind in KINDS {
        lines.extend(tx.lines_of(kind).await?);
    }
    drop(tx);
    let since = since.map(|date| date.to_string()).unwrap_or_default();
    lines.retain(|line| *time(line.at).as_str() >= *since);
    // Numbers of lines are random; within a second the chain tells what came first.
    lines.sort_by_key(|line| (line.at, line.link == 0, line.link, line.id));
    let cases = match with_cases {
        true => room.db.write(&OpenCases { lines: &lines, who: &room.who }).await?,
        false => BTreeMap::new(),
    };
    let case = |line: &Line| cases.get(&line.id).cloned().unwrap_or_default();
    if as_json {
        return say(lines.iter().map(|line| format!("{}\n", value(line, case(line)))).collect::<String>());
    }
    if lines.is_empty() {
        return say("The journal has no line here.\n");
    }
    let row = |line: &Line| {
        let about = [line.purpose.as_str(), line.what.as_str()];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        vec![time(line.at), line.kind.clone(), line.who.clone(), about.join(": "), case(line)]
    };
    let heads = ["WHEN (UTC)", "KIND", "WHO", "WHAT", if with_cases { "CASE" } else { "" }];
    say(table(&heads, &lines.iter().map(row).collect::<Vec<_>>()))
}

fn value(line: &Line, case: String) -> Value {
    json!({
        "at": time(line.at),
        "kind": line.kind,
        "who": line.who,
        "purpose": line.purpose,
        "what": line.what,
        "case": (!case.is_empty()).then_some(case),
        "slot": (line.slot.0 != 0).then_some(line.slot.0),
        "line": line.id.to_string(),
        "cause": (line.cause != 0).then(|| line.cause.to_string()),
        "closed": line.link != 0,
    })
}

/// Opens the cases of lines. A case is about the person whose record was opened, so this is an opening as well.
struct OpenCases<'a> {
    lines: &'a [Line],
    who: &'a Actor,
}

impl Operation for OpenCases<'_> {
    const NAME: &'static str = "open the journal's cases";
    /// Cases by the numbers of their lines; of the forgotten there is none.
    type Done = BTreeMap<i64, String>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let (mut cases, mut leaves) = (BTreeMap::new(), BTreeMap::new());
        for line in self.lines.iter().filter(|line| line.kind == AuditKind::Opening.word()) {
            if tx.vault().is_forgotten(line.slot)? {
                continue;
            }
            let leave = match leaves.entry(line.slot.0) {
                Entry::Occupied(written) => written.into_mut(),
                Entry::Vacant(none) => {
                    none.insert(tx.leave::<Operating>(line.slot, "journal.case_text", self.who, "").await?)
                }
            };
            if let Some(case) = tx.open_case_for(line, leave)? {
                cases.insert(line.id, case);
            }
        }
        Ok(cases)
    }
}

/// Seconds since 1970 as day and time; what is told by the day only has no time.
fn time(at: i64) -> String {
    let (day, second) = (domain::day::text(at.div_euclid(86_400)), at.rem_euclid(86_400));
    if second == 0 {
        day
    } else {
        format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }
}

async fn verify(room: &CommandContext, as_json: bool) -> Done {
    // Before the chain is read: what the keyring knows now, the journal has had for longer.
    let anchor = room.db.vault().anchor()?;
    let mut tx = room.db.read().await?;
    let report = tx.verify_chain().await?;
    let fault = match report.fault {
        None => cut_short(&mut tx, anchor).await?,
        fault => fault,
    };
    let exit = if fault.is_none() { Exit::Done } else { Exit::Failed };
    if as_json {
        let value = json!({
            "whole": fault.is_none(), "fault": fault,
            "links": report.links, "lines": report.lines, "open_lines": report.open_lines,
            "gaps": report.gaps,
        });
        return json(&value).map(|outcome| outcome.ending(exit));
    }
    let lines = |n: i64| count(n.unsigned_abs(), "line", "lines");
    let mut figures = format!(
        "{} in {}, {} not closed yet\n",
        lines(report.lines),
        count(report.links.unsigned_abs(), "link", "links"),
        lines(report.open_lines)
    );
    for (first, last) in &report.gaps {
        figures += &format!("A backup was put back: links {first} to {last} are not in this data\n");
    }
    Ok(match fault {
        None => Outcome { text: format!("The journal is whole: {figures}"), aside: String::new(), exit },
        Some(fault) => {
            Outcome { text: figures, aside: format!("the journal was tampered with: {fault}\n"), exit }
        }
    })
}

/// The newest link is kept beside the root as well: a journal that lost its end, or got another one, is noticed.
async fn cut_short(tx: &mut Tx, anchor: Option<(u64, [u8; 32])>) -> Result<Option<String>, Failed> {
    let Some((seq, mac)) = anchor else { return Ok(None) };
    Ok(match tx.chain_link(i64::try_from(seq)?).await? {
        Some(there) if there == mac => None,
        Some(_) => Some(format!("link {seq} is not the one that the keyring knows")),
        None => {
            Some(format!("the keyring knows link {seq}, and the journal ends before it: it was cut short"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_of_a_person_are_told_by_the_day() {
        assert_eq!(time(1_795_305_600), "2026-11-22");
        assert_eq!(time(1_795_305_600 + 3661), "2026-11-22 01:01:01");
    }
}
