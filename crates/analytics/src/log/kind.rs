//! What a line of a log is: a page, a download, a missing page, or nothing that counts.

use crate::Kind;

/// Endings of what browsers fetch along with a page, or machines fetch of themselves.
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

/// Endings of files that people fetch for themselves.
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

/// None for what doesn't count.
pub(super) fn of(get: bool, status: u16, target: &str) -> Option<Kind> {
    if !get {
        return None;
    }
    let path = target.split(['?', '#']).next().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or("");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let one_of =
        |list: &[&str]| !ending.is_empty() && list.iter().any(|one| ending.eq_ignore_ascii_case(one));
    if one_of(&ASSETS) || path.contains("/.") {
        return None;
    }
    match status {
        // A part of a file (206) is one of many of the same download; what is unchanged (304) was fetched before.
        200 if one_of(&DOWNLOADS) => Some(Kind::Download),
        200 | 304 if !one_of(&DOWNLOADS) => Some(Kind::View),
        404 | 410 => Some(Kind::Missing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_files_count_and_what_comes_along_does_not() {
        let cases = [
            (true, 200, "/docs/?q=a.png", Some(Kind::View)),
            (true, 304, "/docs", Some(Kind::View)),
            (true, 200, "/setup-8.2.0.EXE", Some(Kind::Download)),
            (true, 206, "/setup-8.2.0.exe", None),
            (true, 304, "/setup-8.2.0.exe", None),
            (true, 404, "/gone", Some(Kind::Missing)),
            (true, 404, "/gone.zip", Some(Kind::Missing)),
            (true, 404, "/favicon.ico", None),
            (true, 200, "/style.css?v=1", None),
            (true, 200, "/.well-known/security", None),
            (true, 404, "/.env", None),
            (true, 301, "/docs", None),
            (true, 500, "/docs", None),
            (false, 200, "/docs", None),
        ];
        for (get, status, target, kind) in cases {
            assert_eq!(of(get, status, target), kind, "{status} {target}");
        }
    }
}
