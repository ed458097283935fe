//! Author verification (only our own server's topmost DMARC result counts), conversation tokens and Message-IDs.

use inbound_mail::{LocalIdentity, parse_email};

use crate::fixtures::own;

fn verified(headers: &str) -> bool {
    let raw = format!("{headers}\r\nTo: support@desk.example.org\r\nSubject: x\r\n\r\nhello\r\n");
    parse_email(raw.as_bytes(), &own()).verified
}

const FROM: &str = "\r\nFrom: Jo <jo@example.com>";

#[test]
fn a_dmarc_pass_of_our_own_server_verifies_the_domain_in_from() {
    for results in [
        "mx.desk.example.org; dmarc=pass header.from=example.com",
        "mx.desk.example.org; dmarc=pass (p=reject dis=none) header.from=example.com",
        "MX.Desk.Example.ORG 1; spf=pass smtp.mailfrom=bounce@esp.example;\r\n dkim=pass header.d=example.com; dmarc=pass (p=none) header.from=Example.COM",
        "mx.desk.example.org (our own; \"server\") ; dmarc / 1 = pass header . from = example.com",
        "\"mx.desk.example.org\"; dmarc=Pass header.from=\"example.com\" policy.dmarc=reject",
        "mx.desk.example.org; dkim=fail reason=\"bad; dmarc=fail\"; dmarc=pass header.from=example.com.",
        "mx.desk.example.org; spf=pass smtp.mailfrom=\"a b\"@example.net; dmarc=pass header.from=jo@example.com",
    ] {
        assert!(verified(&format!("Authentication-Results: {results}{FROM}")), "{results}");
    }
}

#[test]
fn any_other_authentication_result_verifies_nothing() {
    for results in [
        "",
        "mx.desk.example.org",
        "mx.desk.example.org; none",
        "other.example; dmarc=pass header.from=example.com",
        "mx.desk.example.org.evil.example; dmarc=pass header.from=example.com",
        "mx.desk.example.org; dmarc=fail header.from=example.com",
        "mx.desk.example.org; dmarc=bestguesspass header.from=example.com",
        "mx.desk.example.org; dmarc=pass",
        "mx.desk.example.org; dmarc=pass header.from=example.net",
        "mx.desk.example.org; dmarc=pass header.from=sub.example.com",
        "mx.desk.example.org; dmarc=pass header.from=notexample.com",
        "mx.desk.example.org; dmarc=pass header.from=example.com header.from=example.net",
        "mx.desk.example.org; dmarc=pass header.from=example.com; dmarc=fail header.from=example.com",
        "mx.desk.example.org; spf=pass; dkim=pass header.d=example.com",
        "mx.desk.example.org; x=\"; dmarc=pass header.from=example.com\"",
        "mx.desk.example.org; x=y (; dmarc=pass header.from=example.com)",
        "mx.desk.example.org; x=y (never ends; dmarc=pass header.from=example.com",
        "mx.desk.example.org; x=\"never ends; dmarc=pass header.from=example.com",
        "mx.desk.example.org dmarc=pass header.from=example.com",
        "other.example (mx.desk.example.org); dmarc=pass header.from=example.com",
    ] {
        assert!(!verified(&format!("Authentication-Results: {results}{FROM}")), "{results}");
    }
}

#[test]
fn an_authentication_result_below_the_first_may_be_forged() {
    let good = "mx.desk.example.org; dmarc=pass header.from=example.com";
    assert!(!verified(&format!(
        "Authentication-Results: mx.desk.example.org; dmarc=none\r\nAuthentication-Results: {good}{FROM}"
    )));
    assert!(!verified(&format!(
        "Authentication-Results: relay.example; spf=pass\r\nAuthentication-Results: {good}{FROM}"
    )));
    assert!(!verified(&format!(
        "Authentication-Results : other.example; none\r\nAuthentication-Results: {good}{FROM}"
    )));
    assert!(verified(&format!(
        "Authentication-Results: {good}\r\nAuthentication-Results: evil.example; dmarc=fail{FROM}"
    )));
    assert!(!verified(&format!("ARC-Authentication-Results: i=1; {good}{FROM}")));
    assert!(!verified(&format!("X-Authentication-Results: {good}{FROM}")));
}

#[test]
fn several_authors_are_no_author() {
    let good = "Authentication-Results: mx.desk.example.org; dmarc=pass header.from=example.com";
    for from in [
        "From: jo@example.com\r\nFrom: eve@example.net",
        "From: jo@example.com, eve@example.net",
        "From: jo@example.com\r\nfrom: jo@example.com",
        "From: friends: jo@example.com, eve@example.com;",
        "From: ",
        "From: <>",
        "From: <jo@example.com> <eve@example.com>",
        "From: jo@example.com\r\n eve@example.com",
        "From: <eve@example.net>jo@example.com",
        "From: <@example.net:jo@example.com>",
        "X-From: jo@example.com",
    ] {
        let raw = format!("{good}\r\n{from}\r\nSubject: x\r\n\r\nhello");
        let incoming = parse_email(raw.as_bytes(), &own());
        assert!(!incoming.verified && incoming.from.is_none(), "{from}");
    }
    let shown = parse_email(
        format!("{good}\r\nFrom: \"jo@example.com\" <eve@example.net>\r\n\r\nx").as_bytes(),
        &own(),
    );
    assert!(!shown.verified && *shown.from.as_ref().unwrap().address == "eve@example.net");
}

