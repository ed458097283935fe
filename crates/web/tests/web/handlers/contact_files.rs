//! Files of messages: upload, download, limits and previews.

use std::io::Cursor;

use domain::conversations::MAX_MESSAGE_CHARS;
use image::{DynamicImage, ImageFormat, RgbImage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::handlers::contact::code;
use crate::handlers::multipart::{MULTIPART, field, fields, file, whole};
use crate::http::form;
use crate::kit::Kit;

struct Raw {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// Posts bytes and returns bytes.
async fn post(kit: &Kit, path: &str, kind: &str, body: &[u8]) -> Raw {
    let mut stream = TcpStream::connect(kit.at).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.expect("a server that listens to the end");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = memchr::memmem::find(&answer, b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    Raw { status: head[9..12].parse().unwrap(), head, body: answer[end + 4..].to_vec() }
}

/// A form with binary files.
fn with_bytes(parts: &[String], names: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = parts.concat().into_bytes();
    for (name, bytes) in names {
        let text = file(name, "BYTES");
        let (before, after) = text.split_once("BYTES").unwrap();
        body.extend_from_slice(before.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(after.as_bytes());
    }
    body.extend_from_slice(whole(&[]).as_bytes());
    body
}

fn picture() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(30, 20)).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// Pseudo-random bytes.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

async fn rows(kit: &Kit, table: &str) -> i64 {
    kit.scratch.numbers(&format!("SELECT count(*) FROM {table}")).await[0]
}

#[tokio::test]
async fn files_are_downloaded_unchanged_and_only_images_and_text_are_shown() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let (large, picture) = (noise(200_000), picture());
    let names: [(&str, &[u8]); 3] = [
        ("../dump \u{fc}.bin", &large),
        ("screen.png", &picture),
        ("page.html", b"<script>alert(1)</script>"),
    ];
    let body = with_bytes(&[field("issued_at", &begun), field("message", "see files")], &names);
    let sent = post(&kit, "/contact", MULTIPART.1, &body).await;
    assert_eq!(sent.status, 200, "{}", String::from_utf8_lossy(&sent.body));
    let code = code(&String::from_utf8(sent.body).unwrap());
    let page = kit.view_conversation(&code).await.body;
    assert!(page.contains("dump ü.bin") && page.contains("200 kB") && page.contains("Show screen.png"));
    assert!(!page.contains("Show dump"));
    let mut ids = kit.scratch.numbers("SELECT id FROM attachment ORDER BY number").await.into_iter();
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM chunk").await, [4 + 1 + 1]);
    for (n, (name, bytes)) in names.iter().enumerate() {
        let id = ids.next().unwrap().to_string();
        let wanted = form(&[("code", &code), ("file", &id)]);
        let saved = post(&kit, "/conversation/file", crate::http::FORM.1, wanted.as_bytes()).await;
        assert_eq!(saved.status, 200);
        assert!(
            saved.head.contains("content-disposition: attachment") && saved.head.contains("octet-stream")
        );
        assert!(
            saved.head.contains("sandbox")
                && saved.head.contains("nosniff")
                && saved.head.contains("no-store")
        );
        assert!(saved.body == *bytes, "{name} comes out as it went in");
        let shown = post(&kit, "/conversation/show", crate::http::FORM.1, wanted.as_bytes()).await;
        match n {
            0 => assert_eq!(shown.status, 415),
            1 => assert!(shown.head.contains("image/png") && image::load_from_memory(&shown.body).is_ok()),
            _ => assert!(shown.head.contains("text/plain; charset=utf-8")),
        }
    }
    // The code of one conversation opens no file of another.
    let other = kit.write("hello", &[]).await;
    let id = kit.scratch.numbers("SELECT id FROM attachment").await[0].to_string();
    let stolen = kit.post("/conversation/file", &[], &form(&[("code", &other), ("file", &id)])).await;
    assert_eq!(stolen.status, 404);
    kit.post("/conversation/erase", &[], &form(&[("code", &code), ("confirm", "yes")])).await;
    assert_eq!((rows(&kit, "chunk").await, rows(&kit, "attachment").await), (0, 0));
}

#[tokio::test]
async fn uploads_above_the_limits_are_refused_and_stored_nowhere() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let typed = [field("issued_at", &begun), field("message", "I send you all I have")];
    let megabytes = |n: usize| vec![b'x'; n * 1024 * 1024];
    let (eleven, nine, little) = (megabytes(11), megabytes(9), vec![b'y'; 10]);
    let many: Vec<(&str, &[u8])> = vec![("a.txt", &little); 11];
    for (files, says) in [
        (vec![("large.bin", &eleven[..])], "larger than 10 MB"),
        (vec![("a", &nine[..]), ("b", &nine), ("c", &nine)], "larger than 25 MB in total"),
        (many.clone(), "more than 10 files"),
    ] {
        let answer = post(&kit, "/contact", MULTIPART.1, &with_bytes(&typed, &files)).await;
        let page = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 413);
        assert!(page.contains(says) && page.contains("I send you all I have</textarea>"), "{says}");
    }
    for table in ["conversation", "attachment", "chunk"] {
        assert_eq!(rows(&kit, table).await, 0, "{table}");
    }
    let code = kit.write("x", &[]).await;
    let answer = [field("code", &code), field("message", "one more")];
    let refused = post(&kit, "/conversation/answer", MULTIPART.1, &with_bytes(&answer, &many)).await;
    assert_eq!(refused.status, 413);
    assert!(String::from_utf8(refused.body).unwrap().contains("one more</textarea>"));
    assert_eq!((rows(&kit, "message").await, rows(&kit, "attachment").await), (1, 0));
}

