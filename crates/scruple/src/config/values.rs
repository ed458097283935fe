//! Parsers of configuration values.

use ::mail::settings::Security;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use url::Url;

/// The addresses from which the provider sends notifications, from its public documentation. The word `paypro` in
/// `paypro.source_addresses` stands for them.
pub const PAYPRO_SOURCES: [&str; 4] =
    ["198.199.123.239", "157.230.8.40", "2604:a880:400:d0::1843:7001", "2604:a880:400:d1::b6c:c001"];

/// A parsed `smtp://name@host:port`, before password and authority are known.
#[cfg_attr(test, derive(PartialEq, Eq, Debug))]
pub(super) struct SmtpAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) name: Option<String>,
}

pub(super) const SMTP_FORM: &str =
    "smtp://name@host:port or smtps://name@host:port, with the password in mail.password_file";

/// `None` for anything but scheme, name, host and port: a password in the address too.
pub(super) fn smtp(text: &str) -> Option<SmtpAddress> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !bare || host.is_empty() || url.password().is_some() {
        return None;
    }
    let (security, port) = match url.scheme() {
        "smtps" => (Security::Tls, 465),
        "smtp" if is_loopback(&host) => (Security::Plain, 25),
        "smtp" => (Security::StartTls, 587),
        _ => return None,
    };
    let name = percent_decode_str(url.username()).decode_utf8().ok()?.into_owned();
    let name = Some(name).filter(|name| !name.is_empty());
    Some(SmtpAddress { host, port: url.port().unwrap_or(port), security, name })
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `http://` or `https://`, host, perhaps a path; given back without a slash at the end.
pub(super) fn site(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let fits = plain && url.password().is_none() && matches!(url.scheme(), "http" | "https");
    fits.then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// A network, or one address.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A network, one address, or the word `paypro`.
pub(super) fn sources(text: &str) -> Option<Vec<IpNet>> {
    if text == "paypro" {
        PAYPRO_SOURCES.iter().map(|address| network(address)).collect()
    } else {
        network(text).map(|one| vec![one])
    }
}

/// `x-` and then letters, digits, `-` or `_`: the names that come back in an order's custom fields.
pub(super) fn custom_field(text: &str) -> Option<String> {
    let rest = text.strip_prefix("x-")?;
    let fits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then(|| text.to_owned())
}

/// `postgres://` with a host.
pub(super) fn postgres(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str().is_some_and(|host| !host.is_empty());
    (host && matches!(url.scheme(), "postgres" | "postgresql")).then_some(url)
}

/// Host, port and database of a PostgreSQL address: without name, password and options.
pub(super) fn location_of(url: &Url) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}{}", url.host_str().unwrap_or(""), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_reached_without_encryption() {
        let remote = SmtpAddress {
            host: "mail.example.com".to_owned(),
            port: 587,
            security: Security::StartTls,
            name: Some("shop@example.com".to_owned()),
        };
        assert_eq!(smtp("smtp://shop%40example.com@mail.example.com"), Some(remote));
        let nameless =
            SmtpAddress { host: "2001:db8::1".to_owned(), port: 465, security: Security::Tls, name: None };
        assert_eq!(smtp("smtps://[2001:db8::1]"), Some(nameless));
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert_eq!(smtp(&format!("smtp://{host}:2525")).unwrap().security, Security::Plain, "{host}");
            assert_eq!(smtp(&format!("smtps://{host}:2525")).unwrap().security, Security::Tls, "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "[2001:db8::1]"] {
            assert_eq!(smtp(&format!("smtp://{host}")).unwrap().security, Security::StartTls, "{host}");
        }
    }

    #[test]
    fn a_mail_server_is_scheme_name_host_and_port_alone() {
        for wrong in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://name:password@mail.example.com",
            "smtp://mail.example.com/path",
            "smtp://mail.example.com?tls=none",
            "smtp://mail.example.com:99999",
        ] {
            assert!(smtp(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_word_paypro_is_the_four_documented_addresses() {
        let four = sources("paypro").unwrap();
        assert_eq!(four.len(), 4);
        assert!(four.iter().all(|network| network.prefix_len() == network.max_prefix_len()));
        assert_eq!(sources("10.0.0.0/8").unwrap().len(), 1);
        assert!(sources("PayPro").is_none());
    }

    #[test]
    fn the_shown_location_of_a_database_holds_no_name_and_no_password() {
        let url = postgres("postgres://shop:geheim@db.example.com:5433/scruple?sslmode=require").unwrap();
        assert_eq!(location_of(&url), "db.example.com:5433/scruple");
        assert!(postgres("mysql://db.example.com/scruple").is_none());
        assert!(postgres("postgres:///scruple").is_none());
    }
}
