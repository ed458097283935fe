//! What the proof finds about processors and recipients.

/// What a processor does. A closed list: each handles either sealed values, or mail between the vendor and a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProcessorKind {
    /// Stores sealed values.
    Database,
    /// Sends e-mails to the person who caused them.
    MailServer,
    /// Receives e-mails of persons until the server fetches them.
    Mailbox,
    /// Stores a replica of the keyring.
    KeyringReplica,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Processor {
    /// What the processor does.
    pub kind: ProcessorKind,
    /// Host or path, without user name and password.
    pub at: String,
}

/// What contradicts the promise about third parties.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The register of recipients is not empty.
    Recipient {
        /// Name of the recipient.
        name: &'static str,
    },
    /// The program is connected to a processor that is not in the configuration.
    Unconfigured(Processor),
    /// The configuration names a processor that is not connected.
    Unconnected(Processor),
    /// The register of processors and the open keyring differ in a replica.
    ReplicaDiffers {
        /// Path of the replica.
        replica: String,
    },
    /// The register of processors does not name exactly the open database.
    DatabaseDiffers,
}

/// What was checked of processors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// The register of recipients.
    Recipients {
        /// Its entries.
        recipients: usize,
    },
    /// A processor in the configuration.
    Processor(Processor),
    /// Which processors were compared with the configuration, and which not.
    Compared,
    /// The connections of the running program are not watched by this proof.
    Unwatched,
}
