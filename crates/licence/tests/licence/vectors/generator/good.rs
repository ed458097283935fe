//! Keys that are accepted: limits of every field, and every notation.

use licence::{Claims, Day, Term};

use super::{Vector, claims, day, good, key_text, line, serial, spelled};
use crate::vectors::forge;

pub fn all() -> Vec<Vector> {
    [fields(), days(), spellings(), signing_keys()].concat()
}

fn fields() -> Vec<Vector> {
    let base = claims();
    vec![
        good("an ordinary key", &base),
        good("no seats named, which is no limit", &Claims { seats: 0, ..base }),
        good("one seat", &Claims { seats: 1, ..base }),
        good("65535 seats", &Claims { seats: 65_535, ..base }),
        good("the lowest edition", &Claims { edition: 0, ..base }),
        good("the highest edition", &Claims { edition: 127, ..base }),
        good("the lowest product", &Claims { product: 0, ..base }).of_product(0),
        good("the highest product", &Claims { product: 255, ..base }).of_product(255),
        good("a serial of zeros", &Claims { serial: serial("0000-0000"), ..base }),
        good("a serial of ones", &Claims { serial: serial("ZZZZ-ZZZZ"), ..base }),
    ]
}

fn days() -> Vec<Vector> {
    let base = claims();
    let term = |term| Claims { term, ..base };
    vec![
        good("a licence for ever, for a build of the last day there is", &term(Term::Forever))
            .on("2203-06-07")
            .built(Some("2203-06-07")),
        good("a build made on the last day of updates", &base).built(Some("2026-12-31")),
        good("updates are over, but the build is older", &base).on("2040-01-01"),
        good("updates are over, but the build is not checked", &base).on("2040-01-01").built(None),
        good("updates until the first day there is", &term(Term::UpdatesUntil(Day::FIRST)))
            .built(Some("2024-01-02")),
        good("updates until the last day there is", &term(Term::UpdatesUntil(Day::LAST)))
            .built(Some("2203-06-07")),
        good("a subscription on its last day", &term(Term::Ends(day("2026-03-01")))),
        good("a subscription is good for a build made after its end", &term(Term::Ends(day("2026-03-01"))))
            .built(Some("2027-01-01")),
        good("a subscription that ends on the last day there is", &term(Term::Ends(Day::LAST)))
            .on("2203-06-07"),
        good("a leap day is the last", &term(Term::Ends(day("2028-02-29")))).on("2028-02-29"),
    ]
}

fn spellings() -> Vec<Vector> {
    let base = claims();
    let text = key_text(&base);
    let look_alikes: String = text
        .chars()
        .enumerate()
        .map(|(position, symbol)| match symbol {
            '0' if position % 2 == 0 => 'O',
            '0' => 'o',
            '1' => ['I', 'i', 'L', 'l'][position % 4],
            other => other,
        })
        .collect();
    assert_ne!(look_alikes, text);
    let spread: String = text.replace('-', "").chars().flat_map(|symbol| [symbol, '\u{A0}']).collect();
    let cases = text.chars().enumerate().map(|(position, symbol)| match position % 2 {
        0 => symbol.to_ascii_lowercase(),
        _ => symbol,
    });
    let of = |name: &str, key: String| spelled(name, key, &base);
    vec![
        of("in small letters", text.to_lowercase()),
        of("in mixed letters", cases.collect()),
        of("without dashes", text.replace('-', "")),
        of("with spaces for dashes", text.replace('-', " ")),
        of("with a no-break space after every symbol", spread),
        of("broken into lines as a mail program does", text.replace("-", "-\r\n> ").replace("> ", "\t")),
        of("with the dashes of a word processor", text.replace('-', "\u{2013}")),
        of(
            "with minus signs and long dashes",
            text.replacen('-', "\u{2212}", 9).replacen('-', "\u{2014}", 9),
        ),
        of(
            "with invisible marks of a web page",
            format!("\u{FEFF}{}\u{200B}\u{AD}", text.replace('-', "\u{200B}")),
        ),
        of("with white space around it", format!(" \n\t{text}\r\n\u{3000}")),
        of("with O for 0 and I and L for 1", look_alikes),
    ]
}

fn signing_keys() -> Vec<Vector> {
    let base = claims();
    let by = |signing_key| Claims { signing_key, ..base };
    let shop = forge::public(forge::SHOP);
    vec![
        good("signed with the newer of two signing keys", &by(2)),
        good("signing key 0", &by(0)).trusting(line(0, &shop)),
        good("signing key 15", &by(15)).trusting(line(15, &shop)),
        good("public keys with notes, blank lines and capitals", &base).trusting(format!(
            "# the shop's\r\n\r\n  {}\n#end",
            line(1, &shop).trim().replace(&forge::hex(&shop), &forge::hex(&shop).to_uppercase())
        )),
    ]
}
