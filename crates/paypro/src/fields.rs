//! Every field that the provider is known to send, and its class. The list is `fields.tsv`. A field with an
//! unknown name is dropped.

use std::sync::LazyLock;

/// How a field's value may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldClass {
    /// Kept, encrypted under the buyer's own key.
    Seal,
    /// Kept, encrypted under the key of a person other than the buyer.
    SealOther,
    /// Kept encrypted, but only where the product needs it.
    SealOptional,
    /// Found through the blind index while the person exists, a tombstone afterwards. Never stored in clear.
    Tag,
    /// A tag that is also kept encrypted, so that it can be shown to the person.
    TagAndSeal,
    /// About the order, not about a person: may be kept in clear.
    Plain,
    /// May be kept in clear, cut to the day.
    PlainDay,
    /// Used in memory, then dropped.
    Memory,
    /// Kept only if the operator lists the name.
    AllowList,
    /// Never read.
    Drop,
}

impl FieldClass {
    /// Every class, in the order of the enum.
    pub const ALL: [Self; 10] = [
        Self::Seal,
        Self::SealOther,
        Self::SealOptional,
        Self::Tag,
        Self::TagAndSeal,
        Self::Plain,
        Self::PlainDay,
        Self::Memory,
        Self::AllowList,
        Self::Drop,
    ];

    /// The name of the class in `fields.tsv`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seal => "SEAL",
            Self::SealOther => "SEAL-OTHER",
            Self::SealOptional => "SEAL-OPT",
            Self::Tag => "TAG",
            Self::TagAndSeal => "TAG+SEAL",
            Self::Plain => "PLAIN",
            Self::PlainDay => "PLAIN-DAY",
            Self::Memory => "MEM",
            Self::AllowList => "ALLOWLIST",
            Self::Drop => "DROP",
        }
    }
}

/// A field of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationField {
    /// The provider's name of the field.
    pub name: &'static str,
    /// The class, which says how the value may be used.
    pub class: FieldClass,
    /// The column (`table.column`) that stores the value; empty when it is not stored.
    pub kept_in: &'static str,
    /// The reason, in a few words for the privacy page.
    pub reason: &'static str,
}

/// All fields, in the order of `fields.tsv`.
pub static FIELDS: LazyLock<Vec<NotificationField>> =
    LazyLock::new(|| include_str!("fields.tsv").lines().skip(1).map(field).collect());

/// Finds the field with this exact name; `None` for an unknown name.
pub fn find(name: &str) -> Option<&'static NotificationField> {
    static BY_NAME: LazyLock<std::collections::HashMap<&'static str, &'static NotificationField>> =
        LazyLock::new(|| FIELDS.iter().map(|field| (field.name, field)).collect());
    BY_NAME.get(name).copied()
}

fn field(line: &'static str) -> NotificationField {
    let mut cells = line.split('\t');
    let mut cell =
        || cells.next().expect("fields.tsv is part of the program and has four cells in each line");
    let (name, class, kept_in, reason) = (cell(), cell(), cell(), cell());
    let class = FieldClass::ALL
        .into_iter()
        .find(|known| known.name() == class)
        .expect("fields.tsv is part of the program and names only classes that exist");
    NotificationField { name, class, kept_in, reason }
}
