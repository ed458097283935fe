//! The catalog of products and signing keys, and the copy of it that all transactions share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Product, SigningKeyRow};

/// Products and signing keys.
pub struct Catalog {
    pub(crate) version: Option<String>,
    /// All products, by number.
    pub products: Vec<Product>,
    /// All signing keys.
    pub keys: Vec<SigningKeyRow>,
}

/// The catalog as last read by any transaction.
#[derive(Clone, Default)]
pub(crate) struct CatalogCache(Arc<Mutex<Option<Arc<Catalog>>>>);

impl CatalogCache {
    pub(crate) fn get(&self) -> MutexGuard<'_, Option<Arc<Catalog>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
