//! Sentences for what is refused.

use domain::api_token::UnknownScope;
use domain::conversations::{
    CannedResponseRefusal, ChangeRefusal, MessageRefusal, NoEmailReason, NoteRefusal, ReplyRefusal,
    ResendRefusal,
};
use domain::erasure::receipt::ReceiptFault;
use domain::licensing::manual_licensing::ExtensionRefusal;
use domain::statistics::{AnnotationRefusal, SiteRefusal};
use message_catalogue::English as _;

sentences!(each_refusal_of_a_message_has_its_sentence, MessageRefusal {
    Empty => "Enter a message",
    TooLong => "The message must have 100,000 characters or fewer",
    TooManyFiles => "A message can have up to 10 files",
    FilesTooLarge => "The files of a message must be 25 MB or less in total",
    InvalidAddress => "Enter an e-mail address in the correct format, like name@example.com",
    InvalidLicenceNumber => "Enter a licence number with 8 letters and digits",
});

sentences!(each_refusal_of_a_note_has_its_sentence, NoteRefusal {
    EmptyText => "the text is empty",
});

sentences!(each_refusal_of_a_reply_has_its_sentence, ReplyRefusal {
    EmptyText => "the text is empty",
    NoRoute(NoEmailReason::NoAddress) => "the sender gave no e-mail address",
});

sentences!(each_reason_against_an_email_has_its_sentence, NoEmailReason {
    Held => "the conversation is held as spam or automatic mail; release it first",
    NoAddress => "the sender gave no e-mail address",
    Bounced => "an e-mail to this address bounced; the sender must write again first",
    StoppedBySender =>
        "the sender asked for no more e-mails; the sender must write again first (by e-mail, if the address was typed \
         on the page)",
    NoPerson => "no person has written; automatic mail gets no answer",
    LastMessageTooOld =>
        "the sender's last message is more than 30 days old; the sender must write again first",
    UnprovedAddressLimit =>
        "this e-mail address is not proved, and it already got its one e-mail; the owner must answer that e-mail, or \
         30 days must pass after your last reply",
    StoppedByOwner =>
        "e-mails to this address are stopped, and no verified message from its owner arrived since",
    OtherConversationDamaged =>
        "this e-mail address is not proved, and a row of another conversation is damaged, so whether the address \
         already got its one e-mail is unknown; `scruple prove` names the row",
});

sentences!(each_refusal_of_a_canned_response_has_its_sentence, CannedResponseRefusal {
    InvalidName => "a name must have 1 to 60 lower-case letters, digits and dashes",
    UnknownPlaceholder { placeholder: "name".into() } =>
        "{name} is not a placeholder; use one of: vendor, product, edition, state, conversation, staff",
    EmptyText => "the text is empty",
    ContainsAddress => "the text is not encrypted, so it must not contain an e-mail address",
});

sentences!(each_refusal_of_a_change_has_its_sentence, ChangeRefusal {
    Held => "the conversation is held as spam or automatic mail; release it first",
    NotHeld => "the conversation is not held",
    NotOpenOrWaiting => "only an open or waiting conversation can be snoozed",
    SnoozedTooLong => "a conversation can be snoozed for 1 year at most",
    TooManyTags => "a conversation can have up to 20 tags",
    MergedWithItself => "a conversation cannot be merged with itself",
    OtherPerson =>
        "only conversations of one person can be merged: both linked to the same customer, or both with the same \
         proved address",
    NoSuchFile => "the conversation has no such file",
    NoSuchMessage => "the conversation has no such message",
    PassageTooShort => "the passage must have 3 characters or more",
    PassageNotFound =>
        "the passage does not occur exactly like this in the message, its file names, the subject or the tags",
    UnrelatedLicence => "the licence belongs neither to the customer nor to this conversation",
    Extension(ExtensionRefusal::NoEnd) => "this licence has no end date",
    Resend(ResendRefusal::AlreadySent) => "the link was already sent after the customer's last message",
});

sentences!(each_refusal_of_a_link_to_the_portal_has_its_sentence, ResendRefusal {
    NotLinked => "the conversation is not linked to a customer, and only a customer has a portal",
    EmailsStopped =>
        "e-mails to this customer are stopped, because the customer asked for it or an e-mail bounced; the customer \
         must write first",
    LastMessageTooOld => "the customer's last message is more than 30 days old; the customer must write first",
    AlreadySent => "the link was already sent after the customer's last message",
    RateLimit => "this address got the maximum number of links for a day; the customer can use one of them",
});

sentences!(each_refusal_of_an_extension_has_its_sentence, ExtensionRefusal {
    Months => "you can extend a licence by 1 to 120 months",
    NoEnd => "this licence has no end date",
    NotActive => "you can only extend an active or suspended licence",
});

sentences!(each_refusal_of_a_site_has_its_sentence, SiteRefusal {
    InvalidName => "the id of a site must have 1 to 32 small letters, digits and dashes",
    TooManySites => "there are already 100 sites, which is the maximum",
    UnknownTimeZone { zone: "Mars/Olympus".into() } =>
        "\"Mars/Olympus\" is not a time zone; write it like Europe/Berlin, or UTC",
    InvalidHost { host: "https://example.org".into() } =>
        "\"https://example.org\" is not a host; write it like example.org, without https:// and path",
    HostCount => "a site must have 1 to 20 hosts",
});

sentences!(each_refusal_of_an_annotation_has_its_sentence, AnnotationRefusal {
    TooLong => "a note can have up to 200 characters",
    ContainsAddress => "a note is not encrypted, so it must not contain an e-mail address",
});

sentences!(each_fault_of_a_receipt_has_its_sentence, ReceiptFault {
    Unreadable =>
        "this is not a receipt: it must begin with \"scruple erasure receipt 1\" and end with its signature",
    UnknownKey(3) => "key 3, which signed the receipt, is not in the public-key file",
    Forged => "the signature does not match: the receipt was changed, or another vendor issued it",
});

#[test]
fn an_unknown_scope_is_answered_with_all_scopes() {
    let expected = "expected some of conversations:read, conversations:write, customers:read, customers:write, \
                    visits:read, visits:write, with a comma between";
    assert_eq!(UnknownScope.english(), expected);
}
