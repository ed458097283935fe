//! The proof of processors and recipients.

use domain::compliance::prove::findings::processors::{Observation, Violation};
use domain::compliance::prove::{Processor, ProcessorKind};

use crate::English;

impl English for Processor {
    fn english(&self) -> String {
        let kind = match self.kind {
            ProcessorKind::Database => "database",
            ProcessorKind::MailServer => "mail server",
            ProcessorKind::Mailbox => "mailbox",
            ProcessorKind::KeyringReplica => "keyring replica",
        };
        format!("{kind} {}", self.at)
    }
}

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::Recipient { name } => format!("the register of recipients names {name}"),
            Self::Unconfigured(processor) => {
                format!("connected to a {}, which is not in the configuration", processor.english())
            }
            Self::Unconnected(processor) => {
                format!("the configuration names a {}, which is not connected", processor.english())
            }
            Self::ReplicaDiffers { replica } => {
                format!("the register of processors and the open keyring differ in the replica {replica}")
            }
            Self::DatabaseDiffers => {
                "the register of processors does not name exactly the open database".to_owned()
            }
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Recipients { recipients } => format!("register of recipients: {recipients} entries"),
            Self::Processor(processor) => format!("processor: {}", processor.english()),
            Self::Compared => "compared with the configuration: the open database and the replicas of the keyring; \
                               not contacted: mail server and mailbox"
                .to_owned(),
            Self::Unwatched => "connections of the running program: not watched here; the program has clients for \
                                its database, its mail server and its mailbox, and one that refuses all but loopback \
                                addresses"
                .to_owned(),
        }
    }
}
