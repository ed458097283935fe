//! Tests the spam filter with sample messages of the kinds that contact forms get. Nine in ten messages of bots are held.
//! Of people's messages, only those with a link from a browser without JavaScript or from an expired form are held.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use calendar::Timestamp;
use keyring::{Keyring, StaticShare, StoreId};

use super::{SpamFilter, Submission};

/// How a sender fills in the form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// Sends fields from a list, without ever having fetched the form.
    Blind,
    /// Fetches the form and fills in every field at once.
    Fills,
    /// Leaves the honeypot empty, but takes no time.
    Hasty,
    /// Waits, leaves the honeypot empty, runs no script.
    Patient,
    /// A complete browser under the control of a program, which solves the challenge.
    Browser,
    /// Sends a form that was fetched days ago.
    Stale,
    /// A person with JavaScript, this many seconds after the page was loaded.
    Person(i64),
    /// A person without JavaScript.
    Plain(i64),
}
use Sender::{Blind, Browser, Fills, Hasty, Patient, Person, Plain, Stale};

const BOTS: &[(Sender, &str)] = &[
    (Blind, "Hello, I can bring your website to the first page of search. Reply for prices."),
    (Blind, "Earn 5000 a week from home: http://quick.example/x"),
    (Blind, "test"),
    (Blind, "<a href=\"http://pills.example\">buy now</a>"),
    (Blind, "[url=http://casino.example]casino[/url] [link=http://casino.example]casino[/link]"),
    (Blind, "Dear sir, I am the lawyer of a deceased client who left 10.5 million."),
    (Blind, "1' OR '1'='1"),
    (Blind, "${jndi:ldap://x.example/a}"),
    (Blind, "Your domain expires today! Renew at www.domain-renewal.example"),
    (Blind, "Hi! I noticed that your site has 14 errors. May I send you a report?"),
    (Fills, "We offer guest posts on high authority sites. Interested?"),
    (Fills, "Crypto signals, 97 % right, t.me/moonsignals"),
    (Fills, "I love your blog, very informative, thanks for sharing."),
    (Fills, "Купить диплом недорого, пишите"),
    (Fills, "Replica watches at half price, free shipping worldwide"),
    (Fills, "Need a business loan? 3 % interest, no questions."),
    (Fills, "We build mobile apps from 999. Portfolio: https://apps.example"),
    (Fills, "asdfgh qwerty zxcvbn"),
    (Fills, "Hot singles near you bit.ly/2abcd"),
    (Fills, "Get 10,000 followers today"),
    (Hasty, "Our team of SEO experts guarantees rank one"),
    (Hasty, "See this video about your company https://video.example/watch"),
    (Hasty, "Good day, kindly quote 500 pieces of your product"),
    (Hasty, "Weight loss gummies slimfast.shop"),
    (Hasty, "Data entry outsourcing, 2 dollars an hour, 24/7"),
    (Hasty, "You have won! Claim at prize-center.top/claim"),
    (Hasty, "Cheap backlinks, DA 50+"),
    (Hasty, "We found your images used without a licence: https://evidence.example/case.zip"),
    (Patient, "Please have a look at https://seo-audit.example/free"),
    (Patient, "best casino bonus: luckyspin.club"),
    (Patient, "I wrote about software like yours, see www.topten.example/list"),
    (Patient, "Buy verified reviews >> trust5.xyz <<"),
    (Patient, "Онлайн казино: http://igra.example"),
    (Patient, "[url=https://rx.example]online pharmacy[/url]"),
    (Patient, "Dear owner, our directory lists you: directory-listing.com/claim?id=7"),
    (Patient, "Invest in AI trading: hxxps://profit.example"),
    (Stale, "Rank higher on maps. Reply yes."),
    (Stale, "Affordable explainer videos from 49"),
    (Stale, "Hi, are you the owner of this website?"),
    (Stale, "Wholesale LED lights, factory price"),
    // These pass: nothing distinguishes them from a person's short question.
    (Patient, "Hello, do you sell link placements? Write to deals at mail dot example"),
    (Browser, "We do SEO: https://rank.example"),
    (Browser, "Grow your business with our leads, leads.example.com/start"),
];

