//! Decides whether a log line is a page view, a download or a missing page, or doesn't count.

use crate::VisitKind;

/// File extensions of assets that browsers fetch with a page, or that machines fetch alone.
const ASSETS: [&str; 44] = [
    "css",
    "js",
    "mjs",
    "map",
    "json",
    "xml",
    "txt",
    "rss",
    "atom",
    "png",
    "jpg",
    "jpeg",
    "jxl",
    "gif",
    "svg",
    "svgz",
    "webp",
    "avif",
    "ico",
    "bmp",
    "cur",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "wasm",
    "mp3",
    "mp4",
    "m4a",
    "m4v",
    "webm",
    "ogg",
    "ogv",
    "oga",
    "wav",
    "flac",
    "mov",
    "vtt",
    "webmanifest",
    "manifest",
    "swf",
    "asc",
    "sig",
];

/// File extensions of downloads.
const DOWNLOADS: [&str; 52] = [
    "zip",
    "gz",
    "tgz",
    "bz2",
    "tbz2",
    "xz",
    "txz",
    "zst",
    "7z",
    "rar",
    "tar",
    "lz",
    "lzma",
    "br",
    "exe",
    "msi",
    "msix",
    "appx",
    "msixbundle",
    "dmg",
    "pkg",
    "mpkg",
    "deb",
    "rpm",
    "apk",
    "aab",
    "ipa",
    "appimage",
    "flatpak",
    "snap",
    "iso",
    "img",
    "bin",
    "run",
    "jar",
    "war",
    "whl",
    "nupkg",
    "vsix",
    "xpi",
    "crx",
    "pdf",
    "epub",
    "mobi",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
];

/// Returns None for a line that doesn't count.
pub(super) fn classify(get: bool, status: u16, target: &str) -> Option<VisitKind> {
    if !get {
        return None;
    }
    let path = target.split(['?', '#']).next().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or("");
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let one_of =
        |list: &[&str]| !extension.is_empty() && list.iter().any(|one| extension.eq_ignore_ascii_case(one));
    if one_of(&ASSETS) || path.contains("/.") {
        return None;
    }
    match status {
        // A partial response (206) is one of many of the same download; an unchanged file (304) was downloaded before.
        200 if one_of(&DOWNLOADS) => Some(VisitKind::Download),
        200 | 304 if !one_of(&DOWNLOADS) => Some(VisitKind::View),
        404 | 410 => Some(VisitKind::Missing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_downloads_count_and_assets_do_not() {
        let cases = [
            (true, 200, "/docs/?q=a.png", Some(VisitKind::View)),
            (true, 304, "/docs", Some(VisitKind::View)),
            (true, 200, "/setup-8.2.0.EXE", Some(VisitKind::Download)),
            (true, 206, "/setup-8.2.0.exe", None),
            (true, 304, "/setup-8.2.0.exe", None),
            (true, 404, "/gone", Some(VisitKind::Missing)),
            (true, 404, "/gone.zip", Some(VisitKind::Missing)),
            (true, 404, "/favicon.ico", None),
            (true, 200, "/style.css?v=1", None),
            (true, 200, "/.well-known/security", None),
            (true, 404, "/.env", None),
            (true, 301, "/docs", None),
            (true, 500, "/docs", None),
            (false, 200, "/docs", None),
        ];
        for (get, status, target, kind) in cases {
            assert_eq!(classify(get, status, target), kind, "{status} {target}");
        }
    }
}
