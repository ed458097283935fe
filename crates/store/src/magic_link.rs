//! Links to a person's own page, sent by letter: only a hash of the token is kept.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::MagicLinkAddress;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// What a link does when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MagicLinkKind {
    /// Opens the person's page.
    Portal,
    /// Confirms a new address.
    Address,
}

impl MagicLinkKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Address => "address",
        }
    }
}

/// A link's row.
pub struct MagicLink {
    /// Hash of the token: its row.
    pub token_hash: [u8; 32],
    /// Whose page.
    pub slot: Slot,
    /// What it does.
    pub kind: MagicLinkKind,
    /// When it was asked for, seconds since 1970.
    pub requested_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// Used up.
    pub used: bool,
    address: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO magic_link (token_hash, slot, kind, requested_at, expires_at, used, session, address) \
           VALUES ($1, $2, $3, $4, $5, 0, $6, $7)";
    GET = "SELECT token_hash, slot, kind, requested_at, expires_at, used, address FROM magic_link WHERE token_hash = $1";
    USE = "UPDATE magic_link SET used = 1 WHERE token_hash = $1 AND used = 0 AND expires_at > $2";
    ASKED = "SELECT COUNT(*) FROM magic_link WHERE slot = $1 AND kind = 'portal' AND requested_at > $2";
    ASKED_IN_ALL = "SELECT COUNT(*) FROM magic_link WHERE requested_at > $1";
    END_ALL = "DELETE FROM magic_link WHERE slot = $1";
    SWEEP = "DELETE FROM magic_link WHERE requested_at <= $1 AND expires_at <= $2";
}

fn link(row: &AnyRow) -> Result<MagicLink, Error> {
    let tag: Vec<u8> = row.try_get("token_hash")?;
    let kind: String = row.try_get("kind")?;
    Ok(MagicLink {
        token_hash: tag.try_into().map_err(|_| Error::Unknown("magic_link.token_hash"))?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: if kind == "portal" { MagicLinkKind::Portal } else { MagicLinkKind::Address },
        requested_at: row.try_get("requested_at")?,
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
    pub async fn add_magic_link(
        &mut self,
        tag: &[u8; 32],
        of: Slot,
        kind: MagicLinkKind,
        expires_at: i64,
        session: &[u8],
        address: &str,
    ) -> Result<(), Error> {
        let address = self.seal::<MagicLinkAddress>(of, row_of(tag), address.as_bytes())?;
        let now = self.now;
        execute!(self, ADD, &tag[..], slot_to_i64(of), kind.as_str(), now, expires_at, session, address)?;
        Ok(())
    }

    /// The link of a token's hash.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn magic_link(&mut self, tag: &[u8; 32]) -> Result<Option<MagicLink>, Error> {
        fetch_optional!(self, GET, &tag[..])?.as_ref().map(link).transpose()
    }

    /// Uses a link up; false when it was used or has ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn use_magic_link(&mut self, tag: &[u8; 32]) -> Result<bool, Error> {
        let now = self.now;
        Ok(execute!(self, USE, &tag[..], now)? == 1)
    }

    /// Opens the address that waits to be confirmed.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_magic_link_address<P: Purpose>(
        &self,
        of: &MagicLink,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<MagicLinkAddress>>, Error>
    where
        MagicLinkAddress: OpenFor<P>,
    {
        self.open::<MagicLinkAddress, P>(of.slot, row_of(&of.token_hash), &of.address, permit)
    }

    /// How many page links a person has asked for since a moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn magic_links_requested_since(&mut self, of: Slot, since: i64) -> Result<i64, Error> {
        Ok(fetch_optional!(self, ASKED, slot_to_i64(of), since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// How many links all persons together have asked for since a moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn all_magic_links_requested_since(&mut self, since: i64) -> Result<i64, Error> {
        Ok(fetch_optional!(self, ASKED_IN_ALL, since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Deletes all links of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_magic_links_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, END_ALL, slot_to_i64(of))?;
        Ok(())
    }

    /// Deletes links that ended and were asked for a day ago or earlier: until then they count for the limits.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_expired_magic_links(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, SWEEP, now - 86_400, now)
    }
}
