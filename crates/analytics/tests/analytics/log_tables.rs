//! Lines of server logs in tables: times at the edges of days and hours, names of fields, kinds of files, and lines that
//! are nearly right.

use analytics::{
    LogLine, VisitKind,
    log::{LineError, MAX_LINE_BYTES},
};
use calendar::{Day, TimeZone};

fn combined(time: &str, request: &str, status: &str) -> String {
    format!("192.0.2.1 - - [{time}] \"{request}\" {status} 17 \"-\" \"agent\"")
}

fn json(fields: &str) -> String {
    format!(r#"{{"ip":"192.0.2.1","time":1795383667,"path":"/","status":200,{fields}}}"#)
}

fn error(line: &str) -> Option<LineError> {
    LogLine::parse(line.as_bytes()).err()
}

const NOON: &str = "22/Nov/2026:12:00:00 +0000";

#[test]
fn a_line_counts_in_the_hour_and_day_of_the_sites_zone() {
    for (time, zone, day, hour) in [
        ("22/Nov/2026:22:59:59 +0000", "Europe/Berlin", "2026-11-22", 23),
        ("22/Nov/2026:23:00:00 +0000", "Europe/Berlin", "2026-11-23", 0),
        ("23/Nov/2026:00:30:00 +0200", "Europe/Berlin", "2026-11-22", 23),
        ("31/Dec/2026:23:59:60 +0000", "Etc/UTC", "2027-01-01", 0),
        ("28/Feb/2028:23:59:59 +0000", "Etc/UTC", "2028-02-28", 23),
        ("29/Feb/2028:00:00:00 +0000", "Etc/UTC", "2028-02-29", 0),
        ("01/Mar/2028:00:00:00 +1400", "Etc/UTC", "2028-02-29", 10),
        ("28/Feb/2028:12:00:00 -1200", "Etc/UTC", "2028-02-29", 0),
        ("29/Mar/2026:00:59:59 +0000", "Europe/Berlin", "2026-03-29", 1),
        ("29/Mar/2026:01:00:00 +0000", "Europe/Berlin", "2026-03-29", 3),
        ("25/Oct/2026:00:59:59 +0000", "Europe/Berlin", "2026-10-25", 2),
        ("25/Oct/2026:01:00:00 +0000", "Europe/Berlin", "2026-10-25", 2),
        ("22/Nov/2026:18:14:59 +0000", "Asia/Kathmandu", "2026-11-22", 23),
        ("22/Nov/2026:18:15:00 +0000", "Asia/Kathmandu", "2026-11-23", 0),
        ("01/Jan/1970:00:00:00 +0000", "America/New_York", "1969-12-31", 19),
    ] {
        let text = combined(time, "GET / HTTP/1.1", "200");
        let line = LogLine::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{time}: {error}"));
        let found = TimeZone::named(zone).unwrap().day_and_hour(line.time());
        assert_eq!(found, (day.parse::<Day>().unwrap(), hour), "{time} in {zone}");
    }
}

#[test]
fn a_time_that_is_nearly_right_is_no_time() {
    for time in [
        "",
        "-",
        "today",
        "30/Feb/2026:12:00:00 +0000",
        "29/Feb/2026:12:00:00 +0000",
        "00/Nov/2026:12:00:00 +0000",
        "32/Nov/2026:12:00:00 +0000",
        "1/Nov/2026:12:00:00 +0000",
        "22/nov/2026:12:00:00 +0000",
        "22/NOV/2026:12:00:00 +0000",
        "22/Nov/26:12:00:00 +0000",
        "22/Nov/2026:24:00:00 +0000",
        "22/Nov/2026:12:60:00 +0000",
        "22/Nov/2026:12:00:61 +0000",
        "22/Nov/2026:12:00 +0000",
        "22/Nov/2026 12:00:00 +0000",
        "22-Nov-2026:12:00:00 +0000",
        "22/Nov/2026:12:00:00 +00",
        "22/Nov/2026:12:00:00 0000",
        "22/Nov/2026:12:00:00 *0000",
        "22/Nov/2026:12:00:00 +2400",
        "22/Nov/2026:12:00:00 +0060",
        "22/Nov/2026:12:00:00 +00:0",
        "22/Nov/2026:12:00:00 CET",
        "31/Dec/1969:23:59:59 +0000",
    ] {
        assert_eq!(error(&combined(time, "GET / HTTP/1.1", "200")), Some(LineError::NoTime), "{time}");
    }
}

#[test]
fn a_time_of_a_json_line_has_many_forms_and_each_is_exact() {
    for time in [
        "2026-11-22T12:00:00Z",
        "2026-11-22t12:00:00z",
        "2026-11-22 12:00:00",
        "2026/11/22 12:00:00",
        "2026-11-22T12:00:00,123Z",
        "2026-11-22T12:00:00.123456789+00:00",
        "2026-11-22T12:00:00 +0000",
        "2026-11-22T17:45:00+05:45",
        "2026-11-22T04:30:00-0730",
        "22/Nov/2026:12:00:00 +0000",
        "[22/Nov/2026:12:00:00 +0000]",
        "1795348800",
        "1795348800.999",
        "1795348800999",
        "1795348800999999",
        "1795348800999999000",
    ] {
        let text = format!(r#"{{"ip":"192.0.2.1","time":"{time}","path":"/","status":200}}"#);
        let found = LogLine::parse(text.as_bytes()).map(|line| line.time().to_string());
        assert_eq!(found.as_deref(), Ok("2026-11-22T12:00:00Z"), "{time}");
    }
    for time in [
        "",
        "2026-11-22",
        "2026-11-22T12:00Z",
        "2026-11-22X12:00:00",
        "2026-11-31T12:00:00Z",
        "2026-00-22T12:00:00Z",
        "2026-11-22T12:00:00.Zulu",
        "2026-11-22T12:00:00+1",
        "[22/Nov/2026:12:00:00 +0000",
        "-1",
        "NaN",
        "inf",
        "1e30",
        "0x10",
        "12:00:00",
    ] {
        let text = format!(r#"{{"ip":"192.0.2.1","time":"{time}","path":"/","status":200}}"#);
        assert_eq!(error(&text), Some(LineError::NoTime), "{time}");
    }
}

#[test]
fn a_line_of_the_combined_format_that_is_cut_or_mixed_up_is_malformed() {
    let good = combined(NOON, "GET / HTTP/1.1", "200");
    assert_eq!(error(&good), None);
    let request_begins = good.find('"').unwrap();
    let status_ends = good.find(" 17").unwrap();
    for (bad, why) in [
        (&good[..request_begins], "no request"),
        (&good[..=request_begins], "a request that never ends"),
        (&good[..status_ends - 4], "no status"),
        (&good[..status_ends - 1], "a status of two digits"),
        (&*good.replace(" 200 ", " 2000 "), "a status of four digits"),
        (&*good.replace(" 200 ", " 2x0 "), "a status with a letter"),
        (&*good.replace(" 200 ", " -20 "), "a negative status"),
        (&*good.replace('"', "'"), "other quotes"),
        (&*good.replace('[', "("), "no bracket"),
        (&*good.replace(']', ")"), "a time that never ends"),
        (&*good.replace("\"GET", "\\\"GET"), "an escaped quote"),
        ("[", "a bracket"),
        ("[22/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 1", "the time in front"),
        ("192.0.2.1", "an address"),
    ] {
        assert_eq!(error(bad), Some(LineError::Malformed), "{why}");
    }
    for cut in status_ends..good.len() {
        assert_eq!(error(&good[..cut]), None, "the fields after the status may be missing: cut at {cut}");
    }
    for (prefix, expected) in [
        ("192.0.2.1 - -", None),
        ("2001:db8::1 - -", None),
        ("[2001:db8::1]:443 - -", None),
        ("fe80::1%eth0 - -", None),
        ("192.0.2.1:8080 - -", None),
        ("vendor.example 192.0.2.1 - -", None),
        ("vendor.example:443 192.0.2.1 - -", None),
        ("192.0.2.1", None),
        ("- - -", Some(LineError::NoAddress)),
        ("client.example - -", Some(LineError::NoAddress)),
        ("192.0.2.256 - -", Some(LineError::NoAddress)),
        ("192.0.2 - -", Some(LineError::NoAddress)),
        ("2001:db8:::1 - -", Some(LineError::NoAddress)),
        ("x y 192.0.2.1", Some(LineError::NoAddress)),
    ] {
        assert_eq!(error(&good.replace("192.0.2.1 - -", prefix)), expected, "{prefix}");
    }
}

#[test]
fn a_line_is_read_up_to_its_longest_form() {
    let line = |length: usize| {
        let bare = combined(NOON, "GET / HTTP/1.1", "200");
        format!("{bare}{}", "x".repeat(length - bare.len()))
    };
    assert_eq!(error(&line(MAX_LINE_BYTES)), None);
    assert_eq!(error(&format!("  {}\r\n", line(MAX_LINE_BYTES))), None, "blanks around it don't count");
    assert_eq!(error(&line(MAX_LINE_BYTES + 1)), Some(LineError::TooLong));
    for blank in ["", " ", "\r\n", "\t \n"] {
        assert_eq!(error(blank), Some(LineError::Empty), "{blank:?}");
    }
}

#[test]
fn each_name_of_a_field_is_known_in_any_spelling() {
    let referrer = |name: &str| {
        let text = json(&format!(r#""{name}":"https://blog.example.org/""#));
        let line = LogLine::parse(text.as_bytes()).unwrap();
        line.request().and_then(|request| request.referrer.map(str::to_owned)).unwrap_or_default()
    };
    for name in ["referer", "Referrer", "http_referer", "HTTP_REFERRER", "http-referer", "@re_fer.er"] {
        assert_eq!(referrer(name), "https://blog.example.org/", "{name}");
    }
    for name in ["refer", "referers", "x_referer", "xhttpreferer", "http_http_referer", ""] {
        assert_eq!(referrer(name), "", "{name}");
    }
    let without = |fields: &str| error(&format!("{{{fields}}}"));
    let (ip, time, path, status) = (r#""ip":"192.0.2.1""#, r#""ts":1"#, r#""uri":"/""#, r#""code":200"#);
    let all = [ip, time, path, r#""status":200"#].join(",");
    assert_eq!(without(&all), None);
    for (aliases, field) in [
        (
            &["client_ip", "realip", "remote_addr", "remoteHost", "clientAddr", "address", "addr", "remote"]
                [..],
            ip,
        ),
        (&["time", "timestamp", "time_iso8601", "time_local", "msec", "datetime", "date"][..], time),
        (&["path", "url", "request_uri", "requestPath", "target", "request", "requestline"][..], path),
        (&["statusCode", "response_status", "responseCode"][..], r#""status":200"#),
    ] {
        let value = field.split_once(':').unwrap().1;
        for alias in aliases {
            assert_eq!(without(&all.replace(field, &format!("\"{alias}\":{value}"))), None, "{alias}");
        }
        assert!(without(&all.replace(field, "\"x\":1")).is_some(), "{field}");
    }
    assert_eq!(without(&[ip, time, path, status].join(",")), Some(LineError::Malformed));
}

#[test]
fn a_json_line_is_read_whole_or_not_at_all() {
    let good = json(r#""agent":"x","n":null,"list":["a",1,{"b":[]}],"o":{"status":500,"x":"}"},"z":-1.5e3"#);
    assert_eq!(error(&good), None);
    for cut in 1..good.len() {
        assert_eq!(error(&good[..cut]), Some(LineError::Malformed), "cut at {cut}");
    }
    for (bad, why) in [
        (r#"{"ip" "192.0.2.1"}"#, "no colon"),
        (r#"{ip:"192.0.2.1"}"#, "a name without quotes"),
        (r#"{"ip":'192.0.2.1'}"#, "other quotes"),
        (r#"{"ip":}"#, "no value"),
        (r#"{"ip":]}"#, "a bracket as value"),
        (r#"{"ip":tr ue}"#, "a blank in a word"),
        (r#"{"a":[1,2}"#, "a list that never ends"),
        (r#"["ip"]"#, "a list"),
        (r#"{"a":"\"}"#, "an escaped end"),
    ] {
        assert_eq!(error(bad), Some(LineError::Malformed), "{why}");
    }
    let deep =
        |levels: usize| json(&format!("{}\"a\":1{}", r#""request":{"#.repeat(levels), "}".repeat(levels)));
    assert_eq!(error(&deep(8)), None);
    assert_eq!(error(&deep(9)), Some(LineError::Malformed));
}

#[test]
fn the_first_value_of_a_field_counts_and_fields_of_the_response_do_not() {
    let page = |fields: &str| {
        let text = format!(r#"{{"ip":"192.0.2.1","time":1,{fields}}}"#);
        let line = LogLine::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{fields}: {error}"));
        line.request().map(|request| request.page.to_owned())
    };
    let some = |page: &str| Some(page.to_owned());
    for (fields, expected) in [
        (r#""status":200,"path":"/a","path":"/b""#, some("/a")),
        (r#""status":200,"path":null,"url":"/b""#, some("/b")),
        (r#""status":200,"path":["/a","/b"]"#, some("/a")),
        (r#""status":200,"path":[1,"/b"],"url":"/c""#, some("/c")),
        (r#""status":200,"status":500,"path":"/a""#, some("/a")),
        (r#""response":{"status":500},"status":200,"path":"/a""#, some("/a")),
        (r#""resp_headers":{"path":"/no"},"status":200,"request":{"uri":"/a"}"#, some("/a")),
        (r#""status":200,"request":"GET /a HTTP/1.1","path":"/b""#, some("/b")),
        (r#""status":200,"request":"POST /a HTTP/1.1""#, None),
        (r#""status":200,"request":"POST /a HTTP/1.1","method":"GET""#, some("/a")),
        (r#""status":200,"request":"GET /a HTTP/1.1","method":"POST""#, None),
        (r#""status":200,"path":"/a","query":"utm_source=x""#, some("/a?utm_source=x")),
        (r#""status":200,"path":"/a","query":"?utm_source=x""#, some("/a?utm_source=x")),
        (r#""status":200,"path":"/a?q","query":"utm_source=x""#, some("/a?q")),
        (r#""status":200,"path":"/a","query":"q=secret""#, some("/a")),
        (r#""status":"200","path":"\/a\u002fb""#, some("/a/b")),
        (r#""status":200,"path":"https://vendor.example/a""#, some("/a")),
        (r#""status":200,"path":"https://vendor.example""#, some("/")),
        (r#""status":200,"path":"/go?to=https://x.example/""#, some("/go?to=https://x.example/")),
    ] {
        assert_eq!(page(fields), expected, "{fields}");
    }
}

#[test]
fn the_host_of_a_line_is_lower_case_without_www_and_port() {
    for (host, expected) in [
        ("vendor.example", Some("vendor.example")),
        ("WWW.Vendor.Example:443", Some("vendor.example")),
        ("www.vendor.example", Some("vendor.example")),
        ("wwwx.vendor.example", Some("wwwx.vendor.example")),
        ("-", None),
        ("", None),
        (":443", None),
        ("www.", None),
    ] {
        let text = json(&format!(r#""host":"{host}""#));
        assert_eq!(LogLine::parse(text.as_bytes()).unwrap().host().as_deref(), expected, "{host}");
    }
}

#[test]
fn a_file_is_a_page_a_download_or_an_asset_by_its_ending() {
    let kind = |target: &str, status: u16| {
        let text = combined(NOON, &format!("GET {target} HTTP/1.1"), &status.to_string());
        LogLine::parse(text.as_bytes()).unwrap().request().map(|request| request.kind)
    };
    let (view, download, missing) =
        (Some(VisitKind::View), Some(VisitKind::Download), Some(VisitKind::Missing));
    for ending in "css js mjs map json xml txt rss atom png jpg jpeg jxl gif svg svgz webp avif ico bmp cur woff woff2 ttf \
                   otf eot wasm mp3 mp4 m4a m4v webm ogg ogv oga wav flac mov vtt webmanifest manifest swf asc sig"
        .split_whitespace()
    {
        for target in [format!("/a.{ending}"), format!("/a/b.{}?v=1", ending.to_uppercase())] {
            assert_eq!((kind(&target, 200), kind(&target, 404)), (None, None), "{target}");
        }
    }
    for ending in "zip gz tgz bz2 tbz2 xz txz zst 7z rar tar lz lzma br exe msi msix appx msixbundle dmg pkg mpkg deb rpm apk \
                   aab ipa appimage flatpak snap iso img bin run jar war whl nupkg vsix xpi crx pdf epub mobi doc docx xls \
                   xlsx ppt pptx odt ods"
        .split_whitespace()
    {
        for target in [format!("/a.{ending}"), format!("/a.b/c.{}#x", ending.to_uppercase())] {
            let found = [200, 206, 304, 404, 301].map(|status| kind(&target, status));
            assert_eq!(found, [download, None, None, missing, None], "{target}");
        }
    }
    for target in
        ["/", "/docs/", "/a.html", "/a.php?file=b.zip", "/v1.2/", "/a.", "/zip", "/a.zipx", "/css/a"]
    {
        let found = [200, 304, 404, 410].map(|status| kind(target, status));
        assert_eq!(found, [view, view, missing, missing], "{target}");
        for status in
            [100, 199, 201, 204, 206, 301, 302, 307, 400, 401, 403, 405, 409, 411, 429, 500, 503, 999]
        {
            assert_eq!(kind(target, status), None, "{target} {status}");
        }
    }
    for hidden in ["/.env", "/a/.git/config", "/.well-known/x", "/a/..%2f/.x"] {
        assert_eq!((kind(hidden, 200), kind(hidden, 404)), (None, None), "{hidden}");
    }
}
