//! What the proof finds in the live schema, in sealed values and in the fields of the provider.

use paypro::FieldClass;

/// What contradicts a promise in the schema or in the fields of the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// A column of the database is not in the inventory.
    NotInInventory {
        /// The column, as `table.column`.
        column: String,
    },
    /// The type of a column does not fit what it holds.
    WrongType {
        /// The column, as `table.column`.
        column: String,
    },
    /// A column of the inventory is not in the database.
    NotInDatabase {
        /// The column, as `table.column`.
        column: String,
    },
    /// The promise was not examined, because the database lacks columns of the inventory.
    NotExamined,
    /// A field should be kept, but names no column.
    FieldWithoutColumn {
        /// Name of the field.
        field: &'static str,
        class: FieldClass,
    },
    /// A field must not be kept in its column.
    FieldInWrongColumn {
        /// Name of the field.
        field: &'static str,
        class: FieldClass,
        /// The column, as `table.column`.
        column: &'static str,
    },
    /// A field with card data beyond the last four digits is not dropped.
    CardData {
        /// Name of the field.
        field: &'static str,
    },
    /// Neither a purchase nor an action fills a personal column.
    WithoutOrigin {
        /// The column, as `table.column`.
        column: String,
    },
    /// A field from the buyer's browser or network is kept.
    FromBrowser {
        /// Name of the field.
        field: &'static str,
    },
}

/// A fault of sealed values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A value is unencrypted, damaged or moved.
    Unreadable {
        /// The column, as `table.column`.
        column: String,
    },
}

/// An action that fills a personal column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FillingAction {
    /// A notification whose product is not known yet arrives.
    PendingNotification,
    /// The person asks for an e-mail.
    EmailRequest,
    /// The person types a new address.
    NewAddress,
    /// Staff type a case.
    Case,
    /// The person writes a subject.
    Subject,
    /// The person chooses to give an address.
    ReplyAddress,
    /// Staff sort a conversation.
    Tags,
    /// The person or staff write a text.
    MessageText,
    /// The person names a file that they send along.
    FileName,
    /// The person sends a file along.
    File,
}

/// What was checked of the schema, sealed values and fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// The live schema was compared with the inventory both ways.
    Columns {
        /// Columns of the live schema.
        columns: usize,
    },
    /// Sealed values were opened in their own row and column.
    Sealed {
        /// Personal columns.
        columns: usize,
        /// Values that open.
        open: u64,
        /// Values whose slot is forgotten.
        forgotten: u64,
    },
    /// Replicas of the keyring, outside of the database.
    Replicas { replicas: usize },
    /// The fields of a notification were compared with the inventory.
    Fields {
        /// All fields.
        fields: usize,
        /// Those that are dropped before anything is written.
        dropped: usize,
        /// Those that are kept, each in its column of the inventory.
        kept: usize,
        /// Those that are about the order alone.
        used: usize,
    },
    /// Personal columns that the buyer fills at the checkout.
    FilledAtCheckout { columns: usize },
    /// An action fills a column.
    FilledByAction {
        /// The column, as `table.column`.
        column: String,
        by: FillingAction,
    },
    /// Fields from the buyer's browser or network were checked to be dropped.
    BrowserFields { fields: usize },
}
