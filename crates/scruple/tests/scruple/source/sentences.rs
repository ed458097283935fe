//! Operations return no sentences for people: those are in the message catalogue, or in a template.

use crate::source::sources::{code, files, workspace};

/// How many words make a sentence.
const WORDS: usize = 4;

/// What may stand before a sentence that people don't read, each with the reason.
const BEFORE: [(&str, &str); 5] = [
    ("const NAME: &'static str = ", "the name of a transaction, for the log"),
    ("#[error(", "the text of an error, for the log"),
    (".expect(", "the reason why an error is impossible"),
    ("reason = ", "the reason for an exception from a lint"),
    ("Error::Unknown(", "the text of an error, for the log"),
];

const AUDITED: &str = "the name of an audit entry, which the audit chain covers";
const SIGNED: &str = "a part of a receipt, which its signature covers";
const FLAG: &str = "why staff check an order, as the order stores it";

/// How sentences begin that are stored or signed, each with the reason. They are names, in any language of the reader.
const STORED: [(&str, &str); 19] = [
    ("requested the magic link", AUDITED),
    ("requested a change of address", AUDITED),
    ("sent a message answered with the magic link", AUDITED),
    ("agreed to erasure on the portal", AUDITED),
    ("agreed to erasure to staff", AUDITED),
    ("the agreement came by e-mail", AUDITED),
    ("the agreement came by post", AUDITED),
    ("the agreement came by phone", AUDITED),
    ("the agreement was given in person", AUDITED),
    ("signing keys backed up", AUDITED),
    ("signing keys restored from their backup", AUDITED),
    ("reconciliation found two persons with one address", AUDITED),
    ("note on a chart removed", AUDITED),
    ("note on a chart written", AUDITED),
    ("{HEAD}\\nstore: {store}", SIGNED),
    ("removed, but not overwritten everywhere", SIGNED),
    ("This receipt says that one person asked for erasure", SIGNED),
    ("a discount without a renewal", FLAG),
    ("renews a licence that was revoked", FLAG),
];

/// Returns the string literals of Rust code, each with the code before it.
fn literals(code: &str) -> Vec<(&str, &str)> {
    let bytes = code.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b'/' if code[at..].starts_with("//") => at += code[at..].find('\n').unwrap_or(code.len() - at),
            // A character. A lifetime has no second quotation mark.
            b'\'' if code[at..].starts_with("'\\") => at += 4,
            b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 3,
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                found.push((&code[..start - 1], &code[start..at.min(code.len())]));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// Counts the words of a literal: no values in braces, no names such as `table.column`.
fn words(literal: &str) -> usize {
    let is_word = |word: &&str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-'))
    };
    literal.replace("\\n", " ").split_whitespace().filter(is_word).count()
}

/// Returns the sentences in Rust code that people could read, each on one line.
fn sentences(code: &str) -> Vec<String> {
    let is_read = |before: &str| {
        let before = before.trim_end();
        !BEFORE.iter().any(|(end, _)| before.ends_with(end.trim_end()))
    };
    let on_one_line = |literal: &str| {
        let words = literal.split_whitespace().filter(|word| *word != "\\");
        words.collect::<Vec<_>>().join(" ")
    };
    let found =
        literals(code).into_iter().filter(|(before, literal)| words(literal) >= WORDS && is_read(before));
    found.map(|(_, literal)| on_one_line(literal)).collect()
}

#[test]
fn operations_return_no_sentences_for_people() {
    let mut found: Vec<(String, String)> = Vec::new();
    for file in files(&workspace().join("crates/domain/src"), ".rs") {
        let name = file.strip_prefix(workspace()).unwrap().display().to_string();
        found.extend(sentences(&code(&file)).into_iter().map(|sentence| (name.clone(), sentence)));
    }
    let is_stored = |sentence: &String| STORED.iter().any(|(stored, _)| sentence.starts_with(stored));
    let wrong: Vec<_> = found.iter().filter(|(_, sentence)| !is_stored(sentence)).collect();
    assert!(
        wrong.is_empty(),
        "return an enum, and put its sentence into crates/message-catalogue: {wrong:#?}"
    );
    for (stored, reason) in STORED {
        assert!(found.iter().any(|(_, sentence)| sentence.starts_with(stored)), "gone: {stored} ({reason})");
    }
}

#[test]
fn a_sentence_is_found_in_code_and_nothing_else_is() {
    let sentence =
        r#"fn f<'a>(c: &'a str) -> String { if c == '"' { return "the text is empty".into(); } x("a.b") }"#;
    assert_eq!(sentences(sentence), ["the text is empty"]);
    let broken = "format!(\"{n} e-mails wait \\\n     for {why}, not \\\"sent\\\"\")";
    assert_eq!(sentences(broken), ["{n} e-mails wait for {why}, not \\\"sent\\\""]);
    for other in [
        "// It's \"the text is empty\" here.\n",
        "const NAME: &'static str = \"start a conversation once\";",
        "#[error(\"{0} is not a receipt at all\")]",
        "const ALL: &str = \"person.email person.name orders.payment message.body\";",
        "let c = '\\''; let d = \"three words only\"; let e = '\"'; let f = \"and three more\";",
        "claims.expect(\"the edition was checked before\")",
    ] {
        assert_eq!(sentences(other), [""; 0], "{other}");
    }
}
