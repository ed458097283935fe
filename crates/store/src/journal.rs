//! The journal: a line for every opening of a personal value, every act that may cause a letter, every letter,
//! every erasure and every change by hand; chained by keyed hashes, so that it can't be rewritten unseen.
//!
//! Lines are written in the transaction of what they tell. The chain is closed over them in batches, so writers
//! don't wait for each other; a line that isn't closed yet has link 0.

use policy::Purpose;
use policy::inventory::sealed::JournalCase;
use policy::purpose::Operating;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use vault::{Leave, Slot};

use crate::tx::{all, column, one, random_id, run, slot, statements};
use crate::{Error, Tx};

/// What a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineKind {
    /// A person did something that may cause a letter.
    Act,
    /// A personal value was opened.
    Opening,
    /// A letter was sent.
    Letter,
    /// A person was erased or swept.
    Erasure,
    /// An agreement to an erasure: only its hash, its channel and day.
    Agreement,
    /// Something was changed by hand, or the program met something that its keeper should know.
    Change,
}

impl LineKind {
    /// The word in the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Opening => "opening",
            Self::Letter => "letter",
            Self::Erasure => "erasure",
            Self::Agreement => "agreement",
            Self::Change => "change",
        }
    }
}

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// The program by itself.
    System,
    /// The person concerned.
    Person,
    /// A member of staff, by the name that they gave.
    Staff(String),
}

impl Who {
    /// The word in the table.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Person => "person",
            Self::Staff(name) => name,
        }
    }
}

/// A line to be written.
pub struct NewLine<'a> {
    /// What it tells.
    pub kind: LineKind,
    /// Which act, field, letter or change, by name.
    pub what: &'a str,
    /// Who did it.
    pub who: &'a Who,
    /// Whose slot it concerns.
    pub slot: Option<Slot>,
    /// The line of the act that caused it; 0 for none.
    pub cause: i64,
    /// The recipient's address hashed under their own slot; empty for none.
    pub recipient: &'a [u8],
    /// Hash of a letter or an agreement; empty for none.
    pub digest: &'a [u8],
}

/// A line as it stands.
#[derive(Clone, Debug)]
pub struct Line {
    /// Random row number.
    pub id: i64,
    /// The link that covers it; 0 until closed.
    pub link: i64,
    /// Seconds since 1970; whole days for acts of a person, letters and erasures.
    pub at: i64,
    /// What it tells, as a word.
    pub kind: String,
    /// Which act, field, letter or change.
    pub what: String,
    /// Purpose of an opening.
    pub purpose: String,
    /// Who.
    pub who: String,
    /// Whose slot; 0 for none.
    pub slot: Slot,
    /// The line of the act that caused it; 0 for none.
    pub cause: i64,
    /// Hashed recipient.
    pub recipient: Vec<u8>,
    /// Hash of a letter or an agreement.
    pub digest: Vec<u8>,
    case: Vec<u8>,
}

/// What a look through the chain found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChainReport {
    /// Links.
    pub links: i64,
    /// Lines that links cover.
    pub lines: i64,
    /// Lines that no link covers yet.
    pub open_lines: i64,
    /// The first fault, if any: where and what.
    pub fault: Option<String>,
    /// Number and hash of the last link.
    pub head: Option<(i64, Vec<u8>)>,
}

statements! {
    ADD = "INSERT INTO journal (id, link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest) \
           VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    IN_LINK = "SELECT id, link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest FROM journal \
               WHERE link = $1 ORDER BY id";
    GET = "SELECT id, link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest FROM journal \
               WHERE id = $1";
    LAST = "SELECT id, link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest FROM journal \
               ORDER BY at DESC, id LIMIT 200";
    OF_KIND = "SELECT id, link, at, kind, what, purpose, who, slot, cause, case_text, recipient, digest FROM journal \
               WHERE kind = $1 ORDER BY id";
    CLOSE = "UPDATE journal SET link = $1 WHERE id = $2 AND link = 0";
    LINKS = "SELECT seq, lines, closed_at, mac FROM journal_link WHERE seq > $1 ORDER BY seq LIMIT 1000";
    HEAD = "SELECT seq, lines, closed_at, mac FROM journal_link ORDER BY seq DESC LIMIT 1";
    ADD_LINK = "INSERT INTO journal_link (seq, lines, closed_at, mac) VALUES ($1, $2, $3, $4)";
    MAX_LINE_LINK = "SELECT COALESCE(MAX(link), 0) FROM journal";
}

