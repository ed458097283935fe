//! A TCP proxy that a test opens and closes. Closing it breaks all connections through it and refuses new ones.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A port that forwards to a server. It is closed at first.
pub struct TcpProxy {
    port: u16,
    to: SocketAddr,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    listener: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl TcpProxy {
    pub fn in_front_of(to: SocketAddr) -> Self {
        Self { port: super::free_port(), to, streams: Arc::default(), listener: None }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("its own port");
        listener.set_nonblocking(true).expect("a socket");
        let open = Arc::new(AtomicBool::new(true));
        let (is_open, streams, to) = (Arc::clone(&open), Arc::clone(&self.streams), self.to);
        let thread = std::thread::spawn(move || {
            while is_open.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => forward(&streams, stream, to),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    Err(error) => panic!("the proxy: {error}"),
                }
            }
        });
        self.listener = Some((open, thread));
    }

    pub fn close(&mut self) {
        let Some((open, thread)) = self.listener.take() else { return };
        open.store(false, Ordering::SeqCst);
        thread.join().expect("the proxy's thread");
        for stream in self.streams.lock().expect("no panic there").drain(..) {
            // The other side may have closed it already.
            if stream.shutdown(Shutdown::Both).is_err() {}
        }
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.close();
    }
}

/// Forwards bytes in both directions until one side closes.
fn forward(streams: &Mutex<Vec<TcpStream>>, stream: TcpStream, to: SocketAddr) {
    stream.set_nonblocking(false).expect("a socket");
    let server = TcpStream::connect(to).expect("the server behind the proxy");
    let clone = |stream: &TcpStream| stream.try_clone().expect("a socket");
    streams.lock().expect("no panic there").extend([clone(&stream), clone(&server)]);
    for (from, to) in [(clone(&stream), clone(&server)), (server, stream)] {
        std::thread::spawn(move || copy_bytes(from, to));
    }
}

fn copy_bytes(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    // Either side may have closed already.
    if to.shutdown(Shutdown::Write).is_err() {}
}
