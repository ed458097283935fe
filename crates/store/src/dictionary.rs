//! Published words by number: figures name them by it.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{fetch_optional, statements};
use crate::{Error, Tx, batch_insert};

statements! {
    /// The last place is repeated for as many words as are asked for.
    NUMBERS = "SELECT id, text FROM dictionary WHERE site = $1 AND text IN ($2)";
    WORDS = "SELECT id, text FROM dictionary WHERE site = $1 AND id IN ($2)";
    LAST = "SELECT COALESCE(MAX(id), 0) FROM dictionary";
    ADD = "INSERT INTO dictionary (id, site, text) VALUES ($1, $2, $3)";
}

/// Words in one statement, most first; what is left over fills the smallest by repeating its last.
const SIZES: [usize; 3] = [512, 64, 8];

/// A statement that asks for one word, as one that asks for `words`.
fn expand_statement(sql: &str, words: usize) -> String {
    let places: Vec<String> = (2..words + 2).map(|n| format!("${n}")).collect();
    sql.replace("$2", &places.join(", "))
}

/// Pieces of a list, with the size of the statement that each is for.
fn pieces<T>(mut rest: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len()).unwrap_or(SIZES[SIZES.len() - 1]);
        let (now, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        (!now.is_empty()).then_some((size, now))
    })
}

fn row(row: &AnyRow) -> Result<(u32, String), Error> {
    let number = u32::try_from(row.try_get::<i64, _>(0)?).map_err(|_| Error::Unknown("dictionary.id"))?;
    Ok((number, row.try_get(1)?))
}

impl Tx {
    /// The numbers of words of a site, in their order; a word that had none has one now. Whoever needs many asks for them
    /// together.
    ///
    /// # Errors
    /// When the database is away, or another makes words at once (the write door tries again).
    pub async fn dictionary_ids(&mut self, site: i64, words: &[&str]) -> Result<Vec<u32>, Error> {
        let mut known = HashMap::with_capacity(words.len());
        for (size, some) in pieces(words) {
            let mut query =
                sqlx::query(batch_insert::cached_statement(NUMBERS, size, expand_statement)).bind(site);
            for n in 0..size {
                query = query.bind(some[n.min(some.len() - 1)]);
            }
            for found in query.fetch_all(self.flush().await?).await? {
                let (number, word) = row(&found)?;
                known.insert(word, number);
            }
        }
        let mut last = None;
        let mut numbers = Vec::with_capacity(words.len());
        for word in words {
            if let Some(number) = known.get(*word) {
                numbers.push(*number);
                continue;
            }
            let before = match last {
                Some(last) => last,
                None => fetch_optional!(self, LAST)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?,
            };
            let number = before + 1;
            last = Some(number);
            self.queue_insert(ADD, [number.into(), site.into(), (*word).into()]);
            let number = u32::try_from(number).map_err(|_| Error::Unknown("dictionary.id"))?;
            known.insert((*word).to_owned(), number);
            numbers.push(number);
        }
        self.flush().await?;
        Ok(numbers)
    }

    /// Words of a site by number. A number that isn't a word's is missing.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn dictionary_words(
        &mut self,
        site: i64,
        numbers: &[u32],
    ) -> Result<HashMap<u32, String>, Error> {
        let mut words = HashMap::with_capacity(numbers.len());
        for (size, some) in pieces(numbers) {
            let mut query =
                sqlx::query(batch_insert::cached_statement(WORDS, size, expand_statement)).bind(site);
            for n in 0..size {
                query = query.bind(i64::from(some[n.min(some.len() - 1)]));
            }
            for found in query.fetch_all(self.flush().await?).await? {
                let (number, word) = row(&found)?;
                words.insert(number, word);
            }
        }
        Ok(words)
    }
}
