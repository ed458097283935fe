//! All places of a keyring together: which are there, which is newest, and bringing up those that lag.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::KeyringError;
use crate::ids::{KeyringId, PlaceId};
use crate::node::NodeId;
use crate::place::{Lock, Log, Place, Small};
use crate::record::{Known, Line, Marker, Read, Root, lines, sound_length};
use crate::tombstone::TombstoneRecord;

/// How a place stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// No marker: a disk that isn't mounted looks like this, so it is never taken for a new place.
    Away,
    /// A place, but its root is gone or torn.
    Rootless,
    /// A place at this epoch.
    At(u64),
}

/// The newest root, where it lies, and how each place stands.
pub(crate) struct Survey {
    pub(crate) root: Root,
    pub(crate) newest: usize,
    pub(crate) standing: Vec<Standing>,
}

impl Survey {
    /// Is some place behind the newest?
    pub(crate) fn is_uneven(&self) -> bool {
        self.standing.iter().any(|s| *s != Standing::Away && *s != Standing::At(self.root.epoch))
    }
}

/// The configured places of one keyring.
pub(crate) struct Places {
    pub(crate) all: Vec<Box<dyn Place>>,
    pub(crate) keyring: KeyringId,
}

impl Places {
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.all.iter().map(|place| place.path().to_owned()).collect()
    }

    /// The marker of a place; `None` when it is away.
    pub(crate) fn marker(&self, place: &dyn Place) -> Result<Option<Marker>, KeyringError> {
        let found = match place.marker() {
            Ok(Read::Whole(marker)) => marker,
            Ok(Read::TooNew(format)) => {
                return Err(KeyringError::TooNew { path: place.path().to_owned(), format });
            }
            // What can't be read is away; the error itself is shown by the status.
            Ok(Read::Broken) | Err(_) => return Ok(None),
        };
        if found.keyring == self.keyring {
            Ok(Some(found))
        } else {
            Err(KeyringError::Foreign {
                path: place.path().to_owned(),
                expected: self.keyring,
                found: found.keyring,
            })
        }
    }

    /// Looks at every place.
    pub(crate) fn survey(&self) -> Result<Survey, KeyringError> {
        let mut newest: Option<(usize, Root)> = None;
        let mut standing = Vec::with_capacity(self.all.len());
        for (i, place) in self.all.iter().enumerate() {
            if self.marker(&**place)?.is_none() {
                standing.push(Standing::Away);
                continue;
            }
            let root = match place.root()? {
                Read::Whole(root) if root.keyring == self.keyring => root,
                Read::Whole(_) | Read::Broken => {
                    standing.push(Standing::Rootless);
                    continue;
                }
                Read::TooNew(format) => {
                    return Err(KeyringError::TooNew { path: place.path().to_owned(), format });
                }
            };
            standing.push(Standing::At(root.epoch));
            match &newest {
                Some((_, best)) if root.epoch < best.epoch => {}
                Some((j, best)) if root.epoch == best.epoch => {
                    if root.share != best.share || root.top != best.top {
                        return Err(KeyringError::Diverged {
                            one: self.all[*j].path().to_owned(),
                            other: place.path().to_owned(),
                        });
                    }
                }
                _ => newest = Some((i, root)),
            }
        }
        let (newest, root) = newest.ok_or_else(|| KeyringError::Lost { places: self.paths() })?;
        Ok(Survey { root, newest, standing })
    }

    /// The highest epoch that any place shows at this moment; `None` when none can be reached. One small read
    /// for each place.
    pub(crate) fn peek(&self) -> Option<u64> {
        let shown = self.all.iter().filter_map(|place| place.peek());
        shown.filter(|(keyring, _)| *keyring == self.keyring).map(|(_, epoch)| epoch).max()
    }

    /// Locks every place that is there, in the order of their ids, which is the same for everyone.
    pub(crate) fn lock(&self) -> Result<Vec<Lock>, KeyringError> {
        let mut present = Vec::new();
        for place in &self.all {
            if let Some(marker) = self.marker(&**place)? {
                present.push((marker.place, place));
            }
        }
        present.sort_by_key(|(id, _)| *id);
        present.into_iter().map(|(_, place)| place.lock()).collect()
    }

    /// Every place that is known to hold this keyring, and which of them are there.
    pub(crate) fn known(&self) -> Result<(Known, BTreeSet<PlaceId>), KeyringError> {
        let mut known = Known::default();
        let mut there = BTreeSet::new();
        for place in &self.all {
            if let Some(marker) = self.marker(&**place)? {
                there.insert(marker.place);
                let told = place.small(Small::Places)?.and_then(|bytes| Known::read(&bytes));
                for (id, path) in told.unwrap_or_default().0 {
                    if !known.0.iter().any(|(other, _)| *other == id) {
                        known.0.push((id, path));
                    }
                }
            }
        }
        Ok((known, there))
    }

    /// Records the known places in each that is there. The caller holds the locks.
    pub(crate) fn set_known(&self, known: &Known) -> Result<(), KeyringError> {
        for place in &self.all {
            if self.marker(&**place)?.is_some() {
                place.set_small(Small::Places, &known.to_bytes())?;
            }
        }
        Ok(())
    }

    /// Places that hold this keyring and can't be reached: configured ones without marker, and known ones that the
    /// configuration has lost.
    pub(crate) fn away(&self) -> Result<Vec<PathBuf>, KeyringError> {
        let mut away = Vec::new();
        for place in &self.all {
            if self.marker(&**place)?.is_none() {
                away.push(place.path().to_owned());
            }
        }
        let (known, there) = self.known()?;
        for (id, path) in known.0 {
            // A place that was renewed has a new id under its path; an old copy of another may still name the old one.
            let renewed = self.all.iter().any(|place| place.path() == path);
            if !there.contains(&id) && !renewed {
                away.push(path);
            }
        }
        Ok(away)
    }

    /// Refuses when some place is away: what must be everywhere can't be begun.
    pub(crate) fn all_there(&self) -> Result<(), KeyringError> {
        let away = self.away()?;
        if away.is_empty() { Ok(()) } else { Err(KeyringError::Unreachable { places: away }) }
    }

    /// Brings every place that is there up to the newest. The caller holds the locks.
    pub(crate) fn level(&self) -> Result<Survey, KeyringError> {
        let survey = self.survey()?;
        let from = &*self.all[survey.newest];
        for (place, standing) in self.all.iter().zip(&survey.standing) {
            let lags = *standing != Standing::At(survey.root.epoch);
            if *standing != Standing::Away && lags {
                self.bring_up(from, &**place, &survey.root)?;
            }
        }
        Ok(Survey { standing: self.survey()?.standing, ..survey })
    }

    /// Makes `to` hold what `from` holds: nodes, logs and records first, the root last.
    pub(crate) fn bring_up(&self, from: &dyn Place, to: &dyn Place, root: &Root) -> Result<(), KeyringError> {
        to.prepare()?;
        let wanted = from.nodes()?;
        for some in wanted.chunks(256) {
            let mut missing = Vec::new();
            for id in some {
                // A node that a stop left torn has the right name: compare, don't trust.
                if let Some(sealed) = from.node(*id)?
                    && to.node(*id)?.as_ref() != Some(&sealed)
                {
                    missing.push((*id, sealed));
                }
            }
            to.add_nodes(&missing)?;
        }
        copy_logs(from, to)?;
        for which in [Small::Lease, Small::Anchor] {
            let number = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(first_number);
            let (theirs, own) = (from.small(which)?, to.small(which)?);
            if let Some(bytes) = &theirs
                && number(&theirs) > number(&own)
            {
                to.set_small(which, bytes)?;
            }
        }
        to.commit(&root.to_bytes())?;
        let wanted: BTreeSet<NodeId> = wanted.into_iter().collect();
        let stale: Vec<_> = to.nodes()?.into_iter().filter(|id| !wanted.contains(id)).collect();
        to.remove_nodes(&stale)
    }
}

/// Copies what is missing in the logs of `to`.
fn copy_logs(from: &dyn Place, to: &dyn Place) -> Result<(), KeyringError> {
    for year in from.years()? {
        let log = Log::Tombstones(year);
        let (theirs, own) = (from.log(log)?, to.log(log)?);
        let have: std::collections::HashSet<TombstoneRecord> = lines(&own).collect();
        let missing: Vec<u8> = lines::<TombstoneRecord>(&theirs)
            .filter(|s| !have.contains(s))
            .flat_map(|s| s.to_log())
            .collect();
        if !missing.is_empty() {
            to.append(log, sound_length::<TombstoneRecord>(&own), &missing)?;
        }
    }
    let (theirs, own) = (from.log(Log::Erasures)?, to.log(Log::Erasures)?);
    if theirs == own { Ok(()) } else { to.append(Log::Erasures, 0, &theirs) }
}

/// The number with which leases and anchors begin.
pub(crate) fn first_number(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<8>().map(|n| u64::from_le_bytes(*n))
}
