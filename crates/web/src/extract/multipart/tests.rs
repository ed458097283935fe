//! Forms as a whole, in chunks of every size, and hostile ones.

use axum::http::HeaderValue;
use http_body_util::channel::Channel;

use super::*;

const KIND: &str = "multipart/form-data; boundary=X";

fn headers(kind: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap())])
}

/// A body that arrives in chunks of this size.
fn arriving(whole: &[u8], size: usize) -> Body {
    let (mut send, body) = Channel::<Bytes>::new(1);
    let chunks: Vec<Bytes> = whole.chunks(size).map(Bytes::copy_from_slice).collect();
    tokio::spawn(async move {
        for chunk in chunks {
            if send.send_data(chunk).await.is_err() {
                return; // the reader has stopped
            }
        }
    });
    Body::new(body)
}

type Read = Vec<(String, Option<String>, Vec<u8>)>;

async fn read(whole: &[u8], size: usize) -> Result<Read, FormError> {
    let mut parts = Parts::new(&headers(KIND), arriving(whole, size))?;
    let mut all = Vec::new();
    while let Some(part) = parts.next().await? {
        let mut bytes = Vec::new();
        while let Some(chunk) = parts.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        all.push((part.name, part.file, bytes));
    }
    Ok(all)
}

fn part(head: &str, bytes: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{bytes}\r\n")
}

#[tokio::test]
async fn a_form_reads_the_same_in_chunks_of_any_size() {
    let tricky = "a\r\n--\r\n--Y\r\n-\r--X \r\r\n--";
    let form = part("name=\"a\"", "")
        + &part("name=b", tricky)
        + &part("name=\"c\"; filename=\"a%22b\\\"c.txt\"", "bytes")
        + "--X--\r\nafter";
    let whole = read(form.as_bytes(), form.len()).await.unwrap();
    assert_eq!(whole[0], ("a".into(), None, Vec::new()));
    assert_eq!(whole[1], ("b".into(), None, tricky.as_bytes().to_vec()));
    assert_eq!(whole[2], ("c".into(), Some("a\"b\"c.txt".into()), b"bytes".to_vec()));
    for size in 1..40 {
        assert_eq!(read(form.as_bytes(), size).await.unwrap(), whole, "chunks of {size}");
    }
}

#[tokio::test]
async fn a_malformed_form_is_refused() {
    let long = "n".repeat(9000);
    let many = part("name=\"a\"", "").repeat(41) + "--X--";
    let headers: String = (0..33).map(|n| format!("X-{n}: y\r\n")).collect();
    for form in [
        "--X\r\n\r\nno header\r\n\r\n--X--".to_owned(),
        format!("--X\r\n{headers}Content-Disposition: form-data; name=a\r\n\r\n--X--"),
        "--X\r\nnot a header\r\n\r\n\r\n--X--".to_owned(),
        "--X and more\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--X--".to_owned(),
        "--X\r\nContent-Type: text/plain\r\n\r\nno name\r\n--X--".to_owned(),
        part("filename=\"a\"", "") + "--X--",
        part("name=\"\"", "") + "--X--",
        part("name=\"never ends", "") + "--X--",
        part(&format!("name=\"{long}\""), "") + "--X--",
        format!("--X\r\n{long}"),
        many,
    ] {
        let start: String = form.chars().take(60).collect();
        for size in [100, 1000, form.len()] {
            let refused = read(form.as_bytes(), size).await.err();
            assert_eq!(refused, Some(FormError::Malformed), "chunks of {size}: {start}");
        }
    }
}

#[tokio::test]
async fn names_that_are_not_utf_8_are_never_taken_for_others() {
    let with = |head: &str| part(head, "bytes").replace('?', "\u{fc}") + "--X--";
    let in_latin_1 = |form: String| form.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>();
    let nameless = in_latin_1(with("name=\"?\""));
    assert_eq!(read(&nameless, 10).await.err(), Some(FormError::Malformed));
    // It is read as a field, and no form has a field with the name of its files: see `UploadForm`.
    let file = in_latin_1(with("name=\"files\"; filename=\"?.txt\""));
    assert_eq!(read(&file, 10).await.unwrap(), [("files".into(), None, b"bytes".to_vec())]);
}

