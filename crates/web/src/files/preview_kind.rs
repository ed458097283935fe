//! Detects the kind of a file by its bytes. Its name and the content type that the sender names are not trusted.

/// The preview that a file can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PreviewKind {
    /// An image in a format that can be re-encoded.
    Image,
    /// UTF-8 text without control characters.
    Text,
    /// No preview: the file can only be downloaded.
    Other,
}

/// Inspects a file while it is uploaded.
#[derive(Default)]
pub struct ContentSniffer {
    start: Vec<u8>,
    /// The beginning of a character that continues in the next chunk.
    incomplete: Vec<u8>,
    binary: bool,
}

/// Bytes that are enough to recognise an image format.
const START: usize = 12;

impl ContentSniffer {
    /// Inspects the next chunk.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.start.len() < START {
            self.start.extend(chunk.iter().take(START - self.start.len()));
        }
        if self.binary {
            return;
        }
        let joined;
        let bytes = if self.incomplete.is_empty() {
            chunk
        } else {
            joined = [&self.incomplete, chunk].concat();
            &joined[..]
        };
        let (complete, incomplete) = match std::str::from_utf8(bytes) {
            Ok(_) => (bytes, &[][..]),
            Err(error) if error.error_len().is_none() => bytes.split_at(error.valid_up_to()),
            Err(_) => return self.binary = true,
        };
        self.binary =
            complete.iter().any(|byte| (*byte < 32 && !b"\t\n\r\x0c".contains(byte)) || *byte == 127);
        self.incomplete = incomplete.to_vec();
    }

    /// Returns the kind of the whole file.
    #[must_use]
    pub fn kind(&self) -> PreviewKind {
        let start = &*self.start;
        let png = start.starts_with(b"\x89PNG\r\n\x1a\n");
        let jpeg = start.starts_with(b"\xff\xd8\xff");
        let gif = start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a");
        let webp = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP");
        if png || jpeg || gif || webp {
            PreviewKind::Image
        } else if self.binary || !self.incomplete.is_empty() || start.is_empty() {
            PreviewKind::Other
        } else {
            PreviewKind::Text
        }
    }
}
