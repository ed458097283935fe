//! Tokens of the staff's: what a program shows to act for a member of staff. 256 random bits, of which only the hash
//! is kept; each reaches as far as its scopes and ends on a day.

use std::collections::BTreeSet;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use store::{Actor, ApiToken, AuditKind, Error, NewAuditEntry, Operation, Tx};
use zeroize::Zeroizing;

/// What every token begins with, so that one that got lost can be found by a search.
pub const PREFIX: &str = "scruple_";

/// How far a token reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Reading threads.
    ThreadsRead,
    /// Answering and changing threads.
    ThreadsWrite,
    /// Seeing the purchases of a thread's customer.
    CustomersRead,
    /// Acting on them.
    CustomersWrite,
    /// Reading the statistics of all sites as their own staff do.
    VisitsRead,
    /// Writing notes on them.
    VisitsWrite,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::ThreadsRead,
        Self::ThreadsWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::VisitsRead,
        Self::VisitsWrite,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreadsRead => "threads:read",
            Self::ThreadsWrite => "threads:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::VisitsRead => "visits:read",
            Self::VisitsWrite => "visits:write",
        }
    }
}

/// Scopes of one token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether it is among them.
    #[must_use]
    pub fn hold(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// As kept and shown: names, with a comma between.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",")
    }
}

impl FromStr for Scopes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected some of threads:read, threads:write, customers:read, customers:write, visits:read, \
                                visits:write, with a comma between";
        let scope = |word: &str| Scope::ALL.into_iter().find(|scope| scope.name() == word.trim());
        let scopes: Option<BTreeSet<Scope>> = text.split(',').map(scope).collect();
        scopes.map(Self).ok_or(EXPECTED)
    }
}

/// What is kept of a token. Looked up by its hash, so no comparison of secrets can be timed.
#[must_use]
pub fn tag(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn fresh() -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    let mut token = Zeroizing::new(String::with_capacity(PREFIX.len() + 43));
    token.push_str(PREFIX);
    BASE64URL_NOPAD.encode_append(bytes.as_ref(), &mut token);
    Ok(token)
}

/// Makes a token.
pub struct Add<'a> {
    /// What it is for: one token a name.
    pub name: &'a str,
    /// The member of staff for whom it acts, as the journal will name them.
    pub staff: &'a str,
    /// How far it reaches.
    pub scopes: &'a Scopes,
    /// Days until it ends, 1 to 365.
    pub days: i64,
    /// Who makes it.
    pub who: &'a Actor,
}

impl Operation for Add<'_> {
    const NAME: &'static str = "add an API token";
    /// The token, and the day it ends; none when the name is taken.
    type Done = Option<(Zeroizing<String>, i64)>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let (token, today) = (fresh()?, tx.today());
        let row = ApiToken {
            tag: tag(&token),
            name: self.name.to_owned(),
            staff: self.staff.to_owned(),
            scopes: self.scopes.text(),
            made_day: today,
            expires_day: today + self.days,
        };
        if !tx.add_api_token(&row).await? {
            return Ok(None);
        }
        note(tx, "API token added", self.who).await?;
        Ok(Some((token, row.expires_day)))
    }
}

/// Ends a token at once.
pub struct Revoke<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who ends it.
    pub who: &'a Actor,
}

impl Operation for Revoke<'_> {
    const NAME: &'static str = "revoke an API token";
    /// Whether there was one.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let there = tx.drop_api_token(self.name).await?;
        if there {
            note(tx, "API token revoked", self.who).await?;
        }
        Ok(there)
    }
}

async fn note(tx: &mut Tx, what: &str, who: &Actor) -> Result<(), Error> {
    let kind = AuditKind::Change;
    tx.note(&NewAuditEntry { kind, what, who, slot: None, cause: 0, recipient: &[], digest: &[] }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let scopes: Scopes = "customers:read, threads:read".parse().unwrap();
        assert_eq!(scopes.text(), "threads:read,customers:read");
        assert!(scopes.hold(Scope::ThreadsRead) && !scopes.hold(Scope::ThreadsWrite));
        for wrong in ["", "threads", "threads:read,", "threads:read;threads:write", "THREADS:READ"] {
            assert!(wrong.parse::<Scopes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_has_256_bits_and_its_own_look() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_eq!((one.len(), one.strip_prefix(PREFIX).map(str::len)), (51, Some(43)));
        assert_ne!(*one, *other);
    }
}
