//! The proof of the schema, of sealed values and of the provider's fields.

use domain::compliance::prove::findings::schema::{Fault, FillingAction, Observation, Violation};

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::NotInInventory { column } => {
                format!("{column} is in the database, but not in the inventory")
            }
            Self::WrongType { column } => format!("{column} has a type that does not fit what it holds"),
            Self::NotInDatabase { column } => {
                format!("{column} is in the inventory, but not in the database")
            }
            Self::NotExamined => "not examined: the database lacks columns of the inventory".to_owned(),
            Self::FieldWithoutColumn { field, class } => {
                format!("{field} ({}) should be kept, but no column is named", class.name())
            }
            Self::FieldInWrongColumn { field, class, column } => {
                format!("{field} ({}) must not be kept in {column}", class.name())
            }
            Self::CardData { field } => format!("{field} is card data beyond the last four digits"),
            Self::WithoutOrigin { column } => {
                format!("{column} is personal, but neither a purchase nor an action fills it")
            }
            Self::FromBrowser { field } => {
                format!("{field} comes from the buyer's browser or network and is kept")
            }
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::Unreadable { column } => format!("{column}: unencrypted, damaged or moved values"),
        }
    }
}

impl English for FillingAction {
    fn english(&self) -> String {
        match self {
            Self::PendingNotification => "kept fields of a notification whose product is not known yet",
            Self::EmailRequest => "the e-mail that the person asked for",
            Self::NewAddress => "the new address that the person typed",
            Self::Case => "the case that staff typed",
            Self::Subject => "the subject of the person's message",
            Self::ReplyAddress => "the address that the person chose to give",
            Self::Tags => "the tags by which staff sort it",
            Self::MessageText => "the text that the person or staff wrote",
            Self::FileName => "the name of a file that the person sent along",
            Self::File => "a file that the person sent along",
        }
        .to_owned()
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Columns { columns } => {
                format!("columns of the live schema, compared with the inventory both ways: {columns}")
            }
            Self::Sealed { columns, open, forgotten } => format!(
                "personal columns: {columns}; values that open in their own row and column: {open}; forgotten: \
                 {forgotten}"
            ),
            Self::Replicas { replicas } => {
                format!("replicas of the keyring, outside of the database: {replicas}")
            }
            Self::Fields { fields, dropped, kept, used } => format!(
                "fields of a notification (webhook): {fields}; dropped before anything is written: {dropped}; kept, \
                 each in its column of the inventory: {kept}; about the order alone: {used}"
            ),
            Self::FilledAtCheckout { columns } => {
                format!("personal columns that the buyer fills at the checkout: {columns}")
            }
            Self::FilledByAction { column, by } => format!("{column}: {}", by.english()),
            Self::BrowserFields { fields } => {
                format!("fields from the buyer's browser or network, each checked to be dropped: {fields}")
            }
        }
    }
}
