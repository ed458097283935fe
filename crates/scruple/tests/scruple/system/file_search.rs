//! Searches the bytes of files for a mark in any encoding.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use memchr::memmem::Finder;

/// Finds a mark in raw bytes, hex, base64 at three offsets, URL form, UTF-16 and compressed streams.
pub struct Search {
    finders: Vec<(String, Finder<'static>)>,
    /// Files that were not written since are left out: they can't contain the mark.
    since: SystemTime,
}

/// A found mark: its file, its encoding and the text around it.
#[derive(Debug, PartialEq, Eq)]
pub struct Sighting {
    pub file: PathBuf,
    pub form: String,
    pub around: String,
}

const BASE64: [&[u8; 64]; 2] = [
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
];

/// Returns the base64 symbols that depend on these bytes alone, when they begin `offset` bytes into a group.
fn base64(bytes: &[u8], offset: usize, symbols: &[u8; 64]) -> Vec<u8> {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)).collect();
    let skip = (6 - offset * 8 % 6) % 6;
    let sixes = bits[skip..].chunks_exact(6);
    sixes.map(|six| symbols[usize::from(six.iter().fold(0, |n, bit| n << 1 | bit))]).collect()
}

fn hex(bytes: &[u8], upper: bool) -> Vec<u8> {
    let one = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    bytes.iter().map(one).collect::<String>().into_bytes()
}

/// Returns every encoding of a text, except compression.
pub fn forms(text: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = text.as_bytes();
    let percent = |upper| {
        let hex = hex(bytes, upper);
        hex.chunks(2).flat_map(|two| [b'%', two[0], two[1]]).collect()
    };
    let wide = |big: bool| {
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        text.encode_utf16().flat_map(unit).collect()
    };
    let mut all = vec![
        ("raw".to_owned(), bytes.to_vec()),
        ("raw in capitals".to_owned(), text.to_uppercase().into_bytes()),
        ("hex".to_owned(), hex(bytes, false)),
        ("HEX".to_owned(), hex(bytes, true)),
        ("URL form".to_owned(), percent(true)),
        ("URL form in small letters".to_owned(), percent(false)),
        ("UTF-16LE".to_owned(), wide(false)),
        ("UTF-16BE".to_owned(), wide(true)),
        ("backwards".to_owned(), bytes.iter().rev().copied().collect()),
    ];
    for (nth, symbols) in BASE64.iter().enumerate() {
        for offset in 0..3 {
            all.push((format!("base64 {nth} at {offset}"), base64(bytes, offset, symbols)));
        }
    }
    all
}

impl Search {
    /// Searches for several marks at once.
    pub fn of(marks: &[&str]) -> Self {
        let forms = marks.iter().flat_map(|mark| forms(mark));
        let finders = forms.map(|(name, bytes)| (name, Finder::new(&bytes).into_owned())).collect();
        Self { finders, since: SystemTime::UNIX_EPOCH }
    }

    /// Also searches for these bytes, in no other encoding.
    pub fn and_bytes(mut self, bytes: &[u8]) -> Self {
        self.finders.push(("bytes".to_owned(), Finder::new(bytes).into_owned()));
        self
    }

    /// Leaves out the files that were last written before this time.
    pub fn written_since(mut self, since: SystemTime) -> Self {
        self.since = since;
        self
    }

    /// Searches a text, such as the output of a command.
    pub fn text(&self, text: &str) -> Option<(String, String)> {
        self.bytes(text.as_bytes())
    }

    /// Searches every file below a folder. A folder may vanish meanwhile, because other tests delete their databases in
    /// the same PostgreSQL.
    pub fn folder(&self, folder: &Path) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return sightings,
            Err(error) => panic!("{}: {error}", folder.display()),
        };
        for entry in entries.flatten() {
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                sightings.extend(self.folder(&entry.path()));
            } else if kind.is_file() {
                sightings.extend(self.file(&entry.path()));
            }
        }
        sightings
    }

    /// Searches a file. A file that vanishes meanwhile counts as empty.
    pub fn file(&self, file: &Path) -> Option<Sighting> {
        if fs::metadata(file).ok()?.modified().ok()? < self.since {
            return None;
        }
        let bytes = fs::read(file).ok()?;
        let (form, around) = self.bytes(&bytes).or_else(|| self.compressed(&bytes))?;
        Some(Sighting { file: file.to_owned(), form, around })
    }

    fn bytes(&self, bytes: &[u8]) -> Option<(String, String)> {
        self.finders.iter().find_map(|(form, finder)| {
            let at = finder.find(bytes)?;
            let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
            Some((form.clone(), String::from_utf8_lossy(around).into_owned()))
        })
    }

    /// Unpacks and searches everything that begins like a compressed stream.
    fn compressed(&self, bytes: &[u8]) -> Option<(String, String)> {
        const MOST: u64 = 1 << 20;
        for at in memchr::memchr2_iter(0x78, 0x1f, bytes) {
            let rest = &bytes[at..];
            let mut unpacked = Vec::new();
            // A truncated stream still yields its beginning, so an error doesn't end the search.
            let read = match rest {
                [0x1f, 0x8b, ..] => GzDecoder::new(rest).take(MOST).read_to_end(&mut unpacked),
                [0x78, second, ..] if (0x7800 + u32::from(*second)).is_multiple_of(31) => {
                    ZlibDecoder::new(rest).take(MOST).read_to_end(&mut unpacked)
                }
                _ => continue,
            };
            if read.is_err() && unpacked.is_empty() {
                continue;
            }
            if let Some((form, around)) = self.bytes(&unpacked) {
                return Some((format!("{form}, compressed"), around));
            }
        }
        // A raw deflate stream has no header, so only whole files are tried.
        let mut unpacked = Vec::new();
        let whole = DeflateDecoder::new(bytes).take(MOST).read_to_end(&mut unpacked);
        if whole.is_err() && unpacked.is_empty() {
            return None;
        }
        self.bytes(&unpacked).map(|(form, around)| (format!("{form}, deflated"), around))
    }
}

#[test]
fn the_search_finds_a_mark_in_every_encoding() {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;
    let mark = "zqxkanarie";
    let search = Search::of(&[mark]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planted");
    let clean: Vec<u8> = (0_u32..50_000).map(|n| u8::try_from(n * n % 251).unwrap()).collect();
    fs::write(&file, &clean).unwrap();
    assert_eq!(search.folder(folder.path()), []);
    let mut planted = forms(mark);
    for offset in 0..3 {
        let text = format!("{}{mark} and more", "-".repeat(offset));
        planted.push(("whole base64".into(), data_encoding::BASE64.encode(text.as_bytes()).into_bytes()));
    }
    let words =
        format!("{{\"name\":\"{mark}\"}} and words that make it worth while, worth while, worth while");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(words.as_bytes()).unwrap();
    planted.push(("gzip".into(), gzip.finish().unwrap()));
    for level in [Compression::fast(), Compression::default(), Compression::best()] {
        let mut zlib = ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(words.as_bytes()).unwrap();
        planted.push(("zlib".into(), zlib.finish().unwrap()));
    }
    for (name, bytes) in planted {
        let mut whole = clean.clone();
        whole.splice(20_000..20_000, bytes);
        fs::write(&file, &whole).unwrap();
        assert_eq!(search.folder(folder.path()).len(), 1, "{name}");
    }
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(words.as_bytes()).unwrap();
    fs::write(&file, deflate.finish().unwrap()).unwrap();
    assert_eq!(search.folder(folder.path()).len(), 1, "deflate");
}
