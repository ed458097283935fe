use domain::compliance::prove::findings::audit_log::{Fault, Observation, Violation};
use store::ChainFault;

sentences!(each_fault_of_the_chain_has_its_sentence, ChainFault {
    LinkMissing { expected: 2, found: 3 } => "link 2 is missing, or link 3 was added",
    EntriesMissing { link: 4, covers: 20, exist: 19 } => "link 4 covers 20 entries, but 19 exist",
    HashDiffers { link: 1 } => "link 1 does not match its entries: an entry or the link was changed",
    StrayEntries { entries: 7 } => "7 entries name a link that does not exist",
});

sentences!(each_violation_has_its_sentence, Violation {
    Chain(ChainFault::StrayEntries { entries: 7 }) => "audit log: 7 entries name a link that does not exist",
    LinkDiffersFromAnchor { link: 2 } =>
        "audit log: link 2 of the audit chain differs from the link that the keyring remembers",
    Truncated { last: 1, anchor: 2 } =>
        "audit log: it ends at link 1, but the keyring remembers link 2: it was truncated, or a backup was restored \
         and the later audit entries are lost",
    NoAnchor => "audit log: the keyring remembers no link, so a truncated audit log could not be noticed",
    MoreErasuresThanAgreements { erasures: 2, agreements: 1 } =>
        "audit log: more erasures than agreements: 2 and 1",
});

sentences!(each_fault_has_its_phrase, Fault {
    DisallowedPurpose { column: "person.email".into(), purpose: "marketing".into() } =>
        "audit log: values of person.email opened for marketing, which the inventory does not allow",
    SupportWithoutCase => "audit log: accesses for support without staff member or case",
    NamesPerson => "audit log: entries of agreement or erasure that name a person",
    AgreementWithoutText => "audit log: agreements without the hash of the agreed text",
});

sentences!(each_observation_has_its_sentence, Observation {
    Anchor { link: 3 } => "the keyring remembers link 3 of the audit chain",
    RestoredGap { first: 4, last: 6 } =>
        "a backup was restored: links 4 to 6 of the audit chain are not in this data",
    Chain { links: 3, entries: 41, unlinked: 2 } =>
        "audit chain, recomputed: 3 links over 41 audit entries; entries not covered yet: 2",
    Openings { openings: 5, purposes: vec!["access", "support"] } =>
        "audited accesses compared with the inventory: 5; the closed list of purposes: access, support",
    SupportOpenings { openings: 1 } => "accesses for support, checked for staff member and case: 1",
    Agreements { agreements: 2, erasures: 1 } =>
        "agreements: 2; erasures that need an agreement: 1; no entry of either may name a person",
});
