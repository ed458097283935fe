//! Dictionary of published values: figures refer to pages, referrers and countries by number.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{fetch_optional, statements};
use crate::{Error, Tx, batch_insert};

statements! {
    /// The last placeholder is repeated for each value.
    NUMBERS = "SELECT id, text FROM dictionary WHERE site = $1 AND text IN ($2)";
    WORDS = "SELECT id, text FROM dictionary WHERE site = $1 AND id IN ($2)";
    LAST = "SELECT COALESCE(MAX(id), 0) FROM dictionary";
    ADD = "INSERT INTO dictionary (id, site, text) VALUES ($1, $2, $3)";
}

/// Numbers of values in one statement, largest first. The last value is repeated to fill the smallest size.
const SIZES: [usize; 3] = [512, 64, 8];

/// Expands a statement for one value to one for `words` values.
fn expand_statement(sql: &str, words: usize) -> String {
    let places: Vec<String> = (2..words + 2).map(|n| format!("${n}")).collect();
    sql.replace("$2", &places.join(", "))
}

/// Splits a list into parts, each with the size of its statement.
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
    /// Returns the dictionary numbers of a site's values in order, and assigns numbers to new values. Callers should
    /// pass many values at once.
    ///
    /// # Errors
    /// When the database is unavailable, or on a conflict with another writer ([`Db::execute`](crate::Db::execute)
    /// tries again).
    pub async fn dictionary_ids(&mut self, site: i64, words: &[&str]) -> Result<Vec<u32>, Error> {
        let mut known = HashMap::with_capacity(words.len());
        for (size, some) in pieces(words) {
            let mut query =
                sqlx::query(batch_insert::cached_statement(NUMBERS, size, expand_statement)).bind(site);
            for n in 0..size {
                query = query.bind(some[n.min(some.len() - 1)]);
            }
            for found in query.fetch_all(self.flush().await?).await? {
                let (number, name) = row(&found)?;
                known.insert(name, number);
            }
        }
        let mut last = None;
        let mut numbers = Vec::with_capacity(words.len());
        for name in words {
            if let Some(number) = known.get(*name) {
                numbers.push(*number);
                continue;
            }
            let before = match last {
                Some(last) => last,
                None => fetch_optional!(self, LAST)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?,
            };
            let number = before + 1;
            last = Some(number);
            self.queue_insert(ADD, [number.into(), site.into(), (*name).into()]);
            let number = u32::try_from(number).map_err(|_| Error::Unknown("dictionary.id"))?;
            known.insert((*name).to_owned(), number);
            numbers.push(number);
        }
        self.flush().await?;
        Ok(numbers)
    }

    /// Returns values of a site by number. Unknown numbers are omitted.
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
                let (number, name) = row(&found)?;
                words.insert(number, name);
            }
        }
        Ok(words)
    }
}
