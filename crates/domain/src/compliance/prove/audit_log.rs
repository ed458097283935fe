//! The journal: its chain, and what it tells of openings and agreements.

use policy::inventory::find;
use policy::purpose;
use store::{Db, Error, Operation, Told, Tx};

use super::Look;

/// The chain holds, and ends no earlier than the keyring remembers.
pub(crate) async fn chain(tx: &mut Tx, anchor: Option<(u64, [u8; 32])>) -> Result<Look, Error> {
    let mut look = Look::default();
    let report = tx.verify_chain().await?;
    if let Some(fault) = &report.fault {
        look.fault(format!("journal: {fault}"));
    }
    let last = report.head.as_ref().map_or(0, |(seq, _)| *seq);
    match anchor {
        Some((seq, mac)) => {
            let kept = i64::try_from(seq).unwrap_or(i64::MAX);
            match tx.chain_link(kept).await? {
                Some(there) if there == mac => {}
                Some(_) => look.fault(format!("journal: link {kept} is not the one that the keyring remembers")),
                None => look.fault(format!(
                    "journal: it ends at link {last}, but the keyring remembers link {kept}: it was cut short, or a \
                     backup was put back and the lines since are lost"
                )),
            }
            look.see(format!("the keyring remembers link {kept} of the journal's chain"));
        }
        None if report.links > 0 => {
            look.fault("journal: the keyring remembers no link, so a journal cut short could not be noticed");
        }
        None => {}
    }
    for (first, last) in &report.gaps {
        look.see(format!(
            "a backup was put back: links {first} to {last} of the journal are not in this data"
        ));
    }
    look.see(format!(
        "the journal's chain, computed anew: {} links over {} lines; not covered yet: {}",
        report.links, report.lines, report.open_lines
    ));
    Ok(look)
}

/// Each opening was for a purpose that the inventory allows the value.
pub(crate) fn openings(told: &Told) -> Look {
    let mut look = Look::default();
    let mut openings = 0;
    for (what, purpose, n) in &told.openings {
        openings += n;
        for name in what.split(' ') {
            let column = name.split_once('.').and_then(|(table, column)| find(table, column));
            if !column.is_some_and(|c| c.opens_for.contains(&&**purpose)) {
                look.fault(format!(
                    "journal: openings of {name} for {purpose}, which the inventory does not allow: {n}"
                ));
            }
        }
    }
    let known: Vec<&str> = purpose::ALL.iter().map(|(id, _)| *id).collect();
    look.see(format!(
        "openings compared with the inventory: {openings}; the closed list of purposes: {}",
        known.join(", ")
    ));
    look
}

/// Each look of staff at a person names who looked, and a case.
pub(crate) fn cases(told: &Told) -> Look {
    let mut look = Look::default();
    look.none(told.without_case, "journal: openings for support or access without staff or case");
    let by = |id: &str| -> i64 { told.openings.iter().filter(|(_, p, _)| p == id).map(|(_, _, n)| n).sum() };
    look.see(format!("openings for support, looked at for staff and case: {}", by("support")));
    look
}

/// Each erasure of a person rests on an agreement, and neither tells of whom.
pub(crate) fn agreements(told: &Told) -> Look {
    let mut look = Look::default();
    if told.erasures > told.agreements {
        let (erasures, agreements) = (told.erasures, told.agreements);
        look.fault(format!("journal: more erasures than agreements: {erasures} and {agreements}"));
    }
    look.none(told.with_identity, "journal: lines of agreement or erasure that name somebody");
    look.none(told.without_text, "journal: agreements without the hash of what was agreed to");
    look.see(format!(
        "agreements: {}; erasures that need one: {}; neither may name anybody",
        told.agreements, told.erasures
    ));
    look
}

/// Closes it, with a number beyond this one.
struct Close(i64);

impl Operation for Close {
    const NAME: &'static str = "close journal";
    type Done = Option<(i64, Vec<u8>)>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        tx.close_chain(self.0).await
    }
}

/// Closes the journal's chain over what was written since, then lets the keyring remember its head: in this order,
/// for a head that isn't in the journal would look like one cut short. Says whether there was anything to close.
///
/// # Errors
/// When database or keyring is away; what was closed stays closed.
pub async fn close_journal(db: &Db) -> Result<bool, Error> {
    close_beyond(db, 0).await
}

/// The same, leaving the links out that the keyring remembers and data from a backup doesn't have.
pub(crate) async fn close_beyond(db: &Db, beyond: i64) -> Result<bool, Error> {
    if !db.read().await?.has_open_lines().await? {
        return Ok(false);
    }
    let Some((seq, mac)) = db.write(&Close(beyond)).await? else { return Ok(false) };
    let seq = u64::try_from(seq).map_err(|_| Error::Unknown("journal_link.seq"))?;
    let mac = mac.try_into().map_err(|_| Error::Unknown("journal_link.mac"))?;
    db.vault().set_anchor(seq, mac)?;
    Ok(true)
}
