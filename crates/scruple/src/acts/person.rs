//! `scruple person`: what a person asked staff for, instead of doing it on their own page.

use super::{CommandContext, Done, Failed, Outcome, files, json, say};
use domain::erasure::completion::roll_forward;
use domain::erasure::intent::{Agree, Agreed, Agreement};
use domain::erasure::receipt::{PickUp, pick_up};
use domain::portal::personal_data::Show;
use keyring::{Address, Slot};
use scruple::commands::{Channel, Exit, PersonCommand};
use std::path::Path;
use store::{Actor, AuditKind, BlindIndex, Error, NewAuditEntry, Operation, Tx};

/// Does it.
pub async fn run(room: &CommandContext, command: PersonCommand) -> Done {
    match command {
        PersonCommand::Export { case } => export(room, &case).await,
        PersonCommand::Erase { agreement, channel, receipt } => {
            erase(room, agreement.as_deref(), channel, receipt.as_deref()).await
        }
    }
}

/// An erased customer and a stranger get the same answer.
fn nobody() -> Failed {
    Failed::new("nobody with this address is known")
}

async fn find(room: &CommandContext, address: &Address) -> Result<Slot, Failed> {
    let tag = room.db.vault().tag("address", address.folded())?;
    let found = room.db.read().await?.index_find(BlindIndex::Address, &tag).await?;
    found.map(Slot).ok_or_else(nobody)
}

async fn export(room: &CommandContext, case: &str) -> Done {
    let (address, _) = files::address()?;
    let slot = find(room, &address).await?;
    let held = room.db.write(&Show { slot, who: &room.who, case, house: &room.house }).await?;
    json(&held.ok_or_else(nobody)?)
}

async fn erase(
    room: &CommandContext,
    agreement: Option<&Path>,
    channel: Channel,
    receipt: Option<&Path>,
) -> Done {
    // Whatever can be refused is refused before anything is erased, and before the person is looked for.
    if let Some(receipt) = receipt {
        files::must_be_new(receipt)?;
    }
    let (address, rest) = files::address()?;
    let text = match agreement {
        Some(file) => files::text_of(file)?,
        None => rest,
    };
    if text.trim().is_empty() {
        return Err(Failed::misuse(
            "the person's agreement is missing: its text follows the address on standard input, or stands in the \
             file of --agreement",
        ));
    }
    let slot = find(room, &address).await?;
    let agree = Agree {
        slot,
        agreement: Agreement::ToStaff { text: text.trim(), who: room.who.word() },
        house: &room.house,
    };
    let code = match room.db.write(&AgreeBy { agree, channel, who: &room.who }).await? {
        Agreed::Nobody => return Err(nobody()),
        Agreed::Cooling { day, code } => {
            return say(format!(
                "The erasure falls due on {}; until then the person can take it back.\n\
                 Give them this code for the receipt: {code}\n",
                domain::day::text(day)
            ));
        }
        Agreed::Erasing { code } => code,
    };
    match roll_forward(&room.db).await {
        Ok(_) => handed_out(room, &code, receipt).await,
        Err(Error::Keyring(why @ keyring::KeyringError::Unreachable { .. })) => Ok(Outcome {
            text: format!("Give the person this code for the receipt, which comes later: {code}\n"),
            aside: format!("nobody finds the person any more, but the erasure waits: {why}\n"),
            exit: Exit::Done,
        }),
        Err(error) => Err(Failed::new(format!(
            "nobody finds the person any more, but the erasure isn't complete: {error}. It goes on by itself; the \
             code for the receipt is {code}"
        ))),
    }
}

async fn handed_out(room: &CommandContext, code: &str, receipt: Option<&Path>) -> Done {
    let mut tx = room.db.read().await?;
    let PickUp::Ready(text) = pick_up(&mut tx, code).await? else {
        return say(format!("Erased. The receipt can be picked up with this code: {code}\n"));
    };
    let Some(file) = receipt else { return say(text) };
    match files::write_new(file, text.as_bytes()) {
        Ok(()) => say(format!("Erased. The receipt is in {}\n", file.display())),
        Err(why) => Ok(Outcome { text, aside: format!("erased, but {}\n", why.says), exit: Exit::Failed }),
    }
}

/// An agreement given to staff, with the channel by which it came.
struct AgreeBy<'a> {
    agree: Agree<'a>,
    channel: Channel,
    who: &'a Actor,
}

impl Operation for AgreeBy<'_> {
    const NAME: &'static str = Agree::NAME;
    type Done = Agreed;

    async fn act(&self, tx: &mut Tx) -> Result<Agreed, Error> {
        let agreed = self.agree.act(tx).await?;
        if agreed != Agreed::Nobody {
            let line = NewAuditEntry {
                kind: AuditKind::Change,
                what: match self.channel {
                    Channel::Mail => "the agreement came by mail",
                    Channel::Email => "the agreement came by letter",
                    Channel::Phone => "the agreement came by phone",
                    Channel::InPerson => "the agreement was given in person",
                },
                who: self.who,
                slot: None,
                cause: 0,
                recipient: &[],
                digest: &[],
            };
            tx.note(&line).await?;
        }
        Ok(agreed)
    }
}
