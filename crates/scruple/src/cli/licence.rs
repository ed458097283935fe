//! `scruple licence`: licences, and the keys that sign them.

mod input;
mod issue;
mod show;
mod signing_keys;
pub(super) mod verify;

use super::context::CommandContext;
use super::outcome::{CommandError, CommandResult, output};
use super::value_parsers;
use clap::Subcommand;
use domain::licensing::manual_licensing::RevokeLicence;
use domain::licensing::release_for_case::ReleaseForCase;
use issue::IssueLicence;
use licence::Serial;
use signing_keys::KeysCommand;
use verify::VerifyLicence;

pub(super) use input::public_keys;

/// Manage licences and the keys that sign them
#[derive(Subcommand)]
pub enum LicenceCommand {
    /// Issue a licence manually: for an invoice, or as a gift
    #[command(
        after_help = "Without --holder no personal data is kept, and the key is the only proof of the licence.

Examples:
  scruple licence issue --product 4711
  scruple licence issue --product 4711 --seats 25 --holder < address.txt
  scruple licence issue --product 4712 --ends 2027-06-30"
    )]
    Issue(IssueLicence),
    /// Show what a licence key contains, and the state of its licence
    #[command(after_help = "Examples:
  scruple licence show 7K3M9QXD
  scruple licence show - --json < key.txt")]
    Show {
        /// A licence key or a licence number, or - for standard input
        key: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify a licence key offline, with the public keys alone
    #[command(after_help = "Exit status: 0 valid, 3 not valid, 2 misuse.

Examples:
  scruple licence verify - --public-key shop.pub < key.txt
  scruple licence verify - --public-key shop.pub --product 3 --today 2026-12-31 --build 2026-11-02 < key.txt")]
    Verify(VerifyLicence),
    /// Release an order that is on hold because of an unproved discount
    #[command(after_help = "Example:
  scruple licence release --order 1001 --case 'discount agreed by phone'")]
    Release {
        /// The provider's order number
        #[arg(long, value_name = "N", value_parser = value_parsers::provider_number)]
        order: String,
        /// The reason, for the audit log
        #[arg(long, value_name = "TEXT", value_parser = value_parsers::case)]
        case: String,
    },
    /// Revoke a licence; its key still verifies offline until it ends
    #[command(after_help = "Examples:
  scruple licence revoke 7K3M9QXD
  scruple licence revoke 7K3M9QXD --restore")]
    Revoke {
        /// The licence number, 8 symbols
        #[arg(value_name = "NUMBER", value_parser = value_parsers::licence)]
        serial: Serial,
        /// Undo the revocation
        #[arg(long)]
        restore: bool,
    },
    /// Manage the keys that sign licences
    #[command(subcommand)]
    Keys(KeysCommand),
}

pub async fn run(ctx: &CommandContext, command: LicenceCommand) -> CommandResult {
    match command {
        LicenceCommand::Issue(args) => issue::issue(ctx, &args).await,
        LicenceCommand::Show { key, json } => show::show(ctx, &key, json).await,
        LicenceCommand::Verify(args) => verify::verify(&args),
        LicenceCommand::Release { order, case } => release(ctx, &order, &case).await,
        LicenceCommand::Revoke { serial, restore } => revoke(ctx, serial, !restore).await,
        LicenceCommand::Keys(command) => signing_keys::run(ctx, command).await,
    }
}

async fn release(ctx: &CommandContext, order: &str, case: &str) -> CommandResult {
    let release = ReleaseForCase { order, case, actor: &ctx.actor, settings: &ctx.settings };
    if ctx.db.execute(&release).await? {
        return output(format!(
            "Order {order} is released. Its licence is valid, and the provider gets the key.\n"
        ));
    }
    Err(CommandError::new(format!("there is no order {order}")))
}

async fn revoke(ctx: &CommandContext, serial: Serial, revoked: bool) -> CommandResult {
    let Some(licence) = ctx.db.execute(&RevokeLicence { serial, revoked, actor: &ctx.actor }).await? else {
        return Err(CommandError::new("there is no licence with this number"));
    };
    let (number, state) = (serial.to_string(), licence.state.as_str());
    output(if revoked {
        format!(
            "Licence {number} is {state}. Its key still verifies offline until it ends, but is not refreshed.\n"
        )
    } else {
        format!("The revocation of licence {number} is undone. The licence is {state}.\n")
    })
}