fn line(row: &AnyRow) -> Result<Line, Error> {
    Ok(Line {
        id: row.try_get("id")?,
        link: row.try_get("link")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        what: row.try_get("what")?,
        purpose: row.try_get("purpose")?,
        who: row.try_get("who")?,
        slot: slot(row.try_get("slot")?),
        cause: row.try_get("cause")?,
        recipient: row.try_get("recipient")?,
        digest: row.try_get("digest")?,
        case: row.try_get("case_text")?,
    })
}

/// The bytes of a line that the chain covers: everything but the link itself, each part with its length.
fn covered(line: &Line) -> Vec<u8> {
    let mut bytes = Vec::new();
    let numbers = [line.id, line.at, column(line.slot), line.cause].map(i64::to_be_bytes);
    let parts: [&[u8]; 7] = [
        line.kind.as_bytes(),
        line.what.as_bytes(),
        line.purpose.as_bytes(),
        line.who.as_bytes(),
        &line.case,
        &line.recipient,
        &line.digest,
    ];
    for part in numbers.iter().map(|n| &n[..]).chain(parts) {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part);
    }
    bytes
}

/// The hash of a link: over the one before, its own number, and the lines it covers.
fn link_mac(vault: &vault::Vault, before: &[u8], seq: i64, lines: &[Line]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::from(before);
    bytes.extend(seq.to_be_bytes());
    for line in lines {
        bytes.extend(covered(line));
    }
    Ok(vault.mac(Slot::JOURNAL, &bytes)?.to_vec())
}