#[tokio::test]
async fn above_the_hourly_limit_of_files_messages_without_files_are_accepted() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    kit.app.spam_filter.record_file(kit.app.db.clock.now(), 1 << 30);
    let typed = [field("issued_at", &begun), field("message", "with a file")];
    let refused = post(&kit, "/contact", MULTIPART.1, &with_bytes(&typed, &[("a.txt", b"text")])).await;
    assert_eq!((refused.status, rows(&kit, "attachment").await), (413, 0));
    assert!(String::from_utf8(refused.body).unwrap().contains("with a file</textarea>"));
    assert_eq!(kit.write("without one", &[]).await.len(), 25);
    kit.later(3600).await;
    let taken = post(&kit, "/contact", MULTIPART.1, &with_bytes(&typed, &[("a.txt", b"text")])).await;
    assert_eq!((taken.status, rows(&kit, "attachment").await), (200, 1));
}

#[tokio::test]
async fn an_interrupted_upload_leaves_no_message_and_retention_removes_the_rest() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let bytes = noise(600_000);
    let body = with_bytes(&[field("issued_at", &begun), field("message", "half")], &[("a.bin", &bytes)]);
    let mut stream = TcpStream::connect(kit.at).await.unwrap();
    let head = format!(
        "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        MULTIPART.1,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..400_000]).await.unwrap();
    // Disconnects once a part is written.
    while rows(&kit, "chunk").await == 0 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    kit.later(3 * 86_400).await;
    while rows(&kit, "attachment").await + rows(&kit, "chunk").await > 0 {
        // Either the handler has removed it, or the retention run does, including a chunk that arrived in between.
        domain::erasure::retention::run_retention(&kit.app.db, &kit.app.settings).await.unwrap();
        domain::erasure::completion::roll_forward(&kit.app.db).await.unwrap();
    }
    for table in ["conversation", "message"] {
        assert_eq!(rows(&kit, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_message_may_have_the_maximum_length() {
    let kit = Kit::open().await;
    let code = kit.write(&"ü".repeat(MAX_MESSAGE_CHARS), &[]).await;
    assert!(kit.view_conversation(&code).await.body.contains(&"ü".repeat(MAX_MESSAGE_CHARS)));
    let many = [("code", &*code), ("message", "x")];
    assert_eq!(kit.send_form("/conversation/answer", &fields(&many)).await.status, 200);
}
