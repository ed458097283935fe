//! The cost of counting visits: `cargo bench -p scruple --bench visit_counting`.
//!
//! First a day of 10^6 visitors over 5,000 paths in memory, sealed every 50,000 views. Then views per second over HTTP,
//! on 32 kept-alive connections. A bare handler of the same library answers the same requests with 204, once served by
//! axum and once by our own server. Client and server share the cores. `SCRUPLE_TEST_DATABASE` names a PostgreSQL;
//! without it the engine is SQLite.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod kit;

use std::fs;
use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::{DisclosureThresholds, Request};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use domain::statistics::AddSite;
use store::testing::Scratch;
use store::{Actor, Db};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use web::app::App;
use web::http_server::serve;
use web::notification_queue::NotificationQueue;
use web::rate_limit::RateLimiter;
use web::routes::routes;
use web::search::ConversationSearch;
use web::spam::SpamFilter;
use web::visit_counter::{Counter, TallyFlusher};

use kit::settings;

const CONNECTIONS: u64 = 32;
const PATHS: u64 = 5_000;
const VISITORS: u64 = 50_000;
/// The requests of one connection, which it repeats.
const REQUESTS: usize = 4_000;
/// The duration of a round, and the rounds of each kind.
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

/// SplitMix64: the same numbers in every run.
struct SeededRandom(u64);

impl SeededRandom {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to `most` - 1. The first tenth is as frequent as all others, and so on within it.
    fn skewed(&mut self, most: u64) -> u64 {
        let mut range = most;
        while range > 10 && self.next() & 1 == 0 {
            range /= 10;
        }
        self.next() % range
    }
}

fn path(n: u64) -> String {
    const SECTIONS: [&str; 8] =
        ["docs", "blog", "features", "download", "support", "releases", "guides", "faq"];
    format!("/{}/topic-{}/page-{n}", SECTIONS[(n % 8) as usize], n / 40)
}

/// Returns one of 400 user agents.
fn agent(n: u64) -> String {
    let (major, minor) = (100 + n % 40, n % 10);
    match n % 4 {
        0 => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.{minor}.0 Safari/537.36"
        ),
        1 => format!(
            "Mozilla/5.0 (X11; Linux x86_64; rv:{major}.{minor}) Gecko/20100101 Firefox/{major}.{minor}"
        ),
        2 => format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{minor} Mobile/15E{major} Safari/604.1"
        ),
        _ => format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{minor} Safari/605.1.{major}"
        ),
    }
}

const LANGUAGES: [&str; 5] =
    ["en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8", "fr-FR,fr;q=0.9", "ja", "pt-BR,pt;q=0.9,en;q=0.5"];
const REFERRERS: [&str; 6] = [
    "",
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://duckduckgo.com/",
    "https://news.ycombinator.com/item?id=1",
    "https://forum.example/thread/7",
];
const INSIDE: &str = "https://example.org/docs/topic-1/page-40";
const WIDTHS: [u32; 4] = [390, 1_440, 1_920, 820];

fn address(visitor: u64) -> Ipv4Addr {
    Ipv4Addr::from(0x0b00_0000 + (visitor as u32).wrapping_mul(2_654_435_761) % 0x4000_0000)
}

/// How a view is sent.
#[derive(Clone, Copy)]
enum Transport {
    Image,
    Beacon,
}

/// Returns the requests of one connection as bytes. Each visitor has one to five views, the first with a referrer.
fn requests(transport: Transport, connection: u64) -> Vec<Vec<u8>> {
    let mut chance = SeededRandom(connection);
    let mut requests = Vec::new();
    while requests.len() < REQUESTS {
        let visitor = chance.next() % VISITORS;
        for view in 0..1 + chance.next() % 5 {
            let from = if view == 0 { REFERRERS[(chance.next() % 6) as usize] } else { INSIDE };
            requests.push(request(transport, visitor, from, &path(chance.skewed(PATHS))));
        }
    }
    requests
}

