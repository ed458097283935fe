//! `scruple person`: access (GDPR Art. 15) and erasure (Art. 17) that a person asked staff for.

use super::context::CommandContext;
use super::files;
use super::outcome::{CommandError, CommandOutput, CommandResult, Exit, output, output_json};
use super::value_parsers;
use clap::{Subcommand, ValueEnum};
use domain::erasure::agreement_channel::{AgreeByChannel, AgreementChannel};
use domain::erasure::completion::roll_forward;
use domain::erasure::receipt::{ReceiptStatus, fetch_receipt};
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::portal::personal_data::ReadPersonalData;
use domain::token::Token;
use keyring::{Address, Slot};
use message_catalogue::English;
use std::path::{Path, PathBuf};
use store::{BlindIndex, Error};

/// Export or erase the personal data of one person
#[derive(Subcommand)]
pub enum PersonCommand {
    /// Export all personal data of a person as JSON (GDPR Art. 15 and 20)
    #[command(
        after_help = "The person's e-mail address is read from standard input, because arguments show in the list of processes.

Example:
  scruple person export --case 'request of 3 May' < address.txt > data.json"
    )]
    Export {
        /// The reason, for the audit log
        #[arg(long, value_name = "TEXT", value_parser = value_parsers::case)]
        case: String,
    },
    /// Erase a person who agreed to the consequences (GDPR Art. 17)
    #[command(
        after_help = "The first line of standard input is the person's e-mail address. Without --agreement, the lines after it
are the text of the person's agreement. Only the hash, the day and the channel of the agreement are kept.
An erasure cannot be undone.

Examples:
  scruple person erase --channel email --agreement agreement.txt --receipt receipt.txt < address.txt
  scruple person erase --channel phone"
    )]
    Erase {
        /// A file with the text of the person's agreement
        #[arg(long, value_name = "FILE")]
        agreement: Option<PathBuf>,
        /// How the agreement reached staff
        #[arg(long, value_name = "CHANNEL")]
        channel: Channel,
        /// Where to write the receipt, instead of standard output
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
    },
}

/// How a person's agreement reached staff. A closed list, because a free text could identify the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Channel {
    /// By e-mail
    Email,
    /// By post
    Post,
    /// By telephone
    Phone,
    /// In person
    InPerson,
}

pub async fn run(ctx: &CommandContext, command: PersonCommand) -> CommandResult {
    match command {
        PersonCommand::Export { case } => export(ctx, &case).await,
        PersonCommand::Erase { agreement, channel, receipt } => {
            erase(ctx, agreement.as_deref(), channel, receipt.as_deref()).await
        }
    }
}

/// The answer for an erased customer and for a stranger: the two must look the same.
fn not_found() -> CommandError {
    CommandError::new("there is no customer with this address")
}

async fn find(ctx: &CommandContext, address: &Address) -> Result<Slot, CommandError> {
    let tag = ctx.db.keyring().tag("address", address.canonical())?;
    let found = ctx.db.read().await?.index_find(BlindIndex::Address, &tag).await?;
    found.map(Slot).ok_or_else(not_found)
}

async fn export(ctx: &CommandContext, case: &str) -> CommandResult {
    let (address, _) = files::read_address()?;
    let slot = find(ctx, &address).await?;
    let (actor, settings, describe) = (&ctx.actor, &ctx.settings, English::english);
    let data = ctx.db.execute(&ReadPersonalData { slot, actor, case, settings, describe }).await?;
    output_json(&data.ok_or_else(not_found)?)
}

async fn erase(
    ctx: &CommandContext,
    agreement: Option<&Path>,
    channel: Channel,
    receipt: Option<&Path>,
) -> CommandResult {
    // Check all arguments before the person is looked up, and before anything is erased.
    if let Some(receipt) = receipt {
        files::must_be_new(receipt)?;
    }
    let (address, rest) = files::read_address()?;
    let text = match agreement {
        Some(file) => files::read_text(file)?,
        None => rest,
    };
    if text.trim().is_empty() {
        return Err(CommandError::misuse(
            "the person's agreement is missing: put its text after the address on standard input, or name a \
             file with --agreement",
        ));
    }
    let slot = find(ctx, &address).await?;
    let agree = AgreeToErasure {
        slot,
        agreement: ErasureAgreement::ToStaff { text: text.trim(), actor: ctx.actor.as_str() },
        settings: &ctx.settings,
    };
    let code =
        match ctx.db.execute(&AgreeByChannel { agree, channel: channel.into(), actor: &ctx.actor }).await? {
            AgreementOutcome::UnknownPerson => return Err(not_found()),
            AgreementOutcome::CoolingOff { day, code } => {
                return output(format!(
                    "The erasure is due on {day}. The person can cancel it until then.\n\
                 Give the person this code for their receipt: {code}\n"
                ));
            }
            AgreementOutcome::Started { code } => code,
        };
    match roll_forward(&ctx.db).await {
        Ok(_) => show_receipt(ctx, &code, receipt).await,
        Err(Error::Keyring(why @ keyring::KeyringError::Unreachable { .. })) => Ok(CommandOutput {
            text: format!("Give the person this code for their receipt, which is issued later: {code}\n"),
            warnings: format!(
                "the person can no longer be found, but the erasure is not complete yet: {why}\n"
            ),
            exit: Exit::Done,
        }),
        Err(error) => Err(CommandError::new(format!(
            "the person can no longer be found, but the erasure is not complete: {error}. Scruple tries again by \
             itself; the code for the receipt is {code}"
        ))),
    }
}

async fn show_receipt(ctx: &CommandContext, code: &str, receipt: Option<&Path>) -> CommandResult {
    let mut tx = ctx.db.read().await?;
    let ReceiptStatus::Ready(text) = fetch_receipt(&mut tx, &Token::presented(code)).await? else {
        return output(format!("The person is erased. The receipt is available with this code: {code}\n"));
    };
    let Some(file) = receipt else { return output(text) };
    match files::write_new(file, text.as_bytes()) {
        Ok(()) => output(format!("The person is erased. The receipt is in {}\n", file.display())),
        Err(why) => {
            Ok(CommandOutput { text, warnings: format!("erased, but {}\n", why.message), exit: Exit::Failed })
        }
    }
}

impl From<Channel> for AgreementChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Post => Self::Post,
            Channel::Phone => Self::Phone,
            Channel::InPerson => Self::InPerson,
        }
    }
}
