//! Whether a text leads to a web page: what form spam is for, and what few questions need.

/// Ends of host names that advertisers buy, beside the old ones that everybody knows.
const ENDS: [&str; 42] = [
    "com", "net", "org", "info", "biz", "ru", "su", "cn", "xyz", "top", "shop", "online", "site", "club",
    "store", "live", "click", "link", "bid", "win", "vip", "icu", "buzz", "space", "website", "fun", "pro",
    "sale", "io", "co", "me", "ly", "gd", "cc", "tv", "to", "in", "eu", "uk", "de", "pl", "agency",
];

/// Whether there is a link to a web page in it, in the forms in which advertisers write one. An address for mail is
/// none, nor is the name of a file or of a program's part.
#[must_use]
pub fn has_link(text: &str) -> bool {
    let small = text.to_lowercase();
    ["http://", "https://", "hxxp", "ftp://", "[url", "[link", "href=", "<a "]
        .iter()
        .any(|sign| small.contains(sign))
        || small.split(|c: char| c.is_whitespace() || "()<>\"'“”,;|[]{}".contains(c)).any(is_host)
}

/// `www.anything`, `name.end` of a known end, or either with a path.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| ".:!?*_-".contains(c));
    if word.starts_with("www.") {
        return true;
    }
    let (host, path) = word.split_once(['/', '?', '#']).map_or((word, ""), |(host, path)| (host, path));
    let (host, port) = host.split_once(':').map_or((host, ""), |(host, port)| (host, port));
    let letters = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let Some((name, end)) = host.rsplit_once('.') else { return false };
    let plain = !name.is_empty() && host.chars().all(letters) && port.chars().all(|c| c.is_ascii_digit());
    // Words of programs end like these too (`file.in`, `ASP.NET`): without a path they are let be.
    let long = (end.len() > 2 && end != "net") || !path.is_empty();
    plain && long && ENDS.contains(&end) && name.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::has_link;

    #[test]
    fn links_are_seen_in_many_forms() {
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
    fn what_only_looks_like_one_is_none() {
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
