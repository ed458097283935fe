//! Quotes, signatures and keywords at the limits of their rules, and in the words of many mail programs.

use inbound_mail::{is_stop, is_thanks, strip_quotes};

use crate::fixtures::{email, multipart};

/// New text, quotes and signature.
fn stripped(text: &str) -> [String; 3] {
    let parts = strip_quotes(text);
    [parts.new, parts.quoted, parts.signature].map(|part| part.to_string())
}

fn assert_new(text: &str, new: &str) {
    assert_eq!(stripped(text)[0], new, "{text:?}");
}

/// Labels of Outlook's header block: sender, date, recipient, subject.
const HEADER_BLOCKS: [[&str; 4]; 17] = [
    ["From", "Sent", "To", "Subject"],
    ["From", "Date", "To", "Subject"],
    ["Von", "Gesendet", "An", "Betreff"],
    ["Von", "Datum", "An", "Betreff"],
    ["De", "Envoyé", "À", "Objet"],
    ["De", "Enviado el", "Para", "Asunto"],
    ["De", "Fecha", "Para", "Asunto"],
    ["De", "Enviada em", "Para", "Assunto"],
    ["Da", "Inviato", "A", "Oggetto"],
    ["Van", "Verzonden", "Aan", "Onderwerp"],
    ["Od", "Wysłano", "Do", "Temat"],
    ["Från", "Skickat", "Till", "Ämne"],
    ["Fra", "Sendt", "Til", "Emne"],
    ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
    ["От", "Отправлено", "Кому", "Тема"],
    ["发件人", "发送时间", "收件人", "主题"],
    ["差出人", "送信日時", "宛先", "件名"],
];

#[test]
fn the_header_block_of_outlook_begins_the_history_in_each_language() {
    for [from, sent, to, subject] in HEADER_BLOCKS {
        for block in [
            format!("{from}: Acme\n{sent}: Monday\n{to}: Jo\n{subject}: key"),
            format!("{from}: Acme\n{sent}: Monday\n{subject}: key"),
            format!("{from}: Acme\n{to}: Jo\n{sent}: Monday"),
            format!("*{from}:* Acme\n*{sent}:* Monday\n*{to}:* Jo"),
            format!("{from} : Acme\n\n{sent} : Monday\n\n{to} : Jo"),
            format!(
                "{}: Acme\n{}: Monday\n{}: Jo",
                from.to_uppercase(),
                sent.to_uppercase(),
                to.to_uppercase()
            ),
        ] {
            let [new, quoted, _] = stripped(&format!("Yes.\n\n{block}\n\nShall we?"));
            assert!(new == "Yes." && quoted.ends_with("Shall we?"), "{block}: {new}");
        }
        for no_block in [
            format!("{from}: Acme\n{sent}: Monday\nmore"),
            format!("{from}: Acme\n{to}: Jo\n{subject}: key"),
            format!("{sent}: Monday\n{to}: Jo\n{subject}: key"),
            format!("{from}:\n{sent}: Monday\n{to}: Jo"),
            format!("{from}: Acme\n1\n2\n3\n4\n5\n{sent}: Monday\n{to}: Jo"),
            format!("It is {from}: Acme\n{sent}: Monday\n{to}: Jo"),
        ] {
            let text = format!("Yes.\n\n{no_block}");
            assert_new(&text, &text);
        }
    }
}

#[test]
fn a_separator_with_known_words_begins_the_history_in_each_language() {
    for words in [
        "Original Message",
        "Forwarded message",
        "Ursprüngliche Nachricht",
        "Original-Nachricht",
        "Weitergeleitete Nachricht",
        "Message d'origine",
        "Message d\u{2019}origine",
        "Message transféré",
        "Mensaje original",
        "Mensaje reenviado",
        "Messaggio originale",
        "Messaggio inoltrato",
        "Mensagem original",
        "Mensagem encaminhada",
        "Oorspronkelijk bericht",
        "Doorgestuurd bericht",
        "Wiadomość oryginalna",
        "Wiadomość przekazana dalej",
        "Ursprungligt meddelande",
        "Vidarebefordrat meddelande",
        "Oprindelig meddelelse",
        "Opprinnelig melding",
        "Alkuperäinen viesti",
        "Původní zpráva",
        "Eredeti üzenet",
        "Исходное сообщение",
    ] {
        for line in [
            format!("-----{words}-----"),
            format!("-------- {words} --------"),
            format!("__________ {words} __________"),
            format!("{words} ----"),
            format!("-- {}", words.to_uppercase()),
        ] {
            let [new, quoted, _] = stripped(&format!("Yes.\n\n{line}\n\nShall we?"));
            assert!(new == "Yes." && quoted.ends_with("Shall we?"), "{line}: {new}");
        }
        for line in [
            words.to_owned(),
            format!("- {words} -"),
            format!("-----{words}s-----"),
            format!("===={words}===="),
        ] {
            let text = format!("Yes.\n\n{line}\n\nShall we?");
            assert_new(&text, &text);
        }
    }
    let line = |dashes: usize| format!("Yes.\n\n{} original message", "-".repeat(dashes));
    assert_new(&line(100 - " original message".len()), "Yes.");
    assert_new(&line(101 - " original message".len()), &line(101 - " original message".len()));
}

