//! An HTTP/1.1 client (RFC 9112) for simulated notifications. It connects to loopback addresses only, and has no TLS.
//!
//! With it, `scruple paypro send` and the demo post to a server on this machine. No other part of Scruple opens an
//! outgoing HTTP connection (promise `contact.unshared`).

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;
use url::{Host, Url};

#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    pub body: String,
}

/// Why nothing was posted, or no response came.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// The URL is not `http`: this client has no TLS.
    Encrypted,
    /// The host, or one of the addresses that it resolves to, is not this machine.
    NotLoopback,
    /// The host has no address.
    Unresolved(String),
    /// The connection failed or was closed.
    Connection(String, io::ErrorKind),
    /// The response is not HTTP, or was cut short.
    BadResponse,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encrypted => f.write_str("only http:// URLs can be posted to"),
            Self::NotLoopback => f.write_str("only addresses of this machine (loopback) can be posted to"),
            Self::Unresolved(host) => write!(f, "the host {host} has no address"),
            Self::Connection(at, kind) => {
                write!(f, "{at} cannot be reached ({kind}): is the server running?")
            }
            Self::BadResponse => f.write_str("the response is not HTTP, or was cut short"),
        }
    }
}

impl std::error::Error for Unreachable {}

/// The maximum size of a response, in bytes.
const MAX_RESPONSE_BYTES: u64 = 1 << 20;

/// The time limit for connecting, and for each read and write.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Posts a form to a URL of this machine.
///
/// # Errors
/// See [`Unreachable`]. Nothing is sent unless every address of the host is a loopback address.
pub async fn post_form(url: &Url, body: String) -> Result<Response, Unreachable> {
    let url = url.clone();
    let posted = tokio::task::spawn_blocking(move || {
        let address = loopback_address(&url)?;
        let at = |error: io::Error| Unreachable::Connection(address.to_string(), error.kind());
        parse(&exchange(address, &request(&url, &body)).map_err(at)?)
    });
    posted.await.unwrap_or(Err(Unreachable::BadResponse))
}

/// Resolves the host, and refuses it unless all its addresses are loopback addresses. The caller connects to the
/// returned address, so a second resolution cannot lead elsewhere.
fn loopback_address(url: &Url) -> Result<SocketAddr, Unreachable> {
    if url.scheme() != "http" {
        return Err(Unreachable::Encrypted);
    }
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        Some(Host::Domain(name)) => {
            let resolved = (name, port).to_socket_addrs();
            resolved.map_err(|_| Unreachable::Unresolved(name.to_owned()))?.collect()
        }
        None => Vec::new(),
    };
    all_loopback(&addresses)
}

/// The first address, if all of them are loopback addresses.
fn all_loopback(addresses: &[SocketAddr]) -> Result<SocketAddr, Unreachable> {
    if addresses.iter().any(|address| !address.ip().to_canonical().is_loopback()) {
        return Err(Unreachable::NotLoopback);
    }
    addresses.first().copied().ok_or(Unreachable::NotLoopback)
}

fn request(url: &Url, body: &str) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!(
        "POST {}{query} HTTP/1.1\r\nHost: {host}{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        url.path(),
        body.len()
    )
}

fn exchange(address: SocketAddr, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(request.as_bytes())?;
    let mut response = Vec::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_end(&mut response)?;
    Ok(response)
}

fn parse(response: &[u8]) -> Result<Response, Unreachable> {
    let bad = || Unreachable::BadResponse;
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(bad)?;
    let head = std::str::from_utf8(&response[..end]).map_err(|_| bad())?;
    let status = head.split("\r\n").next().filter(|line| line.starts_with("HTTP/1."));
    let status = status.and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(bad)?;
    let header = |wanted: &str| {
        let mut headers = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let body = &response[end + 4..];
    let body = if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        join_chunks(body).ok_or_else(bad)?
    } else {
        match header("content-length").map(str::parse::<usize>) {
            None => body.to_vec(),
            Some(length) => body.get(..length.map_err(|_| bad())?).ok_or_else(bad)?.to_vec(),
        }
    };
    Ok(Response { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Joins the chunks of a body (RFC 9112, 7.1).
fn join_chunks(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&chunks[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        let rest = &chunks[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        chunks = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn parts(response: &str) -> Option<(u16, String)> {
        parse(response.as_bytes()).ok().map(|response| (response.status, response.body))
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_response_is_read_by_length_by_chunks_or_to_the_end() {
        let expected = Some((200, "KEY".to_owned()));
        assert_eq!(parts("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nKEY"), expected);
        assert_eq!(
            parts("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nK\r\n2;x\r\nEY\r\n0\r\n\r\n"),
            expected
        );
        assert_eq!(parts("HTTP/1.0 200\r\n\r\nKEY"), expected);
        assert_eq!(parts("HTTP/1.1 503 Away\r\n\r\n"), Some((503, String::new())));
    }

    #[test]
    fn a_response_that_was_cut_short_is_refused() {
        for response in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "SMTP 200\r\n\r\n",
            "HTTP/1.1 2xx\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nKEY",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nKEY",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nKEY\r\n",
        ] {
            assert!(parts(response).is_none(), "{response:?}");
        }
    }

    #[test]
    fn the_host_header_names_only_a_port_that_is_not_the_default() {
        let head = |to: &str| request(&url(to), "a=b");
        assert!(
            head("http://localhost/paypro?x=1")
                .starts_with("POST /paypro?x=1 HTTP/1.1\r\nHost: localhost\r\n")
        );
        assert!(head("http://[::1]:8470/paypro").contains("\r\nHost: [::1]:8470\r\n"));
        assert!(head("http://a/").ends_with("Content-Length: 3\r\nConnection: close\r\n\r\na=b"));
    }

    #[test]
    fn only_loopback_addresses_are_connected_to() {
        for to in
            ["http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]:1/", "http://[::ffff:127.0.0.1]/"]
        {
            assert!(loopback_address(&url(to)).is_ok(), "{to}");
        }
        for to in [
            "http://192.0.2.1/",
            "http://0.0.0.0/",
            "http://10.0.0.1:8470/",
            "http://[2001:db8::1]/",
            "http://[::]/",
        ] {
            assert_eq!(loopback_address(&url(to)), Err(Unreachable::NotLoopback), "{to}");
        }
        assert_eq!(loopback_address(&url("https://127.0.0.1/")), Err(Unreachable::Encrypted));
    }

    #[test]
    fn a_name_with_one_address_elsewhere_is_refused() {
        let address = |text: &str| -> SocketAddr { text.parse().unwrap() };
        let (here, elsewhere) = (address("127.0.0.1:80"), address("192.0.2.1:80"));
        assert_eq!(all_loopback(&[here]), Ok(here));
        assert_eq!(all_loopback(&[here, elsewhere]), Err(Unreachable::NotLoopback));
        assert_eq!(all_loopback(&[]), Err(Unreachable::NotLoopback));
    }

    #[tokio::test]
    async fn a_form_is_posted_to_this_machine() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = url(&format!("http://{}/paypro", listener.local_addr().unwrap()));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let n = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nKEY").unwrap();
            String::from_utf8_lossy(&request[..n]).into_owned()
        });
        let response = post_form(&to, "a=b".to_owned()).await;
        assert_eq!(response, Ok(Response { status: 200, body: "KEY".to_owned() }));
        assert!(server.join().unwrap().ends_with("a=b"));
    }
}
