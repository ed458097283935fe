//! `scruple mail`: mail that comes in by a pipe.

use clap::Subcommand;

/// Mail that comes in by a pipe.
#[derive(Subcommand)]
pub enum MailCommand {
    /// Take one message from standard input into its conversation, as a mail server pipes it; beside a running server too
    #[command(
        after_help = "Exit status: 0 taken, now or before; 75 try again later; 65 no message, or larger than 40 MB; 2 misuse.

Example:
  scruple mail take < message.eml"
    )]
    Take,
}
