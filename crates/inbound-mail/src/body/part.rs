use mail_parser::ContentType;

use crate::{decode, headers::Headers};

/// One MIME part: its headers and its body, still encoded.
pub(crate) struct Part<'a> {
    pub headers: Headers<'a>,
    pub body: &'a [u8],
    content: Option<ContentType<'static>>,
    disposition: Option<ContentType<'static>>,
}

impl<'a> Part<'a> {
    pub(crate) fn new(headers: Headers<'a>, body: &'a [u8]) -> Self {
        let content = headers.content("content-type");
        let disposition = headers.content("content-disposition");
        Self { headers, body, content, disposition }
    }

    /// `type/subtype` in lower case. The default is text/plain, and message/rfc822 within a digest (RFC 2046, 5.1.5).
    pub(crate) fn kind(&self, in_digest: bool) -> String {
        let unnamed = if in_digest { "message/rfc822" } else { "text/plain" };
        let Some(content) = &self.content else { return unnamed.to_owned() };
        match &content.c_subtype {
            Some(subtype) => format!("{}/{}", content.c_type.trim(), subtype.trim()).to_ascii_lowercase(),
            None if content.c_type.eq_ignore_ascii_case("text") => "text/plain".to_owned(),
            None => unnamed.to_owned(),
        }
    }

    /// A parameter of Content-Type.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        attribute(self.content.as_ref()?, name)
    }

    /// Whether its Content-Disposition is `attachment`.
    pub(crate) fn is_attached(&self) -> bool {
        self.disposition.as_ref().is_some_and(|how| how.c_type.eq_ignore_ascii_case("attachment"))
    }

    /// Whether it is an attachment or has a file name.
    pub(crate) fn is_file(&self) -> bool {
        self.is_attached() || self.name().is_some()
    }

    /// The file name that the sender gave it.
    pub(crate) fn name(&self) -> Option<&str> {
        let disposed = self.disposition.as_ref().and_then(|how| attribute(how, "filename"));
        disposed.or_else(|| self.parameter("name")).filter(|name| !name.trim().is_empty())
    }

    /// Its content, decoded.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        decode::transfer(&self.headers.first("content-transfer-encoding"), self.body)
    }

    /// Its text; of a text longer than `most` bytes the beginning.
    pub(crate) fn text(&self, most: usize) -> String {
        let body = &self.body[..self.body.len().min(most * 4)];
        let bytes = decode::transfer(&self.headers.first("content-transfer-encoding"), body);
        let text = decode::text(self.parameter("charset"), &bytes);
        let flowed = self.parameter("format").is_some_and(|value| value.eq_ignore_ascii_case("flowed"));
        if flowed {
            let delsp = self.parameter("delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
            return decode::flowed(&text, delsp);
        }
        text.replace("\r\n", "\n")
    }
}

fn attribute<'c>(content: &'c ContentType<'static>, name: &str) -> Option<&'c str> {
    let attributes = content.attributes.as_ref()?;
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)).map(|found| &*found.value)
}

/// The boundary of a multipart; none when the part is no multipart or has no boundary.
pub(crate) fn boundary_of(part: &Part<'_>) -> Option<Vec<u8>> {
    let content = part.content.as_ref()?;
    let boundary = part.parameter("boundary")?.trim_end();
    let multipart = content.c_type.eq_ignore_ascii_case("multipart");
    (multipart && !boundary.is_empty()).then(|| boundary.as_bytes().to_vec())
}

/// The parts between lines that begin with `--boundary`, and whether there were more than `most`. A missing end
/// delimiter is accepted. Text before the first and after the last boundary is skipped (RFC 2046, 5.1.1).
pub(crate) fn split<'a>(body: &'a [u8], boundary: &[u8], most: usize) -> (Vec<&'a [u8]>, bool) {
    let mut parts = Vec::new();
    let mut begun = None;
    let mut at = 0;
    while at < body.len() {
        let end =
            body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |found| at + found + 1);
        if let Some(rest) = body[at..end].strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary))
            && let rest = rest.trim_ascii_end()
            && (rest.is_empty() || rest.starts_with(b"--"))
        {
            if let Some(start) = begun {
                if parts.len() == most {
                    return (parts, true);
                }
                parts.push(without_line_break(&body[start..at]));
            }
            if !rest.is_empty() {
                return (parts, false);
            }
            begun = Some(end);
        }
        at = end;
    }
    if let Some(start) = begun {
        if parts.len() == most {
            return (parts, true);
        }
        parts.push(&body[start..]);
    }
    (parts, false)
}

/// The line break before a boundary belongs to the boundary.
fn without_line_break(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}
