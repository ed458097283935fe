use mail_parser::decoders::{charsets::map::charset_decoder, quoted_printable::quoted_printable_decode};

/// Decodes a part's Content-Transfer-Encoding. Broken input is decoded as far as possible.
pub(crate) fn transfer(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable_decode(body).unwrap_or_else(|| body.to_vec()),
        _ => body.to_vec(),
    }
}

/// Base64 that skips characters outside its alphabet (RFC 2045, 6.8).
fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut have) = (0u32, 0);
    for byte in body {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                have = 0;
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

/// Decodes text to UTF-8. With an unknown charset it tries UTF-8, then Windows-1252, as most such mail is.
pub(crate) fn text(charset: Option<&str>, bytes: &[u8]) -> String {
    let named = charset.map(|name| name.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace()));
    let utf8 = named.is_none_or(|name| {
        ["utf-8", "utf8", "us-ascii", "ascii", ""].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    if utf8 && let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let decoder = named.filter(|_| !utf8).and_then(|name| charset_decoder(name.as_bytes()));
    match decoder.or_else(|| std::str::from_utf8(bytes).is_err().then(|| charset_decoder(b"windows-1252"))?) {
        Some(decode) => decode(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Joins the lines of format=flowed (RFC 3676): a blank at the end of a line means that the line goes on.
pub(crate) fn flowed(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let rest = &line[depth..];
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let signature = rest == "-- ";
        if let Some(before) = open
            && (before != depth || signature)
        {
            out.push('\n');
            open = None;
        }
        if open.is_none() && depth > 0 {
            out.extend(std::iter::repeat_n('>', depth));
            out.push(' ');
        }
        if rest.ends_with(' ') && !signature {
            out.push_str(if delsp { &rest[..rest.len() - 1] } else { rest });
            open = Some(depth);
        } else {
            out.push_str(rest);
            out.push('\n');
            open = None;
        }
    }
    out
}
