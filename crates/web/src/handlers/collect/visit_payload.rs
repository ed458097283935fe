//! Parses a visit from a query string, a form or JSON: the keys `s` (site), `p` (page), `r` (referrer), `w` (width), `k`
//! (kind) and `n` (name).

use std::borrow::Cow;
use std::fmt;

use analytics::request::VisitKind;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use url::form_urlencoded;

/// A parsed visit. It has no `Debug`, because the URL of a page may contain personal data.
pub(super) struct VisitPayload<'a> {
    pub(super) site: Cow<'a, str>,
    pub(super) page: Option<Cow<'a, str>>,
    pub(super) referrer: Option<Cow<'a, str>>,
    pub(super) width: Option<u32>,
    pub(super) kind: VisitKind,
    pub(super) name: Cow<'a, str>,
}

/// The six keys. Others are ignored.
#[derive(Default, Deserialize)]
struct RawPayload<'a> {
    #[serde(borrow, default)]
    s: Option<Text<'a>>,
    #[serde(borrow, default)]
    p: Option<Text<'a>>,
    #[serde(borrow, default)]
    r: Option<Text<'a>>,
    #[serde(borrow, default)]
    w: Option<Text<'a>>,
    #[serde(borrow, default)]
    k: Option<Text<'a>>,
    #[serde(borrow, default)]
    n: Option<Text<'a>>,
}

/// Parses a request body.
pub(super) fn parse_body<'a>(kind: &str, body: &'a [u8]) -> Result<VisitPayload<'a>, &'static str> {
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return parse_form(body);
    }
    // Browsers send beacons as text/plain, so the content type doesn't tell JSON from text.
    let raw = body
        .trim_ascii_start()
        .starts_with(b"{")
        .then(|| serde_json::from_slice::<RawPayload<'a>>(body).ok());
    let raw = raw.flatten();
    raw.ok_or("The body is neither a JSON object such as {\"s\":\"SITE\",\"p\":\"/\"} nor a form.\n")?
        .validate()
}

/// Parses a form or a query string.
pub(super) fn parse_form(text: &[u8]) -> Result<VisitPayload<'_>, &'static str> {
    let mut raw = RawPayload::default();
    for (key, value) in form_urlencoded::parse(text) {
        let field = match &*key {
            "s" => &mut raw.s,
            "p" => &mut raw.p,
            "r" => &mut raw.r,
            "w" => &mut raw.w,
            "k" => &mut raw.k,
            "n" => &mut raw.n,
            _ => continue,
        };
        *field = Some(Text(value));
    }
    raw.validate()
}

impl<'a> RawPayload<'a> {
    fn validate(self) -> Result<VisitPayload<'a>, &'static str> {
        let text = |text: Option<Text<'a>>| text.map(|text| text.0).unwrap_or_default();
        let (site, kind, name) = (text(self.s), text(self.k), text(self.n));
        if site.is_empty() {
            return Err("The site is missing: send its id as s.\n");
        }
        let kind = VisitKind::parse(&kind).ok_or("k must be view, event, download or 404.\n")?;
        if kind == VisitKind::Event && name.trim().is_empty() {
            return Err("An event needs a name: send it as n.\n");
        }
        let width = match &*text(self.w) {
            "" => None,
            width => Some(pixels(width).ok_or("w must be the width of the screen in pixels.\n")?),
        };
        let page = self.p.map(|page| page.0).filter(|page| !page.is_empty());
        Ok(VisitPayload { site, page, referrer: self.r.map(|from| from.0), width, kind, name })
    }
}

/// Parses a width. Some browsers report fractions of a pixel.
fn pixels(width: &str) -> Option<u32> {
    let width = width.parse::<f64>().ok().filter(|width| width.is_finite() && *width >= 0.0)?;
    Some(width as u32)
}

/// A text or a number in JSON. Borrowed if nothing in it is escaped.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }
        from.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::{VisitKind, parse_body, parse_form};

    const JSON: &str = "application/json; charset=utf-8";

    #[test]
    fn a_form_and_json_are_parsed_to_the_same_visit() {
        let query = b"s=shop&p=%2Fa%3Fb&r=&w=1440&k=event&n=sign+up&x=1";
        let json = br#"{"s":"shop","p":"/a?b","r":"","w":1440.5,"k":"event","n":"sign up","x":{"y":[1]}}"#;
        for visit in [
            parse_form(query),
            parse_body("application/x-www-form-urlencoded", query),
            parse_body(JSON, json),
        ] {
            let visit = visit.ok().unwrap();
            assert_eq!(
                (&*visit.site, visit.page.as_deref(), visit.referrer.as_deref()),
                ("shop", Some("/a?b"), Some(""))
            );
            assert_eq!((visit.width, visit.kind, &*visit.name), (Some(1_440), VisitKind::Event, "sign up"));
        }
    }

    #[test]
    fn missing_keys_are_unknown() {
        for visit in
            [parse_form(b"s=shop&p="), parse_body("text/plain", br#"{"s":"shop","p":null,"k":null}"#)]
        {
            let visit = visit.ok().unwrap();
            assert_eq!(
                (visit.page, visit.referrer, visit.width, visit.kind),
                (None, None, None, VisitKind::View)
            );
        }
        assert_eq!(parse_body("", br#"{"s":"shop","k":404}"#).ok().unwrap().kind, VisitKind::Missing);
    }

    #[test]
    fn errors_name_the_wrong_key() {
        let wrong: [(&[u8], &str); 8] = [
            (b"", "site is missing"),
            (b"p=/", "site is missing"),
            (b"s=shop&k=click", "k must"),
            (b"s=shop&k=event", "name"),
            (b"s=shop&k=event&n=+", "name"),
            (b"s=shop&w=wide", "w must"),
            (b"s=shop&w=-1", "w must"),
            (b"s=shop&w=inf", "w must"),
        ];
        for (query, says) in wrong {
            assert!(parse_form(query).err().unwrap().contains(says), "{}", String::from_utf8_lossy(query));
        }
        let bodies: [&[u8]; 6] = [b"", b"[]", b"{", b"\xff", br#"{"s":{}}"#, br#"{"s":true}"#];
        for bytes in bodies {
            assert!(
                parse_body(JSON, bytes).err().unwrap().contains("JSON"),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
