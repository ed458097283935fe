//! `scruple demo` as a process, in its own folder.

#![allow(dead_code)] // each test binary uses its own part of it

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub struct Shop {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    pub folder: TempDir,
    /// The URL: `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Drop for Shop {
    fn drop(&mut self) {
        // A test that failed half-way must not leave it running; after `stop` it is gone already.
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.process.kill().expect("a demo of ours");
            self.process.wait().expect("a demo of ours");
        }
    }
}

impl Shop {
    /// Starts it, and returns once it is running.
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

    /// Its folder below the temporary one; none once it is gone.
    pub fn own_folder(&self) -> Option<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).next()
    }

    /// Tells it to stop as a system does, and returns what it had printed and how it ended.
    pub fn stop(&mut self, signal: &str) -> (String, Option<i32>) {
        let told = Command::new("kill").arg(signal).arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success());
        let ended = self.process.wait().unwrap();
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).unwrap();
        (printed, ended.code())
    }
}
