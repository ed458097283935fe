//! Tokens by which a program acts for a member of staff. Only hashes are kept.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

/// A token's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiToken {
    /// Hash of the token.
    pub token_hash: [u8; 32],
    /// Name that staff gave it; no other has it.
    pub name: String,
    /// The member of staff for whom it acts.
    pub staff: String,
    /// What it may do, by words.
    pub scopes: String,
    /// Day on which it was made.
    pub created_day: i64,
    /// Day from which it is void; 0 for never.
    pub expires_day: i64,
}

statements! {
    ADD = "INSERT INTO api_token (token_hash, name, staff, scopes, created_day, expires_day) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (name) DO NOTHING";
    GET = "SELECT token_hash, name, staff, scopes, created_day, expires_day FROM api_token \
           WHERE token_hash = $1 AND (expires_day = 0 OR expires_day > $2)";
    ALL = "SELECT token_hash, name, staff, scopes, created_day, expires_day FROM api_token ORDER BY name";
    DROP = "DELETE FROM api_token WHERE name = $1";
}

fn token(row: &AnyRow) -> Result<ApiToken, Error> {
    let tag: Vec<u8> = row.try_get("token_hash")?;
    Ok(ApiToken {
        token_hash: tag.try_into().map_err(|_| Error::Unknown("api_token.token_hash"))?,
        name: row.try_get("name")?,
        staff: row.try_get("staff")?,
        scopes: row.try_get("scopes")?,
        created_day: row.try_get("created_day")?,
        expires_day: row.try_get("expires_day")?,
    })
}

impl Tx {
    /// Adds a token; false where its name is taken.
    ///
    /// # Errors
    /// When the database is away.
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

    /// The token of a hash, if it is good today.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn api_token(&mut self, tag: &[u8; 32]) -> Result<Option<ApiToken>, Error> {
        let today = self.today();
        fetch_optional!(self, GET, &tag[..], today)?.as_ref().map(token).transpose()
    }

    /// All tokens, by name, void ones too.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn api_tokens(&mut self) -> Result<Vec<ApiToken>, Error> {
        fetch_all!(self, ALL)?.iter().map(token).collect()
    }

    /// Removes a token; false where there is none of that name.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_api_token(&mut self, name: &str) -> Result<bool, Error> {
        Ok(execute!(self, DROP, name)? == 1)
    }
}
