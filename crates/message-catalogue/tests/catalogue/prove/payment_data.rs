use domain::compliance::prove::findings::payment_data::{Fault, Observation, Violation};

sentences!(each_violation_has_its_sentence, Violation {
    UnencryptedCheckout { page: "http://store.example.com/".into() } =>
        "the checkout http://store.example.com/ is not encrypted",
});

sentences!(each_fault_has_its_phrase, Fault {
    CardNumber { column: "product.name".into() } => "product.name: values that look like card numbers",
    SealedCardNumber { column: "person.name".into() } =>
        "person.name: sealed values that look like card numbers",
    MoreThanFourDigits => "orders.payment: values that hold more than the kind and four digits",
});

sentences!(each_observation_has_its_sentence, Observation {
    Searched { clear: 70, sealed: 30 } => "values searched for card numbers: 70 in clear, 30 sealed",
    Checkout { page: "https://store.example.com/".into() } => "buyers pay at https://store.example.com/",
    DemoCheckout { page: "http://127.0.0.1:8470/".into() } =>
        "checkout of the demo on this machine: http://127.0.0.1:8470/",
    Payments { payments: 6 } => "payments checked for more than a kind and four digits: 6",
});
