use zeroize::Zeroizing;

/// One parsed e-mail. The limits of the module `body` bound all fields. It has no `Debug`.
#[derive(Default)]
pub struct IncomingEmail {
    /// The one address in From; none when there are several or none is valid.
    pub from: Option<Author>,
    /// Whether our own server confirmed that the domain of [`Self::from`] authorized the message (DMARC, aligned).
    pub verified: bool,
    /// Whether a person or an automated sender wrote it.
    pub sender_class: SenderClass,
    /// Tokens of the conversations that it names: 24 lower-case Crockford symbols each, without repetition.
    pub tokens: Vec<String>,
    /// The subject in one line; may be empty.
    pub subject: Zeroizing<String>,
    /// Its Message-ID without angle brackets; empty when there is none that is safe in our own headers.
    pub message_id: String,
    /// In-Reply-To and References, oldest first, without angle brackets, at most 20.
    pub references: Vec<String>,
    /// The new text, without quotes and signature.
    pub text: Zeroizing<String>,
    /// Quotes of earlier messages that stand apart from the new text.
    pub quoted: Zeroizing<String>,
    /// Its signature and footers.
    pub signature: Zeroizing<String>,
    /// The sanitized HTML part; empty when there was none.
    pub html: Zeroizing<String>,
    /// Attachments, inline images included.
    pub files: Vec<Attachment>,
    /// Why parts were omitted, each reason once.
    pub refused: Vec<OmittedPart>,
    /// SHA-256 that identifies the message, the same on every delivery route.
    pub fingerprint: [u8; 32],
    /// The message says "stop" and nothing else.
    pub stop: bool,
    /// The message says thanks and nothing else.
    pub thanks: bool,
}

/// The author as the message states it (From).
pub struct Author {
    /// The address as written, at most 254 bytes, without blanks or control characters.
    pub address: Zeroizing<String>,
    /// The display name; may be empty.
    pub name: Zeroizing<String>,
}

/// An attachment.
pub struct Attachment {
    /// File name without folders or control characters, never empty.
    pub name: Zeroizing<String>,
    /// How it may be shown.
    pub kind: AttachmentKind,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// How an attachment may be shown, judged by its bytes and not by its declared type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttachmentKind {
    /// PNG, JPEG, GIF or WebP: may be shown after it is encoded again.
    Image,
    /// Plain text in UTF-8.
    Text,
    /// Download only.
    Other,
}

/// Why a part of a message, or all of it, was omitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OmittedPart {
    /// A `winmail.dat`: attachments in Microsoft's TNEF format.
    Tnef,
    /// An attachment of more than 10 MB, or one that exceeds 25 MB in all.
    TooLarge,
    /// More than ten attachments, or more parts than the limit.
    TooMany,
    /// Text longer than the limit.
    TooLong,
    /// Encrypted; the key isn't here.
    Encrypted,
    /// A parser failed; the beginning is kept as text.
    Unreadable,
}

/// Whether a person or an automated sender wrote. Only a person is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SenderClass {
    /// No sign of an automated sender.
    #[default]
    Person,
    /// An automated sender, which is never answered.
    Automated(AutomatedSender),
}

/// The kind of an automated sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AutomatedSender {
    /// A bounce: an e-mail could not be delivered (RFC 3464, and formats of single servers).
    Bounce {
        /// Permanent: a status 5.x.x or its equivalent, not only a delay.
        hard: bool,
    },
    /// A complaint: the recipient reported our e-mail as spam (RFC 5965).
    Complaint,
    /// An auto-reply: the recipient is absent (RFC 3834).
    Vacation,
    /// A mailing list (RFC 2919, RFC 2369).
    List,
    /// Our own e-mail came back, or another help desk answers us.
    Loop,
    /// A read receipt (RFC 8098).
    ReadReceipt,
    /// A report that an e-mail was delivered.
    DeliveryReceipt,
    /// A feedback report that is no complaint.
    FeedbackReport,
    /// A reply to an invitation (RFC 5546).
    Calendar,
    /// The headers say that a program wrote.
    Automatic,
    /// The headers say that it went to many.
    Bulk,
    /// It has no return path, so that no one is told when it does not arrive.
    NullReturnPath,
    /// Its sender's address reads no replies.
    NoReplyAddress,
    /// The message broke a parser.
    Unreadable,
}
