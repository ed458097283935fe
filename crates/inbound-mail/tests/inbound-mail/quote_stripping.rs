//! Separation of new text, quotes and signature; recognition of thanks and stop.

use inbound_mail::{is_stop, is_thanks, strip_quotes};

fn parts(text: &str) -> (String, String, String) {
    let stripped = strip_quotes(text);
    (stripped.new.to_string(), stripped.quoted.to_string(), stripped.signature.to_string())
}

fn new(text: &str) -> String {
    parts(text).0
}

#[test]
fn a_top_posted_reply_is_separated_from_its_history() {
    let (new, quoted, signature) = parts(
        "Yes.\n\n-- \nJo\nBerlin\n\nOn Mon, 2 Mar 2026 at 10:00, Acme <s@desk.example.org> wrote:\n> Shall we?\n> Really?\n",
    );
    assert_eq!(new, "Yes.");
    assert!(quoted.starts_with("On Mon") && quoted.ends_with("> Really?"), "{quoted}");
    assert_eq!(signature, "-- \nJo\nBerlin".replace("-- \n", "--\n"));
}

#[test]
fn attributions_are_recognised_in_many_languages_even_over_several_lines() {
    for line in [
        "On 2026-03-02 10:00, Acme wrote:",
        "On Mon, Mar 2, 2026 at 10:00 AM Acme Support <support@desk.example.org>\nwrote:",
        "Am 02.03.2026 um 10:00 schrieb Acme Support:",
        "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Acme <\nsupport@desk.example.org>:",
        "Le 02/03/2026 à 10:00, Acme a écrit :",
        "Le lun. 2 mars 2026 à 10:00, Acme <s@desk.example.org> a écrit\u{a0}:",
        "El lun, 2 mar 2026 a las 10:00, Acme (<s@desk.example.org>) escribió:",
        "Il giorno lun 2 mar 2026 alle ore 10:00 Acme <s@desk.example.org> ha scritto:",
        "Em seg., 2 de mar. de 2026 às 10:00, Acme <s@desk.example.org> escreveu:",
        "Op ma 2 mrt 2026 om 10:00 schreef Acme <s@desk.example.org>:",
        "W dniu 2.03.2026 o 10:00, Acme napisał(a):",
        "pon., 2 mar 2026 o 10:00 Acme <s@desk.example.org> napisał(a):",
        "Den mån 2 mars 2026 kl 10:00 skrev Acme <s@desk.example.org>:",
        "Acme wrote on 2026-03-02:",
        "* Acme <s@desk.example.org> [2026-03-02 10:00] wrote:",
    ] {
        let (fresh, quoted, _) = parts(&format!("Yes.\n\n{line}\n> Shall we?\n"));
        let last = line.lines().last().unwrap();
        assert!(quoted.contains(last), "{line}: not quoted: {fresh}");
        assert!(fresh.starts_with("Yes."), "{line}");
    }
}

#[test]
fn unmarked_history_is_recognised_by_the_lines_above_it() {
    for above in [
        "-----Original Message-----\nFrom: Acme\nSent: Monday",
        "-----Ursprüngliche Nachricht-----\nVon: Acme",
        "-------- Message d'origine --------\nDe : Acme",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Mensagem original-----",
        "-----Oorspronkelijk bericht-----",
        "-----Wiadomość oryginalna-----",
        "-----Ursprungligt meddelande-----",
        "---------- Forwarded message ---------",
        "From: Acme <s@desk.example.org>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Jo <jo@example.com>\nSubject: Re: key",
        "*Von:* Acme\n*Gesendet:* Montag, 2. März 2026 10:00\n*An:* Jo\n*Betreff:* Re: key",
        "De : Acme\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Jo\nObjet : Re: key",
        "________________________________\nVan: Acme\nVerzonden: maandag 2 maart 2026\nAan: Jo\nOnderwerp: Re: key",
        "Od: Acme\nWysłano: poniedziałek, 2 marca 2026\nDo: Jo\nTemat: Re: key",
        "Från: Acme\nSkickat: den 2 mars 2026\nTill: Jo\nÄmne: Re: key",
        "On Mon, 2 Mar 2026, Acme <s@desk.example.org> wrote:\n",
    ] {
        let (fresh, quoted, _) = parts(&format!("Yes.\n\nJo\n\n{above}\n\nShall we?\nAcme\n"));
        assert_eq!(fresh, "Yes.\n\nJo", "{above}");
        assert!(quoted.contains(above.lines().next().unwrap()) && quoted.ends_with("Acme"), "{above}");
    }
}

