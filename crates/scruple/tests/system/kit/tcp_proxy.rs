//! A way to another server that a test opens and shuts: shut, nobody answers there, and who was talking is cut off.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A port before a server; shut at first.
pub struct TcpProxy {
    port: u16,
    to: SocketAddr,
    passing: Arc<Mutex<Vec<TcpStream>>>,
    keeper: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl TcpProxy {
    pub fn before(to: SocketAddr) -> Self {
        Self { port: super::free_port(), to, passing: Arc::default(), keeper: None }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("its own port");
        listener.set_nonblocking(true).expect("a socket");
        let open = Arc::new(AtomicBool::new(true));
        let (is_open, passing, to) = (Arc::clone(&open), Arc::clone(&self.passing), self.to);
        let keeper = std::thread::spawn(move || {
            while is_open.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => pass(&passing, stream, to),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    Err(error) => panic!("the gate: {error}"),
                }
            }
        });
        self.keeper = Some((open, keeper));
    }

    pub fn shut(&mut self) {
        let Some((open, keeper)) = self.keeper.take() else { return };
        open.store(false, Ordering::SeqCst);
        keeper.join().expect("the gate's keeper");
        for stream in self.passing.lock().expect("no panic there").drain(..) {
            // It may have hung up by itself.
            if stream.shutdown(Shutdown::Both).is_err() {}
        }
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.shut();
    }
}

/// Carries bytes both ways until one side ends.
fn pass(passing: &Mutex<Vec<TcpStream>>, stream: TcpStream, to: SocketAddr) {
    stream.set_nonblocking(false).expect("a socket");
    let server = TcpStream::connect(to).expect("the server behind the gate");
    let again = |stream: &TcpStream| stream.try_clone().expect("a socket");
    passing.lock().expect("no panic there").extend([again(&stream), again(&server)]);
    for (from, to) in [(again(&stream), again(&server)), (server, stream)] {
        std::thread::spawn(move || carry(from, to));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    // Either side may have hung up already.
    if to.shutdown(Shutdown::Write).is_err() {}
}
