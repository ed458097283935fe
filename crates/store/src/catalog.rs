//! Prefetch for notifications: reads erasures in progress, early notifications and the catalog version with one
//! statement. Reads the catalog itself only when it has changed.

use std::sync::Arc;

use keyring::Tombstone;
use sqlx::Row as _;

use crate::catalog_cache::Catalog;
use crate::erasure_intent::read_tombstones;
use crate::tx::{fetch_all, random_id, statements};
use crate::{Error, Tx};

statements! {
    // The statement returns at least one row; absent values are NULL.
    PREFETCH = "SELECT m.value, (SELECT year FROM early_notification LIMIT 1), i.tombstones FROM (SELECT 1 AS one) AS o \
             LEFT JOIN meta AS m ON m.name = 'catalog' LEFT JOIN erasure_intent AS i ON i.reason <> 'index'";
}

/// Name of the fact that holds the catalog's version.
const VERSION: &str = "catalog";

/// Data that the processing of notifications needs first.
pub struct Prefetched {
    pub catalog: Arc<Catalog>,
    /// Tombstones of erasures in progress. They apply already, although the keyring does not have them yet.
    pub tombstones: Vec<Tombstone>,
    /// Whether any order item was declined before its order was known.
    pub has_early_notifications: bool,
}

impl Tx {
    /// Reads what the processing of notifications needs first.
    pub async fn prefetch(&mut self) -> Result<Prefetched, Error> {
        let rows = fetch_all!(self, PREFETCH)?;
        let first = rows.first().ok_or(Error::Unknown("meta"))?;
        let (version, early): (Option<String>, Option<i64>) = (first.try_get(0)?, first.try_get(1)?);
        let mut tombstones = Vec::new();
        for row in &rows {
            let bytes: Option<Vec<u8>> = row.try_get(2)?;
            tombstones.extend(read_tombstones(&bytes.unwrap_or_default())?);
        }
        Ok(Prefetched {
            catalog: self.load_catalog(version).await?,
            tombstones,
            has_early_notifications: early.is_some(),
        })
    }

    /// Returns the cached catalog if its version is the current one, or reads it. A concurrent change of the catalog
    /// changes the version for the next reader.
    async fn load_catalog(&mut self, version: Option<String>) -> Result<Arc<Catalog>, Error> {
        let last = self.catalog_cache.get().clone();
        if let Some(last) = last.filter(|last| version.is_some() && last.version == version) {
            return Ok(last);
        }
        let load_catalog =
            Catalog { version, products: self.products().await?, keys: self.signing_keys().await? };
        let load_catalog = Arc::new(load_catalog);
        *self.catalog_cache.get() = Some(Arc::clone(&load_catalog));
        Ok(load_catalog)
    }

    /// Records a change of a product or signing key by a new random version. A random value can't be confused with
    /// one from a transaction that was rolled back, or from before a restore.
    pub(crate) async fn catalog_changed(&mut self) -> Result<(), Error> {
        // As long as a hash, because `prove` would take a shorter number for a card number.
        let version = format!("{:032x}", random_id()?);
        self.set_fact(VERSION, &version).await
    }
}
