//! Making a keyring, and opening one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use super::{NodeCache, Opening, State, Vault, leases, open_top, root_key_of, tombs};
use crate::KeyringError;
use crate::derive::random;
use crate::disk::{Disk, SystemDisk};
use crate::folder::Folder;
use crate::ids::{KeyringId, PlaceId, StoreId};
use crate::node::Top;
use crate::place::{Lock, Place, Small};
use crate::places::{Places, Standing};
use crate::record::{Known, Marker, Read, Root};
use crate::share::StaticShare;
use crate::slot::Slot;

impl Vault {
    /// Makes a new keyring in empty or absent folders. What a stopped making left behind is taken as empty:
    /// nothing can have been sealed with it.
    pub fn create(places: &[PathBuf], share: StaticShare, store: StoreId) -> Result<Self, KeyringError> {
        Self::create_on(Arc::new(SystemDisk), places, share, store)
    }

    /// [`Vault::create`] on a disk of one's own.
    pub fn create_on(
        disk: Arc<dyn Disk>,
        places: &[PathBuf],
        share: StaticShare,
        store: StoreId,
    ) -> Result<Self, KeyringError> {
        let places = Places { all: folders(&disk, places)?, keyring: KeyringId(*random()?) };
        let _locks = claim(&places)?;
        let keyring = places.keyring;
        let (root_share, static_share, top) = (random()?, share.settle(keyring)?, Top::fresh()?);
        let sealed = top.seal(&root_key_of(keyring, 1, &root_share, &static_share), keyring, 1)?;
        let root = Root { keyring, epoch: 1, share: root_share, top: sealed };
        for place in &places.all {
            place.set_small(Small::Fresh, &keyring.0)?;
            place.clear()?;
            place.set_small(Small::Lease, &Slot::FIRST_TAKEN.0.to_le_bytes())?;
            place.commit(&root.to_bytes())?;
        }
        let mut known = Known::default();
        for place in &places.all {
            known.add(PlaceId(*random()?), place.path());
        }
        for (place, (id, _)) in places.all.iter().zip(&known.0) {
            place.set_small(Small::Places, &known.to_bytes())?;
            place.set_small(Small::Marker, &Marker { keyring, place: *id }.to_bytes())?;
        }
        for place in &places.all {
            place.remove_small(Small::Fresh)?;
        }
        Ok(Self::assemble(places, store, static_share, State { epoch: 1, top }))
    }

    /// Opens a keyring: the newest epoch of its places wins, and those that lag are brought up.
    pub fn open(opening: Opening<'_>) -> Result<Self, KeyringError> {
        Self::open_on(Arc::new(SystemDisk), opening)
    }

    /// [`Vault::open`] on a disk of one's own.
    pub fn open_on(disk: Arc<dyn Disk>, opening: Opening<'_>) -> Result<Self, KeyringError> {
        let all = folders(&disk, opening.places)?;
        let Some(keyring) = opening.keyring.or(named(&all)?) else {
            return Err(KeyringError::Lost { places: opening.places.to_vec() });
        };
        let places = Places { all, keyring };
        for place in &places.all {
            if places.marker(&**place)?.is_some() {
                place.guarded()?;
            }
        }
        let survey = places.survey()?;
        if survey.root.epoch < opening.seen_epoch {
            return Err(KeyringError::Older { found: survey.root.epoch, seen: opening.seen_epoch });
        }
        let share = opening.share.settle(keyring)?;
        let top = open_top(&survey.root, &share)?;
        let unfinished = unfinished(&places, &survey.standing)?;
        let vault = Self::assemble(places, opening.store, share, State { epoch: survey.root.epoch, top });
        if unfinished || survey.is_uneven() {
            let _locks = vault.settled()?;
            vault.finish_fresh()?;
        }
        vault.tidy()?;
        Ok(vault)
    }

    fn assemble(places: Places, store: StoreId, share: crate::derive::Key, state: State) -> Self {
        Self {
            places,
            store,
            share,
            state: RwLock::new(state),
            nodes: NodeCache(Mutex::new(HashMap::new())),
            changing: Mutex::new(()),
            lease: Mutex::new(leases::Lease::none()),
            tombs: Mutex::new(tombs::TombstoneLog::default()),
            index: OnceLock::new(),
        }
    }

