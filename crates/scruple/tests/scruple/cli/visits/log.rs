//! A sample log in four formats.

use std::fmt::Write as _;
use std::ops::Range;

use calendar::Day;

/// The format of a log.
#[derive(Clone, Copy)]
pub enum Form {
    Combined,
    Nginx,
    Apache,
    Caddy,
}

/// Returns a range of lines of a site's log: one every 129.6 s from 2024-03-29 21:30 UTC on, of 60 visitors.
pub fn log(form: Form, lines: Range<u64>) -> String {
    let mut text = String::new();
    for n in lines {
        let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        // Visitor, page and referrer are independent of each other.
        let (person, page, before) = (mixed % 60, mixed / 67 % 1_000, mixed / 71_111 % 3);
        let time = 1_711_747_800 + n * 1_296 / 10;
        let (path, status) = match page % 11 {
            0 => (format!("/setup-{}.exe", page % 2), 200),
            1 => (format!("/gone/{}", page % 3), 404),
            2 => ("/style.css".to_owned(), 200),
            _ => (format!("/docs/page-{}", page % 20), 200),
        };
        let agent = if person.is_multiple_of(7) {
            "Googlebot/2.1 (+http://www.google.com/bot.html)".to_owned()
        } else {
            format!(
                "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
                100 + person % 40
            )
        };
        let referrer = ["", "https://www.google.com/", "https://blog.example.net/"][before as usize];
        let line = Line { address: format!("84.1.2.{person}"), time, path, status, agent, referrer };
        writeln!(text, "{}", line.formatted(form)).expect("memory");
    }
    text
}

struct Line {
    address: String,
    time: u64,
    path: String,
    status: u16,
    agent: String,
    referrer: &'static str,
}

impl Line {
    fn formatted(&self, form: Form) -> String {
        let Self { address, time, path, status, agent, referrer } = self;
        let (year, month, day) = Day::from_unix_days((time / 86_400).cast_signed()).to_date();
        let (hour, minute, second) = (time / 3_600 % 24, time / 60 % 60, time % 60);
        let clock = format!("{hour:02}:{minute:02}:{second:02}");
        let named = format!("{day:02}/{}/{year}:{clock} +0000", if month == 3 { "Mar" } else { "Apr" });
        let dash = if referrer.is_empty() { "-" } else { referrer };
        match form {
            Form::Combined => {
                format!("{address} - - [{named}] \"GET {path} HTTP/1.1\" {status} 512 \"{dash}\" \"{agent}\"")
            }
            Form::Nginx => format!(
                "{{\"time_iso8601\":\"{year}-{month:02}-{day:02}T{clock}+00:00\",\"remote_addr\":\"{address}\",\"request\":\"GET {path} \
                 HTTP/1.1\",\"status\":\"{status}\",\"http_referer\":\"{referrer}\",\"http_user_agent\":\"{agent}\",\
                 \"http_host\":\"vendor.example\"}}"
            ),
            Form::Apache => format!(
                "{{ \"remoteIP\":\"{address}\", \"time\":\"[{named}]\", \"method\":\"GET\", \"request\":\"{path}\", \
                 \"status\":\"{status}\", \"referer\":\"{dash}\", \"userAgent\":\"{agent}\" }}"
            ),
            Form::Caddy => format!(
                "{{\"level\":\"info\",\"ts\":{time}.25,\"request\":{{\"remote_ip\":\"{address}\",\"remote_port\":\"4711\",\
                 \"method\":\"GET\",\"host\":\"www.vendor.example\",\"uri\":\"{path}\",\"headers\":{{\"User-Agent\":[\"{agent}\"]\
                 ,\"Referer\":[\"{referrer}\"]}}}},\"status\":{status},\"resp_headers\":{{\"Server\":[\"Caddy\"]}}}}"
            ),
        }
    }
}
