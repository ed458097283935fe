//! Figures as they are kept for ever: one dimension of a day, a week, a month or a year, its words by number.
//!
//! Everything in it is published, folded and rounded. The same figures always make the same bytes; `n` is a LEB128
//! number:
//!
//! ```text
//! 1   n days   n views   n visitors   n beyond   n rows   { n difference to the word before   n views   n visitors }
//! ```
//!
//! Words rise, the first from 0. Years are answered at once because bytes are [summed](Sum::add_bytes) as they are read.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::{Figures, Table, Unreadable, number};

/// First byte.
const FORM: u8 = 1;

/// Published figures of one dimension, in the order of their words' numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archived {
    /// All people of the dimension.
    pub total: Figures,
    /// Views in cells that made way because there were too many.
    pub beyond: u64,
    /// Days that are in it.
    pub days: u32,
    /// Numbers of each word, which rises and comes once.
    pub rows: Vec<(u32, Figures)>,
}

impl Archived {
    /// Of a published table; `number` says which number a word has, another one for each.
    pub fn of(table: &Table, mut number: impl FnMut(&str) -> u32) -> Self {
        let mut rows: Vec<_> = table.rows.iter().map(|row| (number(&row.value), row.figures)).collect();
        rows.sort_unstable_by_key(|(word, _)| *word);
        debug_assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0), "each word has its own number");
        Self { total: table.total, beyond: table.beyond, days: table.days, rows }
    }

    /// Its bytes: some six a row.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + 6 * self.rows.len());
        out.push(FORM);
        let Figures { views, visitors } = self.total;
        for value in [u64::from(self.days), views, visitors, self.beyond, self.rows.len() as u64] {
            number::write(&mut out, value);
        }
        let mut before = 0;
        for (word, figures) in &self.rows {
            number::write(&mut out, u64::from(word - before));
            number::write(&mut out, figures.views);
            number::write(&mut out, figures.visitors);
            before = *word;
        }
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`Unreadable`] for anything else; no input panics or makes it take more memory than a small multiple of its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut rows = Vec::new();
        let head = read(bytes, |word, figures| rows.push((word, figures)))?;
        Ok(Self { rows, ..head })
    }

    /// Adds other figures of the same dimension and audience.
    pub fn add(&mut self, other: &Self) {
        self.total.add(other.total);
        self.beyond = self.beyond.saturating_add(other.beyond);
        self.days = self.days.saturating_add(other.days);
        let mut ours = std::mem::take(&mut self.rows).into_iter().peekable();
        let mut rows = Vec::with_capacity(ours.len().max(other.rows.len()));
        for (word, figures) in &other.rows {
            while let Some(row) = ours.next_if(|(our, _)| our < word) {
                rows.push(row);
            }
            let mut figures = *figures;
            if let Some((_, our)) = ours.next_if(|(our, _)| our == word) {
                figures.add(our);
            }
            rows.push((*word, figures));
        }
        rows.extend(ours);
        self.rows = rows;
    }
}

/// Reads figures without keeping them: hands out each row and returns the rest.
fn read(bytes: &[u8], mut row: impl FnMut(u32, Figures)) -> Result<Archived, Unreadable> {
    let mut rest = bytes.strip_prefix(&[FORM]).ok_or(Unreadable)?;
    let mut next = || number::read(&mut rest).ok_or(Unreadable);
    let days = u32::try_from(next()?).map_err(|_| Unreadable)?;
    let total = Figures { views: next()?, visitors: next()? };
    let (beyond, rows) = (next()?, next()?);
    let mut word = 0_u32;
    for n in 0..rows {
        let step = u32::try_from(next()?).map_err(|_| Unreadable)?;
        if step == 0 && n > 0 {
            return Err(Unreadable);
        }
        word = word.checked_add(step).ok_or(Unreadable)?;
        row(word, Figures { views: next()?, visitors: next()? });
    }
    if !rest.is_empty() {
        return Err(Unreadable);
    }
    Ok(Archived { total, beyond, days, rows: Vec::new() })
}

/// Words whose numbers lie beside each other and that are summed in one piece.
const PIECE: usize = 64;

/// Adds figures up, many of them: a view's words came one after the other, so their numbers lie close together and most
/// rows find their place without being looked for.
#[derive(Default)]
pub struct Sum {
    head: Archived,
    /// Which piece holds the words from 64 times this on.
    places: HashMap<u32, usize, RandomState>,
    pieces: Vec<(u32, [Figures; PIECE])>,
}

impl Sum {
    /// Adds figures.
    pub fn add(&mut self, other: &Archived) {
        self.add_head(other);
        let mut piece = None;
        for (word, figures) in &other.rows {
            put(&mut self.places, &mut self.pieces, &mut piece, *word, *figures);
        }
    }

    /// Adds figures as they were kept.
    ///
    /// # Errors
    /// [`Unreadable`] for anything that [`Archived::to_bytes`] didn't write; some of it may have been added then.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let (places, pieces, mut piece) = (&mut self.places, &mut self.pieces, None);
        let head = read(bytes, |word, figures| put(places, pieces, &mut piece, word, figures))?;
        self.add_head(&head);
        Ok(())
    }

    fn add_head(&mut self, other: &Archived) {
        self.head.total.add(other.total);
        self.head.beyond = self.head.beyond.saturating_add(other.beyond);
        self.head.days = self.head.days.saturating_add(other.days);
    }

    /// The sum. A word of which nothing was ever published isn't in it.
    pub fn finish(mut self) -> Archived {
        self.pieces.sort_unstable_by_key(|(place, _)| *place);
        let rows = self.pieces.iter().flat_map(|(place, piece)| {
            let words = (place * PIECE as u32..).zip(piece);
            words.filter(|(_, figures)| **figures != Figures::default()).map(|(word, f)| (word, *f))
        });
        self.head.rows = rows.collect();
        self.head
    }
}

/// Adds to a word; `last` is the piece of the word before.
#[inline]
fn put(
    places: &mut HashMap<u32, usize, RandomState>,
    pieces: &mut Vec<(u32, [Figures; PIECE])>,
    last: &mut Option<(u32, usize)>,
    word: u32,
    figures: Figures,
) {
    let (place, within) = (word / PIECE as u32, word as usize % PIECE);
    let at = match *last {
        Some((before, at)) if before == place => at,
        _ => *places.entry(place).or_insert_with(|| {
            pieces.push((place, [Figures::default(); PIECE]));
            pieces.len() - 1
        }),
    };
    *last = Some((place, at));
    pieces[at].1[within].add(figures);
}