#[test]
fn inline_answers_are_kept_with_their_quotes() {
    let text =
        "Acme wrote on 2026-03-02:\n> Which version?\n\n2.3\n\n> Which system?\n\nDebian\n\n> Thanks.\n";
    let (new, quoted, _) = parts(text);
    assert_eq!(new, "> Which version?\n\n2.3\n\n> Which system?\n\nDebian");
    assert!(quoted.contains("Acme wrote") && quoted.contains("> Thanks."));
    assert_eq!(
        self::new("Acme wrote on 2026-03-02:\n> One\n> Two\n\nAn answer below.\n"),
        "An answer below."
    );
    assert_eq!(self::new("You asked:\n> Which version?\n2.3\n"), "You asked:\n> Which version?\n2.3");
}

#[test]
fn without_new_text_everything_is_new() {
    assert_eq!(new("> only\n> quoted"), "> only\n> quoted");
    assert_eq!(
        new("-----Original Message-----\nFrom: Acme\n\ntext"),
        "-----Original Message-----\nFrom: Acme\n\ntext"
    );
    assert_eq!(new("-- \nJo"), "--\nJo");
    assert_eq!(parts(""), (String::new(), String::new(), String::new()));
}

#[test]
fn ordinary_sentences_are_not_history() {
    for text in [
        "On Monday I wrote: nothing.\nBut then it crashed.",
        "From: where do I get the key?\nTo: whom do I write?",
        "The log says:\n----------\nerror\n----------\nWhat now?",
        "a -- b\n--option is unknown\nhelp",
        "I sent it from my desk.\nPlease look.",
        "Am Ende schrieb er:\nnichts",
    ] {
        assert_eq!(new(text), text);
    }
}

#[test]
fn lines_added_by_telephones_are_footers() {
    for footer in [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Enviado do meu iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Wysłane z iPhone'a",
        "Skickat från min iPhone",
        "Get Outlook for Android",
        "Gesendet mit der GMX Mail App",
        "-- \nSent with K-9 Mail",
    ] {
        let (new, _, signature) = parts(&format!("Yes please\n\n{footer}\n"));
        assert!(new == "Yes please" && !signature.is_empty(), "{footer}");
    }
}

#[test]
fn a_thanks_is_short_and_asks_no_question() {
    for text in [
        "Thanks!",
        "thank you",
        "Thank you so much.",
        "Thanks a lot, Anna",
        "Hi Anna,\n\nthanks for your help!\n\nBest regards\nJo",
        "Ok, thanks",
        "Vielen Dank!",
        "Danke für die schnelle Antwort.\n\nViele Grüße\nJo",
        "Merci beaucoup !",
        "Muchas gracias.",
        "Grazie mille!",
        "Obrigado",
        "Bedankt!",
        "Dziękuję bardzo",
        "Tack så mycket!",
        "Perfect, thank you!",
        "It works now. Thanks!",
        "THANKS",
        "Thx",
        "ありがとうございます。",
        "Hallo, besten Dank",
        "🙏 thanks 🙏",
    ] {
        assert!(is_thanks(text), "{text}");
    }
    for text in [
        "",
        "Thanks, but it still crashes",
        "Thanks. Does it work on Linux?",
        "No thanks, refund please",
        "Thanks for nothing",
        "Thank you for your help, however I want a refund",
        "Thanks, please cancel",
        "Thanks! Order 4711",
        "Danke, aber es geht nicht",
        "Thanks\nhttps://example.com",
        "I want my money back. Thanks",
        "Thanks, refund",
        "hello",
        "Thanks for the key. I installed it on two machines and now the second one shows an error.",
        "Thanks in advance",
        "Merci de me rembourser",
    ] {
        assert!(!is_thanks(text), "{text}");
    }
}

#[test]
fn a_stop_says_only_stop() {
    for (text, subject) in [
        ("stop", ""),
        ("STOP.", "Re: key"),
        ("Please unsubscribe me", ""),
        ("Unsubscribe", ""),
        ("", "unsubscribe"),
        ("abmelden", ""),
        ("Désinscription", ""),
        (" stop!\n", ""),
        ("Remove me", ""),
    ] {
        assert!(is_stop(text, subject), "{text}");
    }
    for (text, subject) in [
        ("", ""),
        ("It will not stop", ""),
        ("hello", "unsubscribe"),
        ("How do I unsubscribe?", ""),
        ("stop the renewal of order 4711", ""),
        ("", "stop code 0x7b"),
    ] {
        assert!(!is_stop(text, subject), "{text}");
    }
}
