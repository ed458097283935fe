//! SMTP servers that follow a script, line by line.

use lettre::message::Mailbox;
use mail::message::{ComposedEmail, Envelope};
use mail::settings::{MailConfig, Security, Smtp};
use mail::smtp::{SendError, SmtpClient};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const FROM: &str = "licence@shop.example";

/// The configuration for a server on this machine.
pub fn mail(port: u16, security: Security) -> MailConfig {
    let from: Mailbox = FROM.parse().expect("it is an address");
    let smtp = Smtp { host: "127.0.0.1".to_owned(), port, security, login: None, ca: None };
    MailConfig { from: Some(from), smtp: Some(smtp), ..MailConfig::default() }
}

/// A composed e-mail to one address.
pub fn test_email(to: &str) -> ComposedEmail {
    let to = to.parse().expect("it is an address");
    ComposedEmail { envelope: Envelope { from: None, to }, raw: b"Subject: x\r\n\r\nhello\r\n".to_vec() }
}

/// Accepts one connection: sends the first line, and the next one after each line received. An empty line closes the
/// connection. After the last line it only reads, until the client closes the connection. Returns the received lines.
pub async fn serve_script(listener: &TcpListener, lines: &[&str]) -> Vec<String> {
    let (stream, _) = listener.accept().await.expect("the client connects");
    let mut stream = BufReader::new(stream);
    let mut received = Vec::new();
    for line in lines {
        if line.is_empty() || stream.write_all(format!("{line}\r\n").as_bytes()).await.is_err() {
            return received;
        }
        // The text of the e-mail is one unit, up to its dot.
        loop {
            let mut line_received = String::new();
            if stream.read_line(&mut line_received).await.unwrap_or(0) == 0 {
                return received;
            }
            received.push(line_received.trim_end().to_owned());
            if !line.starts_with("354") || received.last().is_some_and(|line_received| line_received == ".") {
                break;
            }
        }
    }
    let mut line_received = String::new();
    while stream.read_line(&mut line_received).await.unwrap_or(0) > 0 {
        received.push(std::mem::take(&mut line_received));
    }
    received
}

/// A listener on a free port.
pub async fn listening() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

/// Serves one connection by a script, in the background.
pub async fn scripted(lines: &[&str]) -> (u16, JoinHandle<Vec<String>>) {
    let (listener, port) = listening().await;
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let serve = async move {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        serve_script(&listener, &lines).await
    };
    (port, tokio::spawn(serve))
}

/// The outcome of an e-mail that a scripted server gets.
pub async fn outcome(lines: &[&str]) -> Result<u16, SendError> {
    let (port, _server) = scripted(lines).await;
    let client = SmtpClient::new(&mail(port, Security::Plain)).expect("it is configured");
    client.send(&test_email("ada@example.com")).await.map(|reply| reply.code)
}
