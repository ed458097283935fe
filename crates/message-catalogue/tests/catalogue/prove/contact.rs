use domain::compliance::prove::findings::contact::{Fault, Observation, Violation};

sentences!(each_violation_has_its_sentence, Violation {
    UnsealedField { field: "name", column: "orders.flag" } =>
        "contact page: the field name is not sealed in orders.flag",
    RequiredField { field: "email" } => "contact page: the field email is required, but must be optional",
    RequestData { column: "message.user_agent".into() } =>
        "message.user_agent would hold technical data of the request",
    FinerThanDay { column: "message.sent_at".into() } => "message.sent_at stores more than the day",
    UnknownWord { column: "message.via".into() } => "message.via: a value outside of its closed list",
});

sentences!(each_fault_has_its_phrase, Fault {
    NotAnonymous => "anonymous conversations with a name, an address or a person",
    WithoutPerson => "conversations linked to a person who does not exist",
    WithoutAction => "conversations whose last action is not in the audit log",
    MissingMessage => "conversations with a missing message",
    MessageOfOtherSlot => "messages with another key slot than their conversation",
    FileOfOtherSlot => "files with another key slot than their message",
    MissingChunk => "files with a missing chunk",
    ChunkWithoutFile => "chunks without a file",
    AccessWithoutConversation => "access codes and links without a conversation",
});

sentences!(each_observation_has_its_sentence, Observation {
    OptionalFields { fields: vec!["name", "email"] } =>
        "contact page: only the message is required; optional fields: name, email",
    Conversations { conversations: 5, anonymous: 4, messages: 3, files: 2, access: 1 } =>
        "conversations: 5; anonymous ones among them: 4; messages: 3; files: 2; access codes and links: 1",
    Words { words: 9 } => "unencrypted words of conversations, each from a closed list: 9",
});
