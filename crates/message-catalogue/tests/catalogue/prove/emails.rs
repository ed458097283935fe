use domain::compliance::prove::findings::emails::{CauseFault, Fault, Observation, Violation};
use domain::email::EmailKind;
use store::EmailStage;

sentences!(each_violation_has_its_sentence, Violation {
    Cause { stage: EmailStage::Sent, id: 7, fault: CauseFault::Missing } =>
        "audit entry 7: the e-mail has no cause",
    Cause { stage: EmailStage::Queued, id: 8, fault: CauseFault::TooOld } =>
        "outbox row 8: its cause is an action that was too old",
});

sentences!(each_fault_of_a_cause_has_its_sentence, CauseFault {
    UnknownKind => "the e-mail's kind is not in the closed list",
    Missing => "the e-mail has no cause",
    NotAction => "its cause is not an action of a person",
    DisallowedAction => "its cause is an action that does not allow this e-mail",
    OtherPerson => "its cause is an action of another person",
    WithoutMessage => "its cause is an action without a message of that person",
    TooOld => "its cause is an action that was too old",
});

sentences!(each_fault_has_its_phrase, Fault {
    FurtherWithoutCause => "more e-mails without a valid cause",
    Repeated { cause: 9, kind: "magic-link".into() } =>
        "audit entry 9: e-mails of the kind magic-link caused by this one action",
});

sentences!(each_observation_has_its_sentence, Observation {
    Checked { stage: EmailStage::Sent, emails: 2 } =>
        "e-mails sent, each checked against the action that caused it: 2",
    Checked { stage: EmailStage::Queued, emails: 0 } =>
        "e-mails in the outbox, each checked against the action that caused it: 0",
    ClosedList(&EmailKind::ALL) => "the closed list of e-mails: magic-link, new-address, staff-reply",
});
