//! A site whose visitors are counted, and a made-up server's log of four weeks to import.

use std::error::Error;
use std::fmt::Write as _;

use analytics::Date;
use domain::statistics::{AddSite, Annotate, Noted, Sited};
use store::{Actor, Db};

use super::folder::Folder;

/// The site's name, on the wire and in commands.
pub const SITE: &str = "lantern";
const DAYS: i32 = 28;
const SINCE_RELEASE: i32 = 12;

/// Pages, each as often as it stands here.
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
    "/?utm_source=letter&utm_campaign=autumn",
    "/download/lantern-8.2.dmg",
];
const REFERRERS: [&str; 6] = [
    "-",
    "-",
    "https://www.google.com/search?q=nobody+keeps+this",
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

/// Adds a site that everybody may see, notes a release on its chart, and lays down a log of the four weeks before today.
///
/// # Errors
/// When one of them isn't taken.
pub async fn lay_down(db: &Db, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let today = i32::try_from(db.clock.now().div_euclid(86_400))?;
    let hosts = ["lantern.example".to_owned()];
    let site = AddSite { name: SITE, hosts: &hosts, zone: "UTC", public: true, who: &Actor::System };
    let Sited::Done(site) = db.write(&site).await? else { return Err("the site was refused".into()) };
    let (date, text) = (Date(today - SINCE_RELEASE), "Lantern Studio 8.2 released");
    match db.write(&Annotate { site: site.id, date, text, who: &Actor::System }).await? {
        Noted::Done => folder.write_log(&lines(today)?),
        Noted::Refused(why) => Err(why.into()),
    }
}

/// Lines in the combined format, from addresses that belong to nobody (RFC 5737).
fn lines(today: i32) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for date in today - DAYS..today {
        let (year, month, day) = Date(date).parts();
        let month = MONTHS[month as usize - 1];
        // Fewer on Saturdays and Sundays, more since the release.
        let busy = if (date + 3).rem_euclid(7) > 4 { 90 } else { 190 };
        let visits = if date >= today - SINCE_RELEASE { busy + busy / 2 } else { busy };
        for n in 0_i32..visits {
            let second = 86_400 * n / visits;
            let (hour, minute) = (second / 3600, second / 60 % 60);
            let mut chance = mixed(date.cast_unsigned(), n.cast_unsigned());
            let mut one_of = |many: u64| {
                let one = (chance >> 8) % many;
                chance = chance.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
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

/// The same for the same two numbers, and like nothing else (splitmix64's finish).
fn mixed(date: u32, n: u32) -> u64 {
    let mut mixed = (u64::from(date) << 32 | u64::from(n)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}