#[test]
fn without_an_authserv_id_no_message_is_verified() {
    let raw = format!("Authentication-Results: ; dmarc=pass header.from=example.com{FROM}\r\n\r\nx");
    assert!(!parse_email(raw.as_bytes(), &LocalIdentity { authserv_id: None, ..own() }).verified);
    assert!(
        !parse_email(raw.as_bytes(), &LocalIdentity { authserv_id: Some(String::new()), ..own() }).verified
    );
}

#[test]
fn conversation_tokens_are_found_in_all_reply_headers() {
    let token = "0123456789abcdefghjkmnpq";
    for header in [
        format!("To: Acme <support+{token}@desk.example.org>"),
        format!("To: x@example.net, SUPPORT+{}@DESK.EXAMPLE.ORG", token.to_uppercase()),
        format!("Cc: support+b-{token}@desk.example.org"),
        format!("Delivered-To: support+{token}@desk.example.org"),
        format!("X-Original-To: support+{token}@desk.example.org"),
        format!("Envelope-To: <support+{token}@desk.example.org>"),
        format!("In-Reply-To: <r.{token}.12@desk.example.org>"),
        format!("In-Reply-To: your letter of Monday <r.{token}.12@desk.example.org>"),
        format!("References: <a@b.example>\r\n <r.{token}.1@desk.example.org>\r\n <c@d.example>"),
    ] {
        let incoming = parse_email(format!("From: jo@example.com\r\n{header}\r\n\r\nx").as_bytes(), &own());
        assert!(incoming.tokens == [token], "{header}");
    }
    for header in [
        format!("To: support+{token}@example.net"),
        format!("To: other+{token}@desk.example.org"),
        format!("To: support{token}@desk.example.org"),
        format!("To: support+{}@desk.example.org", &token[1..]),
        format!("To: support+{}@desk.example.org", token.replace('a', "u")),
        format!(
            "References: <r.{token}@desk.example.org> <r.{token}.x@desk.example.org> <{token}.1@desk.example.org>"
        ),
        format!("Subject: support+{token}@desk.example.org"),
    ] {
        let incoming = parse_email(
            format!("From: jo@example.com\r\n{header}\r\n\r\nsupport+{token}@desk.example.org").as_bytes(),
            &own(),
        );
        assert!(incoming.tokens.is_empty(), "{header}");
    }
}

