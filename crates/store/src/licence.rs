//! Licences and their holders. A licence holds no personal data and is kept for ever.

use calendar::Day;
use keyring::Slot;
use licence::Serial;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::Cell;
use crate::columns;
use crate::product::LicenceModel;
use crate::tx::{execute, fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// State of a licence, derived from its terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LicenceState {
    /// Valid.
    Active,
    /// The subscription is suspended.
    Suspended,
    /// The subscription was terminated or has finished, or a trial has ended for good.
    Ended,
    /// The purchase was reversed, or staff revoked the licence.
    Revoked,
    /// The order is on hold.
    OnHold,
}

impl LicenceState {
    const ALL: [Self; 5] = [Self::Active, Self::Suspended, Self::Ended, Self::Revoked, Self::OnHold];

    /// Returns the name used in tables, pages and API answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
            Self::OnHold => "on hold",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|s| s.as_str() == name).ok_or(Error::Unknown("licence.state"))
    }
}

/// A row of `licence`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Licence {
    /// Licence number, 40 bits.
    pub serial: Serial,
    /// Our product number.
    pub product: u8,
    pub kind: LicenceModel,
    pub edition: u8,
    /// Number of seats.
    pub seats: u16,
    /// The product's grace days at the time of issue.
    pub grace_days: i64,
    /// Its state, derived from the terms.
    pub state: LicenceState,
    /// Last day of updates or of the paid time, if there is an end. Derived from the terms.
    pub until_day: Option<Day>,
    /// Whether the subscription is suspended.
    pub suspended: bool,
    /// Whether the subscription ends on the day it is paid until.
    pub terminated: bool,
    /// Day on which the subscription finished; none while it runs.
    pub finished_day: Option<Day>,
    /// Whether staff revoked the licence.
    pub revoked: bool,
    /// Day of issue.
    pub issued_day: Day,
    /// Payload of the current key.
    pub current_key: Vec<u8>,
}

/// A holder of a licence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Licence number.
    pub serial: Serial,
    /// The holder's key slot.
    pub slot: Slot,
    /// Whether the holder bought the licence; otherwise the holder is the licensee.
    pub buyer: bool,
}

statements! {
    GET = "SELECT serial, product, kind, edition, seats, grace_days, state, until_day, suspended, terminated, \
           finished_day, revoked, issued_day, current_key FROM licence WHERE serial = $1";
    HELD_BY = "SELECT l.serial, product, kind, edition, seats, grace_days, state, until_day, suspended, terminated, \
           finished_day, revoked, issued_day, current_key FROM licence l JOIN holder h ON h.serial = l.serial \
           WHERE h.slot = $1 ORDER BY issued_day, l.serial";
    ADD = "INSERT INTO licence (serial, product, kind, edition, seats, grace_days, state, until_day, suspended, \
           terminated, finished_day, revoked, issued_day, current_key) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    SET = "UPDATE licence SET state = $2, until_day = $3, suspended = $4, terminated = $5, finished_day = $6, \
           revoked = $7, current_key = $8 WHERE serial = $1";
    LOCK = "UPDATE licence SET issued_day = issued_day WHERE serial = $1";
    COUNT = "SELECT state, COUNT(*) FROM licence GROUP BY state ORDER BY state";
    ADD_HOLDER = "INSERT INTO holder (serial, slot, role) VALUES ($1, $2, $3) ON CONFLICT (serial, slot) DO NOTHING";
    DROP_HOLDER = "DELETE FROM holder WHERE serial = $1 AND slot = $2";
    HOLDERS = "SELECT serial, slot, role FROM holder WHERE serial = $1 ORDER BY role, slot";
}

