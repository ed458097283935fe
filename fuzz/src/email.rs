use inbound_mail::{AutomatedSender, LocalIdentity, OmittedPart, SenderClass, parse_email, strip_quotes};

/// Parses an e-mail. It never panics, not even inside its panic boundary. Its ids and names fit into headers and rows,
/// only our own server's result verifies the author, and quote stripping loses no line.
pub fn email(input: &[u8]) {
    let identity = LocalIdentity {
        reply: Some(("support".into(), "desk.example.org".into())),
        addresses: vec!["support@desk.example.org".into()],
        authserv_id: Some("mx.desk.example.org".into()),
    };
    let incoming = parse_email(input, &identity);
    assert!(!incoming.refused.contains(&OmittedPart::Unreadable), "a parser panicked inside the boundary");
    assert!(incoming.sender_class != SenderClass::Automated(AutomatedSender::Unreadable));
    assert!(incoming.files.len() <= 10 && incoming.references.len() <= 20 && incoming.tokens.len() <= 20);
    let ids = incoming.references.iter().chain([&incoming.message_id]);
    ids.for_each(|id| {
        assert!(id.len() <= 250 && id.bytes().all(|byte| byte.is_ascii_graphic()), "an id unfit for a header")
    });
    assert!(!incoming.subject.chars().any(char::is_control), "a line break in a subject");
    for file in &incoming.files {
        assert!(!file.name.is_empty() && !file.name.contains(['/', '\\', '\0']), "a file name with a path");
    }
    if let Some(from) = &incoming.from {
        assert!(
            from.address.len() <= 254
                && !from.address.contains(char::is_whitespace)
                && from.address.contains('@')
        );
    }
    assert!(!incoming.verified || incoming.from.is_some(), "verified without an author");
    let without_server = LocalIdentity { authserv_id: None, ..identity };
    assert!(!parse_email(input, &without_server).verified, "verified without a server of ours");
    let text = String::from_utf8_lossy(input);
    let stripped = strip_quotes(&text);
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    assert_eq!(
        lines(&stripped.new) + lines(&stripped.quoted) + lines(&stripped.signature),
        lines(&text),
        "a line is lost"
    );
}
