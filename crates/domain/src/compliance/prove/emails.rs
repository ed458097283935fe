//! Every letter has its cause: an act of its one recipient, which may cause this letter, and causes it once
//! (`mail.solicited`).

use store::{Caused, Error, Letters, Tx};

use super::Look;
use crate::conversations::MOST_DAYS;
use crate::email::{Act, Kind};

/// Faults of one sort that are named one by one; more are only counted.
const NAMED: usize = 20;

/// Walks all letters, those that were sent and those that wait.
pub(crate) async fn look(tx: &mut Tx) -> Result<Look, Error> {
    let mut look = Look::default();
    let mut more = 0;
    for (of, place) in [(Letters::Sent, "journal line"), (Letters::Waiting, "outbox row")] {
        let (mut after, mut seen) = (i64::MIN, 0_u64);
        loop {
            let page = tx.letters_with_cause(of, after).await?;
            let Some(last) = page.last() else { break };
            (after, seen) = (last.id, seen + page.len() as u64);
            for letter in &page {
                let Some(fault) = fault(letter) else { continue };
                if look.broken.len() < NAMED {
                    look.fault(format!("{place} {}: {fault}", letter.id));
                } else {
                    more += 1;
                }
            }
        }
        let what = if of == Letters::Sent { "that were sent" } else { "in the outbox" };
        look.see(format!("letters {what}, each looked at with the act that caused it: {seen}"));
    }
    look.none(more, "further letters without a right cause");
    // Staff may answer one message more than once; every other letter is caused once.
    let once = |kind: &str| Kind::from_name(kind) != Some(Kind::StaffReply);
    for (cause, kind, n) in tx.letters_of_one_cause().await?.into_iter().filter(|(_, kind, _)| once(kind)) {
        look.fault(format!("journal line {cause}: letters of the kind {kind} that this one act caused: {n}"));
    }
    let kinds: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
    look.see(format!("the closed list of letters: {}", kinds.join(", ")));
    Ok(look)
}

fn fault(letter: &Caused) -> Option<&'static str> {
    let Some(kind) = Kind::from_name(&letter.letter) else { return Some("a letter that isn't of the list") };
    if letter.kind.is_empty() {
        return Some("a letter without a cause");
    }
    if letter.kind != "act" || letter.who != "person" {
        return Some("its cause is no act of a person");
    }
    if !kind.caused_by().iter().any(|act| act.name() == letter.what) {
        return Some("its cause is an act that does not allow this letter");
    }
    if letter.of != letter.slot {
        return Some("its cause is an act of another person");
    }
    if letter.what == Act::IsSentLink.name() && letter.behind != Act::WroteToUs.name() {
        return Some("its cause is an act that rests on no message of that person");
    }
    // One that waits is no longer wanted before the day is over on which its act is too old.
    let days = (letter.at - letter.acted_at).div_euclid(86_400);
    (days > MOST_DAYS).then_some("its cause is an act that was too old for it")
}
