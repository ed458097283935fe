//! Checks the promise `contact.unshared` with strace, which records each `connect` of the running program. The program
//! connects to its database and its mail server, and to nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::kit::conversation;
use super::kit::http::Connection;
use super::kit::mail::{MailServer, fresh};
use super::kit::orders::{asks_for_key, bought_by, paid};
use super::kit::portal::request_magic_link;
use super::kit::{Shop, free_port, wait_until};
use crate::signal::send_signal;
use paypro::simulator::Party;

/// `scruple serve` under strace. It is stopped when it is dropped, and strace ends with it.
struct Watched {
    strace: Child,
    pid_file: PathBuf,
}

impl Drop for Watched {
    fn drop(&mut self) {
        // The signal goes to the program, because strace blocks signals until the program has ended.
        let pid = fs::read_to_string(&self.pid_file).unwrap_or_default();
        if let Ok(pid) = pid.trim().parse() {
            send_signal("TERM", pid);
        }
        drop(self.strace.wait());
    }
}

/// Starts a server under strace, and waits for its first response.
fn serve_watched(shop: &Shop, port: u16, trace: &Path) -> Watched {
    let inner = shop.command(&["serve"]);
    let pid_file = shop.folder().join("watched.pid");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=connect", "-o"]).arg(trace);
    command.args(["sh", "-c", r#"echo $$ >"$0" && exec "$@""#]).arg(&pid_file);
    command.arg(inner.get_program()).args(inner.get_args()).current_dir(shop.folder());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("SCRUPLE_SERVER_LISTEN", format!("127.0.0.1:{port}"));
    command.env("SCRUPLE_SERVER_PUBLIC_URL", "http://shop.example");
    let watched = Watched { strace: command.spawn().expect("strace starts"), pid_file };
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    wait_until("the server's first answer", || {
        let health = Connection::open(address).and_then(|mut c| c.request("GET", "/health", &[], b""));
        health.is_ok_and(|answer| answer.status == 200).then_some(())
    });
    watched
}

/// Returns the destinations of a trace: `inet PORT`, `inet6 PORT` or `unix PATH`, each with whether it is loopback.
fn destinations(trace: &str) -> BTreeSet<String> {
    let calls = trace.lines().filter(|line| line.contains("connect("));
    calls.filter_map(destination).collect()
}

fn destination(call: &str) -> Option<String> {
    let between =
        |before: &str, after: &str| Some(call.split_once(before)?.1.split_once(after)?.0.to_owned());
    if let Some(path) = between("sun_path=\"", "\"") {
        return Some(format!("unix {path}"));
    }
    let port = between("port=htons(", ")")?;
    let host = between("inet_addr(\"", "\"").or_else(|| between("inet_pton(AF_INET6, \"", "\""))?;
    Some(format!("{host} {port}"))
}

#[test]
#[ignore = "needs mail servers and strace"]
fn the_program_connects_to_its_database_and_mail_server_alone() {
    let mail = MailServer::started();
    let buyer = fresh("watched");
    let shop = mail.configure(Shop::new(), mail.port());
    let (port, trace) = (free_port(), shop.folder().join("connect.trace"));
    {
        let _watched = serve_watched(&shop, port, &trace);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let order = bought_by(1, Party::new(&buyer, "Bea Buyer"));
        let mut connection = Connection::open(address).expect("it listens");
        assert_eq!(connection.post("/paypro", &paid(&order)).expect("an answer").status, 200);
        assert_eq!(connection.post("/paypro", &asks_for_key(&order)).expect("an answer").status, 200);
        request_magic_link(address, &buyer, "192.0.2.1");
        mail.email_to(&buyer);
        conversation::start(&mut connection, &[("message", "Hello https://elsewhere.example")], &[])
            .expect("sent");
        let view = connection.request("GET", "/count.gif?s=none&p=/", &[], b"").expect("an answer");
        assert!(view.status < 500);
    }
    let found = destinations(&fs::read_to_string(&trace).expect("strace wrote it"));
    let known: Vec<u16> = [Some(mail.port()), database_port(&shop.url)].into_iter().flatten().collect();
    for port in &known {
        assert!(found.iter().any(|to| is_local_port(to, *port)), "strace saw no connection to port {port}");
    }
    let others: Vec<_> = found
        .iter()
        .filter(|to| !known.iter().any(|port| is_local_port(to, *port)) && !is_resolver(to))
        .collect();
    assert!(others.is_empty(), "the program connects to {others:?}");
}

/// The port in the URL of a PostgreSQL database; `None` for SQLite, whose URL is empty.
fn database_port(url: &str) -> Option<u16> {
    let (_, authority) = url.split_once('@')?;
    authority.split('/').next()?.rsplit_once(':')?.1.parse().ok()
}

fn is_local_port(to: &str, port: u16) -> bool {
    (to.starts_with("127.") || to.starts_with("::1 ")) && to.ends_with(&format!(" {port}"))
}

/// The system's resolver looks up `localhost`: it asks nscd or port 53, and tries routes with port 0.
fn is_resolver(to: &str) -> bool {
    to.starts_with("unix /") && to.contains("nscd") || to.ends_with(" 53") || to.ends_with(" 0")
}

#[test]
fn a_connection_is_read_from_the_trace() {
    let trace = "1 connect(9, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr(\"192.0.2.7\")}, 16) = -1\n\
        2 connect(9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \
        \"2001:db8::1\", &sin6_addr), sin6_scope_id=0}, 28) = 0\n\
        3 connect(9, {sa_family=AF_UNIX, sun_path=\"/run/nscd/socket\"}, 110) = -1\n4 close(9) = 0";
    let found: Vec<_> = destinations(trace).into_iter().collect();
    assert_eq!(found, ["192.0.2.7 25", "2001:db8::1 443", "unix /run/nscd/socket"]);
}