/// A sender gets no memory by what it sends: nothing is read before the parser needs it, and a header or a preamble that
/// never ends is refused soon.
#[tokio::test]
async fn no_more_is_read_than_a_part_needs() {
    const CHUNK: usize = 4096;
    let read_until_refused = async |form: String| {
        let mut parts = Parts::new(&headers(KIND), arriving(form.as_bytes(), CHUNK)).unwrap();
        assert_eq!(parts.next().await.err(), Some(FormError::Malformed));
        usize::try_from(parts.read).unwrap()
    };
    let long = "n".repeat(1_000_000);
    for endless in [long.clone(), format!("--X\r\nA: {long}"), format!("--X{}", " ".repeat(1_000_000))] {
        assert!(read_until_refused(endless).await <= MAX_HEADER + 2 * CHUNK);
    }
    let form = part("name=a", "1") + &part("name=b", &long) + "--X--";
    let mut parts = Parts::new(&headers(KIND), arriving(form.as_bytes(), CHUNK)).unwrap();
    for _ in 0..2 {
        parts.next().await.unwrap().unwrap();
        assert_eq!(parts.read, CHUNK as u64);
    }
    let mut all = 0;
    while let Some(chunk) = parts.chunk().await.unwrap() {
        assert!(chunk.len() <= CHUNK + 4, "a chunk and the start of a boundary: {}", chunk.len());
        all += chunk.len();
    }
    assert_eq!(all, long.len());
}

#[tokio::test]
async fn an_incomplete_form_is_cut_off() {
    let form = part("name=\"a\"", "some text") + "--X--";
    for end in 0..form.len() {
        assert_eq!(read(&form.as_bytes()[..end], 7).await.err(), Some(FormError::CutOff), "{end} bytes");
    }
}

#[tokio::test]
async fn an_endless_form_is_refused_at_the_limit() {
    let endless = part("name=a", &"x".repeat(27 * 1024 * 1024));
    assert_eq!(read(endless.as_bytes(), 256 * 1024).await.err(), Some(FormError::TooLong));
}

#[tokio::test]
async fn only_multipart_with_a_plain_boundary_is_read() {
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=X",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a\"b",
        &format!("multipart/form-data; boundary={}", "x".repeat(71)),
    ] {
        assert!(Parts::new(&headers(kind), Body::empty()).is_err(), "{kind}");
    }
    assert!(
        Parts::new(&headers("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), Body::empty()).is_ok()
    );
    assert!(Parts::new(&HeaderMap::new(), Body::empty()).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_cut_off() {
    let (send, body) = Channel::<Bytes>::new(1);
    let mut parts = Parts::new(&headers(KIND), Body::new(body)).unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(parts.next().await.err(), Some(FormError::CutOff));
    assert!(began.elapsed() <= Duration::from_secs(31));
    drop(send);
}

#[tokio::test]
async fn the_rest_of_a_form_is_discarded_up_to_a_limit() {
    for (bytes, discarded) in [(27, 27), (70, 64)] {
        let (mut send, body) = Channel::<Bytes>::new(1);
        let sender = tokio::spawn(async move {
            let megabyte = Bytes::from(vec![b'x'; 1024 * 1024]);
            for sent in 0..bytes {
                if send.send_data(megabyte.clone()).await.is_err() {
                    return sent; // the reader has stopped
                }
            }
            bytes
        });
        Parts::new(&headers(KIND), Body::new(body)).unwrap().discard_rest().await;
        // The channel holds one chunk.
        assert!((discarded..=discarded + 1).contains(&sender.await.unwrap()), "{bytes} MiB");
    }
}

/// Random damage has the same effect in chunks of any size, and never a panic.
#[tokio::test]
async fn damaged_forms_read_the_same_in_chunks_of_any_size() {
    let whole =
        part("name=\"a\"", "x\r\n--X") + &part("name=\"f\"; filename=\"n\\\"\"", "\r\n\r\n--") + "--X--\r\n";
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let chunks: [&[u8]; 8] = [b"\r\n", b"--X", b"--", b"\"", b"\\", b";", b"\0", b"\xff"];
    for _ in 0..3000 {
        let mut form = whole.clone().into_bytes();
        for _ in 0..=random(3) {
            let at = random(form.len());
            match random(3) {
                0 => drop(form.drain(at..(at + random(9)).min(form.len()))),
                1 => drop(form.splice(at..at, chunks[random(8)].iter().copied())),
                _ => form[at] = u8::try_from(random(256)).unwrap(),
            }
            form.push(b'.');
        }
        let in_one_chunk = read(&form, form.len()).await;
        for size in [1, 3, 8] {
            assert_eq!(read(&form, size).await, in_one_chunk, "{}", String::from_utf8_lossy(&form));
        }
    }
}
