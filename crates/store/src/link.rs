//! Links to a person's own page, sent by letter: only a hash of the token is kept.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::LinkAddress;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{column, one, run, slot, statements};
use crate::{Error, Tx};

/// What a link does when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// Opens the person's page.
    Page,
    /// Confirms a new address.
    Address,
}

impl LinkKind {
    fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Address => "address",
        }
    }
}

/// A link's row.
pub struct Link {
    /// Hash of the token: its row.
    pub tag: [u8; 32],
    /// Whose page.
    pub slot: Slot,
    /// What it does.
    pub kind: LinkKind,
    /// When it was asked for, seconds since 1970.
    pub asked_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// Used up.
    pub used: bool,
    address: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO link (tag, slot, kind, asked_at, expires_at, used, session, address) \
           VALUES ($1, $2, $3, $4, $5, 0, $6, $7)";
    GET = "SELECT tag, slot, kind, asked_at, expires_at, used, address FROM link WHERE tag = $1";
    USE = "UPDATE link SET used = 1 WHERE tag = $1 AND used = 0 AND expires_at > $2";
    ASKED = "SELECT COUNT(*) FROM link WHERE slot = $1 AND kind = 'page' AND asked_at > $2";
    ASKED_IN_ALL = "SELECT COUNT(*) FROM link WHERE asked_at > $1";
    END_ALL = "DELETE FROM link WHERE slot = $1";
    SWEEP = "DELETE FROM link WHERE asked_at <= $1 AND expires_at <= $2";
}

fn link(row: &AnyRow) -> Result<Link, Error> {
    let tag: Vec<u8> = row.try_get("tag")?;
    let kind: String = row.try_get("kind")?;
    Ok(Link {
        tag: tag.try_into().map_err(|_| Error::Unknown("link.tag"))?,
        slot: slot(row.try_get("slot")?),
        kind: if kind == "page" { LinkKind::Page } else { LinkKind::Address },
        asked_at: row.try_get("asked_at")?,
        expires_at: row.try_get("expires_at")?,
        used: row.try_get::<i64, _>("used")? != 0,
        address: row.try_get("address")?,
    })
}

/// The row that a link's address is bound to: the first bytes of its tag.
pub(crate) fn row_of(tag: &[u8]) -> i64 {
    tag.iter().take(8).fold(0, |n, b| n << 8 | i64::from(*b)) & i64::MAX
}

impl Tx {
    /// Adds a link; `address` is the new address to be confirmed, empty for a page link.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_link(
        &mut self,
        tag: &[u8; 32],
        of: Slot,
        kind: LinkKind,
        expires_at: i64,
        session: &[u8],
        address: &str,
    ) -> Result<(), Error> {
        let address = self.seal::<LinkAddress>(of, row_of(tag), address.as_bytes())?;
        let now = self.now;
        run!(self, ADD, &tag[..], column(of), kind.word(), now, expires_at, session, address)?;
        Ok(())
    }

    /// The link of a token's hash.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn link(&mut self, tag: &[u8; 32]) -> Result<Option<Link>, Error> {
        one!(self, GET, &tag[..])?.as_ref().map(link).transpose()
    }

    /// Uses a link up; false when it was used or has ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn use_link(&mut self, tag: &[u8; 32]) -> Result<bool, Error> {
        let now = self.now;
        Ok(run!(self, USE, &tag[..], now)? == 1)
    }

    /// Opens the address that waits to be confirmed.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_link_address<P: Purpose>(
        &self,
        of: &Link,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<LinkAddress>>, Error>
    where
        LinkAddress: OpenFor<P>,
    {
        self.open::<LinkAddress, P>(of.slot, row_of(&of.tag), &of.address, leave)
    }

    /// How many page links a person has asked for since a moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn links_asked_since(&mut self, of: Slot, since: i64) -> Result<i64, Error> {
        Ok(one!(self, ASKED, column(of), since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// How many links all persons together have asked for since a moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn links_in_all_since(&mut self, since: i64) -> Result<i64, Error> {
        Ok(one!(self, ASKED_IN_ALL, since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Deletes all links of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_links_of(&mut self, of: Slot) -> Result<(), Error> {
        run!(self, END_ALL, column(of))?;
        Ok(())
    }

    /// Deletes links that ended and were asked for a day ago or earlier: until then they count for the limits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_links(&mut self) -> Result<u64, Error> {
        let now = self.now;
        run!(self, SWEEP, now - 86_400, now)
    }
}
