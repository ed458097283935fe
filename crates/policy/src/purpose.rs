//! The closed list of purposes for which a personal value may be opened (`contact.administrative`).
//!
//! A purpose is a type. [`crate::OpenFor`] says which field opens for which purpose. The compiler refuses every
//! other use.

mod closed {
    pub trait Closed {}
}

/// A purpose for opening a sealed value. Only this module can add one.
pub trait Purpose: closed::Closed + Send + Sync + 'static {
    /// The name of the purpose in the audit log.
    const ID: &'static str;
    /// One sentence for the person whose value is opened.
    const MEANS: &'static str;
}

macro_rules! purposes {
    ($($name:ident = $id:literal, $means:literal;)*) => {
        $(
            #[doc = $means]
            #[derive(Clone, Copy)]
            pub struct $name;
            impl closed::Closed for $name {}
            impl Purpose for $name {
                const ID: &'static str = $id;
                const MEANS: &'static str = $means;
            }
        )*
        /// Every purpose: its id and its meaning.
        pub const ALL: &[(&str, &str)] = &[$(($id, $means)),*];
    };
}

purposes! {
    Licensing = "licensing", "To issue the licence that was bought and keep it in step with the order.";
    Support = "support", "To answer and support the customer; names a case and a member of staff.";
    Access = "access", "To show people the data that we hold about them, in their portal or as a file.";
    Writing = "writing", "To send the one e-mail that the person's own action asked for.";
    Finding = "finding", "To find an open conversation by the words in it, in memory only.";
    Erasing = "erasing", "To erase a person: data that must be recognised afterwards are reduced to keyed tags.";
    Operating = "operating", "To run the program: its signing keys, its indexes and the counts of an open day, which reveal nothing about a person.";
}
