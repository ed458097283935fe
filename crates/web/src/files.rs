//! Files that people and staff send each other, on their way out: as a download, or, for a picture and plain text,
//! shown. Nothing that somebody sent ever runs: a browser gets bytes to save, pixels that we painted anew, or text.

mod kind;
mod name;
mod opened;
mod picture;
#[cfg(test)]
mod tests;

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::Channel;
use store::Error;

pub use kind::{Kind, Sniff};
pub use name::{disposition, safe};
pub use opened::Opened;

/// Where the bytes of one file come from.
pub trait Chunks: Send + 'static {
    /// The chunk of that number, from 0 on; none behind the last.
    fn chunk(&mut self, n: i64) -> impl Future<Output = Result<Option<Bytes>, Error>> + Send;
}

/// What is known of a file before it is read.
pub struct About {
    /// As whoever sent it named it.
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// What it looked like when it came.
    pub kind: Kind,
}

/// What every answer with a file says: nothing in it may run, be framed or load anything.
const STILL: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    ),
);

fn head(kind: &'static str, disposition: String) -> [(HeaderName, HeaderValue); 3] {
    let disposition = HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment"));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        STILL,
    ]
}

/// The file as it is, to be saved. It is read while it is sent, a chunk at a time.
pub async fn download(about: &About, chunks: impl Chunks) -> Response {
    let head = head("application/octet-stream", disposition("attachment", &safe(&about.name)));
    (head, [(header::CONTENT_LENGTH, HeaderValue::from(about.size))], streamed(chunks)).into_response()
}

/// The file as it may be shown: a picture painted anew, without what it knew of place and camera, or plain text.
/// None when it can only be saved.
///
/// # Errors
/// When database or keyring is away.
pub async fn preview(about: &About, chunks: impl Chunks) -> Result<Option<Response>, Error> {
    match about.kind {
        Kind::Other => Ok(None),
        Kind::Text => {
            let head = head("text/plain; charset=utf-8", disposition("inline", &safe(&about.name)));
            Ok(Some((head, streamed(chunks)).into_response()))
        }
        Kind::Image => {
            let whole = whole(chunks).await?;
            Ok(picture::painted(whole).await.map(|(kind, end, bytes)| {
                let name = name::with_end(&safe(&about.name), end);
                (head(kind, disposition("inline", &name)), bytes).into_response()
            }))
        }
    }
}

/// What a browser is told of a file that can't be shown.
pub fn only_to_save() -> Response {
    let says = "This file can't be shown here. Download it instead.";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, crate::templates::say("Not shown", says)).into_response()
}

/// Sends chunk after chunk, each read when the one before is on its way.
fn streamed(mut chunks: impl Chunks) -> Body {
    let (mut sender, body) = Channel::<Bytes, Error>::new(1);
    tokio::spawn(async move {
        for n in 0.. {
            match chunks.chunk(n).await {
                Ok(Some(bytes)) => {
                    if sender.send_data(bytes).await.is_err() {
                        return; // whoever wanted it has gone
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(cause = %error, "a file breaks off");
                    return sender.abort(error);
                }
            }
        }
    });
    Body::new(body)
}

/// At most 10 MB by the rules of what is taken in.
async fn whole(mut chunks: impl Chunks) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for n in 0.. {
        match chunks.chunk(n).await? {
            Some(bytes) => all.extend_from_slice(&bytes),
            None => break,
        }
    }
    Ok(all)
}
