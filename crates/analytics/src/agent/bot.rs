//! Whether a user agent speaks for a machine alone: crawlers, previews of links, monitors, libraries, tools.
//!
//! Two looks. What it says of itself: words that machines use and browsers don't. And its shape: for twenty years every
//! browser has called itself `Mozilla/5.0 (platform) …`, so what doesn't is a machine unless it is an old browser that
//! `facts/machines.tsv` names. Measured in `tests/agents.rs`; when in doubt, a browser counts, since one forgotten crawler is
//! noise, but a browser that is never counted is a wrong picture.

use std::sync::LazyLock;

/// Shorter is no browser's.
const SHORTEST: usize = 12;

/// Longer is nobody's who means well.
const LONGEST: usize = 2_048;

/// `facts/machines.tsv`.
struct Words {
    says: Vec<&'static str>,
    begins: Vec<&'static str>,
    platform: Vec<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |kind: &str| {
        let lines = include_str!("../facts/machines.tsv").lines().filter_map(|line| line.split_once('\t'));
        lines.filter(|(of, _)| *of == kind).flat_map(|(_, words)| words.split('|')).collect()
    };
    Words { says: of("says"), begins: of("begins"), platform: of("platform") }
});

/// Whether no person sits behind this user agent.
pub fn is_bot(agent: &str) -> bool {
    let agent = agent.trim();
    if !(SHORTEST..=LONGEST).contains(&agent.len()) {
        return true;
    }
    let small = agent.to_ascii_lowercase();
    says_so(&small) || !has_the_shape(&small)
}

fn says_so(small: &str) -> bool {
    let found = |word: &&str| memchr::memmem::find(small.as_bytes(), word.as_bytes()).is_some();
    has_bot(small) || has_mail_address(small) || WORDS.says.iter().any(found)
}

/// `bot`, but neither the telephones called CUBOT nor a carrier in Botswana.
fn has_bot(small: &str) -> bool {
    small
        .match_indices("bot")
        .any(|(at, _)| !small[..at].ends_with("cu") && !small[at..].starts_with("botswana"))
}

/// An address to complain to.
fn has_mail_address(small: &str) -> bool {
    small.match_indices('@').any(|(at, _)| {
        let after =
            small[at + 1..].split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).next();
        after
            .and_then(|host| host.rsplit_once('.'))
            .is_some_and(|(_, top)| top.bytes().any(|byte| byte.is_ascii_alphabetic()))
    })
}

/// `mozilla/5.0 (platform)`, or one of the old ones.
fn has_the_shape(small: &str) -> bool {
    if WORDS.begins.iter().any(|browser| small.starts_with(*browser)) {
        return true;
    }
    let Some(rest) = small.strip_prefix("mozilla/") else { return false };
    let Some((_, brackets)) = rest.split_once('(') else { return false };
    let brackets = brackets.split(')').next().unwrap_or("");
    let named = WORDS.platform.iter().any(|platform| brackets.contains(*platform));
    let compatible = brackets.starts_with("compatible");
    // Only Internet Explorer and Konqueror are `compatible`; a crawler in disguise is so in second place.
    let alone = small.split("(compatible").count() > 1
        && !["msie", "konqueror", "netfront", "googletoolbar"].iter().any(|one| small.contains(one));
    (named || compatible || brackets.contains("u;")) && !alone
}
