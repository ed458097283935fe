//! What is said of a visit on the wire, as an address' query, a form, or JSON: the keys `s`, `p`, `r`, `w`, `k`, `n`.

use std::borrow::Cow;
use std::fmt;

use analytics::request::Kind;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use url::form_urlencoded;

/// A visit as it is said. No `Debug`: a page's address may hold anything.
pub(super) struct Said<'a> {
    pub(super) site: Cow<'a, str>,
    pub(super) page: Option<Cow<'a, str>>,
    pub(super) referrer: Option<Cow<'a, str>>,
    pub(super) width: Option<u32>,
    pub(super) kind: Kind,
    pub(super) name: Cow<'a, str>,
}

/// The six keys; others are passed over.
#[derive(Default, Deserialize)]
struct Wire<'a> {
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

/// What a body says.
pub(super) fn body<'a>(kind: &str, body: &'a [u8]) -> Result<Said<'a>, &'static str> {
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return form(body);
    }
    // A browser sends a beacon's text as text/plain, so what it is called says nothing.
    let wire =
        body.trim_ascii_start().starts_with(b"{").then(|| serde_json::from_slice::<Wire<'a>>(body).ok());
    let wire = wire.flatten();
    wire.ok_or("The body is neither a JSON object such as {\"s\":\"SITE\",\"p\":\"/\"} nor a form.\n")?.said()
}

/// What a form or a query says.
pub(super) fn form(text: &[u8]) -> Result<Said<'_>, &'static str> {
    let mut wire = Wire::default();
    for (key, value) in form_urlencoded::parse(text) {
        let place = match &*key {
            "s" => &mut wire.s,
            "p" => &mut wire.p,
            "r" => &mut wire.r,
            "w" => &mut wire.w,
            "k" => &mut wire.k,
            "n" => &mut wire.n,
            _ => continue,
        };
        *place = Some(Text(value));
    }
    wire.said()
}

impl<'a> Wire<'a> {
    fn said(self) -> Result<Said<'a>, &'static str> {
        let text = |text: Option<Text<'a>>| text.map(|text| text.0).unwrap_or_default();
        let (site, kind, name) = (text(self.s), text(self.k), text(self.n));
        if site.is_empty() {
            return Err("No site: name it with s, by its id.\n");
        }
        let kind = Kind::of_wire(&kind).ok_or("k is view, event, download or 404.\n")?;
        if kind == Kind::Event && name.trim().is_empty() {
            return Err("An event has a name: n.\n");
        }
        let width = match &*text(self.w) {
            "" => None,
            width => Some(pixels(width).ok_or("w is the screen's width in pixels.\n")?),
        };
        let page = self.p.map(|page| page.0).filter(|page| !page.is_empty());
        Ok(Said { site, page, referrer: self.r.map(|from| from.0), width, kind, name })
    }
}

/// Some screens are reported with fractions of a pixel.
fn pixels(width: &str) -> Option<u32> {
    let width = width.parse::<f64>().ok().filter(|width| width.is_finite() && *width >= 0.0)?;
    Some(width as u32)
}

/// Text, in whatever way JSON writes it; borrowed where nothing in it is escaped.
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
    use super::{Kind, body, form};

    const JSON: &str = "application/json; charset=utf-8";

    #[test]
    fn a_form_and_json_say_the_same() {
        let query = b"s=shop&p=%2Fa%3Fb&r=&w=1440&k=event&n=sign+up&x=1";
        let json = br#"{"s":"shop","p":"/a?b","r":"","w":1440.5,"k":"event","n":"sign up","x":{"y":[1]}}"#;
        for said in [form(query), body("application/x-www-form-urlencoded", query), body(JSON, json)] {
            let said = said.ok().unwrap();
            assert_eq!(
                (&*said.site, said.page.as_deref(), said.referrer.as_deref()),
                ("shop", Some("/a?b"), Some(""))
            );
            assert_eq!((said.width, said.kind, &*said.name), (Some(1_440), Kind::Event, "sign up"));
        }
    }

    #[test]
    fn what_is_left_out_is_unknown() {
        for said in [form(b"s=shop&p="), body("text/plain", br#"{"s":"shop","p":null,"k":null}"#)] {
            let said = said.ok().unwrap();
            assert_eq!((said.page, said.referrer, said.width, said.kind), (None, None, None, Kind::View));
        }
        assert_eq!(body("", br#"{"s":"shop","k":404}"#).ok().unwrap().kind, Kind::Missing);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong: [(&[u8], &str); 8] = [
            (b"", "No site"),
            (b"p=/", "No site"),
            (b"s=shop&k=click", "k is"),
            (b"s=shop&k=event", "name"),
            (b"s=shop&k=event&n=+", "name"),
            (b"s=shop&w=wide", "w is"),
            (b"s=shop&w=-1", "w is"),
            (b"s=shop&w=inf", "w is"),
        ];
        for (query, says) in wrong {
            assert!(form(query).err().unwrap().contains(says), "{}", String::from_utf8_lossy(query));
        }
        let bodies: [&[u8]; 6] = [b"", b"[]", b"{", b"\xff", br#"{"s":{}}"#, br#"{"s":true}"#];
        for bytes in bodies {
            assert!(body(JSON, bytes).err().unwrap().contains("JSON"), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
