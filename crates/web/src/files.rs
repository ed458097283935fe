//! Sends files of conversations: as a download, or as a preview of images and plain text. Nothing in a file can run in the
//! browser: it gets bytes to save, a re-encoded image, or text.

mod file_name;
mod image_preview;
mod opened_file;
mod preview_kind;
#[cfg(test)]
mod tests;

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::Channel;
use store::Error;

pub(crate) use file_name::content_disposition;
pub use file_name::sanitize;
pub use opened_file::OpenedFile;
pub use preview_kind::{ContentSniffer, PreviewKind};

/// The source of the bytes of a file.
pub trait ChunkSource: Send + 'static {
    /// Returns the chunk of that number, counted from 0. `None` after the last.
    fn chunk(&mut self, n: i64) -> impl Future<Output = Result<Option<Bytes>, Error>> + Send;
}

/// Metadata of a file.
pub struct FileInfo {
    /// The name that the sender gave it.
    pub name: String,
    /// Size in bytes.
    pub size: i64,
    /// The kind that was detected at the upload.
    pub kind: PreviewKind,
}

/// The Content-Security-Policy of every file: nothing in it may run, be framed or load anything.
const NO_ACTIVE_CONTENT: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    ),
);

fn head(kind: &'static str, content_disposition: String) -> [(HeaderName, HeaderValue); 3] {
    let content_disposition =
        HeaderValue::try_from(content_disposition).unwrap_or(HeaderValue::from_static("attachment"));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, content_disposition),
        NO_ACTIVE_CONTENT,
    ]
}

/// Sends a file unchanged, as a download. It is read chunk by chunk while it is sent.
pub async fn download(about: &FileInfo, chunks: impl ChunkSource) -> Response {
    let head = head("application/octet-stream", content_disposition("attachment", &sanitize(&about.name)));
    (head, [(header::CONTENT_LENGTH, HeaderValue::from(about.size))], stream_body(chunks)).into_response()
}

/// Sends a preview: an image, re-encoded without its metadata (location, camera), or plain text. `None` if there is no
/// preview.
pub async fn preview(about: &FileInfo, chunks: impl ChunkSource) -> Result<Option<Response>, Error> {
    match about.kind {
        PreviewKind::Other => Ok(None),
        PreviewKind::Text => {
            let head =
                head("text/plain; charset=utf-8", content_disposition("inline", &sanitize(&about.name)));
            Ok(Some((head, stream_body(chunks)).into_response()))
        }
        PreviewKind::Image => {
            let read_all = read_all(chunks).await?;
            Ok(image_preview::re_encoded(read_all).await.map(|preview| {
                let name = file_name::with_extension(&sanitize(&about.name), preview.extension);
                let head = head(preview.content_type, content_disposition("inline", &name));
                (head, preview.bytes).into_response()
            }))
        }
    }
}

/// The page for a file without a preview.
pub(crate) fn preview_unavailable() -> Response {
    let text = "We cannot show this file. Download it instead.";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, crate::templates::message_page("No preview", text)).into_response()
}

/// Streams the chunks. Each is read when the one before is on its way.
fn stream_body(mut chunks: impl ChunkSource) -> Body {
    let (mut sender, body) = Channel::<Bytes, Error>::new(1);
    tokio::spawn(async move {
        for n in 0.. {
            match chunks.chunk(n).await {
                Ok(Some(bytes)) => {
                    if sender.send_data(bytes).await.is_err() {
                        return; // the client has disconnected
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(cause = %error, "sending a file failed");
                    return sender.abort(error);
                }
            }
        }
    });
    Body::new(body)
}

/// Reads a whole file. Uploads are limited to 10 MB.
async fn read_all(mut chunks: impl ChunkSource) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for n in 0.. {
        match chunks.chunk(n).await? {
            Some(bytes) => all.extend_from_slice(&bytes),
            None => break,
        }
    }
    Ok(all)
}
