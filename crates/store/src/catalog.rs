//! What notices need to know before they act, read with one statement: forgettings under way, bad news that overtook its
//! order, and the shop itself, which is read anew only when it has changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring::Tombstone;
use sqlx::Row as _;

use crate::erasure_intent::read_tombstones;
use crate::tx::{fetch_all, random_id, statements};
use crate::{Error, Product, SigningKeyRow, Tx};

statements! {
    // One row at least: what isn't there is NULL.
    AHEAD = "SELECT m.value, (SELECT year FROM early_notification LIMIT 1), i.tombstones FROM (SELECT 1 AS one) AS o \
             LEFT JOIN meta AS m ON m.name = 'catalog' LEFT JOIN erasure_intent AS i ON i.reason <> 'index'";
}

/// The fact that changes whenever a product or a signing key does.
const MARK: &str = "catalog";

/// Products and signing keys.
pub struct Catalog {
    mark: Option<String>,
    /// All products, by their number.
    pub products: Vec<Product>,
    /// All signing keys.
    pub keys: Vec<SigningKeyRow>,
}

/// The shop as it was read last, by whatever transaction.
#[derive(Clone, Default)]
pub(crate) struct CatalogCache(Arc<Mutex<Option<Arc<Catalog>>>>);

impl CatalogCache {
    fn get(&self) -> MutexGuard<'_, Option<Arc<Catalog>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What notices need to know before they act.
pub struct Prefetched {
    /// The shop.
    pub catalog: Arc<Catalog>,
    /// Tombstones of forgettings under way: they hold already, although the keyring doesn't have them yet.
    pub tombstones: Vec<Tombstone>,
    /// Whether any order item was taken back before it was known.
    pub has_early_notifications: bool,
}

impl Tx {
    /// Looks at what notices need to know before they act.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn prefetch(&mut self) -> Result<Prefetched, Error> {
        let rows = fetch_all!(self, AHEAD)?;
        let first = rows.first().ok_or(Error::Unknown("meta"))?;
        let (mark, early): (Option<String>, Option<i64>) = (first.try_get(0)?, first.try_get(1)?);
        let mut tombstones = Vec::new();
        for row in &rows {
            let bytes: Option<Vec<u8>> = row.try_get(2)?;
            tombstones.extend(read_tombstones(&bytes.unwrap_or_default())?);
        }
        Ok(Prefetched {
            catalog: self.shop(mark).await?,
            tombstones,
            has_early_notifications: early.is_some(),
        })
    }

    /// The shop under a mark that was read before: who changes the shop meanwhile changes the mark for the next.
    async fn shop(&mut self, mark: Option<String>) -> Result<Arc<Catalog>, Error> {
        let last = self.catalog_cache.get().clone();
        if let Some(last) = last.filter(|last| mark.is_some() && last.mark == mark) {
            return Ok(last);
        }
        let shop = Catalog { mark, products: self.products().await?, keys: self.signing_keys().await? };
        let shop = Arc::new(shop);
        *self.catalog_cache.get() = Some(Arc::clone(&shop));
        Ok(shop)
    }

    /// Says that a product or a signing key was changed. The mark is a random one: what was read in a transaction that
    /// came to nothing, or before a backup was put back, is never taken for what stands there now.
    pub(crate) async fn catalog_changed(&mut self) -> Result<(), Error> {
        // As long as a hash, which the proof doesn't take for the number of a card.
        let mark = format!("{:032x}", random_id()?);
        self.set_fact(MARK, &mark).await
    }
}
