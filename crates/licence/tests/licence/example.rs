//! Runs the example `check_key` as a vendor's program runs: with a file of public keys, and keys good and bad.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::{env, fs};

use licence::{Claims, Day, Serial, SigningKey, Term};

/// Seeds of two shops, and of a signing key that follows the first shop's.
const SHOP: [u8; 32] = [1; 32];
const STRANGER: [u8; 32] = [2; 32];
const NEWER: [u8; 32] = [3; 32];
const BUILT: &str = "2026-03-01";

struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

/// The path of the example. Cargo builds examples with all tests of a crate, but not with one test target alone. Then it
/// is built here.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let tests = env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    let built = profile.join("examples/check_key").with_extension(env::consts::EXE_EXTENSION);
    if !built.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "licence", "--example", "check_key", "--target-dir"]);
        build.arg(profile.parent().unwrap());
        build.args(profile.ends_with("release").then_some("--release"));
        assert!(build.status().unwrap().success(), "the example does not build");
    }
    built
});

fn run(arguments: &[&str], input: &str) -> Outcome {
    let mut child = Command::new(&*PROGRAM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read its input.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let done = child.wait_with_output().unwrap();
    Outcome {
        code: done.status.code().unwrap(),
        stdout: String::from_utf8(done.stdout).unwrap(),
        stderr: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Writes a file of public keys as `scruple licence keys export --public` does, and returns its path.
fn public_keys(name: &str, keys: &[(u8, [u8; 32])]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.txt"));
    let lines =
        keys.iter().map(|(id, seed)| format!("{}\n", SigningKey::from_seed(*id, seed).unwrap().public()));
    fs::write(&path, format!("# the shop's public keys\n\n{}", lines.collect::<String>())).unwrap();
    path.to_str().unwrap().to_owned()
}

fn claims(term: Term) -> Claims {
    Claims {
        signing_key: 1,
        product: 7,
        edition: 2,
        term,
        seats: 5,
        serial: "V1S4-9KQX".parse::<Serial>().unwrap(),
    }
}

fn signed(claims: &Claims, seed: &[u8; 32]) -> String {
    SigningKey::from_seed(claims.signing_key, seed).unwrap().sign(claims).unwrap().to_string()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn a_good_key_shows_its_claims() {
    let keys = public_keys("good", &[(1, SHOP), (2, NEWER)]);
    for (term, shown) in [
        (Term::Forever, "no end, every build"),
        (Term::UpdatesUntil(day(BUILT)), "no end, builds up to 2026-03-01"),
        (Term::Ends(Day::LAST), "ends after 2203-06-07"),
    ] {
        let text = signed(&claims(term), &SHOP);
        let expected = format!("licence V1S4-9KQX\nedition 2\nseats   5\nterm    {shown}\n");
        let typed = text.to_lowercase().replace('-', " ");
        for done in [run(&[&keys, "7", BUILT, &text], ""), run(&[&keys, "7", BUILT], &typed)] {
            assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, expected.as_str(), ""));
        }
    }
    let unlimited = signed(&Claims { seats: 0, signing_key: 2, ..claims(Term::Forever) }, &NEWER);
    let done = run(&[&keys, "7", BUILT, &unlimited], "");
    assert!(done.code == 0 && done.stdout.contains("seats   no limit\n"), "{}{}", done.stdout, done.stderr);
}

#[test]
fn a_bad_key_is_refused_with_its_reason() {
    let keys = public_keys("refusing", &[(1, SHOP)]);
    let another_shop = public_keys("another-shop", &[(1, STRANGER)]);
    let only_newer = public_keys("only-newer", &[(2, NEWER)]);
    let good = signed(&claims(Term::Forever), &SHOP);
    let at = |index: usize, symbol: &str| format!("{}{symbol}{}", &good[..index], &good[index + 1..]);
    let other = |symbol| if &good[40..41] == symbol { "0" } else { symbol };
    let not_genuine = "this licence key is mistyped or not genuine";
    for (name, keys, text, sentence) in [
        ("mistyped", &keys, at(40, other("1")), not_genuine),
        (
            "a symbol that no key has",
            &keys,
            at(40, "U"),
            "character 35, not counting spaces and dashes, is not allowed",
        ),
        ("cut off", &keys, good[..good.len() - 3].to_owned(), "it has 120 letters and digits instead of 122"),
        ("nothing", &keys, String::new(), "it has 0 letters and digits instead of 122"),
        ("an address", &keys, "anna@example.org".to_owned(), "is not allowed"),
        ("forged", &keys, signed(&claims(Term::Forever), &STRANGER), not_genuine),
        ("public keys of another shop", &another_shop, good.clone(), not_genuine),
        (
            "public keys without this signing key",
            &only_newer,
            good.clone(),
            "signed with a key (1) that this program doesn't know",
        ),
        (
            "another product",
            &keys,
            signed(&Claims { product: 8, ..claims(Term::Forever) }, &SHOP),
            "is for product 8, not for product 7",
        ),
        (
            "ended",
            &keys,
            signed(&claims(Term::Ends(day("2024-02-29"))), &SHOP),
            "this licence ended; its last day was 2024-02-29",
        ),
        (
            "updates over",
            &keys,
            signed(&claims(Term::UpdatesUntil(day("2026-02-28"))), &SHOP),
            "covers releases up to 2026-02-28",
        ),
    ] {
        let done = run(&[keys, "7", BUILT], &text);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{name}: {}", done.stderr);
        assert!(
            done.stderr.contains(sentence) && done.stderr.lines().count() == 1,
            "{name}: {}",
            done.stderr
        );
        assert!(
            !done.stderr.contains("anna") && !done.stderr.contains(&good[..11]),
            "{name}: {}",
            done.stderr
        );
    }
}

#[test]
fn without_proper_arguments_no_key_is_checked() {
    let keys = public_keys("misused", &[(1, SHOP)]);
    let none = public_keys("none", &[]);
    let good = signed(&claims(Term::Forever), &SHOP);
    let usage = "usage: check_key";
    for (arguments, sentence) in [
        (vec![], usage),
        (vec![keys.as_str()], usage),
        (vec![&keys, "7"], usage),
        (vec![&keys, "7", BUILT, &good, &good], usage),
        (vec![&keys, "256", BUILT, &good], "a product is a number from 0 to 255"),
        (vec![&keys, "seven", BUILT, &good], "a product is a number from 0 to 255"),
        (vec![&keys, "7", "2026-02-30", &good], "BUILD_DAY is not a day"),
        (vec!["missing.txt", "7", BUILT, &good], "missing.txt: "),
        (vec![&none, "7", BUILT, &good], "there is no public key in this file"),
    ] {
        let done = run(&arguments, &good);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(sentence), "{arguments:?}: {}", done.stderr);
    }
}
