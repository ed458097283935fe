//! Persons: customers and licensees, each under a key slot of their own.

use calendar::Day;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::{PersonCompany, PersonEmail, PersonLanguage, PersonName};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::Cell;
use crate::columns;
use crate::suppression::{Suppression, suppression};
use crate::tx::{execute, fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A row of `person`. Personal values stay sealed until an `open_` method is called.
pub struct Person {
    /// The person's key slot.
    pub slot: Slot,
    /// Day of the first notification.
    pub since_day: Day,
    /// Day on which the last licence ended; none while a licence is valid.
    pub ended_day: Option<Day>,
    /// Day on which an agreed erasure is due, if there is one.
    pub erase_day: Option<Day>,
    /// Why e-mails are suppressed until the person's next action.
    pub suppression: Option<Suppression>,
    email: Vec<u8>,
    name: Vec<u8>,
    company: Vec<u8>,
    language: Vec<u8>,
}

/// Details of a person from a notification, to be sealed.
#[derive(Clone, Copy)]
pub struct NewPerson<'a> {
    /// E-mail address as spelled.
    pub email: &'a str,
    /// Name; empty for none.
    pub name: &'a str,
    /// Company; empty for none.
    pub company: &'a str,
    /// Language code; empty for none.
    pub language: &'a str,
}

statements! {
    GET = "SELECT slot, email, name, company, language, since_day, ended_day, erase_day, suppression FROM person WHERE slot = $1";
    AFTER = "SELECT slot, email, name, company, language, since_day, ended_day, erase_day, suppression FROM person \
             WHERE slot > $1 ORDER BY slot LIMIT 500";
    ADD = "INSERT INTO person (slot, email, name, company, language, since_day, ended_day, erase_day, suppression) \
           VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '')";
    EMAIL = "UPDATE person SET email = $2 WHERE slot = $1";
    DETAILS = "UPDATE person SET name = $2, company = $3, language = $4 WHERE slot = $1";
    ENDED = "UPDATE person SET ended_day = $2 WHERE slot = $1 AND ended_day <> $2";
    ERASE_ON = "UPDATE person SET erase_day = $2 WHERE slot = $1";
    STOPPED = "UPDATE person SET suppression = $2 WHERE slot = $1 AND suppression <> $2";
    // A person with a conversation still needs support.
    ENDED_BY = "SELECT slot FROM person p WHERE ended_day > 0 AND ended_day <= $1 AND NOT EXISTS \
                (SELECT 1 FROM conversation t WHERE t.person = p.slot AND t.person > 0) ORDER BY slot LIMIT 500";
    NOT_LIVING = "SELECT slot FROM person p WHERE slot > $1 AND (ended_day <> 0 OR NOT EXISTS ( \
             SELECT 1 FROM holder h JOIN licence l ON l.serial = h.serial WHERE h.slot = p.slot \
             AND (l.state = 'on hold' OR (l.state IN ('active', 'suspended') \
             AND (l.kind = 'perpetual' OR l.until_day = 0 OR l.until_day + l.grace_days >= $2))))) \
             ORDER BY slot LIMIT 500";
    DUE = "SELECT slot FROM person WHERE erase_day > 0 AND erase_day <= $1 ORDER BY slot LIMIT 500";
    COUNT = "SELECT COUNT(*) FROM person";
}

fn person(row: &AnyRow) -> Result<Person, Error> {
    Ok(Person {
        slot: slot_from_i64(row.try_get("slot")?),
        since_day: columns::day(row, "person.since_day")?,
        ended_day: columns::optional_day(row, "person.ended_day")?,
        erase_day: columns::optional_day(row, "person.erase_day")?,
        suppression: suppression(row)?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        company: row.try_get("company")?,
        language: row.try_get("language")?,
    })
}

impl Tx {
    /// Finds the person of a key slot.
    pub async fn person(&mut self, of: Slot) -> Result<Option<Person>, Error> {
        fetch_optional!(self, GET, slot_to_i64(of))?.as_ref().map(person).transpose()
    }

    /// Returns up to 500 persons after a key slot, in order, to iterate over all persons.
    pub async fn persons_after(&mut self, after: Slot) -> Result<Vec<Person>, Error> {
        fetch_all!(self, AFTER, slot_to_i64(after))?.iter().map(person).collect()
    }

    /// Adds a person under a fresh key slot.
    pub async fn add_person(&mut self, of: Slot, new: &NewPerson<'_>, day: Day) -> Result<(), Error> {
        let row = slot_to_i64(of);
        self.queue_insert(
            ADD,
            [
                Cell::from(row),
                Cell::sealing::<PersonEmail>(of, row, new.email.as_bytes()),
                Cell::sealing::<PersonName>(of, row, new.name.as_bytes()),
                Cell::sealing::<PersonCompany>(of, row, new.company.as_bytes()),
                Cell::sealing::<PersonLanguage>(of, row, new.language.as_bytes()),
                Cell::from(day),
            ],
        );
        Ok(())
    }