const PEOPLE: &[(Sender, &str)] = &[
    (Person(40), "I have lost my key. The order was 1001."),
    (Person(7), "Do you have a version for Linux?"),
    (
        Person(600),
        "It crashes here:\nthread 'main' panicked at src/render.rs:141:9\n  at https://docs.example/panic",
    ),
    (Person(90), "Your page https://lantern.example/download gives an error 404."),
    (Person(3600), "I wrote this while I was on the phone. My question: can I use it on two computers?"),
    (Person(80_000), "This page was open over night. Where do I find the export?"),
    (Person(15), "Rechnung bitte auf die Firma umschreiben, danke."),
    (Person(120), "Bonjour, la mise à jour ne s’installe pas."),
    (Person(300), "See screenshot at https://pictures.example/abc123.png, third button from the left."),
    (Person(25), "refund please"),
    (Person(60), "When I open http://localhost:8470 nothing comes. Which port is it?"),
    (Person(45), "Is there a discount for schools? Our site is www.school.example"),
    (Person(4), "thanks!"),
    (
        Person(200),
        "Error: System.IO.FileNotFoundException: settings.json\n   at Lantern.Start(String[] args)",
    ),
    (Person(75), "I am blind and use a screen reader: the third tab has no name."),
    (Person(33), "The colours on my monitor are wrong since version 3.2."),
    (Person(18), "你好，请问有中文版吗？"),
    (
        Person(500),
        "proxy.corp.example.com:3128 refuses. Which hosts must be open? update.lantern.example.com?",
    ),
    (Person(66), "Please delete my data."),
    (Person(50), "Can you send me the invoice for 2025 again? My address is ada@example.com."),
    (Plain(40), "I have switched JavaScript off and still wanted to say: well done."),
    (Plain(3), "Hi"),
    (Plain(300), "lantern.exe has stopped working. Faulting module: ntdll.dll, version 10.0.19041.1"),
    (Plain(120), "Where is the manual? The menu says Help > Manual, but nothing happens."),
    (
        Plain(900),
        "[2026-11-20 10:31:05] ERROR db.open failed: C:\\Users\\ada\\AppData\\Local\\lantern.db (code 14)",
    ),
    (Plain(70), "My licence number is 0K7W-2M9D. The program says that it is unknown."),
    (Plain(30), "Könnten Sie mir bitte den Schlüssel noch einmal schicken?"),
    (Plain(45_000), "I type slowly, with one finger. The letter from you never came."),
    (Plain(20), "e.g. the file a.b.c isn't read, i.e. dots in names are a problem."),
    (Plain(60), "GET /v1/check HTTP/1.1 -> 500, since this morning"),
    (Plain(200), "Please reply to ada.lovelace+lantern@example.com, not to the old address."),
    (Plain(44), "Is it 49.00 or 59.00? The page and the checkout differ."),
    (Plain(86_000), "Left this tab open all day, sorry. Is there a volume licence?"),
    (Plain(10), "?"),
    (Plain(130), "ASP.NET Core 8 project, lantern-sdk 2.1.0: NullReferenceException in System.Net.Http"),
    (Plain(77), "I bought two by mistake. May I have one back?"),
    (Plain(55), "Il programma non si avvia dopo l'aggiornamento a Windows 11."),
    (Plain(61), "libm.so.6 => not found; ldd says glibc 2.31"),
    // These are held and so answered later: a link without a proof of work, and an expired form.
    (Plain(95), "The page https://lantern.example/buy shows no price without JavaScript."),
    (Plain(300_000), "I began this on Monday."),
];

fn keyring(folder: &std::path::Path) -> Keyring {
    Keyring::create(&[folder.join("keyring")], StaticShare::none(), StoreId([7; 16])).unwrap()
}

fn proof_of_work(challenge: &str) -> String {
    let challenge: Challenge = serde_json::from_str(challenge).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
    serde_json::to_string(&Payload { challenge, solution }).unwrap()
}

/// Sends a message and returns whether it is held.
fn held(filter: &SpamFilter, keyring: &Keyring, sender: Sender, text: &str) -> bool {
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let (waited, honeypot, works) = match sender {
        Blind | Fills => (0, "http://me.example", false),
        Hasty => (1, "", false),
        Patient => (20, "", false),
        Browser => (20, "", true),
        Stale => (200_000, "", false),
        Person(seconds) => (seconds, "", true),
        Plain(seconds) => (seconds, "", false),
    };
    let form_tokens = filter.form_tokens(keyring, now - waited).unwrap();
    let proof_of_work = if works { proof_of_work(&form_tokens.challenge) } else { String::new() };
    // A bot that never fetched the form does not know the honeypot either.
    let (issued_at, honeypot) = if sender == Blind { ("", "") } else { (&*form_tokens.issued_at, honeypot) };
    filter
        .is_suspect(keyring, now, &Submission { honeypot, issued_at, proof_of_work: &proof_of_work, text })
        .unwrap()
}

