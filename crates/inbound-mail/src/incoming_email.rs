use zeroize::Zeroizing;

/// One message, read. Nothing in it is longer than the limits in `crates/inbox/src/body.rs`. It has no `Debug`.
#[derive(Default)]
pub struct IncomingEmail {
    /// The one address in From; none when there are several or none that reads.
    pub from: Option<Author>,
    /// Whether our own server found that the domain of [`Self::from`] stands behind the message (DMARC, aligned).
    pub verified: bool,
    /// Whether a person wrote or a machine did.
    pub sender_class: SenderClass,
    /// Tokens of threads that it names: 24 lower-case Crockford symbols each, without repetition.
    pub tokens: Vec<String>,
    /// The subject in one line; may be empty.
    pub subject: Zeroizing<String>,
    /// Its Message-ID without angle brackets; empty when there is none that may go into a header of ours.
    pub message_id: String,
    /// In-Reply-To and References, oldest first, without angle brackets, at most 20.
    pub references: Vec<String>,
    /// What is new in it.
    pub text: Zeroizing<String>,
    /// What it quotes from earlier messages, when that stands apart from what is new.
    pub quoted: Zeroizing<String>,
    /// Its signature and footers.
    pub signature: Zeroizing<String>,
    /// The HTML part, made safe; empty when there was none.
    pub html: Zeroizing<String>,
    /// What was attached, inline images too.
    pub files: Vec<Attachment>,
    /// What was attached and not taken, each once for each reason it happened.
    pub refused: Vec<OmittedPart>,
    /// SHA-256 of what makes it this message and no other, whichever way it came.
    pub fingerprint: [u8; 32],
    /// It says "stop" and nothing else.
    pub stop: bool,
    /// It says thanks and nothing else.
    pub thanks: bool,
}

/// Who wrote, as the message says.
pub struct Author {
    /// The address as spelled, at most 254 bytes, without blanks or control characters.
    pub address: Zeroizing<String>,
    /// The name shown with it; may be empty.
    pub name: Zeroizing<String>,
}

/// What was attached.
pub struct Attachment {
    /// Its name, without folders or control characters, never empty.
    pub name: Zeroizing<String>,
    /// What may be done with it.
    pub kind: AttachmentKind,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// What may be done with a file. Judged by its bytes, not by what the writer calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttachmentKind {
    /// PNG, JPEG, GIF or WebP: may be shown once it is encoded anew.
    Image,
    /// Plain text in UTF-8.
    Text,
    /// Only to be downloaded.
    Other,
}

/// Why a part of a message, or the whole of it, was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OmittedPart {
    /// A `winmail.dat`: attachments in Microsoft's own wrapping.
    Tnef,
    /// A file of more than 10 MB, or one that would make it more than 25 MB in all.
    TooLarge,
    /// More than ten files, or more parts than any mail has.
    TooMany,
    /// Text beyond what is kept.
    TooLong,
    /// Encrypted for a key that isn't here.
    Encrypted,
    /// It could not be taken apart; its beginning is kept as text.
    Unreadable,
}

/// Whether a person wrote. Only a person gets an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SenderClass {
    /// No sign of a machine.
    #[default]
    Person,
    /// A machine: never answered.
    Automated(AutomatedSender),
}

/// What kind of machine wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AutomatedSender {
    /// A letter could not be delivered (RFC 3464, and every server's own style).
    Bounce {
        /// For good: a status 5.x.x or its like, and not merely late.
        hard: bool,
    },
    /// Its reader called a letter of ours spam (RFC 5965).
    Complaint,
    /// Nobody is there to read (RFC 3834).
    Vacation,
    /// Written to many (RFC 2919, RFC 2369).
    List,
    /// Our own letter came back, or another desk answers us.
    Loop,
    /// Something else, in a word.
    Other(&'static str),
}
