//! The cost of reading a form with files: `cargo bench -p web --bench uploads`.
//!
//! The form is a contact form with text and three pictures of 2 MiB. It is read in memory, in chunks as a connection
//! delivers them: by our reader, by `multer` alone, and by a loop that looks at no byte. Then it is sent over HTTP, to the
//! real route, which encrypts and stores the files, and to a bare route that reads the body and drops it.
//! `SCRUPLE_TEST_DATABASE` names a PostgreSQL; without it the engine is SQLite.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::convert::Infallible;
use std::fs;
use std::future::pending;
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::post;
use domain::VendorSettings;
use futures_util::StreamExt as _;
use hyper::body::Frame;
use store::Db;
use store::testing::Scratch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use web::app::App;
use web::extract::multipart::Parts;
use web::http_server::serve;
use web::notification_queue::NotificationQueue;
use web::rate_limit::RateLimiter;
use web::routes::routes;
use web::search::ConversationSearch;
use web::spam::SpamFilter;
use web::visit_counter::Counter;

const KIND: &str = "multipart/form-data; boundary=----WebKitFormBoundaryAbCdEfGh01234567";
const DELIMITER: &str = "------WebKitFormBoundaryAbCdEfGh01234567";
const PICTURE: usize = 2 * 1024 * 1024;
/// Bytes that our server reads from a connection at once, at most.
const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 41;

/// A body that arrives in chunks: after each one the reader waits.
struct Chunks {
    rest: Bytes,
    waits: bool,
}

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.waits = !self.waits;
        if self.waits {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let size = self.rest.len().min(CHUNK);
        let chunk = self.rest.split_to(size);
        Poll::Ready((!chunk.is_empty()).then(|| Ok(Frame::data(chunk))))
    }
}

/// Pseudo-random bytes, which compressed pictures look like.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn form() -> Bytes {
    let mut form = Vec::new();
    let text = "The program stops when I open the settings. See the pictures.\r\n".repeat(20);
    for (name, value) in [("message", &*text), ("name", "Erika"), ("email", ""), ("website", "")] {
        let head = format!("{DELIMITER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    for n in 1..=3 {
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"picture {n}.png\"");
        form.extend_from_slice(
            format!("{DELIMITER}\r\n{head}\r\nContent-Type: image/png\r\n\r\n").as_bytes(),
        );
        form.extend_from_slice(&noise(PICTURE));
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(format!("{DELIMITER}--\r\n").as_bytes());
    form.into()
}

async fn read_by_ours(body: Body) -> usize {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(KIND))]);
    let mut parts = Parts::new(&headers, body).expect("a form");
    let mut bytes = 0;
    while parts.next().await.expect("a form").is_some() {
        while let Some(chunk) = parts.chunk().await.expect("a form") {
            bytes += black_box(chunk).len();
        }
    }
    bytes
}

async fn read_by_multer(body: Body) -> usize {
    let boundary = multer::parse_boundary(KIND).expect("a boundary");
    let mut parts = multer::Multipart::new(body.into_data_stream(), boundary);
    let mut bytes = 0;
    while let Some(mut part) = parts.next_field().await.expect("a form") {
        while let Some(chunk) = part.chunk().await.expect("a form") {
            bytes += black_box(chunk).len();
        }
    }
    bytes
}

async fn drop_body(body: Body) -> usize {
    let (mut chunks, mut bytes) = (body.into_data_stream(), 0);
    while let Some(chunk) = chunks.next().await {
        bytes += black_box(chunk.expect("a chunk")).len();
    }
    bytes
}

async fn in_memory(form: &Bytes) {
    let body = || Body::new(Chunks { rest: form.clone(), waits: false });
    let (mut ours, mut multer, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let read = read_by_ours(body()).await;
        ours.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        assert_eq!(read_by_multer(body()).await, read, "both read the same");
        multer.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        drop_body(body()).await;
        bare.push(began.elapsed().as_secs_f64());
    }
    let [ours, multer, bare] = [ours, multer, bare].map(middle);
    println!(
        "in memory: ours {:.2} ms, multer alone {:.2} ms, a loop that looks at no byte {:.2} ms; ours to multer {:.2}",
        ours * 1e3,
        multer * 1e3,
        bare * 1e3,
        ours / multer
    );
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of[of.len() / 2]
}

/// The state of a program behind a proxy, so that each request can have an address of its own.
fn app(db: &Db) -> Arc<App> {
    let settings = Arc::new(VendorSettings {
        vendor: "Bench".into(),
        public_url: "http://127.0.0.1".into(),
        horizon_months: 18,
        person_months: 24,
        cooling_days: 0,
        dynamic: None,
        checkout_page: None,
        reply: None,
        conversation_months: 12,
        anonymous_days: 90,
    });
    let (magic_link_requests, _) = mpsc::channel(1);
    let work_available = Arc::new(Notify::new());
    let notifications =
        NotificationQueue::start(db.clone(), Arc::clone(&settings), Arc::clone(&work_available));
    Arc::new(App {
        notifications,
        db: db.clone(),
        settings,
        validation_key: None,
        allow_test_orders: false,
        provider_networks: Vec::new(),
        trusted_proxies: "127.0.0.0/8".parse().into_iter().collect(),
        keep_custom: Vec::new(),
        magic_link_requests,
        search: ConversationSearch::default(),
        counter: Arc::new(Counter::new(analytics::DisclosureThresholds::default())),
        rate_limiter: RateLimiter::default(),
        spam_filter: SpamFilter::new(60),
        work_available,
        home_path: "/licence",
    })
}

async fn served(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, routes, pending()));
    at
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

/// Sends the form a number of times. Returns the seconds until the whole answer was there, of the middle one, and the
/// seconds of the processor of one, for both sides.
async fn sent(to: SocketAddr, form: &Bytes) -> (f64, f64) {
    let (worked, mut times) = (processor(), Vec::new());
    for n in 0..ROUNDS {
        times.push(send(to, n, form).await);
    }
    (middle(times), (processor() - worked) / ROUNDS as f64)
}

async fn send(to: SocketAddr, n: usize, form: &Bytes) -> f64 {
    let mut stream = TcpStream::connect(to).await.expect("a connection");
    let head = format!(
        "POST /contact HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 10.{n}.0.1\r\nContent-Type: {KIND}\r\n\
         Content-Length: {}\r\n\r\n",
        form.len()
    );
    let began = Instant::now();
    stream.write_all(head.as_bytes()).await.expect("it reads");
    stream.write_all(form).await.expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    began.elapsed().as_secs_f64()
}

async fn over_http(form: &Bytes) {
    let scratch = Scratch::new().await;
    domain::startup::prepare_store(&scratch.db).await.expect("a fresh store starts");
    let drop_it = async |body: Body| drop_body(body).await.to_string();
    let bare_route =
        Router::new().route("/contact", post(drop_it)).layer(axum::extract::DefaultBodyLimit::disable());
    let (real, bare) = (served(routes(app(&scratch.db))).await, served(bare_route).await);
    let ((real, real_worked), (bare, bare_worked)) = (sent(real, form).await, sent(bare, form).await);
    println!(
        "over HTTP: POST /contact {:.1} ms, {:.1} ms of the processor; a route that drops the body {:.1} ms, {:.1} ms",
        real * 1e3,
        real_worked * 1e3,
        bare * 1e3,
        bare_worked * 1e3
    );
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let form = form();
        in_memory(&form).await;
        over_http(&form).await;
    });
}
