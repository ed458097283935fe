use domain::compliance::prove::findings::schema::{Fault, FillingAction, Observation, Violation};
use paypro::FieldClass;

sentences!(each_violation_has_its_sentence, Violation {
    NotInInventory { column: "person.nickname".into() } =>
        "person.nickname is in the database, but not in the inventory",
    WrongType { column: "person.name".into() } => "person.name has a type that does not fit what it holds",
    NotInDatabase { column: "receipt.body".into() } =>
        "receipt.body is in the inventory, but not in the database",
    NotExamined => "not examined: the database lacks columns of the inventory",
    FieldWithoutColumn { field: "CUSTOMER_EMAIL", class: FieldClass::Seal } =>
        "CUSTOMER_EMAIL (SEAL) should be kept, but no column is named",
    FieldInWrongColumn { field: "CUSTOMER_EMAIL", class: FieldClass::Seal, column: "orders.flag" } =>
        "CUSTOMER_EMAIL (SEAL) must not be kept in orders.flag",
    CardData { field: "CREDIT_CARD_BIN" } => "CREDIT_CARD_BIN is card data beyond the last four digits",
    WithoutOrigin { column: "person.language".into() } =>
        "person.language is personal, but neither a purchase nor an action fills it",
    FromBrowser { field: "CUSTOMER_IP" } =>
        "CUSTOMER_IP comes from the buyer's browser or network and is kept",
});

sentences!(each_fault_has_its_phrase, Fault {
    Unreadable { column: "message.body".into() } => "message.body: unencrypted, damaged or moved values",
});

sentences!(each_filling_action_has_its_phrase, FillingAction {
    PendingNotification => "kept fields of a notification whose product is not known yet",
    EmailRequest => "the e-mail that the person asked for",
    NewAddress => "the new address that the person typed",
    Case => "the case that staff typed",
    Subject => "the subject of the person's message",
    ReplyAddress => "the address that the person chose to give",
    Tags => "the tags by which staff sort it",
    MessageText => "the text that the person or staff wrote",
    FileName => "the name of a file that the person sent along",
    File => "a file that the person sent along",
});

sentences!(each_observation_has_its_sentence, Observation {
    Columns { columns: 180 } => "columns of the live schema, compared with the inventory both ways: 180",
    Sealed { columns: 16, open: 30, forgotten: 4 } =>
        "personal columns: 16; values that open in their own row and column: 30; forgotten: 4",
    Replicas { replicas: 2 } => "replicas of the keyring, outside of the database: 2",
    Fields { fields: 155, dropped: 120, kept: 20, used: 15 } =>
        "fields of a notification (webhook): 155; dropped before anything is written: 120; kept, each in its column of \
         the inventory: 20; about the order alone: 15",
    FilledAtCheckout { columns: 7 } => "personal columns that the buyer fills at the checkout: 7",
    FilledByAction { column: "chunk.bytes".into(), by: FillingAction::File } =>
        "chunk.bytes: a file that the person sent along",
    BrowserFields { fields: 6 } =>
        "fields from the buyer's browser or network, each checked to be dropped: 6",
});
