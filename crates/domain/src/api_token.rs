//! API tokens of staff: bearer tokens ([`crate::token`]) with scopes, which expire.

use calendar::Day;
use std::collections::BTreeSet;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use store::{Actor, ApiToken, AuditKind, Error, NewAuditEntry, Operation, Tx};
use zeroize::Zeroizing;

use crate::token::{Token, TokenPurpose};

/// The prefix of every token, so that secret scanners can find a leaked one.
const PREFIX: &str = "scruple_";

/// What a token permits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    ConversationsRead,
    /// Answer and change conversations.
    ConversationsWrite,
    /// Read the purchases of a conversation's customer.
    CustomersRead,
    /// Change the customer's licences, and start their erasure.
    CustomersWrite,
    /// Read the statistics of all sites, with the thresholds for staff.
    VisitsRead,
    /// Write notes on statistics.
    VisitsWrite,
}

impl Scope {
    pub const ALL: [Self; 6] = [
        Self::ConversationsRead,
        Self::ConversationsWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::VisitsRead,
        Self::VisitsWrite,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConversationsRead => "conversations:read",
            Self::ConversationsWrite => "conversations:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::VisitsRead => "visits:read",
            Self::VisitsWrite => "visits:write",
        }
    }
}

/// The scopes of a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Returns whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Returns the names, separated by commas.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",")
    }
}

/// A word is not the name of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownScope;

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let scope = |word: &str| Scope::ALL.into_iter().find(|scope| scope.name() == word.trim());
        let scopes: Option<BTreeSet<Scope>> = text.split(',').map(scope).collect();
        scopes.map(Self).ok_or(UnknownScope)
    }
}

/// Acts for a member of staff, with scopes: the bearer token of a program.
pub enum ApiAccess {}

impl TokenPurpose for ApiAccess {
    const LABEL: &'static str = "API access";

    fn write(random: &[u8; 32]) -> Zeroizing<String> {
        let mut token = Zeroizing::new(String::with_capacity(PREFIX.len() + 43));
        token.push_str(PREFIX);
        BASE64URL_NOPAD.encode_append(random, &mut token);
        token
    }
}

/// Takes a text that a program presents as its token. `None` if no token looks like it.
#[must_use]
pub fn parse_api_token(presented: &str) -> Option<Token<ApiAccess>> {
    (presented.starts_with(PREFIX) && presented.len() < 100).then(|| Token::presented(presented))
}

/// Creates a token.
pub struct AddApiToken<'a> {
    /// The name, which no other token has.
    pub name: &'a str,
    /// The staff member for whom it acts, as the audit log names them.
    pub staff: &'a str,
    pub scopes: &'a Scopes,
    /// Days until it expires, 1 to 365.
    pub days: i64,
    /// The actor who creates it.
    pub actor: &'a Actor,
}

impl Operation for AddApiToken<'_> {
    const NAME: &'static str = "add an API token";
    /// The token and the day on which it expires. `None` if the name is in use.
    type Output = Option<(Token<ApiAccess>, Day)>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let (token, today) = (Token::generate()?, tx.today());
        let expires = today + self.days;
        let row = ApiToken {
            token_hash: token.hash(),
            name: self.name.to_owned(),
            staff: self.staff.to_owned(),
            scopes: self.scopes.text(),
            created_day: today,
            expires_day: Some(expires),
        };
        if !tx.add_api_token(&row).await? {
            return Ok(None);
        }
        note(tx, "API token added", self.actor).await?;
        Ok(Some((token, expires)))
    }
}

/// Revokes a token at once.
pub struct RevokeApiToken<'a> {
    pub name: &'a str,
    /// The actor who revokes it.
    pub actor: &'a Actor,
}

impl Operation for RevokeApiToken<'_> {
    const NAME: &'static str = "revoke an API token";
    /// Whether there was such a token.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let there = tx.delete_api_token(self.name).await?;
        if there {
            note(tx, "API token revoked", self.actor).await?;
        }
        Ok(there)
    }
}

async fn note(tx: &mut Tx, what: &str, actor: &Actor) -> Result<(), Error> {
    let kind = AuditKind::Change;
    tx.append_audit(&NewAuditEntry {
        kind,
        name: what,
        actor,
        slot: None,
        cause: 0,
        recipient: &[],
        digest: &[],
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_parsed_as_they_are_written() {
        let scopes: Scopes = "customers:read, conversations:read".parse().unwrap();
        assert_eq!(scopes.text(), "conversations:read,customers:read");
        assert!(scopes.contains(Scope::ConversationsRead) && !scopes.contains(Scope::ConversationsWrite));
        for wrong in [
            "",
            "conversations",
            "conversations:read,",
            "conversations:read;conversations:write",
            "CONVERSATIONS:READ",
        ] {
            assert!(wrong.parse::<Scopes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_text_with_the_prefix_is_taken_for_a_token() {
        let token = Token::<ApiAccess>::generate().unwrap();
        assert_eq!(token.text().len(), 51);
        assert_eq!(parse_api_token(token.text()).map(|parsed| parsed.hash()), Some(token.hash()));
        let without_prefix = &token.text()[PREFIX.len()..];
        let capital = token.text().to_uppercase();
        for other in ["", "scruple", without_prefix, &capital, &format!("scruple_{}", "a".repeat(100))] {
            assert!(parse_api_token(other).is_none(), "{other}");
        }
    }
}