#[test]
fn a_rule_begins_the_history_only_above_a_header_block() {
    let block = "From: Acme\nSent: Monday\nTo: Jo";
    for (rule, hidden) in
        [("_".repeat(10), true), ("-".repeat(10), true), ("_".repeat(9), false), ("=".repeat(10), false)]
    {
        let [new, quoted, _] = stripped(&format!("Yes.\n\n{rule}\n\n{block}\n\nShall we?"));
        assert!(quoted.contains("From: Acme"), "{rule}");
        assert_eq!(new == "Yes.", hidden, "{rule}");
    }
    assert_new(
        &format!("Yes.\n{}\nNo block.", "_".repeat(20)),
        &format!("Yes.\n{}\nNo block.", "_".repeat(20)),
    );
    let mixed = format!("Yes.\n{}-\n{block}", "_".repeat(20));
    assert_new(&mixed, &format!("Yes.\n{}-", "_".repeat(20)));
}

#[test]
fn an_attribution_names_who_wrote_and_when_in_at_most_four_lines() {
    let quoted = |above: &str| stripped(&format!("Yes.\n\n{above}\n> Shall we?"))[0] == "Yes.";
    for above in [
        "On 2 Mar 2026, Acme wrote:",
        "On 2 Mar 2026,\nAcme\n<s@desk.example.org>\nwrote:",
        "On Monday Acme wrote:",
        "Acme <s@desk.example.org> schrieb:",
        "2026-03-02 Acme skrev:",
        "Den 2 mars 2026 skrev Acme:",
        "Dne 2.3.2026 Acme napsal:",
        "Pe 2.3.2026 Acme kirjoitti:",
        "2026.03.02 Acme írta:",
        "2026年3月2日 Acme 写道:",
        "2 марта 2026 г., Acme <s@desk.example.org> написал:",
        "2 Mar 2026 tarihinde Acme yazdı:",
        "On 2 Mar 2026, Acme wrote:\n",
        "On 2 Mar 2026, Acme wrote:\n\n",
    ] {
        assert!(quoted(above), "{above}");
    }
    for above in [
        "Acme wrote:",
        "On 2 Mar 2026, Acme wrote",
        "On 2 Mar 2026, Acme said:",
        "I read this on 2 Mar 2026:",
        "On 2 Mar 2026,\nAcme\nof\nBerlin\nwrote:",
        "On 2 Mar 2026,\n\nAcme wrote:",
        "On 2 Mar 2026, Acme wrote:\n\n\n",
        "The log of 2026 says:",
    ] {
        assert!(!quoted(above), "{above}");
    }
    let long = |length: usize| {
        let (before, after) = ("On 2 Mar 2026, ", " wrote:");
        format!("{before}{}{after}", "x".repeat(length - before.len() - after.len()))
    };
    assert!(quoted(&long(300)) && !quoted(&long(301)));
}

#[test]
fn a_quote_between_answers_stays_while_it_is_short() {
    let quote = |lines: usize| format!("Hi.\n{}\nAn answer.", vec!["> asked"; lines].join("\n"));
    assert_new(&quote(6), &quote(6));
    assert_new(&quote(7), "Hi.\nAn answer.");
    let two = |lines: usize| format!("{}\nOne.\n> b\nTwo.", vec!["> a"; lines].join("\n"));
    assert_new(&two(7), &two(7));
    assert_new("> a\n> b\nOnly below.", "Only below.");
    assert_new("Above.\n> a\n> b", "Above.");
    assert_new("> a\n> b", "> a\n> b");
}

#[test]
fn blank_lines_are_kept_up_to_two_and_none_at_the_ends() {
    assert_new("\n\n a\n\n\n\n\nb  \n\n", " a\n\n\nb");
    assert_new("a\r\nb\r\n\r\nc\r\n", "a\nb\n\nc");
    assert_eq!(stripped(" \n\t\n"), ["", "", ""]);
}

