//! Detects bots: crawlers, link previews, monitors, libraries, tools.
//!
//! Two checks. First the user agent's own declaration: words that bots use and browsers don't. Then its format: for
//! twenty years every browser has called itself `Mozilla/5.0 (platform) …`, so anything else is a bot, unless it is an
//! old browser that `facts/bots.tsv` names. `tests/analytics/user_agents.rs` measures both. When in doubt it is a browser: a
//! missed crawler is noise, but a browser that is never counted distorts the statistics.

use std::sync::LazyLock;

/// Minimum bytes of a browser's user agent.
const MIN_BYTES: usize = 12;

/// Maximum bytes of a browser's user agent.
const MAX_BYTES: usize = 2_048;

/// The patterns of `facts/bots.tsv`.
struct BotPatterns {
    tokens: Vec<&'static str>,
    prefixes: Vec<&'static str>,
    platforms: Vec<&'static str>,
}

static BOT_PATTERNS: LazyLock<BotPatterns> = LazyLock::new(|| {
    let of = |kind: &str| {
        let lines = include_str!("../facts/bots.tsv").lines().filter_map(|line| line.split_once('\t'));
        lines.filter(|(of, _)| *of == kind).flat_map(|(_, words)| words.split('|')).collect()
    };
    BotPatterns { tokens: of("token"), prefixes: of("prefix"), platforms: of("platform") }
});

/// Whether a user agent is a bot's.
pub fn is_bot(user_agent: &str) -> bool {
    let user_agent = user_agent.trim();
    if !(MIN_BYTES..=MAX_BYTES).contains(&user_agent.len()) {
        return true;
    }
    let lower = user_agent.to_ascii_lowercase();
    declares_bot(&lower) || !has_browser_format(&lower)
}

fn declares_bot(lower: &str) -> bool {
    let found = |word: &&str| memchr::memmem::find(lower.as_bytes(), word.as_bytes()).is_some();
    has_bot(lower) || has_mail_address(lower) || BOT_PATTERNS.tokens.iter().any(found)
}

/// `bot`, but neither the CUBOT telephones nor a network in Botswana.
fn has_bot(lower: &str) -> bool {
    lower
        .match_indices("bot")
        .any(|(at, _)| !lower[..at].ends_with("cu") && !lower[at..].starts_with("botswana"))
}

/// Whether it names an e-mail address for complaints.
fn has_mail_address(lower: &str) -> bool {
    lower.match_indices('@').any(|(at, _)| {
        let after =
            lower[at + 1..].split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).next();
        after
            .and_then(|host| host.rsplit_once('.'))
            .is_some_and(|(_, top)| top.bytes().any(|byte| byte.is_ascii_alphabetic()))
    })
}

/// Whether it has the form `mozilla/5.0 (platform)`, or is one of the old browsers.
fn has_browser_format(lower: &str) -> bool {
    if BOT_PATTERNS.prefixes.iter().any(|browser| lower.starts_with(*browser)) {
        return true;
    }
    let Some(rest) = lower.strip_prefix("mozilla/") else { return false };
    let Some((_, brackets)) = rest.split_once('(') else { return false };
    let brackets = brackets.split(')').next().unwrap_or("");
    let named = BOT_PATTERNS.platforms.iter().any(|platforms| brackets.contains(*platforms));
    let compatible = brackets.starts_with("compatible");
    // Only Internet Explorer and Konqueror begin with `compatible`; disguised crawlers have it in second place.
    let disguised = lower.split("(compatible").count() > 1
        && !["msie", "konqueror", "netfront", "googletoolbar"].iter().any(|one| lower.contains(one));
    (named || compatible || brackets.contains("u;")) && !disguised
}
