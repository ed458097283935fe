//! Every field that the provider is known to send, and what becomes of it. The list is `fields.tsv`; a name that
//! isn't in it is dropped.

use std::sync::LazyLock;

/// What may be done with a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Kept, sealed under the buyer's own key.
    Seal,
    /// Kept, sealed under the key of another person than the buyer.
    SealOther,
    /// Kept sealed, but only where the product needs it.
    SealOptional,
    /// Found through the sealed index while the person lives, a tombstone afterwards; never in clear.
    Tag,
    /// A tag that is also kept sealed, so that it can be shown to the person.
    TagAndSeal,
    /// About the order, not about a person: may be kept as it is.
    Plain,
    /// May be kept, cut to the day.
    PlainDay,
    /// Used in memory, then gone.
    Memory,
    /// Kept only as far as the operator lists it.
    AllowList,
    /// Never read.
    Drop,
}

impl Class {
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

    /// As written in `fields.tsv`.
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

/// One field of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The provider's name for it.
    pub name: &'static str,
    /// What may be done with it.
    pub class: Class,
    /// The column (`table.column`) where its value goes; empty when it goes nowhere.
    pub kept_in: &'static str,
    /// Why, in a few words for the privacy page.
    pub reason: &'static str,
}

/// All fields, in the order of `fields.tsv`.
pub static FIELDS: LazyLock<Vec<Field>> =
    LazyLock::new(|| include_str!("fields.tsv").lines().skip(1).map(field).collect());

/// The field of that name (exact spelling), None for one that we don't know.
pub fn find(name: &str) -> Option<&'static Field> {
    static BY_NAME: LazyLock<std::collections::HashMap<&'static str, &'static Field>> =
        LazyLock::new(|| FIELDS.iter().map(|field| (field.name, field)).collect());
    BY_NAME.get(name).copied()
}

fn field(line: &'static str) -> Field {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().expect("fields.tsv is part of the program and has four cells a line");
    let (name, class, kept_in, reason) = (cell(), cell(), cell(), cell());
    let class = Class::ALL
        .into_iter()
        .find(|known| known.name() == class)
        .expect("fields.tsv is part of the program and names only classes that exist");
    Field { name, class, kept_in, reason }
}