#[test]
fn a_signature_begins_below_two_dashes() {
    for (text, new, signature) in [
        ("Yes.\n-- \nJo\nBerlin", "Yes.", "--\nJo\nBerlin"),
        ("Yes.\n--\nJo", "Yes.", "--\nJo"),
        ("Yes.\n\u{2014}\nJo", "Yes.", "\u{2014}\nJo"),
        ("Yes.\n--  \nJo", "Yes.", "--  \nJo"),
        ("Yes.\n-- \nJo\n-- \nagain", "Yes.", "--\nJo\n--\nagain"),
        ("Yes.\n---\nJo", "Yes.\n---\nJo", ""),
        ("Yes.\n-\nJo", "Yes.\n-\nJo", ""),
        ("Yes. --\nJo", "Yes. --\nJo", ""),
        (" -- \nJo", " --\nJo", ""),
    ] {
        let [found, _, below] = stripped(text);
        assert_eq!(
            (found.as_str(), below.replace("--  ", "--")),
            (new, signature.replace("--  ", "--")),
            "{text:?}"
        );
    }
    let without_blank = |lines: usize| format!("Yes.\n--\n{}", vec!["line"; lines].join("\n"));
    assert_new(&without_blank(11), "Yes.");
    assert_new(&without_blank(12), &without_blank(12));
    let with_blank = format!("Yes.\n-- \n{}", vec!["line"; 40].join("\n"));
    assert_new(&with_blank, "Yes.");
}

#[test]
fn a_footer_stands_in_the_last_two_lines() {
    for (text, new) in [
        ("Yes.\nSent from my phone", "Yes."),
        ("Yes.\n\n- Sent from my phone\nGet Outlook for iOS", "Yes."),
        ("Yes.\nGet Outlook for iOS\n\n\nSent from my phone\n\n", "Yes."),
        ("Yes.\nSent from my phone\nIt is old.", "Yes.\nSent from my phone\nIt is old."),
        ("Yes.\nI sent from my phone", "Yes.\nI sent from my phone"),
        ("Yes.\nSent from", "Yes.\nSent from"),
        ("Yes.\nSent from my a\nSent from my b\nSent from my c", "Yes.\nSent from my a"),
        ("Sent from my phone", "Sent from my phone"),
    ] {
        assert_new(text, new);
    }
    let long = |length: usize| format!("Yes.\nSent from my {}", "x".repeat(length - "Sent from my ".len()));
    assert_new(&long(120), "Yes.");
    assert_new(&long(121), &long(121));
}

#[test]
fn thanks_and_stop_have_a_longest_form() {
    let words = |count: usize| format!("thanks, {}", vec!["ok"; count - 1].join(", "));
    assert!(is_thanks(&words(12)) && !is_thanks(&words(13)));
    let long = |length: usize| format!("thanks{}a", " ".repeat(length - 7));
    assert!(!is_thanks(&format!("thanks {}", "é".repeat(197))), "more than 400 bytes");
    assert!(is_thanks(&format!("thanks {}", "é".repeat(196))), "a name of 392 bytes");
    assert!(is_thanks(&long(400)) && !is_thanks(&long(401)));
    let stop = |blanks: usize| format!("please{}stop", " ".repeat(blanks));
    assert!(is_stop(&stop(90), "") && !is_stop(&stop(91), ""), "at most 100 bytes");
}

#[test]
fn each_sign_of_a_question_or_a_wish_ends_a_thanks() {
    for good in [
        "Thanks",
        "thanks!",
        "(thanks)",
        "thanks\u{3002}",
        "thanks \u{2014} Jo",
        "Ok; thanks: great",
        "thanks.",
    ] {
        assert!(is_thanks(good), "{good}");
    }
    for bad in [
        "thanks?",
        "thanks\u{ff1f}",
        "\u{bf}gracias",
        "thanks@",
        "thanks a/b",
        "thanks 2",
        "thanksgiving",
        "thanks Jo. Help",
        "Jo thanks",
        "Jo, thanks",
        "thanks, Jo, Ann",
        "thanks, Jo Ann",
        "ok",
        "great, Jo",
        "thanks but",
        "thanks, please",
        "thanks, urgent",
        "thanks stop",
        "...",
    ] {
        assert!(!is_thanks(bad), "{bad}");
    }
}

#[test]
fn a_message_with_a_file_says_neither_stop_nor_thanks() {
    for (text, stop, thanks) in [("stop", true, false), ("thanks", false, true), ("hello", false, false)] {
        let bare = email("", text);
        assert_eq!((bare.stop, bare.thanks), (stop, thanks), "{text}");
        let file = "Content-Type: a/b; name=f\r\n\r\nx".to_owned();
        let with_file = multipart("mixed", [format!("\r\n{text}"), file]);
        assert!(!with_file.stop && !with_file.thanks && with_file.files.len() == 1, "{text}");
        let answer = email(
            "Subject: Re: key",
            &format!("{text}\r\n\r\nOn 2 Mar 2026, Acme wrote:\r\n> Stop? Thanks!"),
        );
        assert_eq!((answer.stop, answer.thanks), (stop, thanks), "{text}: what is quoted says nothing");
    }
    let subject = email("Subject: unsubscribe", "");
    assert!(subject.stop && !subject.thanks);
    assert!(!email("Subject: unsubscribe", "How?").stop && !email("Subject: thanks", "").thanks);
}
