//! API tokens, with which a program acts for a member of staff. The table holds only hashes.

use calendar::Day;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

/// A row of `api_token`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiToken {
    pub token_hash: [u8; 32],
    /// Unique name given by staff.
    pub name: String,
    /// The member of staff for whom the token acts.
    pub staff: String,
    /// Its permissions, as a list of scope names.
    pub scopes: String,
    /// Day on which it was created.
    pub created_day: Day,
    /// Day on which it expires, if it does.
    pub expires_day: Option<Day>,
}

statements! {
    ADD = "INSERT INTO api_token (token_hash, name, staff, scopes, created_day, expires_day) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (name) DO NOTHING";
    GET = "SELECT token_hash, name, staff, scopes, created_day, expires_day FROM api_token \
           WHERE token_hash = $1 AND (expires_day = 0 OR expires_day > $2)";
    ALL = "SELECT token_hash, name, staff, scopes, created_day, expires_day FROM api_token ORDER BY name";
    DELETE = "DELETE FROM api_token WHERE name = $1";
}

fn token_from_row(row: &AnyRow) -> Result<ApiToken, Error> {
    let token_hash: Vec<u8> = row.try_get("token_hash")?;
    Ok(ApiToken {
        token_hash: token_hash.try_into().map_err(|_| Error::Unknown("api_token.token_hash"))?,
        name: row.try_get("name")?,
        staff: row.try_get("staff")?,
        scopes: row.try_get("scopes")?,
        created_day: columns::day(row, "api_token.created_day")?,
        expires_day: columns::optional_day(row, "api_token.expires_day")?,
    })
}

impl Tx {
    /// Adds a token. Returns false if the name exists already.
    pub async fn add_api_token(&mut self, new: &ApiToken) -> Result<bool, Error> {
        let added = execute!(
            self,
            ADD,
            &new.token_hash[..],
            &*new.name,
            &*new.staff,
            &*new.scopes,
            new.created_day,
            new.expires_day,
        )?;
        Ok(added == 1)
    }

    /// Finds a token by its hash, unless it has expired.
    pub async fn api_token(&mut self, token_hash: &[u8; 32]) -> Result<Option<ApiToken>, Error> {
        let today = self.today();
        fetch_optional!(self, GET, &token_hash[..], today)?.as_ref().map(token_from_row).transpose()
    }

    /// Returns all tokens by name, including expired ones.
    pub async fn api_tokens(&mut self) -> Result<Vec<ApiToken>, Error> {
        fetch_all!(self, ALL)?.iter().map(token_from_row).collect()
    }

    /// Deletes a token. Returns false if no token has that name.
    pub async fn delete_api_token(&mut self, name: &str) -> Result<bool, Error> {
        Ok(execute!(self, DELETE, name)? == 1)
    }
}
