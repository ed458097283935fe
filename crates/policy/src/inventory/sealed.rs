//! The sealed columns. This file alone says for which purposes each one opens.

use super::{Column, Field, Holds, OpenFor};
use crate::purpose::{Access, Erasing, Finding, Licensing, Operating, Purpose, Support, Writing};

macro_rules! sealed {
    ($($name:ident = $table:literal . $column:literal, $holds:ident, $compartment:literal, [$($purpose:ident),+], $description:literal;)*) => {
        $(
            #[doc = $description]
            #[derive(Clone, Copy)]
            pub struct $name;
            impl Field for $name {
                const COLUMN: Column = Column {
                    table: $table, column: $column, holds: Holds::$holds, description: $description,
                    opens_for: &[$(<$purpose as Purpose>::ID),+],
                };
                const COMPARTMENT: &'static str = $compartment;
            }
            $(impl OpenFor<$purpose> for $name {})+
        )*
        /// Every sealed column.
        pub const SEALED: &[Column] = &[$($name::COLUMN),*];
    };
}

sealed! {
    PersonEmail = "person"."email", Personal, "details", [Licensing, Support, Access, Writing, Erasing],
        "E-mail address of the purchase: proves a request for the portal, and receives the e-mails that the person asks for.";
    PersonName = "person"."name", Personal, "details", [Support, Access],
        "Name given at the purchase, used to address the customer in support.";
    PersonCompany = "person"."company", Personal, "details", [Support, Access],
        "Organisation, for company licences; kept only if the product prints it.";
    PersonLanguage = "person"."language", Personal, "details", [Support, Access],
        "Language of the purchase, used to answer in it.";
    OrderProviderIds = "orders"."provider_ids", Personal, "orders", [Licensing, Support, Access, Erasing],
        "The provider's numbers of order, item and subscription, used to match later notifications.";
    OrderPayment = "orders"."payment", Personal, "payment", [Licensing, Support, Access],
        "Kind of payment and last four digits, used only to confirm a purchase in support.";
    OrderCustom = "orders"."custom", Personal, "orders", [Licensing, Support, Access],
        "Checkout fields that the vendor's configuration lists by name.";
    OrderProcessedNotifications = "orders"."processed_notifications", Secret, "orders", [Licensing, Operating, Erasing],
        "Identities of the processed notifications (idempotency keys), so that a resent one has no effect.";
    PendingOrderNotification = "pending_order"."notification", Personal, "orders", [Licensing, Access, Erasing],
        "Notification of an order for a product that the store does not know yet.";
    EmailContent = "outbox"."email", Personal, "emails", [Writing, Access, Erasing],
        "Recipient and text of an e-mail that waits to be sent.";
    MagicLinkAddress = "magic_link"."address", Personal, "emails", [Licensing, Access],
        "New e-mail address that its owner has not confirmed yet.";
    AuditCase = "audit_entry"."case_text", Personal, "audit", [Access, Operating],
        "The case that a member of staff named when opening a record.";
    IndexBucketPairs = "index_bucket"."pairs", Secret, "index", [Operating],
        "A bucket of the blind index: keyed hashes of addresses or order numbers, with slots or rows.";
    SigningSecret = "signing_key"."secret", Secret, "signing", [Operating],
        "Secret half of a key that signs licences and receipts.";
    ConversationSubject = "conversation"."subject", Personal, "conversations", [Support, Access, Writing, Finding, Erasing],
        "Subject of a conversation.";
    ConversationContact = "conversation"."contact", Personal, "conversations", [Support, Access, Writing, Finding, Erasing],
        "Name and address that the sender chose to give, used to answer.";
    ConversationTags = "conversation"."tags", Personal, "conversations", [Support, Access, Finding, Erasing],
        "Tags with which staff sort a conversation.";
    ConversationAddressTag = "conversation"."address_tag", Secret, "conversations", [Operating, Erasing],
        "Keyed hash of the sender's address, with which an erasure finds the conversation.";
    MessageBody = "message"."body", Personal, "conversations", [Support, Access, Writing, Finding, Erasing],
        "Text that the person or staff wrote.";
    AttachmentName = "attachment"."name", Personal, "conversations", [Support, Access, Finding, Erasing],
        "Name of a file that the sender attached.";
    ChunkBytes = "chunk"."bytes", Personal, "files", [Support, Access, Erasing],
        "Part of a file that the sender attached.";
    VisitDayKey = "visit_day"."day_key", Secret, "visits", [Operating],
        "Key with which an open day's visitors are told apart; destroyed when the day is closed.";
    VisitTallyState = "visit_tally"."state", Secret, "visits", [Operating],
        "A server's counts of an open day: numbers, and sketches that hold no visitor.";
}
