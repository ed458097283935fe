use zeroize::Zeroizing;

use super::part::Part;
use crate::incoming_email::{Attachment, AttachmentKind, OmittedPart};

/// Maximum attachments of one message.
const MAX_FILES: usize = 10;
/// Maximum bytes of one attachment.
const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Maximum bytes of all attachments.
const MAX_TOTAL_BYTES: usize = 25 * 1024 * 1024;
/// Maximum characters of a file name.
const MAX_NAME_CHARS: usize = 120;

/// Collects attachments within the limits.
#[derive(Default)]
pub(super) struct AttachmentCollector {
    accepted: Vec<Attachment>,
    bytes: usize,
    refused: Vec<OmittedPart>,
}

impl AttachmentCollector {
    /// Records a reason, once.
    pub(super) fn refuse(&mut self, why: OmittedPart) {
        if !self.refused.contains(&why) {
            self.refused.push(why);
        }
    }

    pub(super) fn add(&mut self, part: &Part<'_>, kind: &str) {
        if self.accepted.len() == MAX_FILES {
            return self.refuse(OmittedPart::TooMany);
        }
        // Base64 is a third longer than its content, and line breaks add a little.
        if part.body.len() > MAX_FILE_BYTES / 2 * 3 {
            return self.refuse(OmittedPart::TooLarge);
        }
        let bytes = Zeroizing::new(part.bytes());
        if bytes.len() > MAX_FILE_BYTES || self.bytes + bytes.len() > MAX_TOTAL_BYTES {
            return self.refuse(OmittedPart::TooLarge);
        }
        if bytes.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) {
            return self.refuse(OmittedPart::Tnef);
        }
        self.bytes += bytes.len();
        let name = name(part.name().unwrap_or_default(), kind, self.accepted.len() + 1);
        self.accepted.push(Attachment { name: Zeroizing::new(name), kind: kind_of(&bytes, kind), bytes });
    }

    pub(super) fn finish(self) -> (Vec<Attachment>, Vec<OmittedPart>) {
        (self.accepted, self.refused)
    }
}

/// Removes folders, control characters and bidirectional controls from a file name.
fn name(given: &str, kind: &str, n: usize) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(MAX_NAME_CHARS).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    if !clean.is_empty() {
        return clean.to_owned();
    }
    let ending = match kind {
        "message/rfc822" | "message/global" => "eml",
        "message/delivery-status" | "message/disposition-notification" | "text/plain" => "txt",
        "text/rfc822-headers" => "txt",
        "text/calendar" => "ics",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        _ => "bin",
    };
    format!("file-{n}.{ending}")
}

/// Bidirectional controls and zero-width characters, with which `exe.txt` can be made to look like `txt.exe`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn kind_of(bytes: &[u8], declared: &str) -> AttachmentKind {
    let image = bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(b"\xff\xd8\xff")
        || bytes.starts_with(b"GIF87a")
        || bytes.starts_with(b"GIF89a")
        || bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    if image {
        return AttachmentKind::Image;
    }
    let plain = matches!(
        declared,
        "text/plain"
            | "text/csv"
            | "text/x-log"
            | "text/rfc822-headers"
            | "message/delivery-status"
            | "message/disposition-notification"
    );
    let readable =
        |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'));
    if plain && std::str::from_utf8(bytes).is_ok_and(readable) {
        AttachmentKind::Text
    } else {
        AttachmentKind::Other
    }
}
