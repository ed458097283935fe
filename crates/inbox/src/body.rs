//! Takes the body apart. Every message is walked in one direction, in bounded depth, so that a hostile one costs no
//! more than its length; mail-parser reads single headers and charsets, never the whole.

mod attach;
mod part;

use zeroize::Zeroizing;

use crate::{
    decode,
    headers::Headers,
    html,
    incoming::{File, Refused},
};
use attach::Files;
pub use part::{Part, boundary_of, split};

/// Depth of multiparts within multiparts.
const DEEPEST: usize = 20;
/// Parts of one message.
const MOST_PARTS: usize = 400;
/// Bytes of text that are kept, of what a person can read in a lifetime.
pub const MOST_TEXT: usize = 1024 * 1024;

/// What a message says and brings.
#[derive(Default)]
pub struct Body {
    pub text: Zeroizing<String>,
    pub html: Zeroizing<String>,
    pub files: Vec<File>,
    pub refused: Vec<Refused>,
}

impl Body {
    /// Reads the body that belongs to these headers.
    pub fn read(headers: Headers<'_>, body: &[u8]) -> Self {
        let mut walk = Walk::default();
        walk.part(&Part::new(headers, body), 0, Within::Nothing);
        walk.finish()
    }
}

/// In what a part stands.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Nothing,
    Mixed,
    Alternative,
    Digest,
}

#[derive(Default)]
struct Walk {
    text: Zeroizing<String>,
    raw_html: Zeroizing<String>,
    parts: usize,
    files: Files,
}

impl Walk {
    fn part(&mut self, part: &Part<'_>, depth: usize, within: Within) {
        self.parts += 1;
        if self.parts > MOST_PARTS || depth > DEEPEST {
            self.files.refuse(Refused::TooMany);
            return;
        }
        let kind = part.kind(within == Within::Digest);
        if let Some(boundary) = boundary_of(part) {
            self.multipart(part, &kind, &boundary, depth);
        } else if is_encrypted(&kind, part) {
            self.files.refuse(Refused::Encrypted);
        } else if part.is_file() || !matches!(kind.as_str(), "text/plain" | "text/html" | "text/enriched") {
            self.file(part, &kind);
        } else if kind == "text/html" {
            self.html(part);
        } else {
            self.plain(part, within);
        }
    }

    fn multipart(&mut self, part: &Part<'_>, kind: &str, boundary: &[u8], depth: usize) {
        if kind == "multipart/encrypted" {
            self.files.refuse(Refused::Encrypted);
            return;
        }
        let (parts, more) = split(part.body, boundary, MOST_PARTS);
        if more {
            self.files.refuse(Refused::TooMany);
        }
        if parts.is_empty() {
            // A boundary that never comes: what there is, is text.
            self.add_text(&decode::text(None, part.body));
        }
        let within = match kind {
            "multipart/alternative" => Within::Alternative,
            "multipart/digest" => Within::Digest,
            _ => Within::Mixed,
        };
        for one in parts {
            let (headers, body) = Headers::split_part(one);
            self.part(&Part::new(headers, body), depth + 1, within);
        }
    }

    fn plain(&mut self, part: &Part<'_>, within: Within) {
        if within == Within::Alternative && !self.text.trim().is_empty() && !self.raw_html.is_empty() {
            return;
        }
        let text = part.text(MOST_TEXT);
        self.add_text(&text);
    }

    fn html(&mut self, part: &Part<'_>) {
        let html = Zeroizing::new(part.text(MOST_TEXT));
        let room = MOST_TEXT.saturating_sub(self.raw_html.len());
        if html.len() > room || part.body.len() > 2 * MOST_TEXT {
            self.files.refuse(Refused::TooLong);
        }
        if !self.raw_html.is_empty() {
            self.raw_html.push_str("<hr>");
        }
        self.raw_html.push_str(head(&html, room));
    }

    fn add_text(&mut self, text: &str) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            let gap = if self.text.ends_with('\n') { "\n" } else { "\n\n" };
            self.text.push_str(gap);
        }
        let room = MOST_TEXT.saturating_sub(self.text.len());
        if text.len() > room {
            self.files.refuse(Refused::TooLong);
        }
        self.text.push_str(head(text, room));
    }

    fn file(&mut self, part: &Part<'_>, kind: &str) {
        match kind {
            "application/ms-tnef" | "application/vnd.ms-tnef" => self.files.refuse(Refused::Tnef),
            // A detached signature says nothing to a reader.
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
            }
            _ => self.files.add(part, kind),
        }
    }

    fn finish(self) -> Body {
        let mut text = self.text;
        if text.trim().is_empty() && !self.raw_html.is_empty() {
            text = Zeroizing::new(html::text_of_html(&self.raw_html));
        }
        let (files, refused) = self.files.finish();
        Body { text, html: Zeroizing::new(html::safe_html(&self.raw_html)), files, refused }
    }
}

/// S/MIME envelopes; PGP/MIME comes as multipart/encrypted.
fn is_encrypted(kind: &str, part: &Part<'_>) -> bool {
    let smime = matches!(kind, "application/pkcs7-mime" | "application/x-pkcs7-mime");
    smime && !part.parameter("smime-type").is_some_and(|value| value.to_ascii_lowercase().contains("signed"))
        || kind == "application/pgp-encrypted"
}

/// The beginning of a text, at most so many bytes.
pub fn head(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
