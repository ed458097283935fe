//! The HTTP server: accepts connections and answers requests, with idle timeout and graceful shutdown.
//!
//! axum's own server sets no timeout, so a request header that never ends (slowloris) would keep its
//! connection for ever. hyper's own
//! timeout sets a timer for every request, which costs as much as classifying a visit. This server has one timer for each
//! connection.

use std::convert::Infallible;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tower_service::Service as _;

/// A connection that is idle for this time is closed. A request under way has the time that its route allows. Proxies keep
/// an idle connection for one or two minutes, so usually they close it first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes of a request header.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Serves the routes until `stop`. Then it finishes the requests under way (graceful shutdown).
pub async fn serve(listener: TcpListener, routes: Router, stop: impl Future<Output = ()>) {
    let (open, mut stop) = (GracefulShutdown::new(), pin!(stop));
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        // Without the option, the connection is slower but works.
        stream.set_nodelay(true).ok();
        tokio::spawn(serve_connection(stream, peer, routes.clone(), open.watcher()));
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_caused_by_client(&error) => {}
            Err(error) => {
                tracing::error!(cause = %error, "no connection can be accepted; the limit of open files may be reached");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_caused_by_client(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

/// Serves one connection until it ends.
async fn serve_connection<S>(stream: S, peer: SocketAddr, routes: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let requests = Arc::clone(&activity);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let guard = RequestGuard::begin(&requests);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = routes.clone().call(request);
        async move {
            let response: Result<Response, Infallible> = response.await;
            response.map(|response| response.map(|body| GuardedBody { body, _guard: guard }))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEADER_BYTES)
        .writev(false) // most responses are small, and copying them is faster
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(watcher.watch(connection));
    let (mut ticks, mut before) = (interval_at(Instant::now() + IDLE_TIMEOUT, IDLE_TIMEOUT), 0);
    // After a jump of the clock, a connection must not count as idle for two ticks at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // The result matters only to the client.
            _ = &mut connection => break,
            _ = ticks.tick() => match activity.idle_since() {
                Some(requests) if requests == before => break,
                requests => before = requests.unwrap_or(before),
            }
        }
    }
}

/// Numbers of requests that a connection has begun, and has answered completely.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Activity {
    /// Returns the number of requests so far, or `None` while one is under way.
    fn idle_since(&self) -> Option<u64> {
        let begun = self.begun.load(Ordering::Relaxed);
        (self.ended.load(Ordering::Relaxed) == begun).then_some(begun)
    }
}

/// Marks a request as under way until its response is sent or dropped.
struct RequestGuard(Arc<Activity>);

impl RequestGuard {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// A response body that ends its request when it is sent.
struct GuardedBody {
    body: Body,
    _guard: RequestGuard,
}

impl hyper::body::Body for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::mem::take;
    use std::net::Ipv4Addr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::sync::{Notify, oneshot};
    use tokio::time::timeout;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const SOON: &[u8] = b"GET /soon HTTP/1.1\r\nHost: here\r\n\r\n";
    const LATE: &[u8] = b"GET /late HTTP/1.1\r\nHost: here\r\n\r\n";

    /// A route that takes an hour and signals when it is called, and one that answers at once.
    fn routes(called: &Arc<Notify>) -> Router {
        let called = Arc::clone(called);
        let late = async move || {
            called.notify_one();
            sleep(HOUR).await;
        };
        Router::new().route("/late", get(late)).route("/soon", get(async || "soon"))
    }

    /// A client with an in-memory connection. Nothing is ever in transit, so the paused clock advances in the right order.
    struct Client {
        stream: DuplexStream,
        open: GracefulShutdown,
        called: Arc<Notify>,
    }

    impl Client {
        fn new() -> Self {
            let (called, open) = (Arc::default(), GracefulShutdown::new());
            let (stream, server) = duplex(4 * MAX_HEADER_BYTES);
            let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
            tokio::spawn(serve_connection(server, peer, routes(&called), open.watcher()));
            Self { stream, open, called }
        }

        async fn send(&mut self, bytes: &[u8]) {
            self.stream.write_all(bytes).await.unwrap();
        }

        /// Everything that arrives until the server closes, and the time until then.
        async fn read_to_end(&mut self) -> (String, Duration) {
            let (began, mut all) = (Instant::now(), String::new());
            timeout(2 * HOUR, self.stream.read_to_string(&mut all)).await.expect("it closes").unwrap();
            (all, began.elapsed())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_never_ends_closes_its_connection() {
        let mut client = Client::new();
        client.send(&SOON[..20]).await;
        assert_eq!(client.read_to_end().await, (String::new(), IDLE_TIMEOUT));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_response_is_sent_and_an_idle_connection_is_closed() {
        let mut client = Client::new();
        client.send(LATE).await;
        let (answer, after) = client.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(after > HOUR && after <= HOUR + 2 * IDLE_TIMEOUT, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_in_use_stays_open() {
        let mut client = Client::new();
        for _ in 0..100 {
            client.send(SOON).await;
            sleep(IDLE_TIMEOUT * 9 / 10).await;
        }
        let (answers, after) = client.read_to_end().await;
        assert_eq!(answers.matches("soon").count(), 100);
        assert!(after <= 2 * IDLE_TIMEOUT, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_waits_for_requests_but_not_for_a_header_that_never_ends() {
        let (mut client, mut slow) = (Client::new(), Client::new());
        client.send(SOON).await;
        client.send(LATE).await;
        client.called.notified().await;
        slow.send(&SOON[..20]).await;
        let began = Instant::now();
        take(&mut slow.open).shutdown().await;
        assert!(began.elapsed() <= IDLE_TIMEOUT);
        take(&mut client.open).shutdown().await;
        assert!(began.elapsed() <= HOUR);
        let (answers, _) = client.read_to_end().await;
        assert!(answers.contains("soonHTTP/1.1 200 OK\r\n"), "{answers}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_above_the_limit_is_refused() {
        let mut client = Client::new();
        let head = format!("GET /soon HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(2 * MAX_HEADER_BYTES));
        client.send(head.as_bytes()).await;
        let (answer, _) = client.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }

    #[tokio::test]
    async fn after_a_shutdown_idle_connections_are_closed_and_new_ones_are_refused() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, routes(&Arc::default()), async { stopped.await.unwrap() }));
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(SOON).await.unwrap();
        let mut one = [0];
        stream.read_exact(&mut one).await.unwrap();
        stop.send(()).unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("soon"), "{rest}");
        served.await.unwrap();
        assert!(TcpStream::connect(at).await.is_err());
    }
}
