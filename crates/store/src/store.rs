//! The store: projects, and the way from log records to parts.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use cairn_analysis::{Applied, StoreError};
use cairn_commitlog::Storage;
use cairn_model::{Batch, Position, ProjectId};

use crate::{flush::FlushState, manifest::Manifest, part::Part, project::Project, quarantine::Quarantine};

/// How a store behaves.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The tails are written as parts when they hold this many events together ...
    pub tail_rows: usize,
    /// ... or came from this much of the log, in bytes. Bounds memory and the time of a recovery.
    pub tail_log_bytes: usize,
    /// Test-only switches.
    #[doc(hidden)]
    pub faults: StoreFaults,
}

/// Test-only switches that take a safeguard away, to prove that the tests would notice.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreFaults {
    /// Count every event as new.
    pub skip_dedupe: bool,
    /// Believe every buffer.
    pub skip_crc: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { tail_rows: 1_000_000, tail_log_bytes: 768 << 20, faults: StoreFaults::default() }
    }
}

/// The embedded columnar store of one data folder. Parts are written in the background; see docs/format.md.
pub struct EmbeddedStore {
    pub(crate) shared: Arc<Shared>,
    writer: Option<std::thread::JoinHandle<()>>,
}

pub(crate) struct Shared {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) dir: PathBuf,
    pub(crate) options: StoreOptions,
    pub(crate) state: RwLock<State>,
    pub(crate) flush: Mutex<FlushState>,
    pub(crate) flush_changed: Condvar,
}

/// Everything in memory.
pub(crate) struct State {
    pub(crate) projects: BTreeMap<u64, Arc<RwLock<Project>>>,
    /// The next position of each partition.
    pub(crate) positions: BTreeMap<u32, u64>,
    pub(crate) quarantine: Quarantine,
    /// Events in the tails, and how much of the log they came from.
    pub(crate) tail_rows: usize,
    pub(crate) tail_log_bytes: usize,
}

impl EmbeddedStore {
    /// Opens the store in `dir`, or makes one. Recovers what the manifest names; the log must be replayed from
    /// [`cairn_analysis::Store::positions`].
    pub fn open(storage: Arc<dyn Storage>, dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let io = |what: &str| {
            let what = what.to_owned();
            move |source| StoreError::Io { what, source }
        };
        let parts_dir = dir.join("parts");
        storage.create_dir_all(&parts_dir).map_err(io("making the store's folder"))?;
        let manifest = match Manifest::read(storage.as_ref(), dir)? {
            Some(manifest) => {
                // Who wrote it may have been killed before its name was durable; from here on the log may forget what it
                // covers.
                storage.sync_dir(dir).map_err(io("syncing the store's folder"))?;
                manifest
            }
            None => {
                // Parts are only ever written under a manifest: without one, somebody has lost it.
                if !storage.list(&parts_dir).map_err(io("listing the parts"))?.is_empty() {
                    let what = "it is missing, but there are parts".to_owned();
                    return Err(StoreError::Damage { file: "MANIFEST".to_owned(), what });
                }
                let manifest = Manifest::new();
                manifest.write(storage.as_ref(), dir).map_err(io("writing the first manifest"))?;
                manifest
            }
        };
        let state = State::open(storage.as_ref(), dir, &manifest, &options)?;
        remove_leftovers(storage.as_ref(), &parts_dir, &manifest).map_err(io("removing unfinished parts"))?;
        let flush = Mutex::new(FlushState::new(manifest));
        let dir = dir.to_owned();
        let state = RwLock::new(state);
        let shared = Arc::new(Shared { storage, dir, options, state, flush, flush_changed: Condvar::new() });
        let for_writer = shared.clone();
        let writer = std::thread::Builder::new()
            .name("part-writer".to_owned())
            .spawn(move || for_writer.write_parts())
            .map_err(io("starting the writer of parts"))?;
        Ok(Self { shared, writer: Some(writer) })
    }

