//! The sample site, and a generated web server log of four weeks to import.

use std::error::Error;
use std::fmt::Write as _;

use calendar::Day;
use domain::statistics::{AddSite, Annotate, AnnotateOutcome, SiteOutcome};
use message_catalogue::English as _;
use store::{Actor, Db};

use super::folder::DemoFolder;

/// The id of the site.
pub const SITE: &str = "lantern";
const DAYS: i64 = 28;
const SINCE_RELEASE: i64 = 12;

/// Pages; a page is visited as often as it is listed.
const PAGES: [&str; 16] = [
    "/",
    "/",
    "/",
    "/",
    "/",
    "/studio",
    "/studio",
    "/studio",
    "/cloud",
    "/prices",
    "/prices",
    "/help",
    "/help/keys",
    "/news/8-2",
    "/?utm_source=newsletter&utm_campaign=autumn",
    "/download/lantern-8.2.dmg",
];
const REFERRERS: [&str; 6] = [
    "-",
    "-",
    "https://www.google.com/search?q=lantern+studio",
    "https://duckduckgo.com/",
    "https://news.ycombinator.com/",
    "https://lantern.example/",
];
const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
];

/// Adds a public site with a note about a release, and writes a log of the four weeks before today.
///
/// # Errors
/// If one of them is refused.
pub async fn seed(db: &Db, folder: &DemoFolder) -> Result<(), Box<dyn Error>> {
    let today = db.clock.today();
    let hosts = ["lantern.example".to_owned()];
    let site = AddSite { name: SITE, hosts: &hosts, zone: "UTC", public: true, actor: &Actor::System };
    let SiteOutcome::Done(site) = db.execute(&site).await? else { return Err("the site was refused".into()) };
    let (date, text) = (today - SINCE_RELEASE, "Lantern Studio 8.2 released");
    match db.execute(&Annotate { site: site.id, date, text, actor: &Actor::System }).await? {
        AnnotateOutcome::Done => folder.write_log(&lines(today)?),
        AnnotateOutcome::Refused(why) => Err(why.english().into()),
    }
}

/// Lines in Combined Log Format, from addresses for documentation (RFC 5737).
fn lines(today: Day) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for date in (today - DAYS).through(today - 1) {
        let (year, month, day) = date.to_date();
        let month = MONTHS[month as usize - 1];
        // Fewer visits at weekends, more after the release.
        let busy = if date >= date.monday() + 5 { 90 } else { 190 };
        let visits = if date >= today - SINCE_RELEASE { busy + busy / 2 } else { busy };
        for n in 0_i32..visits {
            let second = 86_400 * n / visits;
            let (hour, minute) = (second / 3600, second / 60 % 60);
            let mut random = mix(date.to_unix_days().cast_unsigned(), n.cast_unsigned());
            let mut one_of = |many: u64| {
                let one = (random >> 8) % many;
                random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                one as usize
            };
            let (net, host) = (["192.0.2", "198.51.100", "203.0.113"][one_of(3)], 1 + one_of(254));
            let (page, from) = (PAGES[one_of(16)], REFERRERS[one_of(6)]);
            let agent = AGENTS[one_of(21) / 5 % 5];
            writeln!(
                text,
                "{net}.{host} - - [{day:02}/{month}/{year}:{hour:02}:{minute:02}:{:02} +0000] \"GET {page} HTTP/1.1\" 200 \
                 4321 \"{from}\" \"{agent}\"",
                second % 60
            )?;
        }
    }
    Ok(text)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A hash of two numbers (the finalizer of splitmix64).
fn mix(date: u64, n: u32) -> u64 {
    let mut hash = (date << 32 | u64::from(n)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ (hash >> 27)
}
