//! What a file is, by its bytes. What its name or its sender says of it is not believed.

/// What may be done with a file beside saving it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Begins as a picture of a kind that we paint anew.
    Image,
    /// Is UTF-8 without control symbols.
    Text,
    /// Can be saved, and nothing else.
    Other,
}

/// Looks at a file while it passes.
#[derive(Default)]
pub struct Sniff {
    start: Vec<u8>,
    /// The beginning of a symbol that goes on in the next piece.
    open: Vec<u8>,
    binary: bool,
}

/// Bytes that are enough to know a picture.
const START: usize = 12;

impl Sniff {
    /// The next piece.
    pub fn see(&mut self, piece: &[u8]) {
        if self.start.len() < START {
            self.start.extend(piece.iter().take(START - self.start.len()));
        }
        if self.binary {
            return;
        }
        let joined;
        let bytes = if self.open.is_empty() {
            piece
        } else {
            joined = [&self.open, piece].concat();
            &joined[..]
        };
        let (sure, open) = match std::str::from_utf8(bytes) {
            Ok(_) => (bytes, &[][..]),
            Err(error) if error.error_len().is_none() => bytes.split_at(error.valid_up_to()),
            Err(_) => return self.binary = true,
        };
        self.binary = sure.iter().any(|byte| (*byte < 32 && !b"\t\n\r\x0c".contains(byte)) || *byte == 127);
        self.open = open.to_vec();
    }

    /// What it was.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let start = &*self.start;
        let png = start.starts_with(b"\x89PNG\r\n\x1a\n");
        let jpeg = start.starts_with(b"\xff\xd8\xff");
        let gif = start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a");
        let webp = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP");
        if png || jpeg || gif || webp {
            Kind::Image
        } else if self.binary || !self.open.is_empty() || start.is_empty() {
            Kind::Other
        } else {
            Kind::Text
        }
    }
}
