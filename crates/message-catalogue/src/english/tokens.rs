//! API tokens: which scopes there are.

use domain::api_token::{Scope, UnknownScope};

use crate::English;

impl English for UnknownScope {
    fn english(&self) -> String {
        format!("expected some of {}, with a comma between", Scope::ALL.map(Scope::name).join(", "))
    }
}
