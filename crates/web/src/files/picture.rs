//! Pictures, painted anew: what is shown are our own pixels, without place, camera, comment or anything hidden.

use std::io::Cursor;

use axum::body::Bytes;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

/// Pixels of a picture that is shown.
const PIXELS: u64 = 24_000_000;
/// Bytes that one may take when it is read: four a pixel, and what the format needs beside.
const MEMORY: u64 = PIXELS * 4 + 16 * 1024 * 1024;

/// One at a time: a hundred large pictures must not fill the memory.
static ONE: Semaphore = Semaphore::const_new(1);

/// The picture as PNG or JPEG, with its kind and the end of its name; none when it is too large or no picture.
pub async fn painted(file: Vec<u8>) -> Option<(&'static str, &'static str, Bytes)> {
    let turn = ONE.acquire().await.ok()?;
    let painted = tokio::task::spawn_blocking(move || paint(&file)).await;
    drop(turn);
    // A panic of a decoder is no answer either.
    painted.ok().flatten()
}

fn paint(file: &[u8]) -> Option<(&'static str, &'static str, Bytes)> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let format = reader.format()?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
        return None;
    }
    let upright = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(upright);
    let mut out = Cursor::new(Vec::new());
    let (kind, end, target) = match format {
        ImageFormat::Jpeg => ("image/jpeg", "jpg", ImageFormat::Jpeg),
        _ => ("image/png", "png", ImageFormat::Png),
    };
    // Eight bits a channel is what screens show, and halves what the largest ones take.
    let picture = match target {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(picture.into_rgb8()),
        _ => DynamicImage::ImageRgba8(picture.into_rgba8()),
    };
    picture.write_to(&mut out, target).ok()?;
    Some((kind, end, out.into_inner().into()))
}
