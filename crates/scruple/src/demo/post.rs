//! Posts a notice to the demo's own door, as the provider would: over HTTP.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use paypro::Draft;

/// What the door answered.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, which for a request of a key is the key.
    pub body: String,
}

/// Posts a signed notice to `/paypro`.
///
/// # Errors
/// When nobody listens there, or what answers is not HTTP.
pub async fn post(to: SocketAddr, notice: &Draft) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let body = notice.body();
    tokio::task::spawn_blocking(move || blocking(to, &body)).await?
}

fn blocking(to: SocketAddr, body: &str) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let head = format!(
        "POST /paypro HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its head")?;
    let status =
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("an answer without a status")?;
    Ok(Answer { status, body: body.to_owned() })
}