    /// Makes a place again of a configured folder that is empty or was given up: copies everything from the
    /// others, the root and the marker last.
    pub fn renew_place(&self, path: &Path) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let Some(place) = self.places.all.iter().find(|place| place.path() == path) else {
            return Err(KeyringError::NotConfigured { path: path.to_owned() });
        };
        if self.places.marker(&**place)?.is_none() && place.is_taken()? {
            return Err(KeyringError::Taken { path: path.to_owned() });
        }
        let _locks = self.settled()?;
        if self.places.marker(&**place)?.is_none() {
            self.make_place(&**place)?;
        }
        Ok(())
    }

    /// Copies the newest place to `to` and marks it. The caller holds the locks.
    fn make_place(&self, to: &dyn Place) -> Result<(), KeyringError> {
        let survey = self.places.survey()?;
        to.prepare()?;
        to.guarded()?;
        let _lock = to.lock()?;
        to.set_small(Small::Fresh, &self.places.keyring.0)?;
        to.clear()?;
        self.places.bring_up(&*self.places.all[survey.newest], to, &survey.root)?;
        let id = PlaceId(*random()?);
        let (mut known, _) = self.places.known()?;
        known.add(id, to.path());
        // The new one is known everywhere before it is one.
        self.places.set_known(&known)?;
        to.set_small(Small::Places, &known.to_bytes())?;
        to.set_small(Small::Marker, &Marker { keyring: self.places.keyring, place: id }.to_bytes())?;
        to.remove_small(Small::Fresh)
    }

    /// Gives up a place that is gone for good and is no longer configured: forgettings no longer wait for it. What
    /// it held at its last epoch can be read by whoever has it.
    pub fn drop_place(&self, path: &Path) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        if self.places.all.iter().any(|place| place.path() == path) {
            return Err(KeyringError::StillConfigured { path: path.to_owned() });
        }
        let _locks = self.places.lock()?;
        let (mut known, there) = self.places.known()?;
        let before = known.0.len();
        known.0.retain(|(id, at)| there.contains(id) || at != path);
        if known.0.len() == before {
            return Err(KeyringError::NotConfigured { path: path.to_owned() });
        }
        self.places.set_known(&known)
    }

    /// Hands the newest place out, with nothing changing meanwhile.
    pub(crate) fn with_newest<T>(
        &self,
        act: impl FnOnce(&dyn Place) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.places.lock()?;
        let survey = self.places.survey()?;
        act(&*self.places.all[survey.newest])
    }

    /// Finishes places whose making was stopped. The caller holds the locks.
    fn finish_fresh(&self) -> Result<(), KeyringError> {
        for place in &self.places.all {
            if place.small(Small::Fresh)?.as_deref() != Some(&self.places.keyring.0) {
                continue;
            }
            match self.places.marker(&**place)? {
                Some(_) => place.remove_small(Small::Fresh)?,
                None => self.make_place(&**place)?,
            }
        }
        Ok(())
    }
}

fn folders(disk: &Arc<dyn Disk>, paths: &[PathBuf]) -> Result<Vec<Box<dyn Place>>, KeyringError> {
    if paths.is_empty() {
        return Err(KeyringError::NoPlaces);
    }
    Ok(paths.iter().map(|path| Box::new(Folder::new(path, disk.clone())) as Box<dyn Place>).collect())
}

/// Empty folders, locked, so that of two who make a keyring at once the second finds it made.
fn claim(places: &Places) -> Result<Vec<Lock>, KeyringError> {
    let free = |place: &dyn Place| match place.is_taken()? {
        true => Err(KeyringError::Taken { path: place.path().to_owned() }),
        false => Ok(()),
    };
    let mut all: Vec<_> = places.all.iter().collect();
    all.sort_by_key(|place| place.path().to_owned());
    let mut locks = Vec::new();
    for place in &all {
        free(&***place)?;
        place.prepare()?;
        place.guarded()?;
        locks.push(place.lock()?);
    }
    all.iter().try_for_each(|place| free(&***place))?;
    Ok(locks)
}

/// The keyring that the places name.
fn named(places: &[Box<dyn Place>]) -> Result<Option<KeyringId>, KeyringError> {
    for place in places {
        match place.marker() {
            Ok(Read::Whole(marker)) => return Ok(Some(marker.keyring)),
            Ok(Read::TooNew(format)) => {
                return Err(KeyringError::TooNew { path: place.path().to_owned(), format });
            }
            Ok(Read::Broken) => {}
            // Absent is one thing, refused by the system another.
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Was the making of some place stopped?
fn unfinished(places: &Places, standing: &[Standing]) -> Result<bool, KeyringError> {
    for (place, standing) in places.all.iter().zip(standing) {
        let fresh = match place.small(Small::Fresh) {
            Ok(fresh) => fresh,
            // A place that can't be read is away, which its standing says already.
            Err(_) if *standing == Standing::Away => None,
            Err(error) => return Err(error),
        };
        if fresh.as_deref() == Some(&places.keyring.0) {
            return Ok(true);
        }
    }
    Ok(false)
}
