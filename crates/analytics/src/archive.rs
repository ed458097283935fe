//! Binary format of published tables: one dimension of a day, a week, a month or a year. Values are stored by their
//! dictionary number.
//!
//! Everything in a table has passed disclosure control: it is suppressed and rounded. Equal figures always encode to
//! equal bytes; `n` is a LEB128 number:
//!
//! ```text
//! 1   n days   n views   n visitors   n evicted views   n rows   { n value number difference   n views   n visitors }
//! ```
//!
//! Value numbers rise, the first counted from 0. A year is fast to read because [`TableSum::add_bytes`] adds encoded
//! rows without building tables.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::{DecodeError, Figures, Table, leb128};

/// Format version, the first byte.
const FORMAT_VERSION: u8 = 1;

/// Published figures of one dimension, sorted by value number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchivedTable {
    /// Figures of the dimension's whole population.
    pub total: Figures,
    /// Views of cells that were evicted because the table was full.
    pub evicted_views: u64,
    /// Number of days in the table.
    pub days: u32,
    /// Value numbers in rising order, each once, with their figures.
    pub rows: Vec<(u32, Figures)>,
}

impl ArchivedTable {
    /// Converts a published table. `number_of` returns the dictionary number of a value and must never return a number
    /// twice.
    pub fn from_table(table: &Table, mut number_of: impl FnMut(&str) -> u32) -> Self {
        let mut rows: Vec<_> =
            table.rows.iter().map(|on_row| (number_of(&on_row.value), on_row.figures)).collect();
        rows.sort_unstable_by_key(|(value_number, _)| *value_number);
        debug_assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0), "each word has its own number");
        Self { total: table.total, evicted_views: table.evicted_views, days: table.days, rows }
    }

    /// Encodes the table, at about six bytes a row.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + 6 * self.rows.len());
        out.push(FORMAT_VERSION);
        let Figures { views, visitors } = self.total;
        for value in [u64::from(self.days), views, visitors, self.evicted_views, self.rows.len() as u64] {
            leb128::write(&mut out, value);
        }
        let mut before = 0;
        for (value_number, figures) in &self.rows {
            leb128::write(&mut out, u64::from(value_number - before));
            leb128::write(&mut out, figures.views);
            leb128::write(&mut out, figures.visitors);
            before = *value_number;
        }
        out
    }

    /// Decodes the bytes of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`DecodeError`] for anything else. No input panics or allocates more than a small multiple of its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut rows = Vec::new();
        let head = decode(bytes, |value_number, figures| rows.push((value_number, figures)))?;
        Ok(Self { rows, ..head })
    }

    /// Adds the figures of another table of the same dimension and audience.
    pub fn add(&mut self, other: &Self) {
        self.total.add(other.total);
        self.evicted_views = self.evicted_views.saturating_add(other.evicted_views);
        self.days = self.days.saturating_add(other.days);
        let mut own_rows = std::mem::take(&mut self.rows).into_iter().peekable();
        let mut rows = Vec::with_capacity(own_rows.len().max(other.rows.len()));
        for (value_number, figures) in &other.rows {
            while let Some(on_row) = own_rows.next_if(|(own, _)| own < value_number) {
                rows.push(on_row);
            }
            let mut figures = *figures;
            if let Some((_, own)) = own_rows.next_if(|(own, _)| own == value_number) {
                figures.add(own);
            }
            rows.push((*value_number, figures));
        }
        rows.extend(own_rows);
        self.rows = rows;
    }
}

/// Decodes a table, passes each row to `on_row`, and returns the table without rows.
fn decode(bytes: &[u8], mut on_row: impl FnMut(u32, Figures)) -> Result<ArchivedTable, DecodeError> {
    let mut rest = bytes.strip_prefix(&[FORMAT_VERSION]).ok_or(DecodeError)?;
    let mut next = || leb128::read(&mut rest).ok_or(DecodeError);
    let days = u32::try_from(next()?).map_err(|_| DecodeError)?;
    let total = Figures { views: next()?, visitors: next()? };
    let (evicted_views, rows) = (next()?, next()?);
    let mut value_number = 0_u32;
    for n in 0..rows {
        let step = u32::try_from(next()?).map_err(|_| DecodeError)?;
        if step == 0 && n > 0 {
            return Err(DecodeError);
        }
        value_number = value_number.checked_add(step).ok_or(DecodeError)?;
        on_row(value_number, Figures { views: next()?, visitors: next()? });
    }
    if !rest.is_empty() {
        return Err(DecodeError);
    }
    Ok(ArchivedTable { total, evicted_views, days, rows: Vec::new() })
}

/// Number of neighbouring value numbers that share a block of sums.
const BLOCK_SIZE: usize = 64;

/// Adds up many tables. Values that appear together have numbers close together, so most rows find their block without
/// a look-up.
#[derive(Default)]
pub struct TableSum {
    head: ArchivedTable,
    /// Position in `blocks` by block number (value number divided by [`BLOCK_SIZE`]).
    block_index: HashMap<u32, usize, RandomState>,
    blocks: Vec<(u32, [Figures; BLOCK_SIZE])>,
}

impl TableSum {
    /// Adds a table.
    pub fn add(&mut self, other: &ArchivedTable) {
        self.add_head(other);
        let mut block = None;
        for (value_number, figures) in &other.rows {
            add_to_block(&mut self.block_index, &mut self.blocks, &mut block, *value_number, *figures);
        }
    }

    /// Adds an encoded table.
    ///
    /// # Errors
    /// [`DecodeError`] for bytes that [`ArchivedTable::to_bytes`] didn't write. Some rows may have been added then.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let (block_index, blocks, mut block) = (&mut self.block_index, &mut self.blocks, None);
        let head = decode(bytes, |value_number, figures| {
            add_to_block(block_index, blocks, &mut block, value_number, figures)
        })?;
        self.add_head(&head);
        Ok(())
    }

    fn add_head(&mut self, other: &ArchivedTable) {
        self.head.total.add(other.total);
        self.head.evicted_views = self.head.evicted_views.saturating_add(other.evicted_views);
        self.head.days = self.head.days.saturating_add(other.days);
    }

    /// Returns the sum. It leaves out values whose figures are all zero.
    pub fn finish(mut self) -> ArchivedTable {
        self.blocks.sort_unstable_by_key(|(block_number, _)| *block_number);
        let rows = self.blocks.iter().flat_map(|(block_number, block)| {
            let value_numbers = (block_number * BLOCK_SIZE as u32..).zip(block);
            value_numbers
                .filter(|(_, figures)| **figures != Figures::default())
                .map(|(value_number, f)| (value_number, *f))
        });
        self.head.rows = rows.collect();
        self.head
    }
}

/// Adds figures to a value. `last` caches the block of the previous value.
#[inline]
fn add_to_block(
    block_index: &mut HashMap<u32, usize, RandomState>,
    blocks: &mut Vec<(u32, [Figures; BLOCK_SIZE])>,
    last: &mut Option<(u32, usize)>,
    value_number: u32,
    figures: Figures,
) {
    let (block_number, offset) = (value_number / BLOCK_SIZE as u32, value_number as usize % BLOCK_SIZE);
    let at = match *last {
        Some((before, at)) if before == block_number => at,
        _ => *block_index.entry(block_number).or_insert_with(|| {
            blocks.push((block_number, [Figures::default(); BLOCK_SIZE]));
            blocks.len() - 1
        }),
    };
    *last = Some((block_number, at));
    blocks[at].1[offset].add(figures);
}
