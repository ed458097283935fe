//! Pictures and e-mails with a mark in every possible part.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

/// The mark in every text. Its eight symbols are also a licence number that does not exist.
pub const MARK: &str = "qxzkanar";
/// The IP address of all requests and of the sender of the mail.
pub const ORIGIN: &str = "203.0.113.98";

/// Returns a PNG with a text chunk.
pub fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(3, 2)).write_to(&mut out, ImageFormat::Png).expect("a picture");
    let mut bytes = out.into_inner();
    let chunk = b"tEXtComment\0qxzkanarie hidden";
    let mut sum = flate2::Crc::new();
    sum.update(chunk);
    let length = u32::try_from(chunk.len() - 4).expect("short").to_be_bytes();
    let whole = [&length[..], chunk, &sum.sum().to_be_bytes()].concat();
    // After the signature and the header chunk.
    bytes.splice(33..33, whole);
    bytes
}

/// Returns a JPEG with a description in EXIF.
pub fn jpeg() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(3, 2)).write_to(&mut out, ImageFormat::Jpeg).expect("a picture");
    let mut bytes = out.into_inner();
    let text = b"qxzkanarie hidden\0";
    let length = u32::try_from(text.len()).expect("short").to_le_bytes();
    // TIFF: one entry, ImageDescription, whose text begins at byte 26.
    let entry = [&[0x0e, 0x01, 2, 0][..], &length, &26_u32.to_le_bytes(), &[0; 4]].concat();
    let tiff = [&b"II*\0\x08\0\0\0\x01\0"[..], &entry, text].concat();
    let size = u16::try_from(tiff.len() + 8).expect("short").to_be_bytes();
    bytes.splice(2..2, [&[0xff, 0xe1][..], &size, b"Exif\0\0", &tiff].concat());
    bytes
}

/// Returns an e-mail with marks in all parts. The parts that the program drops say `dropped`.
pub fn mail_from(from: &str, to: &str, subject: &str) -> String {
    let domain = from.rsplit_once('@').expect("an address").1;
    format!(
        "Received: from qxzkanarie.dropped.example ([{ORIGIN}]) by mx.shop.example; Mon, 2 Feb 2026 10:00:00 +0000\r\n\
         Authentication-Results: mx.shop.example; dmarc=pass header.from={domain}\r\n\
         From: Qxzkanarie Sender <{from}>\r\nTo: Qxzkanarie dropped <{to}>\r\n\
         Cc: qxzkanarie.dropped@mark.example\r\nX-Mailer: qxzkanarie dropped\r\n\
         Date: Mon, 2 Feb 2026 10:00:00 +0000\r\nMessage-ID: <{subject}.qxzkanarie@mark.example>\r\n\
         Subject: {subject} qxzkanarie\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=qxzkanarie\r\n\r\n\
         --qxzkanarie\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBy mail the qxzkanarie sings {subject}.\r\n\
         \r\n> a qxzkanarie quoted\r\n\r\n-- \r\nQxzkanarie signed\r\n\
         --qxzkanarie\r\nContent-Type: application/x-bird; name=\"qxzkanarie-{subject}.bird\"\r\n\
         Content-Disposition: attachment; filename=\"qxzkanarie-{subject}.bird\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\ncXh6a2FuYXJpZSBpbiBhIGZpbGU=\r\n--qxzkanarie--\r\n"
    )
}