fn licence(row: &AnyRow) -> Result<Licence, Error> {
    let number = |column: &str| -> Result<i64, Error> { Ok(row.try_get(column)?) };
    Ok(Licence {
        serial: columns::serial(row, "licence.serial")?,
        product: columns::number(row, "licence.product")?,
        kind: LicenceModel::parse(row.try_get("kind")?).ok_or(Error::Unknown("licence.kind"))?,
        edition: columns::number(row, "licence.edition")?,
        seats: columns::number(row, "licence.seats")?,
        grace_days: number("grace_days")?,
        state: LicenceState::parse(&row.try_get::<String, _>("state")?)?,
        until_day: columns::optional_day(row, "licence.until_day")?,
        suspended: number("suspended")? != 0,
        terminated: number("terminated")? != 0,
        finished_day: columns::optional_day(row, "licence.finished_day")?,
        revoked: number("revoked")? != 0,
        issued_day: columns::day(row, "licence.issued_day")?,
        current_key: row.try_get("current_key")?,
    })
}

impl Tx {
    /// Finds a licence by its number.
    pub async fn licence(&mut self, serial: Serial) -> Result<Option<Licence>, Error> {
        fetch_optional!(self, GET, serial)?.as_ref().map(licence).transpose()
    }

    /// The same, and locks the row against changes until the transaction ends.
    pub async fn licence_locked(&mut self, serial: Serial) -> Result<Option<Licence>, Error> {
        execute!(self, LOCK, serial)?;
        self.licence(serial).await
    }

    /// Returns all licences of a holder, oldest first.
    pub async fn licences_of(&mut self, of: Slot) -> Result<Vec<Licence>, Error> {
        fetch_all!(self, HELD_BY, slot_to_i64(of))?.iter().map(licence).collect()
    }

    /// Adds a licence.
    ///
    /// # Errors
    /// When the database is unavailable, or the number exists already.
    pub async fn add_licence(&mut self, l: &Licence) -> Result<(), Error> {
        self.queue_insert(
            ADD,
            [
                Cell::from(l.serial),
                Cell::from(i64::from(l.product)),
                Cell::from(l.kind.as_str()),
                Cell::from(i64::from(l.edition)),
                Cell::from(i64::from(l.seats)),
                Cell::from(l.grace_days),
                Cell::from(l.state.as_str()),
                Cell::from(l.until_day),
                Cell::from(i64::from(l.suspended)),
                Cell::from(i64::from(l.terminated)),
                Cell::from(l.finished_day),
                Cell::from(i64::from(l.revoked)),
                Cell::from(l.issued_day),
                Cell::from(l.current_key.clone()),
            ],
        );
        Ok(())
    }

    /// Updates the mutable columns of a licence.
    pub async fn set_licence(&mut self, l: &Licence) -> Result<(), Error> {
        execute!(
            self,
            SET,
            l.serial,
            l.state.as_str(),
            l.until_day,
            i64::from(l.suspended),
            i64::from(l.terminated),
            l.finished_day,
            i64::from(l.revoked),
            &l.current_key[..],
        )?;
        Ok(())
    }

    /// Returns the number of licences in each state.
    pub async fn count_licences(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Adds a holder to a licence.
    pub async fn add_holder(&mut self, h: &Holder) -> Result<(), Error> {
        let role = if h.buyer { "buyer" } else { "licensee" };
        self.queue_insert(ADD_HOLDER, [h.serial.into(), slot_to_i64(h.slot).into(), role.into()]);
        Ok(())
    }

    /// Removes a holder from a licence.
    pub async fn delete_holder(&mut self, serial: Serial, of: Slot) -> Result<(), Error> {
        execute!(self, DROP_HOLDER, serial, slot_to_i64(of))?;
        Ok(())
    }

    /// Returns the holders of a licence who are not erased, buyers first.
    pub async fn holders(&mut self, serial: Serial) -> Result<Vec<Holder>, Error> {
        let rows = fetch_all!(self, HOLDERS, serial)?;
        rows.iter()
            .map(|row| {
                let buyer = match row.try_get(2)? {
                    "buyer" => true,
                    "licensee" => false,
                    _ => return Err(Error::Unknown("holder.role")),
                };
                Ok(Holder {
                    serial: columns::serial_at(row, 0, "holder.serial")?,
                    slot: slot_from_i64(row.try_get(1)?),
                    buyer,
                })
            })
            .collect()
    }
}
