//! An API client for tests.

use domain::api_token::{AddApiToken, Scope, Scopes};
use domain::conversations::{AnswerByCode, StartConversation, Started, access_code};
use serde_json::Value;
use store::{Actor, AuditEntry, AuditKind};

use crate::http::Answer as Raw;
use crate::kit::Kit;

/// A response of the API.
pub struct ApiResponse {
    pub status: u16,
    pub json: Value,
    pub raw: Raw,
}

impl ApiResponse {
    /// Expects success and returns the JSON.
    #[track_caller]
    pub fn done(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.raw.body);
        self.json
    }

    /// Expects a problem (RFC 9457) and returns the JSON.
    #[track_caller]
    pub fn problem(self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.raw.body);
        assert_eq!(self.raw.header("content-type"), "application/problem+json");
        assert_eq!(self.json["type"], format!("/api/v1/openapi.json#{kind}"));
        assert_eq!(self.json["status"], status);
        assert!(self.json["detail"].as_str().unwrap().len() > 10, "says what to do");
        self.json
    }
}

/// All scopes, by name.
pub const ALL: &str =
    "conversations:read,conversations:write,customers:read,customers:write,visits:read,visits:write";

/// The hash of an access code.
pub fn tag(typed: &str) -> [u8; 32] {
    match access_code::parse_code(typed) {
        access_code::ParsedCode::Code(tag) => tag,
        access_code::ParsedCode::WrongCheckSymbol | access_code::ParsedCode::NotACode => panic!("no code"),
    }
}

impl Kit {
    /// Creates a token for a staff member.
    pub async fn token(&self, staff: &str, scopes: &str) -> String {
        let scopes: Scopes = scopes.parse().unwrap();
        let name = format!("{staff} {}", scopes.text());
        let add = AddApiToken { name: &name, staff, scopes: &scopes, days: 7, actor: &Actor::System };
        self.app.db.execute(&add).await.unwrap().unwrap().0.text().to_owned()
    }

    /// Sends a request with a token, or without one if it is empty. The path is below `/api/v1`.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> ApiResponse {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Content-Type", "application/json")];
        if !token.is_empty() {
            headers.push(("Authorization", &*bearer));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let raw = self.send(method, &format!("/api/v1{path}"), &headers, &body).await;
        let json = serde_json::from_str(&raw.body).unwrap_or(Value::Null);
        ApiResponse { status: raw.status, json, raw }
    }

    pub async fn fetch(&self, token: &str, path: &str) -> ApiResponse {
        self.call(token, "GET", path, &Value::Null).await
    }

    /// Starts a conversation. Returns its number and its access code.
    pub async fn write_in(&self, message: &str, address: &str, licence: &str) -> (String, String) {
        let begin = StartConversation {
            name: if address.is_empty() { "" } else { "A Writer" },
            address,
            licence,
            subject: "A question",
            ..StartConversation::with_message(message, &self.app.settings)
        };
        self.begin(&begin).await
    }

    /// Starts a conversation with all fields of the form.
    pub async fn begin(&self, begin: &StartConversation<'_>) -> (String, String) {
        match self.app.db.execute(begin).await.unwrap() {
            Started::Started { id, code } => (id.to_string(), code.to_string()),
            Started::Refused(why) => panic!("{why:?}"),
        }
    }

    /// Writes again with an access code.
    pub async fn write_again(&self, code: &str, message: &str) {
        let answer = AnswerByCode { code_hash: &tag(code), message, files: &[], quarantined: false };
        self.app.db.execute(&answer).await.unwrap();
    }

    /// Returns the accesses of a staff member in the audit log.
    pub async fn openings_of(&self, staff: &str) -> Vec<AuditEntry> {
        let lines =
            self.app.db.read().await.unwrap().audit_entries_of_kind(AuditKind::Opening).await.unwrap();
        lines.into_iter().filter(|line| line.actor == staff).collect()
    }
}

/// All scopes except one.
pub fn all_but(scope: &str) -> String {
    let others = Scope::ALL.into_iter().map(Scope::name).filter(|name| *name != scope);
    others.collect::<Vec<_>>().join(",")
}