#[test]
fn message_ids_are_safe_in_our_own_headers() {
    let long = "x".repeat(300);
    let raw = format!(
        "From: jo@example.com\r\nMessage-ID: <a@example.com>\r\nReferences: <1@x.example> <{long}@x.example> <bad id@x.example>\r\n \
         <\u{e9}@x.example> <no-at> <2@x.\r\n example> <\"q\"@x.example>\r\nIn-Reply-To: <1@x.example> <3@x.example>\r\n\r\nx"
    );
    let incoming = parse_email(raw.as_bytes(), &own());
    assert_eq!(incoming.message_id, "a@example.com");
    assert_eq!(incoming.references, ["1@x.example", "badid@x.example", "2@x.example", "3@x.example"]);
    let many: String = (0..60).map(|n| format!(" <{n}@x.example>")).collect();
    let incoming =
        parse_email(format!("From: jo@example.com\r\nReferences:{many}\r\n\r\nx").as_bytes(), &own());
    assert_eq!(incoming.references.len(), 20);
    assert!(incoming.references[0] == "0@x.example" && incoming.references[19] == "59@x.example");
    for id in ["<a@b\r\nBcc: eve@example.net>", "<a\u{1}@b>", "a b@c", "<@>"] {
        let incoming =
            parse_email(format!("From: jo@example.com\r\nMessage-ID: {id}\r\n\r\nx").as_bytes(), &own());
        assert!(incoming.message_id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");
    }
}

#[test]
fn only_one_exact_result_under_our_own_name_counts() {
    let ours = "mx.desk.example.org";
    for (results, proves) in [
        (format!("{ours}.; dmarc=pass header.from=example.com"), true),
        (format!("{ours} 1; dmarc=pass header.from=example.com"), true),
        (format!("{ours};; ;dmarc=pass header.from=example.com;"), true),
        (format!("{ours}; DMARC=PASS HEADER.FROM=EXAMPLE.COM"), true),
        (format!("{ours}; (a (nested) \\) comment) dmarc=pass header.from=example.com"), true),
        (format!("{ours};\r\n\tdmarc=pass\r\n\theader.from=example.com"), true),
        (format!("{ours}; dmarc/2=pass header.from=example.com"), true),
        (format!("{ours}; arc=none; dmarc=pass header.from=example.com; spf=none"), true),
        (format!("{ours} 1 2; dmarc=pass header.from=example.com"), false),
        (format!("{ours} v1; dmarc=pass header.from=example.com"), false),
        (format!("{ours}=1; dmarc=pass header.from=example.com"), false),
        (format!("mx; {ours}; dmarc=pass header.from=example.com"), false),
        (format!("{ours}, evil.example; dmarc=pass header.from=example.com"), false),
        (format!("{ours}; dmarc=pass; header.from=example.com"), false),
        (format!("{ours}; dmarc=pass header.from=example.com dmarc=fail; dmarc=fail"), false),
        (format!("{ours}; dmarc=pass header.from=example.com; DMARC=none"), false),
        (format!("{ours}; dmarc=pass header.from=example.com) x"), false),
        (format!("{ours}; dmarc=pass header.from=example.com; spf"), false),
        (format!("{ours}; dmarc=pass header.from=example.com; \"spf\"=pass"), false),
        (format!("{ours}; dmarc==pass header.from=example.com"), false),
        (format!("{ours}; dmarc= header.from=example.com"), false),
        (format!("{ours}; dmarc=pass header.from="), false),
        (format!("{ours}; dmarc=pass header.from=."), false),
        (format!("{ours}; dmarc=pass header.from=jo@"), false),
        (format!("{ours}; dmarc=pass header.from=example.com@example.net"), false),
        (format!("{ours}; dmarc=pass header.d=example.com"), false),
        (format!("{ours}; dmarc=pass smtp.from=example.com"), false),
        (format!("{ours}; x-dmarc=pass header.from=example.com"), false),
        (format!("{ours}; dmarc-x=pass header.from=example.com"), false),
        (format!("{ours}; dmarc=pass(header.from=example.com"), false),
        (format!("{ours}; dmarc=\"pass header.from=example.com\""), false),
        (format!("{ours}; dmarc=pass header.from=\"example.com header.from=example.net\""), false),
        (format!("({ours}) evil.example; dmarc=pass header.from=example.com"), false),
        (format!("; {ours}; dmarc=pass header.from=example.com"), false),
    ] {
        let header = format!("Authentication-Results: {results}{FROM}");
        assert_eq!(verified(&header), proves, "{results}");
    }
}

#[test]
fn another_header_or_a_result_of_another_server_proves_nothing() {
    let good = "mx.desk.example.org; dmarc=pass header.from=example.com";
    for headers in [
        format!("Authentication-Results-Original: {good}"),
        format!("Original-Authentication-Results: {good}"),
        format!("Received-SPF: {good}"),
        format!("X: y Authentication-Results: {good}"),
        format!("Subject: x\r\n Authentication-Results: {good}"),
        format!("Authentication Results: {good}"),
        format!(
            "Authentication-Results: {}\r\nAuthentication-Results: {good}",
            good.replace("desk", "relay")
        ),
        format!("Authentication-Results:\r\nAuthentication-Results: {good}"),
        format!("AUTHENTICATION-RESULTS: relay.example; none\r\nAuthentication-Results: {good}"),
        format!("Authentication-Results: {good} header.from=example.net\r\nAuthentication-Results: {good}"),
    ] {
        assert!(!verified(&format!("{headers}{FROM}")), "{headers}");
    }
    let body = format!(
        "From: jo@example.com\r\nTo: support@desk.example.org\r\n\r\nAuthentication-Results: {good}\r\n"
    );
    assert!(!parse_email(body.as_bytes(), &own()).verified);
}

#[test]
fn a_result_that_is_longer_than_is_read_proves_nothing() {
    // What is read of the header ends behind the first domain.
    let result = "mx.desk.example.org; dmarc=pass";
    let end = " header.from=example.com";
    let blanks = " ".repeat(32 * 1024 - " ".len() - result.len() - end.len());
    assert!(verified(&format!("Authentication-Results: {result}{}{end}{FROM}", &blanks[1..])));
    for rest in ["", ".example.net", " header.from=example.net", "; dmarc=fail"] {
        assert!(!verified(&format!("Authentication-Results: {result}{blanks}{end}{rest}{FROM}")), "{rest}");
    }
}

#[test]
fn the_domain_in_from_is_compared_as_a_whole_and_in_any_case() {
    for (from, domain, proves) in [
        ("jo@example.com", "example.com", true),
        ("jo@EXAMPLE.com", "example.COM", true),
        ("jo@example.com.", "example.com", true),
        ("jo@m\u{fc}nchen.example", "M\u{dc}NCHEN.example", true),
        ("jo@sub.example.com", "sub.example.com", true),
        ("jo@sub.example.com", "example.com", false),
        ("jo@example.com", "com", false),
        ("jo@example.com", "example.com.evil.example", false),
        ("jo@example.com", "xn--example.com", false),
        ("jo@example.com", "evil.example", false),
    ] {
        let results = format!("mx.desk.example.org; dmarc=pass header.from={domain}");
        let found = verified(&format!("Authentication-Results: {results}\r\nFrom: {from}"));
        assert_eq!(found, proves, "{from} and {domain}");
    }
}
