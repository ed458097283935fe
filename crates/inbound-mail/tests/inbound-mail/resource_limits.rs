//! 24 MB of hostile mail (denial of service): no endless loop, no panic, bounded memory.

use inbound_mail::{OmittedPart, parse_email};

use crate::fixtures::own;

const EACH: usize = 2 * 1024 * 1024;

/// Repeats a piece up to [`EACH`] bytes.
fn full(piece: &str) -> String {
    piece.repeat(EACH / piece.len())
}

#[test]
fn hostile_email_costs_time_and_memory_linear_in_its_length() {
    let from = "From: jo@example.com\r\n";
    let nested: String = (0..EACH / 60)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let messages = [
        nested,
        full("Content-Type: message/rfc822\r\n\r\n"),
        full("Content-Type: multipart/mixed; boundary=never\r\n\r\n--never\r\n"),
        format!("{from}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", full("--b\r\n\r\n")),
        format!(
            "{from}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{}",
            full("Action: failed\r\nStatus: 4\r\n\r\n")
        ),
        format!("{from}Subject: {}\r\n\r\nx", full("=?utf-8?q?a")),
        format!("{}\r\n\r\nx", full("X: y\r\n")),
        format!("From: {}\r\n\r\nx", full("(<\"a\" ")),
        format!(
            "Authentication-Results: mx.desk.example.org; {}\r\n{from}References: {}\r\n\r\nx",
            "(\"".repeat(EACH / 4),
            "<a@b> ".repeat(EACH / 12)
        ),
        format!("{from}Content-Type: text/html\r\n\r\n{}", full("<a href='x'><b><p>&#1;<!-- -->")),
        format!(
            "{from}Content-Type: text/plain; format=flowed\r\n\r\n{}",
            full("> On a@b wrote: \r\nFrom: x\r\n\r\n")
        ),
        format!(
            "{from}Content-Transfer-Encoding: base64\r\nContent-Type: text/html; charset=utf-7\r\n\r\n{}",
            full("PGRpdj4rQUFB=\r\n")
        ),
    ];
    let mut bytes = 0;
    for raw in &messages {
        bytes += raw.len();
        let incoming = parse_email(raw.as_bytes(), &own());
        assert!(incoming.text.len() <= 1 << 20 && incoming.html.len() <= 8 << 20);
        assert!(!incoming.refused.contains(&OmittedPart::Unreadable), "a parser panicked");
    }
    assert!(bytes >= 20 << 20);
    if let Some(most) = peak_memory() {
        assert!(most < 300 << 20, "{most} bytes");
    }
}

/// Peak memory of this process in bytes, where the system reports it.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<usize>().ok()? * 1024)
}

#[test]
fn text_beyond_the_limit_is_reported_as_omitted() {
    let raw = format!("From: jo@example.com\r\n\r\n{}", "line of text\r\n".repeat(200_000));
    let incoming = parse_email(raw.as_bytes(), &own());
    assert!(incoming.text.len() <= 1 << 20 && incoming.text.len() > 900_000);
    assert!(incoming.refused == [OmittedPart::TooLong]);
}
