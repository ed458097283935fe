//! The fields of the contact form: the closed list of data that a person can give when they write
//! (`contact.voluntary`).

/// A field of the contact form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContactField {
    /// Its name in the form.
    pub name: &'static str,
    /// Whether the form is refused without it.
    pub required: bool,
    /// Table and column that store it.
    pub kept_in: &'static str,
}

const fn field(name: &'static str, required: bool, kept_in: &'static str) -> ContactField {
    ContactField { name, required, kept_in }
}

/// Every field whose value is stored. Only the message is required. Nothing else of a request is stored.
pub const FIELDS: [ContactField; 5] = [
    field("message", true, "message.body"),
    field("name", false, "conversation.contact"),
    field("address", false, "conversation.contact"),
    field("licence", false, "conversation.licence"),
    field("files", false, "chunk.bytes"),
];

/// The tables that store conversations.
pub const TABLES: [&str; 6] =
    ["conversation", "message", "attachment", "chunk", "conversation_access", "processed_mail"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory;

    #[test]
    fn only_the_message_is_required_and_each_field_has_its_column() {
        assert_eq!(FIELDS.iter().filter(|f| f.required).map(|f| f.name).collect::<Vec<_>>(), ["message"]);
        for field in FIELDS {
            let (table, column) = field.kept_in.split_once('.').unwrap();
            assert!(inventory::find_column(table, column).is_some(), "{}", field.name);
            assert!(TABLES.contains(&table), "{}", field.name);
        }
    }
}
