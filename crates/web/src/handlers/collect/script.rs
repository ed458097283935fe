//! The script that counts visits by sending beacons.

use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::CORP;

/// The script as it is served, with its ETag.
struct Script {
    text: Bytes,
    tag: HeaderValue,
}

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    let lines = include_str!("count.js").lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let text: String = lines.collect();
    let tag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(text.as_bytes()))[..16]);
    let tag = HeaderValue::from_str(&tag).expect("sixteen digits between quotes are a valid header value");
    Script { text: text.into(), tag }
});

/// `GET /count.js`: the script, cacheable by any cache for a day.
pub async fn script(asked: HeaderMap) -> Response {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let known = known.flat_map(|tags| tags.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    let mut answer = if known.into_iter().any(|tag| tag == "*" || SCRIPT.tag == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(SCRIPT.text.clone()))
    };
    let head = answer.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    head.insert(header::ETAG, SCRIPT.tag.clone());
    head.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    head.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    head.insert(CORP, HeaderValue::from_static("cross-origin"));
    answer
}

#[cfg(test)]
mod tests {
    use super::SCRIPT;

    #[test]
    fn the_script_is_small_and_reads_and_stores_no_personal_data() {
        let text = std::str::from_utf8(&SCRIPT.text).unwrap();
        assert!(text.len() <= 600, "{} bytes", text.len());
        for word in [
            "cookie",
            "Storage",
            "indexedDB",
            "caches",
            "userAgent",
            "canvas",
            "l.hash",
            "l.href",
            "//",
            "\n",
        ] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
