//! How the keyring stands, for `keyring status` and `doctor`.

use std::fmt;
use std::path::PathBuf;

use super::Vault;
use crate::KeyringError;
use crate::ids::KeyringId;
use crate::places::Standing;

/// How the keyring stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Its name.
    pub keyring: KeyringId,
    /// The newest epoch.
    pub epoch: u64,
    /// Each configured place.
    pub places: Vec<PlaceStatus>,
    /// Nodes of the trie: files of about 4 kB in each place.
    pub nodes: u64,
    /// Slots that were ever forgotten.
    pub forgotten: u64,
    /// What could go wrong.
    pub warnings: Vec<Warning>,
}

/// How a place stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceStatus {
    /// Where it is.
    pub path: PathBuf,
    /// Its epoch; `None` when it is away or has no whole root.
    pub epoch: Option<u64>,
    /// By how many epochs it lags.
    pub lag: u64,
    /// Why it can't be used, if it can't.
    pub why: Option<String>,
}

/// Something that could go wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// One place only.
    SinglePlace,
    /// Two places on one disk.
    SameDevice(PathBuf, PathBuf),
    /// A place that holds this keyring isn't configured.
    Unconfigured(PathBuf),
    /// A file system that keeps copies or lies elsewhere.
    FileSystem(PathBuf, String),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SinglePlace => f.write_str(
                "the keyring has a single place: losing it loses what is sealed (licences go on working). Add a \
                 second one on another disk to keyring.places",
            ),
            Self::SameDevice(a, b) => {
                write!(f, "{} and {} are on one disk: they are lost together", a.display(), b.display())
            }
            Self::Unconfigured(path) => write!(
                f,
                "{} holds this keyring but isn't among keyring.places: forgetting waits. Add it, or say `scruple \
                 keyring place drop` if it is gone",
                path.display()
            ),
            Self::FileSystem(path, kind) => {
                write!(
                    f,
                    "{} lies on {kind}, which may keep old copies of what is overwritten; whoever has one and \
                     the data of its time can read what was forgotten since",
                    path.display()
                )
            }
        }
    }
}

impl Vault {
    /// How the keyring stands at this moment.
    pub fn status(&self) -> Result<Status, KeyringError> {
        self.catch_up()?;
        let survey = self.places.survey()?;
        let epoch = survey.root.epoch;
        let places = self.places.all.iter().zip(&survey.standing);
        let places: Vec<_> = places
            .map(|(place, standing)| {
                let (at, why) = match standing {
                    Standing::At(at) => (Some(*at), None),
                    Standing::Rootless => (None, Some("its root is missing or torn".to_owned())),
                    Standing::Away => {
                        let why = place.marker().err().map(|error| error.to_string());
                        let why = why.unwrap_or_else(|| "no marker of a place: not mounted?".to_owned());
                        (None, Some(why))
                    }
                };
                PlaceStatus {
                    path: place.path().to_owned(),
                    epoch: at,
                    lag: at.map_or(0, |at| epoch - at),
                    why,
                }
            })
            .collect();
        let mut warnings = warnings(&places);
        let away = self.places.away()?.into_iter();
        let lost = away.filter(|path| !places.iter().any(|place| place.path == *path));
        warnings.extend(lost.map(Warning::Unconfigured));
        let state = self.state()?;
        let (nodes, forgotten) = (state.top.nodes, state.top.forgotten);
        Ok(Status { keyring: self.places.keyring, epoch, places, nodes, forgotten, warnings })
    }
}

fn warnings(places: &[PlaceStatus]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if places.len() == 1 {
        warnings.push(Warning::SinglePlace);
    }
    for (i, one) in places.iter().enumerate() {
        for other in &places[i + 1..] {
            if let (Some(a), Some(b)) = (device(one), device(other))
                && a == b
            {
                warnings.push(Warning::SameDevice(one.path.clone(), other.path.clone()));
            }
        }
        if let Some(kind) = file_system(one) {
            warnings.push(Warning::FileSystem(one.path.clone(), kind));
        }
    }
    warnings
}

/// The device on which a place lies, where the system tells.
fn device(place: &PlaceStatus) -> Option<u64> {
    #[cfg(unix)]
    return std::fs::metadata(&place.path).ok().map(|about| std::os::unix::fs::MetadataExt::dev(&about));
    #[cfg(not(unix))]
    return None;
}

/// The kind of file system, if it is one that keeps copies or lies elsewhere. Known on Linux only.
fn file_system(place: &PlaceStatus) -> Option<String> {
    const DOUBTFUL: [&str; 10] =
        ["overlay", "nfs", "nfs4", "cifs", "smb3", "9p", "btrfs", "zfs", "fuse.sshfs", "ceph"];
    let path = place.path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        path.starts_with(at).then_some((at.len(), kind))
    });
    let (_, kind) = mounts.max_by_key(|(length, _)| *length)?;
    DOUBTFUL.contains(&kind).then(|| kind.to_owned())
}
