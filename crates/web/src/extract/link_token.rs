//! The token of a link in an e-mail, as the path holds it.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::token::{Token, TokenPurpose};

use crate::app::Shared;

/// The token of a link. A path that is no text gives a token that no link has, so it gets the answer of an unknown link.
pub struct LinkToken<P>(pub Token<P>);

impl<P: TokenPurpose> FromRequestParts<Shared> for LinkToken<P> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let path = Path::<Token<P>>::from_request_parts(parts, app).await;
        Ok(Self(path.map_or_else(|_| Token::presented(""), |Path(token)| token)))
    }
}
