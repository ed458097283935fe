//! Binary encoding of a tally, to be sealed. Equal tallies encode to equal bytes.
//!
//! All numbers little-endian, `n` a LEB128 number of at most ten bytes:
//!
//! ```text
//! tally   "SVT" 1   n sequence  n bots  n late  n refused   6 cells (the populations)   13 tables
//! table   n evicted views  n cells  { n length  value  cell }      values rising
//! cell    n views  n codes  { n difference to the code before }      codes rising, the first from 0
//!         n views  n 2^32  registers, one byte each
//! ```

use std::fmt;

use super::{Cell, Tally, UncountedRequests, cells::Cells};
use crate::{Dimension, Sketch, dimension::Population, leb128};

const MAGIC: [u8; 4] = *b"SVT\x01";

/// Stands in a cell in place of the list's length; longer than any list.
const REGISTERS: u64 = 1 << 32;

/// Maximum bytes of a value: a cleaned path.
const MAX_VALUE_BYTES: u64 = 256;

/// The bytes are no tally and no archived table, or a later version's. It holds nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError;

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these bytes are not visit counts of a known format")
    }
}

impl std::error::Error for DecodeError {}

impl Tally {
    /// Encodes the tally: some 100 bytes for a cell of few visitors, at most 4 kB for a cell of many.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.max_bytes());
        out.extend(MAGIC);
        for value in [self.sequence, self.uncounted.bots, self.uncounted.late, self.uncounted.refused] {
            leb128::write(&mut out, value);
        }
        for population in &self.populations {
            write_cell(&mut out, population);
        }
        for table in &self.tables {
            leb128::write(&mut out, table.evicted_views());
            leb128::write(&mut out, table.len() as u64);
            for (value, counted) in table.sorted() {
                leb128::write(&mut out, value.len() as u64);
                out.extend(value.as_bytes());
                write_cell(&mut out, counted);
            }
        }
        out
    }

    /// Upper bound of the encoded length. A buffer that grows by doubling would briefly take twice the memory of a
    /// large day.
    fn max_bytes(&self) -> usize {
        const NUMBER: usize = 10;
        let write_cell = |write_cell: &Cell| {
            2 * NUMBER + write_cell.visitors.parts().map_or_else(<[u8]>::len, |codes| 5 * codes.len())
        };
        let row = |(value, counted): (&str, &Cell)| NUMBER + value.len() + write_cell(counted);
        let table = |table: &Cells| 2 * NUMBER + table.iter().map(row).sum::<usize>();
        MAGIC.len()
            + 4 * NUMBER
            + self.populations.iter().map(write_cell).sum::<usize>()
            + self.tables.iter().map(table).sum::<usize>()
    }

    /// Decodes the bytes of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`DecodeError`] for anything else. No input panics or allocates more than a small multiple of its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader { rest: bytes.strip_prefix(&MAGIC).ok_or(DecodeError)? };
        let mut tally = Self {
            sequence: reader.leb128()?,
            uncounted: UncountedRequests {
                bots: reader.leb128()?,
                late: reader.leb128()?,
                refused: reader.leb128()?,
            },
            ..Self::default()
        };
        for population in Population::ALL {
            tally.populations[population as usize] = reader.cell(population.precision())?;
        }
        for dimension in Dimension::ALL {
            let table = &mut tally.tables[dimension as usize];
            let evicted_views = reader.leb128()?;
            table.restore_evicted_views(evicted_views);
            let mut before: Option<&str> = None;
            for _ in 0..reader.leb128()? {
                let value = reader.value()?;
                if before.is_some_and(|before| before >= value) {
                    return Err(DecodeError);
                }
                table.restore(evicted_views, value, reader.cell(dimension.precision())?);
                before = Some(value);
            }
        }
        if reader.rest.is_empty() { Ok(tally) } else { Err(DecodeError) }
    }
}

fn write_cell(out: &mut Vec<u8>, write_cell: &Cell) {
    leb128::write(out, write_cell.views);
    match write_cell.visitors.parts() {
        Ok(codes) => {
            leb128::write(out, codes.len() as u64);
            let mut before = 0;
            for code in codes {
                leb128::write(out, u64::from(code - before));
                before = *code;
            }
        }
        Err(registers) => {
            leb128::write(out, REGISTERS);
            out.extend(registers);
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn leb128(&mut self) -> Result<u64, DecodeError> {
        leb128::read(&mut self.rest).ok_or(DecodeError)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(DecodeError)?;
        self.rest = rest;
        Ok(taken)
    }

    fn value(&mut self) -> Result<&'a str, DecodeError> {
        let length = self.leb128()?;
        if length > MAX_VALUE_BYTES {
            return Err(DecodeError);
        }
        std::str::from_utf8(self.bytes(length as usize)?).map_err(|_| DecodeError)
    }

    fn cell(&mut self, precision: u8) -> Result<Cell, DecodeError> {
        let views = self.leb128()?;
        let length = self.leb128()?;
        let visitors = if length == REGISTERS {
            Sketch::from_registers(precision, self.bytes(1 << precision)?)
        } else {
            // Each code takes at least a byte, so the allocation is bounded by the input.
            let length = usize::try_from(length)
                .ok()
                .filter(|length| *length <= self.rest.len())
                .ok_or(DecodeError)?;
            let mut codes = Vec::with_capacity(length);
            let mut before = 0_u32;
            for _ in 0..length {
                let step = u32::try_from(self.leb128()?).map_err(|_| DecodeError)?;
                before = before.checked_add(step).ok_or(DecodeError)?;
                codes.push(before);
            }
            Sketch::from_list(precision, codes)
        };
        Ok(Cell { views, visitors: visitors.ok_or(DecodeError)? })
    }
}
