//! Sites with visitor statistics, and staff's notes on their days.

use calendar::Day;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

/// A row of `site`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Its number; the store assigns it.
    pub id: i64,
    /// Its name in addresses and commands; never changes.
    pub name: String,
    /// Its host names, in lower case, without `www.`.
    pub hosts: Vec<String>,
    /// Time zone of its days, as the IANA database spells it.
    pub zone: String,
    /// Whether its public statistics are open to everybody.
    pub public: bool,
}

statements! {
    NEXT = "SELECT COALESCE(MAX(id), 0) + 1 FROM site";
    ADD = "INSERT INTO site (id, name, hosts, zone, public) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
    ALL = "SELECT id, name, hosts, zone, public FROM site ORDER BY name";
    GET = "SELECT id, name, hosts, zone, public FROM site WHERE name = $1";
    EDIT = "UPDATE site SET hosts = $2, zone = $3, public = $4 WHERE id = $1";
    LOCK = "UPDATE site SET public = public WHERE id = $1";
    PUT_NOTE = "INSERT INTO site_note (site, date, text) VALUES ($1, $2, $3) \
                ON CONFLICT (site, date) DO UPDATE SET text = excluded.text";
    DROP_NOTE = "DELETE FROM site_note WHERE site = $1 AND date = $2";
    NOTES = "SELECT date, text FROM site_note WHERE site = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
}

fn site(row: &AnyRow) -> Result<Site, Error> {
    let hosts: String = row.try_get("hosts")?;
    Ok(Site {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        hosts: hosts.split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect(),
        zone: row.try_get("zone")?,
        public: row.try_get::<i64, _>("public")? != 0,
    })
}

impl Tx {
    /// Adds a site and returns its number; `None` if the name exists already.
    pub async fn add_site(&mut self, new: &Site) -> Result<Option<i64>, Error> {
        let id: i64 = fetch_optional!(self, NEXT)?.map_or(Ok(1), |row| row.try_get(0))?;
        let (hosts, public) = (new.hosts.join(","), i64::from(new.public));
        let added = execute!(self, ADD, id, &*new.name, hosts, &*new.zone, public)?;
        Ok((added == 1).then_some(id))
    }

    /// Returns all sites by name.
    pub async fn sites(&mut self) -> Result<Vec<Site>, Error> {
        fetch_all!(self, ALL)?.iter().map(site).collect()
    }

    /// Finds a site by its name.
    pub async fn site(&mut self, name: &str) -> Result<Option<Site>, Error> {
        fetch_optional!(self, GET, name)?.as_ref().map(site).transpose()
    }

    /// Updates hosts, zone and audience of a site. Returns false if no site has that number.
    pub async fn edit_site(&mut self, of: &Site) -> Result<bool, Error> {
        Ok(execute!(self, EDIT, of.id, of.hosts.join(","), &*of.zone, i64::from(of.public))? == 1)
    }

    /// Locks a site against other transactions until this one ends.
    pub async fn lock_site(&mut self, site: i64) -> Result<(), Error> {
        execute!(self, LOCK, site)?;
        Ok(())
    }

    /// Sets the note on a site's day; an empty text removes it.
    pub async fn set_site_note(&mut self, site: i64, date: Day, text: &str) -> Result<(), Error> {
        if text.is_empty() {
            execute!(self, DROP_NOTE, site, date)?;
        } else {
            execute!(self, PUT_NOTE, site, date, text)?;
        }
        Ok(())
    }

    /// Returns the notes on a site's days between two days, both included.
    pub async fn site_notes(&mut self, site: i64, from: Day, to: Day) -> Result<Vec<(Day, String)>, Error> {
        let rows = fetch_all!(self, NOTES, site, from, to)?;
        rows.iter().map(|row| Ok((columns::day(row, "site_note.date")?, row.try_get(1)?))).collect()
    }
}
