//! What can go wrong. Each text says what happened and what to do; none holds a value, a key or a tag.
//!
//! [`KeyringError`]: the keyring as a whole can't be used, or not now. [`OpenError`]: this one value.

use std::io;
use std::path::PathBuf;

use crate::KeyringId;

/// The keyring can't be used, or not now.
#[derive(thiserror::Error, Debug)]
pub enum KeyringError {
    /// No configured place holds a root.
    #[error(
        "no place of the keyring holds a usable root (looked in {}). If a disk isn't mounted, mount it. If the \
         keyring was moved, set keyring.places. If it is gone, what was sealed is gone with it: licences go on \
         working, and a new keyring needs a new data folder", list(.places)
    )]
    Lost {
        /// Where it was looked for.
        places: Vec<PathBuf>,
    },
    /// A place belongs to another keyring.
    #[error(
        "{} belongs to keyring {found}, but {expected} is expected. Point keyring.places to the right folder", .path.display()
    )]
    Foreign {
        /// The place.
        path: PathBuf,
        /// What the data or the other places name.
        expected: KeyringId,
        /// What the place names.
        found: KeyringId,
    },
    /// The newest root that can be reached is older than one that was seen.
    #[error(
        "the keyring is of epoch {found}, but epoch {seen} was seen before: an old copy was put back. A keyring \
         has no history: put the newest one back, or make its other places reachable"
    )]
    Older {
        /// Epoch of the newest root found.
        found: u64,
        /// Highest epoch seen before.
        seen: u64,
    },
    /// Two places hold different roots of one epoch.
    #[error(
        "{} and {} hold different roots of one epoch: they were used apart from each other. Decide which one is \
         right, empty the other folder and run `scruple keyring place renew` for it", .one.display(), .other.display()
    )]
    Diverged {
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// Written by a newer version of this program.
    #[error("{} has format {format}, which this version doesn't know. Use the newer version that wrote it", .path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u16,
    },
    /// Others on the system could read it.
    #[error("{} may be read by others (mode {mode:o}). Run: chmod {} {}", .path.display(), if *.folder { "700" } else { "600" }, .path.display())]
    Loose {
        /// File or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Is it a folder?
        folder: bool,
    },
    /// Something must be written in every place, and these can't be reached.
    #[error(
        "can't reach {} of the keyring: forgetting waits, and receipts are withheld, until it is back. Mount it, \
         or say `scruple keyring place renew` (an emptied folder) or `drop` (a place that is gone)", list(.places)
    )]
    Unreachable {
        /// The places.
        places: Vec<PathBuf>,
    },
    /// The top record doesn't open.
    #[error(
        "the keyring doesn't open: passphrase or static share is wrong. Set keyring.passphrase_file to the one it was made with"
    )]
    WrongShare,
    /// A new keyring was to be made where something lies already.
    #[error("{} isn't empty, so no new keyring is made there. Choose an empty folder, or open the keyring that lies in it", .path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// A place that is to be given up is still configured.
    #[error("{} is still among keyring.places. Take it out there first", .path.display())]
    StillConfigured {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that isn't one of the keyring's places.
    #[error("{} isn't a place of this keyring. To renew it, add it to keyring.places first", .path.display())]
    NotConfigured {
        /// The folder.
        path: PathBuf,
    },
    /// No place is configured.
    #[error("no place of the keyring is configured. Set keyring.places to one or more folders")]
    NoPlaces,
    /// A slot that is not to be forgotten.
    #[error("slot {0} is one of the program's own keys and can't be forgotten")]
    Reserved(u64),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes; nothing was sealed")]
    NoRandom,
    /// Not enough memory to stretch the passphrase.
    #[error("there isn't enough memory to stretch the passphrase (19 MiB)")]
    NoMemory,
    /// A thread died in the middle of a change.
    #[error("the keyring was left in the middle of a change; restart the program, which reads it again")]
    Interrupted,
    /// The keyring contradicts itself.
    #[error(
        "the keyring is damaged ({0}). If it has another place, empty this one and run `scruple keyring place renew`"
    )]
    Damaged(&'static str),
    /// The sealed keyring that was to be adopted isn't one, or not for this machine.
    #[error("this file can't be adopted ({0}). Make a new invitation and carry the keyring to it once more")]
    NotForUs(&'static str),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A value can't be opened or sealed.
#[derive(thiserror::Error, Debug)]
pub enum OpenError {
    /// Its slot is forgotten: nobody can open it any more, by design.
    #[error("forgotten")]
    Forgotten,
    /// It isn't what was sealed for this row and column under this slot.
    #[error("a sealed value doesn't open in its place: it was damaged or moved")]
    Damaged,
    /// It is about a person, and its opening isn't in the journal.
    #[error("a personal value may be opened with a line in the journal only")]
    Unjournalled,
    /// The keyring can't be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
