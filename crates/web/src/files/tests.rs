//! Downloads and previews of files.

use std::io::Cursor;

use http_body_util::BodyExt as _;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::*;

struct Chunks(Vec<Bytes>);

impl ChunkSource for Chunks {
    async fn chunk(&mut self, n: i64) -> Result<Option<Bytes>, Error> {
        Ok(self.0.get(usize::try_from(n).unwrap()).cloned())
    }
}

fn chunks_of(file: &[u8]) -> Chunks {
    Chunks(file.chunks(store::CHUNK).map(Bytes::copy_from_slice).collect())
}

fn kind(file: &[u8], size: usize) -> PreviewKind {
    let mut sniff = ContentSniffer::default();
    file.chunks(size).for_each(|chunk| sniff.push(chunk));
    sniff.kind()
}

fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 200]));
    DynamicImage::ImageRgb8(pixels).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A JPEG with an orientation, a location and a comment in its metadata.
fn photo() -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg, 40, 20);
    let tiff =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS 51.477 N Greenwich";
    let segment = |mark: u8, bytes: &[u8]| {
        let length = u16::try_from(bytes.len() + 2).unwrap().to_be_bytes();
        [&[0xff, mark], &length[..], bytes].concat()
    };
    [&plain[..2], &segment(0xe1, tiff), &segment(0xfe, b"secret comment"), &plain[2..]].concat()
}

async fn shown(name: &str, file: &[u8]) -> Option<(Response, Vec<u8>)> {
    let info = FileInfo { name: name.to_owned(), size: file.len() as i64, kind: kind(file, 1000) };
    let mut response = preview(&info, chunks_of(file)).await.unwrap()?;
    let body = std::mem::take(response.body_mut()).collect().await.unwrap().to_bytes().to_vec();
    Some((response, body))
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[test]
fn the_kind_of_a_file_is_detected_in_chunks_of_any_size() {
    for size in [1, 2, 3, 7, 1000] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            assert_eq!(kind(&picture(format, 5, 5), size), PreviewKind::Image);
        }
        assert_eq!(kind("plain\tText, größer 🙂\r\n".as_bytes(), size), PreviewKind::Text);
        assert_eq!(kind(b"<svg onload=alert(1)>", size), PreviewKind::Text);
        assert_eq!(kind(b"MZ\x90\0\x03", size), PreviewKind::Other);
        assert_eq!(kind("cut 🙂".as_bytes().split_last().unwrap().1, size), PreviewKind::Other);
        assert_eq!(kind(b"latin \xe9 text", size), PreviewKind::Other);
    }
    assert_eq!(kind(b"", 1), PreviewKind::Other);
}

#[tokio::test]
async fn the_preview_of_an_image_has_no_metadata() {
    let photo = photo();
    let (response, bytes) = shown("holiday.jpeg", &photo).await.unwrap();
    assert_eq!(header(&response, "content-type"), "image/jpeg");
    assert!(header(&response, "content-disposition").starts_with("inline; filename=\"holiday.jpg\""));
    assert!(header(&response, "content-security-policy").contains("sandbox"));
    for hidden in [&b"GPS"[..], b"Greenwich", b"Exif", b"comment"] {
        assert!(memchr::memmem::find(&photo, hidden).is_some());
        assert!(memchr::memmem::find(&bytes, hidden).is_none(), "{hidden:?}");
    }
    let seen = image::load_from_memory(&bytes).unwrap();
    assert_eq!((seen.width(), seen.height()), (20, 40), "upright");
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let (response, bytes) = shown("a.b", &picture(format, 30, 10)).await.unwrap();
        assert_eq!(header(&response, "content-type"), "image/png");
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 30);
    }
}

#[tokio::test]
async fn images_that_are_too_large_or_invalid_have_no_preview() {
    // A header that claims 100,000 by 100,000 pixels, and an image that is really above the limit.
    let mut bomb = picture(ImageFormat::Png, 10, 10);
    bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    assert!(shown("bomb.png", &bomb).await.is_none());
    let screen = |width: u16, height: u16| {
        let mut gif = picture(ImageFormat::Gif, 30, 10);
        gif[6..8].copy_from_slice(&width.to_le_bytes());
        gif[8..10].copy_from_slice(&height.to_le_bytes());
        gif
    };
    assert!(shown("large.gif", &screen(60, 50)).await.is_some());
    assert!(shown("large.gif", &screen(6000, 4001)).await.is_none());
    assert!(shown("half.png", &picture(ImageFormat::Png, 100, 100)[..300]).await.is_none());
    assert!(shown("not.gif", b"GIF89a<script>alert(1)</script>").await.is_none());
    assert!(shown("program.exe", b"MZ\x90\0").await.is_none());
}

#[tokio::test]
async fn the_preview_of_any_text_is_plain_text() {
    let (response, bytes) = shown("page.html", b"<script>alert(1)</script>").await.unwrap();
    assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(bytes, b"<script>alert(1)</script>");
}

#[tokio::test]
async fn a_download_is_unchanged_and_never_runs_in_the_browser() {
    let file = photo().repeat(200);
    let info = FileInfo {
        name: "../über\r\nSet-Cookie: x\u{202e}gpj.exe".to_owned(),
        size: file.len() as i64,
        kind: PreviewKind::Image,
    };
    let response = download(&info, chunks_of(&file)).await;
    assert_eq!(header(&response, "content-type"), "application/octet-stream");
    assert_eq!(header(&response, "content-length"), file.len().to_string());
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"_berSet-Cookie_ xgpj.exe\"; filename*=UTF-8''%C3%BCberSet-Cookie_%20xgpj.exe"
    );
    assert!(header(&response, "content-security-policy").contains("sandbox"));
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), file);
}

#[test]
fn file_names_are_sanitized() {
    for (name, shown) in [
        ("report.pdf", "report.pdf"),
        ("C:\\Users\\ada\\report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("", "file"),
        ("...", "file"),
        (".bashrc", "bashrc"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
        ("what?<b>.txt", "what__b_.txt"),
        ("日本.txt", "日本.txt"),
        ("/", "file"),
    ] {
        assert_eq!(sanitize(name), shown, "{name:?}");
    }
    let long = sanitize(&format!("{}.tar", "n".repeat(5000)));
    assert!(long.len() < 130 && long.ends_with(".tar"));
}
