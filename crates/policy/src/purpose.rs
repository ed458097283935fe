//! Why a personal value may be opened: the closed list (`contact.administrative`).
//!
//! A purpose is a type. [`crate::OpenFor`] says which field opens for which; whatever it does not name is
//! refused by the compiler.

mod closed {
    pub trait Closed {}
}

/// A reason for opening a sealed value. Only this module can add one.
pub trait Purpose: closed::Closed + Send + Sync + 'static {
    /// The name under which the journal records it.
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
        /// Every purpose: its id and what it means.
        pub const ALL: &[(&str, &str)] = &[$(($id, $means)),*];
    };
}

purposes! {
    Licensing = "licensing", "To issue the licence that was bought and keep it in step with the order.";
    Support = "support", "To answer and support the customer; names a case and a member of staff.";
    Access = "access", "To show people what is held about them, on their own page or as a file.";
    Writing = "writing", "To write the one letter that the person's own act asked for.";
    Finding = "finding", "To find an open conversation by its words, in memory only.";
    Erasing = "erasing", "To erase a person: what must be recognised afterwards is reduced to keyed tags.";
    Operating = "operating", "To run the program: its signing keys, its indexes and the counts of an open day, which hold nothing to read about a person.";
}
