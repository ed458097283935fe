//! A mailbox on an IMAP server with the few commands that receiving needs. It can cut a connection at any command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The name and the password of the mailbox.
pub const LOGIN: &str = "LOGIN \"help\" \"geheim\"";

/// Where a connection is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// The command, counted from 1 over all connections.
    pub at: usize,
    /// Whether the command is still executed.
    pub executed: bool,
}

/// The contents of the mailbox, and what the clients did.
#[derive(Default)]
pub struct Contents {
    /// The messages of the folder by their UID.
    pub messages: BTreeMap<u32, Vec<u8>>,
    /// Sizes that the server reports instead of the real ones.
    pub sizes: BTreeMap<u32, u64>,
    /// Other folders, with the messages moved there.
    pub folders: BTreeMap<String, Vec<Vec<u8>>>,
    /// Folders that can't be created.
    pub forbidden: BTreeSet<String>,
    pub capabilities: &'static str,
    pub validity: u32,
    pub cut: Option<Cut>,
    /// All commands without their tags.
    pub commands: Vec<String>,
    deleted: BTreeSet<u32>,
}

/// The server.
#[derive(Clone)]
pub struct ImapServer {
    pub port: u16,
    contents: Arc<Mutex<Contents>>,
    waiting: Arc<Notify>,
    cut: Arc<Notify>,
    arrived: Arc<Notify>,
}

impl ImapServer {
    /// Starts a server with these messages, whose UIDs begin with 1.
    pub async fn start(messages: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let contents = Contents {
            messages: (1..).zip(messages).collect(),
            capabilities: "IDLE MOVE UIDPLUS",
            validity: 7,
            ..Contents::default()
        };
        let server = Self {
            port: listener.local_addr().expect("it is bound").port(),
            contents: Arc::new(Mutex::new(contents)),
            waiting: Arc::default(),
            cut: Arc::default(),
            arrived: Arc::default(),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    /// The contents, to be read or changed.
    pub fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().expect("no test panics meanwhile")
    }

    /// Waits until a client has received everything and waits for new messages.
    pub async fn client_waits(&self) {
        self.waiting.notified().await;
    }

    /// Waits until a connection is cut.
    pub async fn is_cut(&self) {
        self.cut.notified().await;
    }

    /// Adds a message and tells the client that waits.
    pub fn deliver(&self, uid: u32, message: Vec<u8>) {
        self.contents().messages.insert(uid, message);
        self.arrived.notify_one();
    }

    /// Serves one connection. It ends without an answer when the client is gone or the connection is cut.
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"* OK ready\r\n").await.ok()?;
        loop {
            let line = next_line(&mut stream).await?;
            let (tag, command) = line.split_once(' ')?;
            let cut = self.contents().note(command);
            if cut.is_some_and(|cut| !cut.executed) {
                self.cut.notify_one();
                return None;
            }
            let reply = match command {
                "IDLE" if cut.is_none() => self.idle(&mut stream).await?,
                _ => self.contents().execute(command),
            };
            if cut.is_some() {
                self.cut.notify_one();
                return None;
            }
            let completion = format!("{tag} {}\r\n", reply.completion);
            stream.write_all(&[&reply.untagged[..], completion.as_bytes()].concat()).await.ok()?;
        }
    }

    /// Waits for a message or for the client.
    async fn idle(&self, stream: &mut BufReader<TcpStream>) -> Option<Reply> {
        stream.write_all(b"+ idling\r\n").await.ok()?;
        self.waiting.notify_one();
        loop {
            tokio::select! {
                line = next_line(stream) => return (line? == "DONE").then(|| Reply::ok("")),
                () = self.arrived.notified() => {
                    let exists = format!("* {} EXISTS\r\n", self.contents().messages.len());
                    stream.write_all(exists.as_bytes()).await.ok()?;
                }
            }
        }
    }
}

async fn next_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end().to_owned())
}

/// The answer to a command.
struct Reply {
    untagged: Vec<u8>,
    completion: &'static str,
}

impl Reply {
    fn ok(untagged: impl Into<Vec<u8>>) -> Self {
        Self { untagged: untagged.into(), completion: "OK" }
    }

    fn no() -> Self {
        Self { untagged: Vec::new(), completion: "NO refused" }
    }
}

impl Contents {
    /// Records a command. Returns the cut that is planned for it.
    fn note(&mut self, command: &str) -> Option<Cut> {
        self.commands.push(command.to_owned());
        self.cut.filter(|cut| cut.at == self.commands.len())
    }

    fn execute(&mut self, command: &str) -> Reply {
        let words: Vec<&str> = command.split(' ').collect();
        let uid = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(0);
        let folder = command.split('"').nth(1).unwrap_or_default().to_owned();
        match words[..] {
            ["CAPABILITY"] => Reply::ok(format!("* CAPABILITY IMAP4rev1 {}\r\n", self.capabilities)),
            ["LOGIN", ..] if command == LOGIN => Reply::ok(""),
            ["SELECT", ..] => {
                let (exists, validity) = (self.messages.len(), self.validity);
                Reply::ok(format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY {validity}]\r\n"))
            }
            ["UID", "SEARCH", "ALL"] => {
                let found: Vec<String> = self.messages.keys().map(u32::to_string).collect();
                Reply::ok(format!("* SEARCH {}\r\n", found.join(" ")))
            }
            ["UID", "FETCH", _, _, what] => Reply::ok(self.fetch(uid, what)),
            ["UID", "STORE", ..] => {
                self.deleted.insert(uid);
                Reply::ok("")
            }
            ["UID", "EXPUNGE", _] => {
                self.expunge(|deleted| deleted == uid);
                Reply::ok("")
            }
            ["EXPUNGE"] => {
                self.expunge(|_| true);
                Reply::ok("")
            }
            ["UID", "MOVE" | "COPY", ..] => self.copy(uid, &folder, words[1] == "MOVE"),
            ["CREATE", ..] if !self.forbidden.contains(&folder) => {
                self.folders.entry(folder).or_default();
                Reply::ok("")
            }
            ["NOOP" | "LOGOUT" | "IDLE"] => Reply::ok(""),
            _ => Reply::no(),
        }
    }

    fn fetch(&self, uid: u32, what: &str) -> Vec<u8> {
        let Some(message) = self.messages.get(&uid) else { return Vec::new() };
        if what == "RFC822.SIZE)" {
            let size = self.sizes.get(&uid).copied().unwrap_or(message.len() as u64);
            return format!("* 1 FETCH (UID {uid} RFC822.SIZE {size})\r\n").into();
        }
        let head = format!("* 1 FETCH (UID {uid} BODY[] {{{}}}\r\n", message.len());
        [head.as_bytes(), message, b")\r\n"].concat()
    }

    fn expunge(&mut self, which: impl Fn(u32) -> bool) {
        for uid in self.deleted.iter().filter(|uid| which(**uid)) {
            self.messages.remove(uid);
        }
    }

    fn copy(&mut self, uid: u32, folder: &str, removes: bool) -> Reply {
        let (Some(message), Some(folder)) = (self.messages.get(&uid), self.folders.get_mut(folder)) else {
            return Reply::no();
        };
        folder.push(message.clone());
        if removes {
            self.messages.remove(&uid);
        }
        Reply::ok("")
    }
}
