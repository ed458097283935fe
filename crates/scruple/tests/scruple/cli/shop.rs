//! A shop in a temporary folder, and the binary run in it.

use scruple::config::Config;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use tempfile::TempDir;

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime"));

/// Runs a future of the library to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// A shop whose folder is deleted after the test.
pub struct Shop {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

/// The exit status and the output of a command.
pub struct CommandOutput {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Shop {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shop = Self { folder, environment: BTreeMap::new() };
        let state = shop.path("state").display().to_string();
        let shop = shop.with("XDG_STATE_HOME", &state).with("SCRUPLE_PAYPRO_VALIDATION_KEY", "validation");
        let database = block_on(store::testing::fresh_url());
        if database.is_empty() { shop } else { shop.with("SCRUPLE_DATA_DATABASE", &database) }
    }

    /// A shop with one product: perpetual, with updates for a year.
    pub fn selling() -> Self {
        let shop = Self::new();
        shop.run("product add --id 4711 --name Studio --kind perpetual --updates-months 12").done();
        shop
    }

    /// Sets a setting by its environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is ours");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    pub fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect(name).permissions().mode() & 0o777
    }

    /// Returns the URL of the PostgreSQL database; empty for SQLite.
    pub fn url(&self) -> &str {
        self.environment.get("SCRUPLE_DATA_DATABASE").map_or("", |url| url)
    }

    /// Returns the keyring's only replica, below the state folder.
    pub fn replica(&self) -> PathBuf {
        let states = fs::read_dir(self.path("state/scruple")).expect("a state folder");
        let mut replicas = states.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir());
        replicas.next().expect("a replica")
    }

    /// Opens the shop's database as another process would.
    pub fn open(&self) -> store::Db {
        let environment = self.environment.iter().map(|(name, value)| (name.into(), value.into()));
        let config = Config::load(self.folder.path(), None, environment.collect::<Vec<_>>());
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        block_on(scruple::startup::open(&config)).unwrap_or_else(|error| panic!("{error}")).db
    }

    /// Prepares a command, with pipes for its input and output.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.args(words(line)).current_dir(self.folder.path()).env_clear().envs(&self.environment);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command without input. Single quotes make one argument of several words.
    pub fn run(&self, line: &str) -> CommandOutput {
        self.run_with_input(line, "")
    }

    /// Runs a command with `input` on its standard input.
    pub fn run_with_input(&self, line: &str, input: &str) -> CommandOutput {
        let mut child = self.command(line).spawn().expect("the binary");
        // A command may end before it has read all input.
        drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
        let ended = child.wait_with_output().expect("its end");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        CommandOutput {
            code: ended.status.code().expect("no signal"),
            out: text(ended.stdout),
            err: text(ended.stderr),
        }
    }

    /// Issues a licence manually, with the address as its holder or without a holder. Returns its number and its key.
    pub fn issue(&self, more: &str, address: &str) -> (String, String) {
        let holder = if address.is_empty() { "" } else { " --holder" };
        let issued = self
            .run_with_input(&format!("licence issue --product 4711 --json{holder} {more}"), address)
            .json();
        let of = |name: &str| issued["licences"][0][name].as_str().expect(name).to_owned();
        (of("number"), of("key"))
    }

    /// Starts the server, and waits until it listens.
    pub fn serve(&self) -> RunningServer {
        let mut command = self.command("serve");
        command.env("SCRUPLE_SERVER_LISTEN", "127.0.0.1:0");
        let mut server = RunningServer { child: command.spawn().expect("the binary"), at: String::new() };
        let mut log = BufReader::new(server.child.stderr.take().expect("piped"));
        let mut output = String::new();
        loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("a log") > 0, "it ended: {output}");
            if let Some(at) = line.split_once("listen=").and_then(|(_, rest)| rest.split(' ').next()) {
                server.at = at.to_owned();
                // The log must be read on, or the server blocks when the pipe is full.
                std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
                return server;
            }
            output += &line;
        }
    }
}

/// A running server. It is killed when it is dropped.
pub struct RunningServer {
    child: Child,
    pub at: String,
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl CommandOutput {
    /// Expects success and returns the standard output.
    pub fn done(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out
    }

    /// Expects success and returns the JSON value.
    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).expect("one JSON value")
    }

    /// Expects this exit status and this text on standard error.
    #[track_caller]
    pub fn refused(&self, code: i32, reason: &str) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.starts_with("scruple: "), "{}", self.err);
        assert!(self.err.contains(reason), "expected {reason:?} in: {}", self.err);
    }

    /// Expects none of these values in the output.
    #[track_caller]
    pub fn hides(&self, values: &[&str]) {
        for value in values {
            assert!(!self.out.contains(value) && !self.err.contains(value), "{value} is shown");
        }
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Copies a folder recursively, with its permissions.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    fs::set_permissions(to, fs::metadata(from).expect("a folder").permissions()).expect("a mode");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file");
        }
    }
}
