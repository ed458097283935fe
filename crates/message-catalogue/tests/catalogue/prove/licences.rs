use domain::compliance::prove::findings::licences::{Fault, Observation, Violation};

use crate::serial;

sentences!(each_violation_has_its_sentence, Violation {
    PublicKeyDiffers { key: 3 } => "signing_key.public: key 3 does not match the signing key",
    Unverified { licence: serial("7K3M-9QXD") } => "licence 7K3M-9QXD: its key does not verify",
});

sentences!(each_fault_has_its_phrase, Fault {
    ItemWithoutLicence => "orders: valid items without a licence",
    GrantWithoutTerm => "grants: terms that do not exist",
    TermGrantedTwice => "grants: terms that two order items created",
    LicenceWithoutKey => "licence: rows without a key payload",
});

sentences!(each_observation_has_its_sentence, Observation {
    Created { items: 4, licences: 3 } =>
        "order items: 4; licences: 3; each valid item compared with the licence that it created",
    WithoutHolder { licences: 2, verified: 1 } =>
        "licences without a holder (erased, or issued without one): 2; keys of them that were verified: 1",
});
