//! Transactions. The files of this crate add the methods of each table to [`Tx`].

use calendar::{Day, Timestamp};
use std::sync::{Arc, OnceLock};

use keyring::{Keyring, KeyringView, OpenError, Opened, Permit, Sealed, Slot};
use policy::purpose::Operating;
use policy::{Field, OpenFor, Purpose};
use sqlx::{Any, AnyConnection, Transaction};

use crate::batch_insert::PendingInserts;
use crate::blind_index::cache::BucketCache;
use crate::catalog_cache::CatalogCache;
use crate::{Db, Engine, Error};

/// A transaction on the database, with access to the keyring.
pub struct Tx {
    inner: Transaction<'static, Any>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) engine: Engine,
    pub(crate) blind_index: BucketCache,
    pub(crate) pending_inserts: PendingInserts,
    pub(crate) catalog_cache: CatalogCache,
    /// Set when the first value is sealed.
    keyring_view: OnceLock<KeyringView>,
    /// The moment at which the transaction began.
    pub now: Timestamp,
}

impl Tx {
    pub(crate) async fn begin(db: &Db, writes: bool) -> Result<Self, Error> {
        let pool = if writes { &db.pools.writing } else { &db.pools.reading };
        let inner = pool.begin_with(db.engine.begin(writes)).await?;
        Ok(Self {
            inner,
            keyring: Arc::clone(&db.keyring),
            engine: db.engine,
            blind_index: BucketCache::default(),
            pending_inserts: PendingInserts::default(),
            catalog_cache: db.catalog_cache.clone(),
            keyring_view: OnceLock::new(),
            now: db.clock.now(),
        })
    }

    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        self.write_index().await?;
        Ok(self.inner.commit().await?)
    }

    /// The connection without a flush, for the blind index only. All other statements use [`Tx::flush`].
    pub(crate) fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// The day in UTC on which the transaction began.
    #[must_use]
    pub fn today(&self) -> Day {
        self.now.day()
    }

    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Seals a value for row `row` of field `F` under `slot`. An empty value stays empty.
    pub(crate) fn seal<F: Field>(
        &self,
        slot: Slot,
        row: impl Into<i64>,
        value: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.seal_at::<F>(slot, &row.into().to_be_bytes(), value)
    }

    /// Like [`Tx::seal`], for a row with a composite key.
    pub(crate) fn seal_at<F: Field>(&self, slot: Slot, row: &[u8], value: &[u8]) -> Result<Vec<u8>, Error> {
        if value.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.keyring.seal_in_view::<F>(&self.keyring_view()?, slot, row, value)?.into_bytes())
    }

    /// Returns the keyring's state under which this transaction seals; its epoch is checked once.
    pub(crate) fn keyring_view(&self) -> Result<KeyringView, Error> {
        match self.keyring_view.get() {
            Some(keyring_view) => Ok(*keyring_view),
            None => {
                let keyring_view = self.keyring.check_epoch()?;
                Ok(*self.keyring_view.get_or_init(|| keyring_view))
            }
        }
    }

    /// Opens a sealed column; `None` if it is empty. The permit proves that the audit entry exists.
    pub(crate) fn open<F: OpenFor<P>, P: Purpose>(
        &self,
        slot: Slot,
        row: impl Into<i64>,
        sealed: &[u8],
        permit: &Permit<P>,
    ) -> Result<Option<Opened<F>>, Error> {
        self.open_at(slot, &row.into().to_be_bytes(), sealed.to_vec(), permit)
    }

    /// Like [`Tx::open`], for a row with a composite key.
    pub(crate) fn open_at<F: OpenFor<P>, P: Purpose>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: Vec<u8>,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<F>>, Error> {
        if sealed.is_empty() {
            return Ok(None);
        }
        let sealed = Sealed::<F>::from_bytes(sealed);
        let opened = self.keyring.open_field::<F, P>(slot, row, &sealed, permit);
        opened.map(Some).map_err(open_error::<F>)
    }

    /// Opens one of the program's own secrets, in a row that this transaction has locked.
    pub(crate) fn open_own<F: OpenFor<Operating>>(
        &self,
        slot: Slot,
        row: impl Into<i64>,
        sealed: Vec<u8>,
    ) -> Result<Opened<F>, Error> {
        self.open_own_at(slot, &row.into().to_be_bytes(), sealed)
    }

    /// Like [`Tx::open_own`], for a row with a composite key.
    pub(crate) fn open_own_at<F: OpenFor<Operating>>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: Vec<u8>,
    ) -> Result<Opened<F>, Error> {
        let sealed = Sealed::<F>::from_bytes(sealed);
        let opened = self.keyring.open_operating_in_view(&self.keyring_view()?, slot, row, &sealed);
        opened.map_err(open_error::<F>)
    }
}

fn open_error<F: Field>(error: OpenError) -> Error {
    let column = format!("{}.{}", F::COLUMN.table, F::COLUMN.column);
    match error {
        OpenError::Forgotten => Error::Forgotten { column },
        OpenError::Keyring(e) => e.into(),
        _ => Error::Damaged { column },
    }
}

/// Returns a random, positive row number.
pub(crate) fn random_id() -> Result<i64, Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| Error::no_randomness())?;
    Ok(i64::from_be_bytes(bytes) & i64::MAX)
}

/// Converts a BIGINT column to a key slot.
#[must_use]
pub(crate) fn slot_from_i64(column: i64) -> Slot {
    Slot(u64::try_from(column).unwrap_or(0))
}

/// Converts a key slot to a BIGINT column; slots stay below 2^63.
#[must_use]
pub(crate) fn slot_to_i64(slot: Slot) -> i64 {
    i64::try_from(slot.0).unwrap_or(i64::MAX)
}

/// Converts a BIGINT column to a key slot; 0 is none, because no slot has this number.
#[must_use]
pub(crate) fn optional_slot_from_i64(column: i64) -> Option<Slot> {
    Some(slot_from_i64(column)).filter(|slot| slot.0 != 0)
}

/// Converts a key slot to a BIGINT column; 0 is none.
#[must_use]
pub(crate) fn optional_slot_to_i64(slot: Option<Slot>) -> i64 {
    slot.map_or(0, slot_to_i64)
}

/// Defines an enum with a closed list of stored names.
macro_rules! string_enum {
    ($column:literal, $(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $stored:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// Returns the value stored in the table.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $stored,)+
                }
            }

            pub(crate) fn parse(name: &str) -> Result<Self, $crate::Error> {
                match name {
                    $($stored => Ok(Self::$variant),)+
                    _ => Err($crate::Error::Unknown($column)),
                }
            }
        }
    };
}

/// Defines statements as constants, and lists them so that a test prepares each on both engines.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        /// All statements of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[&str] = &[$($name),*];
    };
}

/// Executes a statement and returns the number of changed rows.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($crate::columns::IntoColumn::into_column($bind)))*.execute($tx.flush().await?).await
            .map(|done| done.rows_affected()).map_err($crate::Error::from)
    };
}

/// Fetches the row of a statement, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($crate::columns::IntoColumn::into_column($bind)))*.fetch_optional($tx.flush().await?).await.map_err($crate::Error::from)
    };
}

/// Fetches all rows of a statement.
macro_rules! fetch_all {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($crate::columns::IntoColumn::into_column($bind)))*.fetch_all($tx.flush().await?).await.map_err($crate::Error::from)
    };
}

pub(crate) use {execute, fetch_all, fetch_optional, statements, string_enum};