#[test]
fn nine_in_ten_bots_are_held_and_people_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, filter) = (keyring(folder.path()), SpamFilter::new(1000));
    assert!(BOTS.len() >= 40 && PEOPLE.len() >= 40);
    let passed_at: Vec<_> =
        BOTS.iter().filter(|(sender, text)| !held(&filter, &keyring, *sender, text)).collect();
    assert!(passed_at.len() * 10 <= BOTS.len(), "{} of {} pass", passed_at.len(), BOTS.len());
    let kept: Vec<_> =
        PEOPLE.iter().filter(|(sender, text)| held(&filter, &keyring, *sender, text)).collect();
    let texts: Vec<_> = kept.iter().map(|(_, text)| *text).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
}

#[test]
fn messages_above_the_hourly_limit_are_held_and_suspects_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, filter) = (keyring(folder.path()), SpamFilter::new(3));
    let at = |now: i64, honeypot: &str| {
        let now = Timestamp::from_unix_seconds(now);
        let issued_at = filter.form_tokens(&keyring, now - 30).unwrap().issued_at;
        filter
            .is_suspect(
                &keyring,
                now,
                &Submission { honeypot, issued_at: &issued_at, proof_of_work: "", text: "a question" },
            )
            .unwrap()
    };
    assert!((0..50).all(|n| at(1000 + n, "filled")));
    assert_eq!([1100, 1101, 1102, 1103, 1104].map(|now| at(now, "")), [false, false, false, true, true]);
    assert_eq!(
        [1100 + 3600, 1100 + 3600].map(|now| at(now, "")),
        [false, true],
        "an hour later another message passes"
    );
}

#[test]
fn files_above_a_gigabyte_an_hour_are_refused() {
    let (filter, at) = (SpamFilter::new(100), Timestamp::from_unix_seconds);
    let taken = (0..200).take_while(|n| {
        let has_hourly_room = filter.accepts_files(at(1000 + n));
        filter.record_file(at(1000 + n), 25 * 1024 * 1024);
        has_hourly_room
    });
    assert_eq!(taken.count(), 41);
    assert!(!filter.accepts_files(at(4000)) && filter.accepts_files(at(1041 + 3600)));
}

#[test]
fn a_solved_challenge_counts_once_and_a_foreign_one_never() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, filter) = (keyring(folder.path()), SpamFilter::new(100));
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let form_tokens = filter.form_tokens(&keyring, now).unwrap();
    let good = proof_of_work(&form_tokens.challenge);
    let sent = |filter: &SpamFilter, proof_of_work: &str, after: i64| {
        let text = "https://pictures.example";
        filter
            .is_suspect(
                &keyring,
                now + after,
                &Submission { honeypot: "", issued_at: &form_tokens.issued_at, proof_of_work, text },
            )
            .unwrap()
    };
    assert!(!sent(&filter, &good, 10));
    assert!(sent(&filter, &good, 11), "a second time");
    let harder = good.replace("\"cost\":2,", "\"cost\":1,");
    assert!(harder != good && sent(&filter, &harder, 10), "changed");
    for strange in
        ["", "{}", "null", "{\"challenge\":{},\"solution\":{}}", &"[".repeat(4000), &"x".repeat(10_000)]
    {
        assert!(sent(&filter, strange, 10));
    }
    // After a restart, used challenges are forgotten, but issued ones are still valid.
    assert!(!sent(&SpamFilter::new(100), &good, 10));
    assert!(sent(&SpamFilter::new(100), &good, 86_401), "too late");
}

#[test]
fn the_time_of_issue_cannot_be_forged() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, filter) = (keyring(folder.path()), SpamFilter::new(100));
    let now = Timestamp::from_unix_seconds(5000);
    let issued_at = filter.form_tokens(&keyring, now).unwrap().issued_at;
    let earlier = issued_at.replace("5000", "4000");
    let huge = format!("{}-{}", i64::MIN, "0".repeat(32));
    for (issued_at, held) in
        [(&*issued_at, false), (&earlier, true), ("", true), ("4000", true), ("-", true), (&huge, true)]
    {
        let filled = Submission { honeypot: "", issued_at, proof_of_work: "", text: "a question" };
        assert_eq!(filter.is_suspect(&keyring, now + 10, &filled).unwrap(), held, "{issued_at}");
    }
}
