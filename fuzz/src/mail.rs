use inbound_mail::{Machine, SenderClass, Own, Refused, fold, read};

/// One message, as anybody can send it. Reading it never panics, behind its boundary neither; what it names fits into
/// headers and rows; only our own server's word verifies; and no line of its text is lost when it is folded.
pub fn mail(input: &[u8]) {
    let own = Own {
        reply: Some(("support".into(), "desk.example.org".into())),
        addresses: vec!["support@desk.example.org".into()],
        authserv: Some("mx.desk.example.org".into()),
    };
    let incoming = read(input, &own);
    assert!(!incoming.refused.contains(&Refused::Unreadable), "a parser panicked behind the boundary");
    assert!(incoming.nature != SenderClass::Machine(Machine::Other("unreadable")));
    assert!(incoming.files.len() <= 10 && incoming.references.len() <= 20 && incoming.tokens.len() <= 20);
    let ids = incoming.references.iter().chain([&incoming.message_id]);
    ids.for_each(|id| {
        assert!(id.len() <= 250 && id.bytes().all(|byte| byte.is_ascii_graphic()), "no id for a header")
    });
    assert!(!incoming.subject.chars().any(char::is_control), "a line break in a subject");
    for file in &incoming.files {
        assert!(
            !file.name.is_empty() && !file.name.contains(['/', '\\', '\0']),
            "a name that leads somewhere"
        );
    }
    if let Some(from) = &incoming.from {
        assert!(
            from.address.len() <= 254
                && !from.address.contains(char::is_whitespace)
                && from.address.contains('@')
        );
    }
    assert!(!incoming.verified || incoming.from.is_some(), "nobody is verified");
    let unnamed = Own { authserv: None, ..own };
    assert!(!read(input, &unnamed).verified, "verified without a server of ours");
    let text = String::from_utf8_lossy(input);
    let folded = fold(&text);
    let blank = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    assert_eq!(
        blank(&folded.new) + blank(&folded.quoted) + blank(&folded.signature),
        blank(&text),
        "a line is lost"
    );
}
