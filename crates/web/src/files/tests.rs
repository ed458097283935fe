//! What comes out for what was put in.

use std::io::Cursor;

use http_body_util::BodyExt as _;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::*;

struct Pieces(Vec<Bytes>);

impl Chunks for Pieces {
    async fn chunk(&mut self, n: i64) -> Result<Option<Bytes>, Error> {
        Ok(self.0.get(usize::try_from(n).unwrap()).cloned())
    }
}

fn pieces(file: &[u8]) -> Pieces {
    Pieces(file.chunks(store::CHUNK).map(Bytes::copy_from_slice).collect())
}

fn kind(file: &[u8], size: usize) -> Kind {
    let mut sniff = Sniff::default();
    file.chunks(size).for_each(|piece| sniff.see(piece));
    sniff.kind()
}

fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 200]));
    DynamicImage::ImageRgb8(pixels).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A JPEG that says that it lies on its side, where it was taken, and a comment.
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
    let about = About { name: name.to_owned(), size: file.len() as i64, kind: kind(file, 1000) };
    let mut response = preview(&about, pieces(file)).await.unwrap()?;
    let body = std::mem::take(response.body_mut()).collect().await.unwrap().to_bytes().to_vec();
    Some((response, body))
}

fn said<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[test]
fn what_a_file_is_says_its_content_in_pieces_of_any_size() {
    for size in [1, 2, 3, 7, 1000] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            assert_eq!(kind(&picture(format, 5, 5), size), Kind::Image);
        }
        assert_eq!(kind("plain\tText, größer 🙂\r\n".as_bytes(), size), Kind::Text);
        assert_eq!(kind(b"<svg onload=alert(1)>", size), Kind::Text);
        assert_eq!(kind(b"MZ\x90\0\x03", size), Kind::Other);
        assert_eq!(kind("cut 🙂".as_bytes().split_last().unwrap().1, size), Kind::Other);
        assert_eq!(kind(b"latin \xe9 text", size), Kind::Other);
    }
    assert_eq!(kind(b"", 1), Kind::Other);
}

#[tokio::test]
async fn a_picture_is_shown_without_what_else_was_in_it() {
    let photo = photo();
    let (response, bytes) = shown("holiday.jpeg", &photo).await.unwrap();
    assert_eq!(said(&response, "content-type"), "image/jpeg");
    assert!(said(&response, "content-disposition").starts_with("inline; filename=\"holiday.jpg\""));
    assert!(said(&response, "content-security-policy").contains("sandbox"));
    for hidden in [&b"GPS"[..], b"Greenwich", b"Exif", b"comment"] {
        assert!(memchr::memmem::find(&photo, hidden).is_some());
        assert!(memchr::memmem::find(&bytes, hidden).is_none(), "{hidden:?}");
    }
    let seen = image::load_from_memory(&bytes).unwrap();
    assert_eq!((seen.width(), seen.height()), (20, 40), "upright");
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let (response, bytes) = shown("a.b", &picture(format, 30, 10)).await.unwrap();
        assert_eq!(said(&response, "content-type"), "image/png");
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 30);
    }
}

#[tokio::test]
async fn what_is_too_large_or_only_claims_to_be_a_picture_is_not_shown() {
    // A head that claims 100,000 pixels each way, and a picture that is really beyond the limit.
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
async fn text_is_shown_as_text_whatever_it_says_it_is() {
    let (response, bytes) = shown("page.html", b"<script>alert(1)</script>").await.unwrap();
    assert_eq!(said(&response, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(bytes, b"<script>alert(1)</script>");
}

#[tokio::test]
async fn a_download_is_the_file_itself_and_nothing_a_browser_would_run() {
    let file = photo().repeat(200);
    let about = About {
        name: "../über\r\nSet-Cookie: x\u{202e}gpj.exe".to_owned(),
        size: file.len() as i64,
        kind: Kind::Image,
    };
    let response = download(&about, pieces(&file)).await;
    assert_eq!(said(&response, "content-type"), "application/octet-stream");
    assert_eq!(said(&response, "content-length"), file.len().to_string());
    assert_eq!(
        said(&response, "content-disposition"),
        "attachment; filename=\"_berSet-Cookie_ xgpj.exe\"; filename*=UTF-8''%C3%BCberSet-Cookie_%20xgpj.exe"
    );
    assert!(said(&response, "content-security-policy").contains("sandbox"));
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), file);
}

#[test]
fn names_stay_names() {
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
        assert_eq!(safe(name), shown, "{name:?}");
    }
    let long = safe(&format!("{}.tar", "n".repeat(5000)));
    assert!(long.len() < 130 && long.ends_with(".tar"));
}
