//! Sentences about e-mails, and what the program records in conversations.

use domain::compliance::doctor::MailboxFault;
use domain::conversations::ConversationEvent;
use domain::email::DeliveryFailure;
use inbound_mail::{AutomatedSender, OmittedPart};

sentences!(each_delivery_failure_has_its_sentence, DeliveryFailure {
    Reply(550) => "the mail server replied 550",
    Unreachable => "the mail server cannot be reached, closed the connection, or does not use SMTP",
    TimedOut => "the mail server took too long",
    NoTls => "no trusted TLS connection to the mail server",
    MissingCapability => "the mail server lacks STARTTLS or a supported authentication mechanism",
    NotAscii => "the mail server supports only ASCII addresses",
    InvalidRecipient => "the recipient's address is not valid",
    InvalidSender => "mail.from cannot be used as the sender",
    InvalidReplyAddress => "mail.reply is not an address",
    InvalidId => "the id of the cause or of the message has symbols that are not allowed in a header",
    Unbuildable => "the message cannot be built",
    Template => "its template cannot be rendered",
    MissingMessage => "a reply without its message",
    Expired => "it expired before a mail server accepted it",
    Cancelled => "cancelled",
    Unreadable => "unreadable",
});

sentences!(each_fault_of_the_mailbox_has_its_sentence, MailboxFault {
    Unreachable => "the mailbox cannot be reached, or closed the connection",
    TimedOut => "the mailbox took too long",
    NoTls => "no trusted TLS connection to the mailbox",
    Authority => "mail.imap_ca_file has a certificate that cannot be read",
    MissingCapability => "the mailbox lacks STARTTLS, or login with a password",
    Login => "the mailbox refuses the name or the password",
    Folder => "the folder of the mailbox does not exist, or is read-only",
    Protocol => "the mailbox does not speak IMAP",
    RefusedCommand => "the mailbox refused a command",
});

sentences!(each_event_of_a_conversation_has_its_sentence, ConversationEvent {
    Automated(AutomatedSender::Complaint) => "an e-mail was reported as spam",
    Unsent(DeliveryFailure::Reply(550)) => "an e-mail could not be sent: the mail server replied 550",
    Unsent(DeliveryFailure::Expired) =>
        "an e-mail could not be sent: it expired before a mail server accepted it",
    ErasedByAuthor => "Erased by the person who wrote on the contact page.",
});

sentences!(each_automated_sender_has_its_phrase, AutomatedSender {
    Bounce { hard: true } => "an e-mail bounced",
    Bounce { hard: false } => "an e-mail is delayed",
    Complaint => "an e-mail was reported as spam",
    Vacation => "automatic out-of-office reply",
    List => "mailing list",
    Loop => "mail loop with our own or another support system",
    ReadReceipt => "read receipt",
    DeliveryReceipt => "delivery receipt",
    FeedbackReport => "feedback report",
    Calendar => "calendar",
    Automatic => "automatic",
    Bulk => "bulk",
    NullReturnPath => "null return path",
    NoReplyAddress => "no reply address",
    Unreadable => "unreadable",
});

sentences!(each_omitted_part_has_its_phrase, OmittedPart {
    Tnef => "attachments in Microsoft's TNEF format (winmail.dat)",
    TooLarge => "files that are too large",
    TooMany => "too many files or parts",
    TooLong => "text beyond the size limit",
    Encrypted => "an encrypted part",
    Unreadable => "a part that could not be read",
});
