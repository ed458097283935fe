//! One POST by HTTP/1.1 (RFC 9112), for made-up notices alone: nothing that the shop knows leaves this way.

use super::Failed;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use url::{Host, Url};

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// No answer of ours is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// Posts a form.
pub async fn form(to: &str, body: &str) -> Result<Answer, Failed> {
    let url = Url::parse(to)
        .map_err(|_| Failed::misuse("--to must be an address such as http://127.0.0.1:8470/paypro"))?;
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(Failed::misuse("--to names no host"));
    };
    let secure = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return Err(Failed::misuse("--to must begin with http:// or https://")),
    };
    let answer = tokio::time::timeout(Duration::from_secs(60), async {
        let stream = match &host {
            Host::Domain(name) => TcpStream::connect((*name, port)).await,
            Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
            Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
        };
        let stream = stream.map_err(|error| {
            Failed::new(format!("{host}:{port} can't be reached ({}): is the server running?", error.kind()))
        })?;
        let request = request(&url, &host, body);
        if secure {
            talk(encrypted(stream, &host).await?, &request).await
        } else {
            talk(stream, &request).await
        }
    });
    read(&answer.await.map_err(|_| Failed::new(format!("{host}:{port} didn't answer within a minute")))??)
}

fn request(url: &Url, host: &Host<&str>, body: &str) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!(
        "POST {}{query} HTTP/1.1\r\nHost: {host}{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        url.path(),
        body.len()
    )
}

async fn encrypted(
    stream: TcpStream,
    host: &Host<&str>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failed> {
    let trusted = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = host.to_string();
    let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned())?;
    Ok(TlsConnector::from(Arc::new(config)).connect(name, stream).await?)
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Result<Vec<u8>, Failed> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    match stream.take(LONGEST).read_to_end(&mut answer).await {
        // Some close without the last word of TLS; the length tells whether something lacks.
        Err(error) if answer.is_empty() => Err(error.into()),
        _ => Ok(answer),
    }
}

/// Takes an answer apart.
fn read(answer: &[u8]) -> Result<Answer, Failed> {
    let broken = || Failed::new("the answer is no HTTP, or was cut short");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(broken)?;
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| broken())?;
    let mut lines = head.split("\r\n");
    let status =
        lines.next().filter(|line| line.starts_with("HTTP/1.")).and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let header = |wanted: &str| {
        let mut named = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        named.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let body = &answer[end + 4..];
    let body = if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        joined(body).ok_or_else(broken)?
    } else {
        match header("content-length").map(str::parse::<usize>) {
            None => body.to_vec(),
            Some(length) => body.get(..length.map_err(|_| broken())?).ok_or_else(broken)?.to_vec(),
        }
    };
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// The chunks of a body put together (RFC 9112, 7.1).
fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
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

    fn parts(answer: &str) -> Option<(u16, String)> {
        read(answer.as_bytes()).ok().map(|answer| (answer.status, answer.body))
    }

    #[test]
    fn an_answer_is_read_by_length_by_chunks_or_to_the_end() {
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
    fn an_answer_that_was_cut_short_is_none() {
        for answer in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "SMTP 200\r\n\r\n",
            "HTTP/1.1 2xx\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nKEY",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nKEY",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nKEY\r\n",
        ] {
            assert!(parts(answer).is_none(), "{answer:?}");
        }
    }

    #[test]
    fn the_host_line_names_a_port_only_where_it_is_unusual() {
        let head = |to: &str| {
            let url = Url::parse(to).unwrap();
            request(&url, &url.host().unwrap(), "a=b")
        };
        assert!(
            head("http://shop.example/paypro?x=1")
                .starts_with("POST /paypro?x=1 HTTP/1.1\r\nHost: shop.example\r\n")
        );
        assert!(head("http://[::1]:8470/paypro").contains("\r\nHost: [::1]:8470\r\n"));
        assert!(head("http://a/").ends_with("Content-Length: 3\r\nConnection: close\r\n\r\na=b"));
    }
}
