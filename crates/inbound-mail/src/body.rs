//! Parses a message body (MIME). It reads each message once, in one direction and to a bounded depth, so the cost of a
//! hostile message is proportional to its length. mail-parser only reads single headers and charsets.

mod attachments;
mod part;

use zeroize::Zeroizing;

use crate::{
    decode,
    headers::{Headers, is_control_or_bidi},
    html,
    incoming_email::{Attachment, OmittedPart},
};
use attachments::AttachmentCollector;
pub(crate) use part::{Part, boundary_of, split};

/// Maximum nesting of multiparts.
const MAX_DEPTH: usize = 20;
/// Maximum parts of one message.
const MAX_PARTS: usize = 400;
/// Maximum bytes of text that are kept.
pub(crate) const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// The text and the attachments of a message.
#[derive(Default)]
pub(crate) struct Body {
    pub text: Zeroizing<String>,
    pub html: Zeroizing<String>,
    pub files: Vec<Attachment>,
    pub refused: Vec<OmittedPart>,
}

impl Body {
    /// Parses the body that belongs to these headers.
    pub(crate) fn read(headers: Headers<'_>, body: &[u8]) -> Self {
        let mut parser = BodyParser::default();
        parser.part(&Part::new(headers, body), 0, Container::Nothing);
        parser.finish()
    }
}

/// What contains a part.
#[derive(Clone, Copy, PartialEq)]
enum Container {
    Nothing,
    Multipart,
    Digest,
}

#[derive(Default)]
struct BodyParser {
    text: Zeroizing<String>,
    html: Zeroizing<String>,
    /// Whether some of `html` was HTML.
    has_html: bool,
    /// HTML of the current multipart/alternative, kept until it is known whether a text part says the same.
    alternative: Option<Zeroizing<String>>,
    parts: usize,
    files: AttachmentCollector,
}

impl BodyParser {
    fn part(&mut self, part: &Part<'_>, depth: usize, container: Container) {
        self.parts += 1;
        if self.parts > MAX_PARTS || depth > MAX_DEPTH {
            self.files.refuse(OmittedPart::TooMany);
            return;
        }
        let kind = part.kind(container == Container::Digest);
        // A file name makes a part an attachment, but not a whole message.
        let attached = part.is_attached() || depth > 0 && part.name().is_some();
        if let Some(boundary) = boundary_of(part) {
            self.multipart(part, &kind, &boundary, depth);
        } else if is_encrypted(&kind, part) {
            self.files.refuse(OmittedPart::Encrypted);
        } else if attached || !matches!(kind.as_str(), "text/plain" | "text/html" | "text/enriched") {
            self.file(part, &kind);
        } else if kind == "text/html" {
            self.add_html(&part_text(part));
        } else {
            self.add_text(&part_text(part));
        }
    }

    fn multipart(&mut self, part: &Part<'_>, kind: &str, boundary: &[u8], depth: usize) {
        if kind == "multipart/encrypted" {
            self.files.refuse(OmittedPart::Encrypted);
            return;
        }
        let (parts, more) = split(part.body, boundary, MAX_PARTS);
        if more {
            self.files.refuse(OmittedPart::TooMany);
        }
        if parts.is_empty() {
            // The boundary never occurs, so the whole body is text.
            self.add_text(&decode::text(None, &part.body[..part.body.len().min(2 * MAX_TEXT_BYTES)]));
        }
        let container = if kind == "multipart/digest" { Container::Digest } else { Container::Multipart };
        let begins = kind == "multipart/alternative" && self.alternative.is_none();
        let before = self.text.trim_end().len();
        if begins {
            self.alternative = Some(Zeroizing::default());
        }
        for one in parts {
            let (headers, body) = Headers::split_part(one);
            self.part(&Part::new(headers, body), depth + 1, container);
        }
        if begins {
            let html = self.alternative.take().unwrap_or_default();
            if self.text.trim_end().len() == before {
                self.push_text(&html::html_to_text(&html));
            }
        }
    }

    /// Adds text, and also to the HTML where the text stands beside HTML instead of replacing it.
    fn add_text(&mut self, text: &str) {
        self.push_text(text);
        if self.alternative.is_none() {
            let escaped =
                text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>");
            self.push_html(&escaped);
        }
    }

    /// Adds HTML, and also its text where no text part can say the same.
    fn add_html(&mut self, html: &str) {
        self.has_html = true;
        self.push_html(html);
        match &mut self.alternative {
            Some(pending) => pending.push_str(html),
            None => self.push_text(&html::html_to_text(html)),
        }
    }

    fn push_text(&mut self, text: &str) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !text.is_empty() {
            let gap = if self.text.ends_with('\n') { "\n" } else { "\n\n" };
            self.text.push_str(gap);
        }
        let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
        if text.len() > room {
            self.files.refuse(OmittedPart::TooLong);
        }
        self.text.push_str(&readable(truncate(text, room)));
    }

    fn push_html(&mut self, html: &str) {
        let room = MAX_TEXT_BYTES.saturating_sub(self.html.len());
        if html.len() > room {
            self.files.refuse(OmittedPart::TooLong);
        }
        if !self.html.is_empty() {
            self.html.push_str("<hr>");
        }
        self.html.push_str(truncate(html, room));
    }

    fn file(&mut self, part: &Part<'_>, kind: &str) {
        match kind {
            "application/ms-tnef" | "application/vnd.ms-tnef" => self.files.refuse(OmittedPart::Tnef),
            // A detached signature is of no use to a reader.
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
            }
            _ => self.files.add(part, kind),
        }
    }

    fn finish(self) -> Body {
        let safe = if self.has_html { html::sanitize_html(&self.html) } else { String::new() };
        let (files, refused) = self.files.finish();
        Body { text: self.text, html: Zeroizing::new(safe), files, refused }
    }
}

/// The text of a part. One byte more than is kept shows that the text is longer.
fn part_text(part: &Part<'_>) -> Zeroizing<String> {
    Zeroizing::new(part.text(MAX_TEXT_BYTES + 1))
}

/// Whether a part is an S/MIME envelope; PGP/MIME comes as multipart/encrypted.
fn is_encrypted(kind: &str, part: &Part<'_>) -> bool {
    let smime = matches!(kind, "application/pkcs7-mime" | "application/x-pkcs7-mime");
    smime && !part.parameter("smime-type").is_some_and(|value| value.to_ascii_lowercase().contains("signed"))
        || kind == "application/pgp-encrypted"
}

/// Normalizes line breaks and removes control characters that a terminal would obey.
pub(crate) fn readable(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| matches!(c, '\n' | '\t') || !is_control_or_bidi(*c)).collect()
}

/// The first `most` bytes of a text, cut at a character.
pub(crate) fn truncate(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
