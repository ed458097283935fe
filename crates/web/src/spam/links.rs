//! Detects links to web pages, which most form spam contains and few questions need.

/// Top-level domains that count as links: common ones, and those that spam often uses.
const TOP_LEVEL_DOMAINS: [&str; 42] = [
    "com", "net", "org", "info", "biz", "ru", "su", "cn", "xyz", "top", "shop", "online", "site", "club",
    "store", "live", "click", "link", "bid", "win", "vip", "icu", "buzz", "space", "website", "fun", "pro",
    "sale", "io", "co", "me", "ly", "gd", "cc", "tv", "to", "in", "eu", "uk", "de", "pl", "agency",
];

/// Returns whether a text contains a link to a web page, in any form that spam uses. E-mail addresses, file names and
/// names of program parts are no links.
#[must_use]
pub(crate) fn has_link(text: &str) -> bool {
    let small = text.to_lowercase();
    ["http://", "https://", "hxxp", "ftp://", "[url", "[link", "href=", "<a "]
        .iter()
        .any(|sign| small.contains(sign))
        || small.split(|c: char| c.is_whitespace() || "()<>\"'“”,;|[]{}".contains(c)).any(is_host)
}

/// Returns whether a word is a host name: `www.anything`, `name.tld` with a known top-level domain, or either with a path.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| ".:!?*_-".contains(c));
    if word.starts_with("www.") {
        return true;
    }
    let (host, path) = word.split_once(['/', '?', '#']).map_or((word, ""), |(host, path)| (host, path));
    let (host, port) = host.split_once(':').map_or((host, ""), |(host, port)| (host, port));
    let is_host_char = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let Some((name, end)) = host.rsplit_once('.') else { return false };
    let plain =
        !name.is_empty() && host.chars().all(is_host_char) && port.chars().all(|c| c.is_ascii_digit());
    // Names in programs have such endings too (`file.in`, `ASP.NET`), so a short ending needs a path.
    let long = (end.len() > 2 && end != "net") || !path.is_empty();
    plain && long && TOP_LEVEL_DOMAINS.contains(&end) && name.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::has_link;

    #[test]
    fn links_are_detected_in_many_forms() {
        for text in [
            "see https://shop.example/x",
            "HTTP://SHOP.EXAMPLE",
            "go to www.cheap.example now",
            "[url=cheap]x[/url]",
            "<a href='x'>y</a>",
            "best-pills.com",
            "visit (best-pills.xyz).",
            "bit.ly/3xyz",
            "t.me/fastmoney",
            "мой-сайт.com",
        ] {
            assert!(has_link(text), "{text}");
        }
    }

    #[test]
    fn similar_texts_are_no_links() {
        for text in [
            "write to ada@example.com",
            "it is v2.1.0, built on 2026.11.22",
            "lantern.exe crashes in render.rs:141 and libm.so.6",
            "ASP.NET and System.Net are involved",
            "e.g. this, i.e. that ... etc.",
            "file.in and lib.me are written",
            "System.IO.FileNotFoundException at System.Net.Http.Send",
            "C:\\Users\\me\\settings.json or /etc/lantern.conf",
            "3.5.com-ports? no: 3.5",
            "end of sentence.Next sentence",
        ] {
            assert!(!has_link(text), "{text}");
        }
    }
}
