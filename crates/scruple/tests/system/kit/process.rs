//! The built binary, serving a shop as a process of its own.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::http::{Answer, Connection};
use super::{Shop, free_port, until};

/// A running server. It is killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
}

impl Shop {
    /// A command of the program in this shop.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(words).current_dir(self.folder()).env_clear().envs(self.environment());
        // Everything that could be said is asked for, so that nothing hides behind a quiet log.
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, with this on its standard input.
    pub fn run(&self, words: &[&str], input: &str) -> Output {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        // A command that reads nothing may have ended already.
        drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
        child.wait_with_output().expect("it ends")
    }

    /// Runs a command that must succeed, and returns what it says.
    pub fn says(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {told}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Serves, and returns as soon as it answers.
    pub fn serve(&self) -> Server {
        self.serve_on(free_port())
    }

    /// Serves on a port.
    pub fn serve_on(&self, port: u16) -> Server {
        let mut server = self.start_on(port);
        let address = server.address;
        until("the server's first answer", || {
            if let Some(ended) = server.child.try_wait().expect("a child") {
                panic!("the server ended: {ended}\n{}", server.log());
            }
            let health = Connection::open(address).and_then(|mut c| c.ask("GET", "/health", &[], b""));
            health.is_ok_and(|answer| answer.status == 200).then_some(())
        });
        server
    }

    /// Starts a server and waits for nothing.
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

    /// Posts a notice on a connection of its own.
    pub fn notice(&self, body: &[u8]) -> Answer {
        self.connect().post("/paypro", body).expect("an answer")
    }

    /// Everything that it has written to standard output and error.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing is finished.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM: what is under way is finished.
    pub fn stop(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().expect("kill");
        assert!(told.success());
        until("the server's end", || self.child.try_wait().expect("a child"))
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, or have been waited for already.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
    }
}
