//! A tally as bytes, to be sealed by whoever keeps it. The same tally always makes the same bytes.
//!
//! All numbers little-endian, `n` a LEB128 number of at most ten bytes:
//!
//! ```text
//! tally   "SVT" 1   n sequence  n bots  n late  n refused   6 cells (the crowds)   13 tables
//! table   n beyond  n cells  { n length  word  cell }      words rising
//! cell    n views  n codes  { n difference to the code before }      codes rising, the first from 0
//!         n views  n 2^32  registers, one byte each
//! ```

use std::fmt;

use super::{Apart, Cell, Tally, cells::Cells};
use crate::{Dimension, Sketch, dimension::Crowd, number};

const HEAD: [u8; 4] = *b"SVT\x01";

/// Stands in a cell where the length of a list would; longer than any.
const REGISTERS: u64 = 1 << 32;

/// Bytes that a word has at most: a cleaned path.
const LONGEST_WORD: u64 = 256;

/// Bytes that aren't a tally or archived figures, or a later version's. Says nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these are no counts of visits")
    }
}

impl std::error::Error for Unreadable {}

impl Tally {
    /// Its bytes, for sealing: some 100 bytes a cell of few people, at most 4 kB a cell of many.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.most_bytes());
        out.extend(HEAD);
        for value in [self.sequence, self.apart.bots, self.apart.late, self.apart.refused] {
            number::write(&mut out, value);
        }
        for crowd in &self.crowds {
            cell(&mut out, crowd);
        }
        for table in &self.tables {
            number::write(&mut out, table.beyond());
            number::write(&mut out, table.len() as u64);
            for (word, counted) in table.sorted() {
                number::write(&mut out, word.len() as u64);
                out.extend(word.as_bytes());
                cell(&mut out, counted);
            }
        }
        out
    }

    /// At most so many: what grows by doubling would take twice the memory of a large day for a moment.
    fn most_bytes(&self) -> usize {
        const NUMBER: usize = 10;
        let cell = |cell: &Cell| {
            2 * NUMBER + cell.visitors.parts().map_or_else(<[u8]>::len, |codes| 5 * codes.len())
        };
        let row = |(word, counted): (&str, &Cell)| NUMBER + word.len() + cell(counted);
        let table = |table: &Cells| 2 * NUMBER + table.iter().map(row).sum::<usize>();
        HEAD.len()
            + 4 * NUMBER
            + self.crowds.iter().map(cell).sum::<usize>()
            + self.tables.iter().map(table).sum::<usize>()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`Unreadable`] for anything else; no input panics or makes it take more memory than a small multiple of its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader { rest: bytes.strip_prefix(&HEAD).ok_or(Unreadable)? };
        let mut tally = Self {
            sequence: reader.number()?,
            apart: Apart { bots: reader.number()?, late: reader.number()?, refused: reader.number()? },
            ..Self::default()
        };
        for crowd in Crowd::ALL {
            tally.crowds[crowd as usize] = reader.cell(crowd.precision())?;
        }
        for dimension in Dimension::ALL {
            let table = &mut tally.tables[dimension as usize];
            let beyond = reader.number()?;
            table.restore_beyond(beyond);
            let mut before: Option<&str> = None;
            for _ in 0..reader.number()? {
                let word = reader.word()?;
                if before.is_some_and(|before| before >= word) {
                    return Err(Unreadable);
                }
                table.restore(beyond, word, reader.cell(dimension.precision())?);
                before = Some(word);
            }
        }
        if reader.rest.is_empty() { Ok(tally) } else { Err(Unreadable) }
    }
}

fn cell(out: &mut Vec<u8>, cell: &Cell) {
    number::write(out, cell.views);
    match cell.visitors.parts() {
        Ok(codes) => {
            number::write(out, codes.len() as u64);
            let mut before = 0;
            for code in codes {
                number::write(out, u64::from(code - before));
                before = *code;
            }
        }
        Err(registers) => {
            number::write(out, REGISTERS);
            out.extend(registers);
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u64, Unreadable> {
        number::read(&mut self.rest).ok_or(Unreadable)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Unreadable)?;
        self.rest = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<&'a str, Unreadable> {
        let length = self.number()?;
        if length > LONGEST_WORD {
            return Err(Unreadable);
        }
        std::str::from_utf8(self.bytes(length as usize)?).map_err(|_| Unreadable)
    }

    fn cell(&mut self, precision: u8) -> Result<Cell, Unreadable> {
        let views = self.number()?;
        let length = self.number()?;
        let visitors = if length == REGISTERS {
            Sketch::of_registers(precision, self.bytes(1 << precision)?)
        } else {
            // Each code takes a byte at least, so what is set aside is bounded by what is there.
            let length =
                usize::try_from(length).ok().filter(|length| *length <= self.rest.len()).ok_or(Unreadable)?;
            let mut codes = Vec::with_capacity(length);
            let mut before = 0_u32;
            for _ in 0..length {
                let step = u32::try_from(self.number()?).map_err(|_| Unreadable)?;
                before = before.checked_add(step).ok_or(Unreadable)?;
                codes.push(before);
            }
            Sketch::of_list(precision, codes)
        };
        Ok(Cell { views, visitors: visitors.ok_or(Unreadable)? })
    }
}
