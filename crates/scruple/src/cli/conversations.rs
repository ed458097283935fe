//! `scruple conversations`: answering people. Runs the same operations as the API, and prints the same JSON.
//!
//! A person's words are never an argument, because arguments show in the list of processes. A passage to redact is
//! read from standard input.

mod customer;
mod list;
mod reply;
mod selection;
mod show;
mod update;
mod view;

use super::context::CommandContext;
use super::outcome::CommandResult;
use super::value_parsers;
use clap::Subcommand;
use customer::CustomerCommand;
use list::Queue;
use reply::ReplyArguments;
use selection::OneConversation;
use store::ConversationId;
use update::{Assignee, SnoozeUntil};

/// Answer people: list, read and change conversations
#[derive(Subcommand)]
pub enum ConversationsCommand {
    /// List a queue, without opening any personal data
    #[command(after_help = "Examples:
  scruple conversations list
  scruple conversations list --queue mine --as ada
  scruple conversations list --queue held --json")]
    List {
        /// The queue; `mine` are the conversations assigned to the acting member of staff
        #[arg(long, default_value = "open", value_name = "QUEUE")]
        queue: Queue,
        /// The maximum number of conversations
        #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
        /// Continue a list: the `next` of an earlier list
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        after: Option<i64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a conversation with all its messages and notes; the access is audited
    #[command(after_help = "Examples:
  scruple conversations show 7K3M9QXD
  scruple conversations show 7K3M9QXD --json")]
    Show(OneConversation),
    /// Reply: by e-mail if the person gave an address, otherwise on the web, behind their access code
    #[command(after_help = "With --text - the text is read from standard input.

Examples:
  scruple conversations reply 7K3M9QXD --text 'The key is on its way.' --close
  scruple conversations reply 7K3M9QXD --quote --seen 3 --text - < answer.txt")]
    Reply(ReplyArguments),
    /// Add an internal note, which the person cannot see
    #[command(after_help = "Examples:
  scruple conversations note 7K3M9QXD --text 'Asked the workshop.'
  scruple conversations note 7K3M9QXD --text - < note.txt")]
    Note {
        /// The conversation's number, 8 symbols
        #[arg(value_name = "ID", value_parser = value_parsers::conversation)]
        id: ConversationId,
        /// The note, or - for standard input
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Assign a conversation to a member of staff, or remove its assignment
    #[command(after_help = "Examples:
  scruple conversations assign 7K3M9QXD --to ada
  scruple conversations assign 7K3M9QXD --unassign")]
    Assign {
        /// The conversation's number, 8 symbols
        #[arg(value_name = "ID", value_parser = value_parsers::conversation)]
        id: ConversationId,
        /// The assignee.
        #[command(flatten)]
        to: Assignee,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Close a conversation; a new message from the person opens it again
    #[command(after_help = "Examples:
  scruple conversations close 7K3M9QXD
  scruple conversations close 7K3M9QXD --reopen")]
    Close {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// Open it again instead
        #[arg(long)]
        reopen: bool,
    },
    /// Snooze a conversation until a day; a new message ends the snooze, a mere thank-you does not
    #[command(after_help = "Examples:
  scruple conversations snooze 7K3M9QXD --until 2030-01-31
  scruple conversations snooze 7K3M9QXD --wake")]
    Snooze {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// The end of the snooze.
        #[command(flatten)]
        until: SnoozeUntil,
    },
    /// Replace the tags of a conversation
    #[command(after_help = "Examples:
  scruple conversations tag 7K3M9QXD refund urgent
  scruple conversations tag 7K3M9QXD")]
    Tag {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// The tags, at most 16; without any, all tags are removed
        #[arg(value_name = "TAG", value_parser = value_parsers::tag, num_args = 0..=16)]
        tags: Vec<String>,
    },
    /// Release a held conversation into the open queue, because it is not spam
    #[command(after_help = "Example:
  scruple conversations release 7K3M9QXD")]
    Release(OneConversation),
    /// Merge a conversation into another one of the same person
    #[command(after_help = "Example:
  scruple conversations merge 7K3M9QXD --into 2B4C6D8E")]
    Merge {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// The conversation that remains, by its number of 8 symbols
        #[arg(long, value_name = "ID", value_parser = value_parsers::conversation)]
        into: ConversationId,
    },
    /// Remove a passage about another person from a message, or files from a conversation, for good
    #[command(
        after_help = "The passage is read from standard input, because arguments show in the list of processes. It is also
removed from quotations, the subject, tags, file names and text files.

Examples:
  scruple conversations redact 7K3M9QXD --message 2 < passage.txt
  scruple conversations redact 7K3M9QXD --message 2 --file 4711 < /dev/null"
    )]
    Redact {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// The number of the message in the conversation
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        message: i64,
        /// The number of a file to remove; may be repeated
        #[arg(long = "file", value_name = "FILE")]
        files: Vec<i64>,
    },
    /// Show or help the customer of a conversation: resend keys, extend, revoke, start an erasure
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Erase a conversation and its content at once; this cannot be undone
    #[command(after_help = "Example:
  scruple conversations erase 7K3M9QXD --yes")]
    Erase {
        /// The conversation.
        #[command(flatten)]
        conversation: OneConversation,
        /// Confirm the erasure
        #[arg(long, required = true)]
        yes: bool,
    },
}

pub async fn run(ctx: &CommandContext, command: ConversationsCommand) -> CommandResult {
    match command {
        ConversationsCommand::List { queue, limit, after, json } => {
            list::list(ctx, queue, limit, after, json).await
        }
        ConversationsCommand::Show(args) => show::show(ctx, args).await,
        ConversationsCommand::Reply(args) => reply::reply(ctx, &args).await,
        ConversationsCommand::Note { id, text, json } => reply::note(ctx, id, &text, json).await,
        ConversationsCommand::Customer(command) => customer::run(ctx, command).await,
        ConversationsCommand::Assign { id, to, json } => update::assign(ctx, id, &to, json).await,
        ConversationsCommand::Close { conversation, reopen } => {
            update::close(ctx, conversation, reopen).await
        }
        ConversationsCommand::Snooze { conversation, until } => {
            update::snooze(ctx, conversation, &until).await
        }
        ConversationsCommand::Tag { conversation, tags } => update::tag(ctx, conversation, &tags).await,
        ConversationsCommand::Release(conversation) => update::release(ctx, conversation).await,
        ConversationsCommand::Merge { conversation, into } => update::merge(ctx, conversation, into).await,
        ConversationsCommand::Redact { conversation, message, files } => {
            update::redact(ctx, conversation, message, &files).await
        }
        ConversationsCommand::Erase { conversation, .. } => update::erase(ctx, conversation).await,
    }
}