    /// Replaces the sealed name, company and language.
    pub async fn set_details(&mut self, of: Slot, new: &NewPerson<'_>) -> Result<(), Error> {
        let row = slot_to_i64(of);
        let name = self.seal::<PersonName>(of, row, new.name.as_bytes())?;
        let company = self.seal::<PersonCompany>(of, row, new.company.as_bytes())?;
        let language = self.seal::<PersonLanguage>(of, row, new.language.as_bytes())?;
        execute!(self, DETAILS, row, name, company, language)?;
        Ok(())
    }

    /// Replaces the sealed address. The caller updates the blind index.
    pub async fn set_email(&mut self, of: Slot, email: &str) -> Result<(), Error> {
        let email = self.seal::<PersonEmail>(of, slot_to_i64(of), email.as_bytes())?;
        execute!(self, EMAIL, slot_to_i64(of), email)?;
        Ok(())
    }

    /// Opens the address.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_email<P: Purpose>(
        &self,
        of: &Person,
        permit: &Permit<P>,
    ) -> Result<Opened<PersonEmail>, Error>
    where
        PersonEmail: OpenFor<P>,
    {
        self.open::<PersonEmail, P>(of.slot, slot_to_i64(of.slot), &of.email, permit)?
            .ok_or_else(|| Error::Damaged { column: "person.email".into() })
    }

    /// Opens the name; `None` if none was given.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_name<P: Purpose>(
        &self,
        of: &Person,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<PersonName>>, Error>
    where
        PersonName: OpenFor<P>,
    {
        self.open::<PersonName, P>(of.slot, slot_to_i64(of.slot), &of.name, permit)
    }

    /// Opens the company; `None` if none is kept.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_company<P: Purpose>(
        &self,
        of: &Person,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<PersonCompany>>, Error>
    where
        PersonCompany: OpenFor<P>,
    {
        self.open::<PersonCompany, P>(of.slot, slot_to_i64(of.slot), &of.company, permit)
    }

    /// Opens the language; `None` if none was given.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_language<P: Purpose>(
        &self,
        of: &Person,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<PersonLanguage>>, Error>
    where
        PersonLanguage: OpenFor<P>,
    {
        self.open::<PersonLanguage, P>(of.slot, slot_to_i64(of.slot), &of.language, permit)
    }

    /// Records the day on which the person's last licence ended; 0 while a licence is valid.
    pub async fn set_ended(&mut self, of: Slot, day: Option<Day>) -> Result<(), Error> {
        execute!(self, ENDED, slot_to_i64(of), day)?;
        Ok(())
    }

    /// Sets the day on which an agreed erasure is due; none cancels the erasure.
    pub async fn set_erase_day(&mut self, of: Slot, day: Option<Day>) -> Result<(), Error> {
        execute!(self, ERASE_ON, slot_to_i64(of), day)?;
        Ok(())
    }

    /// Suppresses e-mails to a person, or permits them again.
    pub async fn set_suppression(&mut self, of: Slot, why: Option<Suppression>) -> Result<(), Error> {
        execute!(self, STOPPED, slot_to_i64(of), why)?;
        Ok(())
    }

    /// Returns up to 500 persons without a linked conversation whose last licence ended on `day` or before.
    pub async fn persons_ended_by(&mut self, day: Day) -> Result<Vec<Slot>, Error> {
        slots(&fetch_all!(self, ENDED_BY, day)?)
    }

    /// Returns up to 500 persons after a key slot, in order, who may have no valid licence on `day`, or had none
    /// before.
    pub async fn persons_maybe_ended(&mut self, after: Slot, day: Day) -> Result<Vec<Slot>, Error> {
        slots(&fetch_all!(self, NOT_LIVING, slot_to_i64(after), day)?)
    }

    /// Returns up to 500 persons whose agreed erasure is due.
    pub async fn persons_due_for_erasure(&mut self, day: Day) -> Result<Vec<Slot>, Error> {
        slots(&fetch_all!(self, DUE, day)?)
    }

    /// Returns the number of persons.
    pub async fn count_persons(&mut self) -> Result<i64, Error> {
        Ok(fetch_optional!(self, COUNT)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}

fn slots(rows: &[AnyRow]) -> Result<Vec<Slot>, Error> {
    rows.iter().map(|row| Ok(slot_from_i64(row.try_get(0)?))).collect()
}
