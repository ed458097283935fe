//! The built binary as a process: commands and servers.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::http::{Answer, Connection};
use super::{Shop, free_port, wait_until};
use crate::signal::send_signal;

/// A running server. It is killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
}

impl Shop {
    /// Prepares a command of the program in this shop.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(words).current_dir(self.folder()).env_clear().envs(self.environment());
        // The most verbose log, so that a search for personal data in it sees everything.
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, with `input` on its standard input.
    pub fn run(&self, words: &[&str], input: &str) -> Output {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        // A command that reads nothing may have ended already.
        drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
        child.wait_with_output().expect("it ends")
    }

    /// Runs a command that must succeed, and returns its standard output.
    pub fn run_ok(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Starts a server and waits for its first response.
    pub fn serve(&self) -> Server {
        self.serve_on(free_port())
    }

    /// Starts a server on a port and waits for its first response.
    pub fn serve_on(&self, port: u16) -> Server {
        let mut server = self.start_on(port);
        let address = server.address;
        wait_until("the server's first answer", || {
            if let Some(ended) = server.child.try_wait().expect("a child") {
                panic!("the server ended: {ended}\n{}", server.log());
            }
            let health = Connection::open(address).and_then(|mut c| c.request("GET", "/health", &[], b""));
            health.is_ok_and(|answer| answer.status == 200).then_some(())
        });
        server
    }

    /// Starts a server without waiting.
    pub fn start_on(&self, port: u16) -> Server {
        let log = self.folder().join(format!("log-{port}"));
        let file = || -> File { OpenOptions::new().create(true).append(true).open(&log).expect("a log") };
        let mut command = self.command(&["serve"]);
        command.env("SCRUPLE_SERVER_LISTEN", format!("127.0.0.1:{port}"));
        command.env("SCRUPLE_SERVER_PUBLIC_URL", "http://shop.example");
        let child = command.stdout(file()).stderr(file()).spawn().expect("the binary starts");
        Server { child, address: SocketAddr::from(([127, 0, 0, 1], port)), log }
    }
}

impl Server {
    pub fn connect(&self) -> Connection {
        Connection::open(self.address).expect("it listens")
    }

    /// Posts a notification on a connection of its own.
    pub fn post_notification(&self, body: &[u8]) -> Answer {
        self.connect().post("/paypro", body).expect("an answer")
    }

    /// Returns all that it has written to standard output and standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGKILL, which interrupts everything.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it ends");
    }

    /// Sends SIGTERM, and waits until the server has finished its work and ended.
    pub fn stop(mut self) -> ExitStatus {
        send_signal("TERM", self.id());
        wait_until("the server's end", || self.child.try_wait().expect("a child"))
    }

    /// Returns whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
    }
}