    /// Writes what the tails hold as parts, and waits for it.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared.begin_flush()?;
        self.shared.wait_flush().map(drop)
    }

    /// The next positions that the parts contain: the log need not keep what is before.
    pub fn durable(&self) -> Vec<Position> {
        self.shared.flush().manifest.positions.clone()
    }

    pub(crate) fn project(&self, project: ProjectId) -> Option<Arc<RwLock<Project>>> {
        self.shared.state().projects.get(&project.get()).cloned()
    }

    pub(crate) fn apply_record(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        let full = {
            let (state, options) = (self.shared.state(), &self.shared.options);
            state.tail_rows >= options.tail_rows || state.tail_log_bytes >= options.tail_log_bytes
        };
        if full {
            self.shared.begin_flush()?;
        }
        let mut state = self.shared.state_mut();
        let next = state.positions.get(&position.partition).copied().unwrap_or(0);
        if position.offset < next {
            return Ok(Applied::default());
        }
        if position.offset > next {
            let expected = Position { partition: position.partition, offset: next };
            return Err(StoreError::Gap { got: position, expected });
        }
        let applied = state.apply(payload, self.shared.options.faults.skip_dedupe)?;
        state.positions.insert(position.partition, next + 1);
        Ok(applied)
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.shared.stop_flushing();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported when it happened.
            drop(writer.join());
        }
    }
}

impl State {
    fn open(
        storage: &dyn Storage,
        dir: &Path,
        manifest: &Manifest,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let mut projects = BTreeMap::new();
        for (id, entry) in &manifest.projects {
            let parts =
                entry.parts.iter().map(|file| open_part(storage, dir, file, !options.faults.skip_crc).map(Arc::new));
            let mut project = Project::open(entry, parts.collect::<Result<_, _>>()?)?;
            project.skip_dedupe = options.faults.skip_dedupe;
            projects.insert(*id, Arc::new(RwLock::new(project)));
        }
        let positions = manifest.positions.iter().map(|position| (position.partition, position.offset)).collect();
        Ok(Self {
            projects,
            positions,
            quarantine: Quarantine::open(&manifest.quarantine),
            tail_rows: 0,
            tail_log_bytes: 0,
        })
    }

    fn apply(&mut self, payload: &[u8], skip_dedupe: bool) -> Result<Applied, StoreError> {
        // Read it all before anything changes: a record is applied whole or not at all.
        let read = Batch::parse(payload).and_then(|batch| batch.messages().map(|messages| (batch, messages)));
        match read {
            Ok((batch, messages)) => {
                let project = self.projects.entry(batch.project.get()).or_default();
                let project = &mut *write(project);
                project.skip_dedupe = skip_dedupe;
                let applied = project.apply(&batch, messages)?;
                self.tail_log_bytes += payload.len();
                self.tail_rows += applied.stored as usize + applied.left_out.len();
                Ok(applied)
            }
            Err(error) => {
                if let Ok(batch) = Batch::parse(payload) {
                    let project = self.projects.entry(batch.project.get()).or_default();
                    let ledger = &mut write(project).ledger;
                    ledger.accepted += batch.count as u64;
                    ledger.quarantined += batch.count as u64;
                }
                self.quarantine.push(payload, &error);
                Ok(Applied::default())
            }
        }
    }
}

impl Shared {
    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn flush(&self) -> MutexGuard<'_, FlushState> {
        self.flush.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn read(project: &RwLock<Project>) -> RwLockReadGuard<'_, Project> {
    project.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write(project: &RwLock<Project>) -> RwLockWriteGuard<'_, Project> {
    project.write().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn open_part(storage: &dyn Storage, dir: &Path, file: &str, check: bool) -> Result<Part, StoreError> {
    let path = dir.join("parts").join(file);
    let bytes = storage.map(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => {
            StoreError::Damage { file: format!("parts/{file}"), what: "it is missing".to_owned() }
        }
        _ => StoreError::Io { what: format!("opening parts/{file}"), source },
    })?;
    Part::open(format!("parts/{file}"), bytes, check)
}

/// Removes files that no manifest names: writes that a crash cut short.
fn remove_leftovers(storage: &dyn Storage, parts_dir: &Path, manifest: &Manifest) -> io::Result<()> {
    for file in storage.list(parts_dir)? {
        let of_parts = manifest.projects.values().any(|project| project.parts.contains(&file));
        if !of_parts && !manifest.quarantine.iter().any(|(name, _)| *name == file) {
            storage.remove(&parts_dir.join(&file))?;
        }
    }
    storage.sync_dir(parts_dir)
}