fn request(transport: Transport, visitor: u64, from: &str, page: &str) -> Vec<u8> {
    let width = WIDTHS[(visitor % 4) as usize];
    let head = format!(
        "Host: counter.example\r\nX-Forwarded-For: {}\r\nUser-Agent: {}\r\nAccept: */*\r\nAccept-Language: {}\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://example.org/\r\nSec-Fetch-Site: cross-site\r\n",
        address(visitor),
        agent(visitor % 400),
        LANGUAGES[(visitor % 5) as usize],
    );
    match transport {
        Transport::Image => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("s", "shop")
                .append_pair("p", page)
                .append_pair("r", from)
                .append_pair("w", &width.to_string())
                .finish();
            format!("GET /count.gif?{query} HTTP/1.1\r\n{head}\r\n").into_bytes()
        }
        Transport::Beacon => {
            let body = format!(r#"{{"s":"shop","r":"{from}","w":{width},"p":"{page}"}}"#);
            format!(
                "POST /count HTTP/1.1\r\n{head}Origin: https://example.org\r\nContent-Type: text/plain;charset=UTF-8\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        }
    }
}

/// Sends one request after the other until the round is over. Returns their number.
async fn send_requests(to: SocketAddr, requests: Arc<Vec<Vec<u8>>>, until: Instant) -> u64 {
    let mut stream = TcpStream::connect(to).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let (mut answer, mut done) = (Vec::with_capacity(1_024), 0);
    while Instant::now() < until {
        let request = &requests[done % requests.len()];
        stream.write_all(request).await.expect("it reads");
        answer.clear();
        while !whole(&answer) {
            assert!(stream.read_buf(&mut answer).await.expect("it answers") > 0, "it closed the connection");
        }
        assert!(answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer));
        done += 1;
    }
    done as u64
}

fn whole(answer: &[u8]) -> bool {
    let Some(end) = memchr::memmem::find(answer, b"\r\n\r\n") else { return false };
    let length = memchr::memmem::find(&answer[..end], b"content-length: ").map_or(0, |at| {
        let digits = answer[at + 16..end].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |length, digit| 10 * length + usize::from(digit - b'0'))
    });
    answer.len() >= end + 4 + length
}

/// The result of a round.
struct Round {
    /// Responses per second.
    rate: f64,
    /// Microseconds of processor time for each request, of client and server.
    cost: f64,
}

impl Round {
    fn middle(rounds: Vec<Self>) -> Self {
        let (rates, costs) = rounds.into_iter().map(|round| (round.rate, round.cost)).unzip();
        Self { rate: middle(rates), cost: middle(costs) }
    }
}

async fn round(to: SocketAddr, requests: &[Arc<Vec<Vec<u8>>>]) -> Round {
    let (began, worked) = (Instant::now(), processor());
    let mut clients = tokio::task::JoinSet::new();
    for of_one in requests {
        clients.spawn(send_requests(to, Arc::clone(of_one), began + ROUND));
    }
    let done = clients.join_all().await.iter().sum::<u64>() as f64;
    Round { rate: done / began.elapsed().as_secs_f64(), cost: (processor() - worked) * 1e6 / done }
}

/// Returns the seconds of processor time of this process. On a shared machine, they vary less than the elapsed time.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux reports it");
    let (_, after_name) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks: u64 =
        after_name.split(' ').skip(12).take(2).map(|n| n.parse::<u64>().expect("a number")).sum();
    // Linux reports hundredths of a second.
    ticks as f64 / 100.0
}

/// Serves all routes of the program, behind a trusted proxy on this machine.
async fn serve_program(db: &Db, counter: Arc<Counter>) -> SocketAddr {
    let (magic_link_requests, _) = mpsc::channel(1);
    let (settings, work_available) = (Arc::new(settings()), Arc::new(Notify::new()));
    let app = Arc::new(App {
        notifications: NotificationQueue::start(
            db.clone(),
            Arc::clone(&settings),
            Arc::clone(&work_available),
        ),
        db: db.clone(),
        settings,
        validation_key: None,
        allow_test_orders: false,
        provider_networks: Vec::new(),
        trusted_proxies: "127.0.0.0/8".parse().into_iter().collect(),
        keep_custom: Vec::new(),
        magic_link_requests,
        search: ConversationSearch::default(),
        counter,
        rate_limiter: RateLimiter::default(),
        spam_filter: SpamFilter::new(60),
        work_available,
        home_path: "/licence",
    });
    let (listener, at) = listen().await;
    tokio::spawn(serve(listener, routes(app), pending()));
    at
}

/// A handler that answers 204.
fn bare() -> Router {
    let none = || async { StatusCode::NO_CONTENT };
    Router::new().route("/count.gif", get(none)).route("/count", post(none))
}

/// Serves the bare handler as axum does.
async fn bare_on_axum() -> SocketAddr {
    let (listener, at) = listen().await;
    let service = bare().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    at
}

/// Serves the bare handler with our own server.
async fn bare_on_own() -> SocketAddr {
    let (listener, at) = listen().await;
    tokio::spawn(serve(listener, bare(), pending()));
    at
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    (listener, at)
}

