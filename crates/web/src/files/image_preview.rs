//! Previews of images. An image is decoded and encoded again, so the preview has no metadata (location, camera, comment).

use std::io::Cursor;

use axum::body::Bytes;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

/// Pixels of the largest image that has a preview.
const MAX_PIXELS: u64 = 24_000_000;
/// Bytes that decoding may use: four for each pixel, and what the format needs.
const MAX_MEMORY: u64 = MAX_PIXELS * 4 + 16 * 1024 * 1024;

/// One image is decoded at a time, so that many large images can't exhaust the memory.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// A re-encoded image.
pub(super) struct ImagePreview {
    pub content_type: &'static str,
    /// The extension of its file name.
    pub extension: &'static str,
    /// The encoded image.
    pub bytes: Bytes,
}

/// Re-encodes an image as PNG or JPEG. `None` if the image is too large or invalid.
pub(crate) async fn re_encoded(file: Vec<u8>) -> Option<ImagePreview> {
    let permit = ONE_AT_A_TIME.acquire().await.ok()?;
    let image = tokio::task::spawn_blocking(move || re_encode(&file)).await;
    drop(permit);
    // A decoder that panics gives no preview.
    image.ok().flatten()
}

fn re_encode(file: &[u8]) -> Option<ImagePreview> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let format = reader.format()?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    image.apply_orientation(orientation);
    let mut out = Cursor::new(Vec::new());
    let (content_type, extension, target) = match format {
        ImageFormat::Jpeg => ("image/jpeg", "jpg", ImageFormat::Jpeg),
        _ => ("image/png", "png", ImageFormat::Png),
    };
    // Screens show eight bits per channel, and it halves the memory of the largest images.
    let image = match target {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(image.into_rgb8()),
        _ => DynamicImage::ImageRgba8(image.into_rgba8()),
    };
    image.write_to(&mut out, target).ok()?;
    Some(ImagePreview { content_type, extension, bytes: out.into_inner().into() })
}
