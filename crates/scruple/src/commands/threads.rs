//! `scruple threads`: answering people. What a person wrote is never an argument; a passage of theirs is read from
//! standard input.

use super::customer::CustomerCommand;
use super::words;
use clap::{Args, Subcommand, ValueEnum};
use domain::date::Date;

/// Answer people: their threads, oldest need first
#[derive(Subcommand)]
pub enum ThreadsCommand {
    /// List a queue; opens nothing, so no word of any person shows
    #[command(after_help = "Examples:
  scruple threads list
  scruple threads list --queue mine --as ada
  scruple threads list --queue held --json")]
    List {
        /// Which queue; `mine` is that of the name who acts
        #[arg(long, default_value = "open", value_name = "QUEUE")]
        queue: Queue,
        /// At most so many
        #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=200))]
        most: u16,
        /// What comes after this, the `next` of an earlier list
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        after: Option<i64>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Open a thread with all its messages and notes; the journal keeps who did
    #[command(after_help = "Examples:
  scruple threads show 7K3M9QXD
  scruple threads show 7K3M9QXD --json")]
    Show(OneThread),
    /// Answer: by letter where the person gave an address, else it waits behind their code
    #[command(after_help = "The text is read from standard input where it is `-`.

Examples:
  scruple threads reply 7K3M9QXD --text 'The key is on its way.' --close
  scruple threads reply 7K3M9QXD --quote --seen 3 --text - < answer.txt")]
    Reply(ReplyToThread),
    /// Leave a note for colleagues, which the person never reads
    #[command(after_help = "Examples:
  scruple threads note 7K3M9QXD --text 'Asked the workshop.'
  scruple threads note 7K3M9QXD --text - < note.txt")]
    Note {
        /// The thread, by its 8 symbols
        #[arg(value_name = "ID", value_parser = words::thread)]
        id: i64,
        /// The note, or - for standard input
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a thread to a colleague, or to nobody
    #[command(after_help = "Examples:
  scruple threads assign 7K3M9QXD --to ada
  scruple threads assign 7K3M9QXD --nobody")]
    Assign {
        /// The thread, by its 8 symbols
        #[arg(value_name = "ID", value_parser = words::thread)]
        id: i64,
        /// To whom
        #[command(flatten)]
        to: Assignee,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Close a thread; the person can open it again by writing
    #[command(after_help = "Examples:
  scruple threads close 7K3M9QXD
  scruple threads close 7K3M9QXD --reopen")]
    Close {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// Open it again instead
        #[arg(long)]
        reopen: bool,
    },
    /// Let a thread rest until a day; a message wakes it, a mere thanks doesn't
    #[command(after_help = "Examples:
  scruple threads snooze 7K3M9QXD --until 2030-01-31
  scruple threads snooze 7K3M9QXD --wake")]
    Snooze {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// Until when.
        #[command(flatten)]
        until: Rest,
    },
    /// Give a thread these tags instead of those it has
    #[command(after_help = "Examples:
  scruple threads tag 7K3M9QXD refund urgent
  scruple threads tag 7K3M9QXD")]
    Tag {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// The tags, at most 16; none takes all away
        #[arg(value_name = "TAG", value_parser = words::tag, num_args = 0..=16)]
        tags: Vec<String>,
    },
    /// Let a held thread into the open queue: a person wrote it
    #[command(after_help = "Example:
  scruple threads release 7K3M9QXD")]
    Release(OneThread),
    /// Put a thread's messages into another one of the same person
    #[command(after_help = "Example:
  scruple threads merge 7K3M9QXD --into 2B4C6D8E")]
    Merge {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// The thread that stays, by its 8 symbols
        #[arg(long, value_name = "ID", value_parser = words::thread)]
        into: i64,
    },
    /// Take a passage about somebody else out of a message, or files out of a thread, for good
    #[command(
        after_help = "The passage is read from standard input: as an argument it would show in the list of processes. It \
goes out of all that says it too: what quotes it, subject, tags, names of files, files of text.

Examples:
  scruple threads redact 7K3M9QXD --message 2 < passage.txt
  scruple threads redact 7K3M9QXD --message 2 --file 4711 < /dev/null"
    )]
    Redact {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// The message, by its number in the thread
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        message: i64,
        /// A file to be taken out, by its number; may be given more than once
        #[arg(long = "file", value_name = "FILE")]
        files: Vec<i64>,
    },
    /// Show what stands beside a thread: the customer, their licences and orders, earlier threads
    #[command(
        after_help = "Only what is needed is opened; the journal keeps who did, with the thread as the case.

Examples:
  scruple threads panel 7K3M9QXD
  scruple threads panel 7K3M9QXD --json"
    )]
    Panel(OneThread),
    /// Do something for the customer of a thread: send their keys again, extend, revoke, start their erasure
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Erase a thread at once with all that is in it; it can't be undone
    #[command(after_help = "Example:
  scruple threads erase 7K3M9QXD --yes")]
    Erase {
        /// Which thread.
        #[command(flatten)]
        thread: OneThread,
        /// It is meant
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// One thread, and how to tell of it.
#[derive(Args)]
pub struct OneThread {
    /// The thread, by its 8 symbols
    #[arg(value_name = "ID", value_parser = words::thread)]
    pub id: i64,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// `scruple threads reply`
#[derive(Args)]
pub struct ReplyToThread {
    /// Which thread.
    #[command(flatten)]
    pub thread: OneThread,
    /// The answer, or - for standard input
    #[arg(long, value_name = "TEXT")]
    pub text: String,
    /// Quote the person's last message below it; only to an address that was proved
    #[arg(long)]
    pub quote: bool,
    /// Close the thread with it
    #[arg(long)]
    pub close: bool,
    /// Messages that the thread had when it was read: if there are more now, nothing is sent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub seen: Option<i64>,
    /// Send it although somebody else wrote meanwhile
    #[arg(long)]
    pub anyway: bool,
}

/// Whose a thread is: exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Assignee {
    /// A member of staff, by name
    #[arg(long, value_name = "NAME", value_parser = words::acting)]
    pub to: Option<String>,
    /// Nobody
    #[arg(long)]
    pub nobody: bool,
}

/// How long a thread rests: exactly one of them.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Rest {
    /// Through the day before this one (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// No longer
    #[arg(long)]
    pub wake: bool,
}

/// Queues of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Queue {
    /// Open ones of whoever acts
    Mine,
    /// Open ones of nobody
    Unassigned,
    /// All open ones: it is the staff's turn
    Open,
    /// It is the person's turn
    Waiting,
    /// Resting until a day
    Snoozed,
    /// Suspected spam, and mail of machines
    Held,
    /// Closed ones, until they are forgotten
    Closed,
}
