use domain::compliance::prove::findings::processors::{Observation, Violation};
use domain::compliance::prove::{Processor, ProcessorKind};
use message_catalogue::English as _;

fn mail_server() -> Processor {
    Processor { kind: ProcessorKind::MailServer, at: "mail.example.com:465".into() }
}

#[test]
fn each_kind_of_processor_has_its_name() {
    for (kind, expected) in [
        (ProcessorKind::Database, "database x"),
        (ProcessorKind::MailServer, "mail server x"),
        (ProcessorKind::Mailbox, "mailbox x"),
        (ProcessorKind::KeyringReplica, "keyring replica x"),
    ] {
        assert_eq!(Processor { kind, at: "x".into() }.english(), expected);
    }
}

sentences!(each_violation_has_its_sentence, Violation {
    Recipient { name: "a partner" } => "the register of recipients names a partner",
    Unconfigured(mail_server()) =>
        "connected to a mail server mail.example.com:465, which is not in the configuration",
    Unconnected(mail_server()) =>
        "the configuration names a mail server mail.example.com:465, which is not connected",
    ReplicaDiffers { replica: "/second".into() } =>
        "the register of processors and the open keyring differ in the replica /second",
    DatabaseDiffers => "the register of processors does not name exactly the open database",
});

sentences!(each_observation_has_its_sentence, Observation {
    Recipients { recipients: 0 } => "register of recipients: 0 entries",
    Processor(mail_server()) => "processor: mail server mail.example.com:465",
    Compared =>
        "compared with the configuration: the open database and the replicas of the keyring; not contacted: mail \
         server and mailbox",
    Unwatched =>
        "connections of the running program: not watched here; the program has clients for its database, its mail \
         server and its mailbox, and one that refuses all but loopback addresses",
});
