//! The sealed columns: what each opens for is written here and nowhere else.

use super::{Column, Field, Holds, OpenFor};
use crate::purpose::{Access, Erasing, Finding, Licensing, Operating, Purpose, Support, Writing};

macro_rules! sealed {
    ($($name:ident = $table:literal . $column:literal, $holds:ident, $compartment:literal, [$($purpose:ident),+], $why:literal;)*) => {
        $(
            #[doc = $why]
            #[derive(Clone, Copy)]
            pub struct $name;
            impl Field for $name {
                const COLUMN: Column = Column {
                    table: $table, column: $column, holds: Holds::$holds, why: $why,
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
        "The e-mail address of the purchase: proves whose page it is, and is where a letter asked for goes.";
    PersonName = "person"."name", Personal, "details", [Support, Access],
        "The name given at the purchase, to address the customer in support.";
    PersonCompany = "person"."company", Personal, "details", [Support, Access],
        "The organisation, for company licences; kept only where the product prints it.";
    PersonLanguage = "person"."language", Personal, "details", [Support, Access],
        "The language in which the customer bought, to answer in it.";
    OrderNumbers = "orders"."numbers", Personal, "orders", [Licensing, Support, Access, Erasing],
        "The provider's numbers of order, item and subscription, by which its later notices are matched.";
    OrderPayment = "orders"."payment", Personal, "payment", [Licensing, Support, Access],
        "Kind of payment and last four digits, only to confirm a purchase in support.";
    OrderCustom = "orders"."custom", Personal, "orders", [Licensing, Support, Access],
        "Fields of the checkout that the vendor's configuration lists by name.";
    OrderActed = "orders"."acted", Secret, "orders", [Licensing, Operating, Erasing],
        "Marks of the notices that have had their effect, so that a resent one has none.";
    PendingNotice = "pending"."notice", Personal, "orders", [Licensing, Access, Erasing],
        "An order for a product that the shop doesn't know yet, waiting to be served.";
    LetterContent = "outbox"."letter", Personal, "letters", [Writing, Access, Erasing],
        "A letter that waits to be sent: recipient and text.";
    LinkAddress = "link"."address", Personal, "letters", [Licensing, Access],
        "A new address that waits to be confirmed from its own mailbox.";
    JournalCase = "journal"."case_text", Personal, "journal", [Access, Operating],
        "The case that a member of staff named when opening a record.";
    BucketPairs = "bucket"."pairs", Secret, "index", [Operating],
        "A piece of the index from addresses and order numbers to slots, as keyed hashes.";
    SigningSecret = "signing_key"."secret", Secret, "signing", [Operating],
        "The secret half of a key that signs licences and receipts.";
    ThreadSubject = "thread"."subject", Personal, "threads", [Support, Access, Writing, Finding, Erasing],
        "The subject of a conversation.";
    ThreadContact = "thread"."contact", Personal, "threads", [Support, Access, Writing, Finding, Erasing],
        "Name and address that the writer chose to give, to be answered at.";
    ThreadTags = "thread"."tags", Personal, "threads", [Support, Access, Finding, Erasing],
        "Words by which staff sort a conversation.";
    ThreadMark = "thread"."mark", Secret, "threads", [Operating, Erasing],
        "Keyed hash of the writer's address, by which an erasure finds the conversation.";
    MessageBody = "message"."body", Personal, "threads", [Support, Access, Writing, Finding, Erasing],
        "What the person or staff wrote.";
    AttachmentName = "attachment"."name", Personal, "threads", [Support, Access, Finding, Erasing],
        "Name of a file that the writer sent along.";
    ChunkBytes = "chunk"."bytes", Personal, "files", [Support, Access, Erasing],
        "A piece of a file that the writer sent along.";
    DayKeySealed = "visit_day"."day_key", Secret, "visits", [Operating],
        "The key of an open day, by which its visitors are told apart; gone when the day is closed.";
    TallyState = "visit_tally"."state", Secret, "visits", [Operating],
        "What a server has counted on an open day: numbers, and sketches that hold no visitor.";
}
