//! What a test does at the desk, in short.

use domain::conversations::{Answer, Begin, Started, code};
use serde_json::Value;
use store::{Actor, AuditKind, Line};
use web::handlers::api::token::{Add, Scope, Scopes};

use crate::http::Answer as Raw;
use crate::kit::Kit;

/// An answer of the API.
pub struct Said {
    pub status: u16,
    pub json: Value,
    pub raw: Raw,
}

impl Said {
    /// It went well.
    #[track_caller]
    pub fn done(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.raw.body);
        self.json
    }

    /// It didn't, in the way that problems are told (RFC 9457).
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
pub const ALL: &str = "threads:read,threads:write,customers:read,customers:write,visits:read,visits:write";

/// What is kept of a code.
pub fn tag(typed: &str) -> [u8; 32] {
    match code::read(typed) {
        code::Read::Code(tag) => tag,
        code::Read::WrongCheck | code::Read::NoCode => panic!("no code"),
    }
}

impl Kit {
    /// A token for a member of staff.
    pub async fn token(&self, staff: &str, scopes: &str) -> String {
        let scopes: Scopes = scopes.parse().unwrap();
        let name = format!("{staff} {}", scopes.text());
        let add = Add { name: &name, staff, scopes: &scopes, days: 7, who: &Actor::System };
        self.app.db.write(&add).await.unwrap().unwrap().0.to_string()
    }

    /// A request with a token; none where it is empty. The path is that below `/api/v1`.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> Said {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Content-Type", "application/json")];
        if !token.is_empty() {
            headers.push(("Authorization", &*bearer));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let raw = self.send(method, &format!("/api/v1{path}"), &headers, &body).await;
        let json = serde_json::from_str(&raw.body).unwrap_or(Value::Null);
        Said { status: raw.status, json, raw }
    }

    pub async fn fetch(&self, token: &str, path: &str) -> Said {
        self.call(token, "GET", path, &Value::Null).await
    }

    /// Somebody writes on the contact page: the thread's 8 symbols, and their code.
    pub async fn write_in(&self, message: &str, address: &str, licence: &str) -> (String, String) {
        let begin = Begin {
            message,
            name: if address.is_empty() { "" } else { "A Writer" },
            address,
            licence,
            subject: "A question",
            files: &[],
            slot: None,
            held: false,
            person: None,
            house: &self.app.house,
        };
        self.begin(&begin).await
    }

    /// The same with all that a form may hold.
    pub async fn begin(&self, begin: &Begin<'_>) -> (String, String) {
        match self.app.db.write(begin).await.unwrap() {
            Started::Started { id, code } => (domain::licensing::issue::number(id), code.to_string()),
            Started::Refused(why) => panic!("{why}"),
        }
    }

    /// Whoever has the code writes again.
    pub async fn write_again(&self, code: &str, message: &str) {
        let answer = Answer { tag: &tag(code), message, files: &[], held: false };
        self.app.db.write(&answer).await.unwrap();
    }

    /// Lines of openings that somebody caused.
    pub async fn openings_of(&self, staff: &str) -> Vec<Line> {
        let lines = self.app.db.read().await.unwrap().lines_of(AuditKind::Opening).await.unwrap();
        lines.into_iter().filter(|line| line.who == staff).collect()
    }
}

/// Every scope but this one.
pub fn all_but(scope: &str) -> String {
    let others = Scope::ALL.into_iter().map(Scope::name).filter(|name| *name != scope);
    others.collect::<Vec<_>>().join(",")
}
