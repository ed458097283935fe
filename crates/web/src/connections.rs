//! Connections: each is answered until its other side closes it, asks nothing for a while, or the program is to stop.
//!
//! axum's own loop would do, but that it sets no limit: a head that never ends would hold its connection for ever. hyper's
//! own limit sets a timer for every request, which costs a visit as much as its classifying does; here is one for each
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

/// A connection on which for so long nothing was asked and nothing is being answered is closed. What has been asked has
/// the time that its door gives it. Proxies keep an idle one for one or two minutes, so that it is they who close it.
const QUIET: Duration = Duration::from_secs(120);
/// Bytes of a request's head.
const LARGEST_HEAD: usize = 64 * 1024;

/// Answers at `doors` until `stop`; then requests under way are finished.
pub async fn answer(listener: TcpListener, doors: Router, stop: impl Future<Output = ()>) {
    let (open, mut stop) = (GracefulShutdown::new(), pin!(stop));
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        // Whoever can't be told to hurry is answered all the same.
        stream.set_nodelay(true).ok();
        tokio::spawn(hold(stream, peer, doors.clone(), open.watcher()));
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_other_side(&error) => {}
            Err(error) => {
                tracing::error!(cause = %error, "no connection can be accepted: the system's limit of open files?");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_other_side(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

/// Answers one connection, to its end.
async fn hold<S>(stream: S, peer: SocketAddr, doors: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pace = Arc::new(Pace::default());
    let asked = Arc::clone(&pace);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let under_way = UnderWay::begin(&asked);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = doors.clone().call(request);
        async move {
            let answer: Result<Response, Infallible> = answer.await;
            answer.map(|answer| answer.map(|body| Answer { body, _under_way: under_way }))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .writev(false) // most answers are small, and copied sooner than gathered
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(watcher.watch(connection));
    let (mut ticks, mut before) = (interval_at(Instant::now() + QUIET, QUIET), 0);
    // Should the clock leap, nobody has been silent twice.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // How it ended is known to its other side, and nobody's business here.
            _ = &mut connection => break,
            _ = ticks.tick() => match pace.quiet_since() {
                Some(asked) if asked == before => break,
                asked => before = asked.unwrap_or(before),
            }
        }
    }
}

/// How many requests of a connection have begun, and have been answered whole.
#[derive(Default)]
struct Pace {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Pace {
    /// How many requests there were, when none is under way.
    fn quiet_since(&self) -> Option<u64> {
        let begun = self.begun.load(Ordering::Relaxed);
        (self.ended.load(Ordering::Relaxed) == begun).then_some(begun)
    }
}

/// A request, until its answer is sent or given up.
struct UnderWay(Arc<Pace>);

impl UnderWay {
    fn begin(pace: &Arc<Pace>) -> Self {
        pace.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pace))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// An answer's body, which says when it is sent.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl hyper::body::Body for Answer {
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

    /// A door that takes an hour, and says that somebody has come, and one that doesn't.
    fn doors(come: &Arc<Notify>) -> Router {
        let come = Arc::clone(come);
        let late = async move || {
            come.notify_one();
            sleep(HOUR).await;
        };
        Router::new().route("/late", get(late)).route("/soon", get(async || "soon"))
    }

    /// A connection's other side, in memory: nothing is ever on its way, so that time, which passes at once where nobody
    /// has anything to do, passes in the right order.
    struct Caller {
        stream: DuplexStream,
        open: GracefulShutdown,
        come: Arc<Notify>,
    }

    impl Caller {
        fn new() -> Self {
            let (come, open) = (Arc::default(), GracefulShutdown::new());
            let (stream, held) = duplex(4 * LARGEST_HEAD);
            let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
            tokio::spawn(hold(held, peer, doors(&come), open.watcher()));
            Self { stream, open, come }
        }

        async fn say(&mut self, what: &[u8]) {
            self.stream.write_all(what).await.unwrap();
        }

        /// Everything that comes until the other side closes, and after how long it does.
        async fn rest(&mut self) -> (String, Duration) {
            let (began, mut all) = (Instant::now(), String::new());
            timeout(2 * HOUR, self.stream.read_to_string(&mut all)).await.expect("it closes").unwrap();
            (all, began.elapsed())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_loses_its_connection() {
        let mut caller = Caller::new();
        caller.say(&SOON[..20]).await;
        assert_eq!(caller.rest().await, (String::new(), QUIET));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_be_long_in_coming_and_who_asks_no_more_is_let_go() {
        let mut caller = Caller::new();
        caller.say(LATE).await;
        let (answer, after) = caller.rest().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(after > HOUR && after <= HOUR + 2 * QUIET, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_asking_keeps_the_connection() {
        let mut caller = Caller::new();
        for _ in 0..100 {
            caller.say(SOON).await;
            sleep(QUIET * 9 / 10).await;
        }
        let (answers, after) = caller.rest().await;
        assert_eq!(answers.matches("soon").count(), 100);
        assert!(after <= 2 * QUIET, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_waits_for_what_was_asked_and_not_for_a_head_that_never_ends() {
        let (mut caller, mut slow) = (Caller::new(), Caller::new());
        caller.say(SOON).await;
        caller.say(LATE).await;
        caller.come.notified().await;
        slow.say(&SOON[..20]).await;
        let began = Instant::now();
        take(&mut slow.open).shutdown().await;
        assert!(began.elapsed() <= QUIET);
        take(&mut caller.open).shutdown().await;
        assert!(began.elapsed() <= HOUR);
        let (answers, _) = caller.rest().await;
        assert!(answers.contains("soonHTTP/1.1 200 OK\r\n"), "{answers}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_its_limit() {
        let mut caller = Caller::new();
        let head = format!("GET /soon HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(2 * LARGEST_HEAD));
        caller.say(head.as_bytes()).await;
        let (answer, _) = caller.rest().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }

    #[tokio::test]
    async fn after_the_stop_idle_connections_are_closed_and_nobody_else_is_let_in() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(answer(listener, doors(&Arc::default()), async { stopped.await.unwrap() }));
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