async fn over_http(db: &Db, counter: Arc<Counter>, flusher: TallyFlusher) {
    let (bare, own, ours) = (bare_on_axum().await, bare_on_own().await, serve_program(db, counter).await);
    // The tallies are sealed every five seconds, as in the running program.
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let kept = tokio::spawn(flusher.run(db.clone(), stopped));
    for (transport, name) in [(Transport::Image, "GET /count.gif"), (Transport::Beacon, "POST /count")] {
        let requests: Vec<_> =
            (0..CONNECTIONS).map(|connection| Arc::new(requests(transport, connection))).collect();
        let (mut bares, mut owns, mut rounds) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bares.push(round(bare, &requests).await);
            owns.push(round(own, &requests).await);
            rounds.push(round(ours, &requests).await);
        }
        let [bare, own, ours] = [bares, owns, rounds].map(Round::middle);
        println!(
            "{name}: {:.0} views/s, {:.1} us of the processor each; a bare handler that answers 204: {:.0}/s, {:.1} us; ratio \
             {:.2}, by processor {:.2}; a bare handler on connections like ours: {:.0}/s, ratio {:.2}",
            ours.rate,
            ours.cost,
            bare.rate,
            bare.cost,
            ours.rate / bare.rate,
            bare.cost / ours.cost,
            own.rate,
            ours.rate / own.rate,
        );
    }
    drop(stop);
    kept.await.expect("the flusher ends");
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Returns the resident memory of this process in MB: now, and its peak.
fn memory() -> (f64, f64) {
    let status = fs::read_to_string("/proc/self/status").expect("Linux reports it");
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes / 1_024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// A day of a million visitors, four views each on average.
async fn a_large_day(scratch: &Scratch, counter: &Counter, flusher: &mut TallyFlusher) {
    let (before, _) = memory();
    let site = counter.site("large").expect("it was added");
    let paths: Vec<String> = (0..PATHS).map(|n| format!("https://example.org{}", path(n))).collect();
    let agents: Vec<String> = (0..400).map(agent).collect();
    let (mut chance, mut views, mut taking) = (SeededRandom(1), 0_u64, Duration::ZERO);
    for visitor in 0..1_000_000 {
        let began = Instant::now();
        for view in 0..1 + chance.skewed(10) {
            let from = if view == 0 { REFERRERS[(chance.next() % 6) as usize] } else { INSIDE };
            let request = Request {
                user_agent: &agents[(visitor % 400) as usize],
                languages: LANGUAGES[(visitor % 5) as usize],
                referrer: Some(from),
                width: Some(WIDTHS[(visitor % 4) as usize]),
                ..Request::view(IpAddr::V4(address(visitor)), &paths[chance.skewed(PATHS) as usize])
            };
            counter.record_visit(&site, &request, scratch.db.clock.now());
            views += 1;
        }
        taking += began.elapsed();
        if visitor % 20_000 == 0 {
            scratch.now.fetch_add(5, std::sync::atomic::Ordering::SeqCst);
            flusher.flush_due(&scratch.db).await.expect("sealed");
        }
    }
    let began = Instant::now();
    scratch.now.fetch_add(5, std::sync::atomic::Ordering::SeqCst);
    flusher.flush_due(&scratch.db).await.expect("sealed");
    let sealing = began.elapsed();
    let (now, highest) = memory();
    println!(
        "1,000,000 visitors, {views} views over {PATHS} paths: {now:.0} MB resident, {highest:.0} MB at the highest (before: \
         {before:.0} MB); {:.0} views/s on one core, without HTTP; sealed in {sealing:.1?}",
        views as f64 / taking.as_secs_f64()
    );
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let scratch = Scratch::new().await;
        domain::startup::prepare_store(&scratch.db).await.expect("a fresh store starts");
        for name in ["shop", "large"] {
            let hosts = ["example.org".to_owned()];
            let add =
                AddSite { name, hosts: &hosts, zone: "Europe/Berlin", public: false, actor: &Actor::System };
            scratch.db.execute(&add).await.expect("a site");
        }
        let counter = Arc::new(Counter::new(DisclosureThresholds::default()));
        let mut flusher = TallyFlusher::new(Arc::clone(&counter));
        flusher.flush_due(&scratch.db).await.expect("its day opens");
        a_large_day(&scratch, &counter, &mut flusher).await;
        // The requests over HTTP are counted by a new counter with the system's clock.
        drop((flusher, counter));
        let counter = Arc::new(Counter::new(DisclosureThresholds::default()));
        let mut db = scratch.again().await;
        db.clock = store::Clock::System;
        let mut flusher = TallyFlusher::new(Arc::clone(&counter));
        flusher.flush_due(&db).await.expect("its day opens");
        over_http(&db, counter, flusher).await;
    });
}