impl Tx {
    /// Writes a line and returns its number. Acts, letters and erasures are told by the day only.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn note(&mut self, new: &NewLine<'_>) -> Result<i64, Error> {
        let at = match new.kind {
            LineKind::Act | LineKind::Letter | LineKind::Erasure | LineKind::Agreement => {
                self.today() * 86_400
            }
            LineKind::Opening | LineKind::Change => self.now,
        };
        self.write_line(new, at, "", "").await
    }

    /// Writes that values of a person are about to be opened, and hands out the leave to do so. It is durable
    /// before anything leaves the transaction, because only a commit lets its result out.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn leave<P: Purpose>(
        &mut self,
        of: Slot,
        what: &str,
        who: &Who,
        case: &str,
    ) -> Result<Leave<P>, Error> {
        let at = if *who == Who::Person { self.today() * 86_400 } else { self.now };
        let new = NewLine {
            kind: LineKind::Opening,
            what,
            who,
            slot: Some(of),
            cause: 0,
            recipient: &[],
            digest: &[],
        };
        self.write_line(&new, at, P::ID, case).await?;
        #[expect(clippy::disallowed_methods, reason = "the journal's line has just been written")]
        Ok(Leave::<P>::journalled())
    }

    async fn write_line(
        &mut self,
        new: &NewLine<'_>,
        at: i64,
        purpose: &str,
        case: &str,
    ) -> Result<i64, Error> {
        let id = random_id()?;
        let of = new.slot.unwrap_or(Slot(0));
        let case = self.seal::<JournalCase>(of, id, case.as_bytes())?;
        run!(
            self,
            ADD,
            id,
            at,
            new.kind.word(),
            new.what,
            purpose,
            new.who.word(),
            column(of),
            new.cause,
            case,
            new.recipient,
            new.digest,
        )?;
        Ok(id)
    }

    /// A line by its number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn line(&mut self, id: i64) -> Result<Option<Line>, Error> {
        one!(self, GET, id)?.as_ref().map(line).transpose()
    }

    /// The latest 200 lines, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn last_lines(&mut self) -> Result<Vec<Line>, Error> {
        all!(self, LAST)?.iter().map(line).collect()
    }

    /// All lines of a kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn lines_of(&mut self, kind: LineKind) -> Result<Vec<Line>, Error> {
        all!(self, OF_KIND, kind.word())?.iter().map(line).collect()
    }

    /// The case that a line names; `None` where there is none or its person was forgotten.
    ///
    /// # Errors
    /// When it doesn't open although its slot lives.
    pub fn open_case(&self, of: &Line) -> Result<Option<String>, Error> {
        let leave = Leave::<Operating>::operating();
        match self.open::<JournalCase, Operating>(of.slot, of.id, &of.case, &leave) {
            Ok(case) => Ok(case.map(|c| c.text().to_owned())),
            Err(Error::Forgotten { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Closes the chain over all lines that no link covers; returns the new head, or `None` when there was nothing.
    ///
    /// # Errors
    /// When the database or the keyring is away, or another process was first (try again).
    pub async fn close_chain(&mut self) -> Result<Option<(i64, Vec<u8>)>, Error> {
        let lines: Vec<Line> = all!(self, IN_LINK, 0_i64)?.iter().map(line).collect::<Result<_, _>>()?;
        if lines.is_empty() {
            return Ok(None);
        }
        let (before, mac) = match one!(self, HEAD)? {
            Some(row) => (row.try_get::<i64, _>("seq")?, row.try_get::<Vec<u8>, _>("mac")?),
            None => (0, Vec::new()),
        };
        let seq = before + 1;
        let mac = link_mac(&self.vault, &mac, seq, &lines)?;
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let now = self.now;
        // First, because two processes that close at once must collide here before they touch lines.
        run!(self, ADD_LINK, seq, count, now, &mac[..])?;
        for line in &lines {
            run!(self, CLOSE, seq, line.id)?;
        }
        Ok(Some((seq, mac)))
    }

    /// Recomputes the whole chain.
    ///
    /// # Errors
    /// When the database or the keyring is away; a fault of the chain is in the report.
    pub async fn verify_chain(&mut self) -> Result<ChainReport, Error> {
        let mut report = ChainReport::default();
        let mut before = Vec::new();
        loop {
            let rows = all!(self, LINKS, report.links)?;
            for row in &rows {
                let (seq, count): (i64, i64) = (row.try_get("seq")?, row.try_get("lines")?);
                let mac: Vec<u8> = row.try_get("mac")?;
                let lines: Vec<Line> =
                    all!(self, IN_LINK, seq)?.iter().map(line).collect::<Result<_, _>>()?;
                let right = link_mac(&self.vault, &before, seq, &lines)?;
                if report.fault.is_none() {
                    report.fault = fault(report.links + 1, seq, count, &lines, right == mac);
                }
                report.links += 1;
                report.lines += count;
                report.head = Some((seq, mac.clone()));
                before = mac;
            }
            if rows.is_empty() {
                break;
            }
        }
        let beyond: i64 = one!(self, MAX_LINE_LINK)?.map_or(Ok(0), |row| row.try_get(0))?;
        if beyond > report.links && report.fault.is_none() {
            report.fault = Some(format!("lines of link {beyond}, but the last link is {}", report.links));
        }
        let open = all!(self, IN_LINK, 0_i64)?.len();
        report.open_lines = i64::try_from(open).unwrap_or(i64::MAX);
        Ok(report)
    }
}

fn fault(expected: i64, seq: i64, count: i64, lines: &[Line], right: bool) -> Option<String> {
    if seq != expected {
        return Some(format!("link {expected} is missing"));
    }
    if i64::try_from(lines.len()).ok() != Some(count) {
        return Some(format!("link {seq} covered {count} lines, {} are there", lines.len()));
    }
    (!right).then(|| format!("link {seq} does not match its lines: a line was changed"))
}
