//! `scruple demo` as a process, in its own folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::signal::send_signal;
use tempfile::TempDir;

pub struct DemoProcess {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    pub folder: TempDir,
    /// The URL: `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Drop for DemoProcess {
    fn drop(&mut self) {
        // A failed test must not leave the demo running. After `stop` it has ended already.
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.process.kill().expect("a demo of ours");
            self.process.wait().expect("a demo of ours");
        }
    }
}

impl DemoProcess {
    /// Starts the demo, and waits until it is running.
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_scruple"))
            .arg("demo")
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let url = loop {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "the demo ended before it was running");
            if let Some((_, rest)) = line.split_once("The demo is running: ") {
                break rest.split_once("/demo").unwrap().0.to_owned();
            }
        };
        Self { process, output, folder, url }
    }

    pub fn at(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// Returns the demo's own folder, or `None` after it was deleted.
    pub fn own_folder(&self) -> Option<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).next()
    }

    /// Sends a signal such as `TERM`. Returns the output and the exit status.
    pub fn stop(&mut self, signal: &str) -> (String, Option<i32>) {
        send_signal(signal, self.process.id());
        let ended = self.process.wait().unwrap();
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).unwrap();
        (printed, ended.code())
    }
}
