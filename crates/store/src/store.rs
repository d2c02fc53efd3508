//! The store: projects, and the way from log records to parts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use cairn_analysis::{Applied, StoreError};
use cairn_commitlog::Storage;
use cairn_model::{Batch, Position, ProjectId, TimeMs};

use crate::{
    compact::Eagerness,
    flush::FlushState,
    image::{Pins, StoreImage},
    index::UsedDays,
    manifest::{Manifest, ProjectEntry},
    project::Project,
    quarantine::Quarantine,
    symbols::Symbols,
    tidy::Tidy,
    users::Users,
};

/// How a store behaves.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The tails are written as parts when they hold this many events together ...
    pub tail_rows: usize,
    /// ... or came from this much of the log, in bytes. Bounds memory and the time of a recovery.
    pub tail_log_bytes: usize,
    /// One merge takes at most so many rows, at some 64 bytes of memory each. More make fewer and larger parts.
    pub merge_rows: u64,
    /// How long what is erased or has expired may stay in files: what comes meanwhile is purged with it.
    pub purge_after: Duration,
    /// A definition's index that no question has used for so long, in milliseconds, is removed: 30 days.
    pub index_retire_ms: i64,
    /// Tells the time.
    pub clock: StoreClock,
    /// Test-only switches.
    #[doc(hidden)]
    pub faults: StoreFaults,
}

/// Tells the time.
#[derive(Clone)]
pub struct StoreClock(Arc<dyn Fn() -> TimeMs + Send + Sync>);

impl StoreClock {
    /// A clock that tells what `now` says.
    pub fn new(now: impl Fn() -> TimeMs + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now_ms(&self) -> i64 {
        (self.0)().0
    }
}

impl Default for StoreClock {
    fn default() -> Self {
        let since = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::new(move || TimeMs(since().as_millis() as i64))
    }
}

impl fmt::Debug for StoreClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreClock")
    }
}

/// Test-only switches that take a safeguard away, to prove that the tests would notice.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreFaults {
    /// Count every event as new.
    pub skip_dedupe: bool,
    /// Believe every buffer.
    pub skip_crc: bool,
    /// Index small parts and frequent events, too.
    pub index_everything: bool,
    /// Ask kernels that count wrongly.
    pub wrong_kernels: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            tail_rows: 1_000_000,
            tail_log_bytes: 768 << 20,
            merge_rows: 16 << 20,
            purge_after: Duration::from_secs(600),
            index_retire_ms: 30 * 86_400_000,
            clock: StoreClock::default(),
            faults: StoreFaults::default(),
        }
    }
}

/// The embedded columnar store of one data folder. Parts are written in the background; see docs/format.md.
pub struct EmbeddedStore {
    pub(crate) shared: Arc<Shared>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

pub(crate) struct Shared {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) dir: PathBuf,
    pub(crate) options: StoreOptions,
    pub(crate) state: RwLock<State>,
    /// As it stands on disk, but for the number of the next file.
    pub(crate) manifest: Mutex<Manifest>,
    pub(crate) next_file: AtomicU64,
    pub(crate) tidy: Tidy,
    pub(crate) pins: Pins,
    /// When definitions were used, as the file has it.
    pub(crate) used: Mutex<UsedDays>,
    /// Whether an import is going on, which will settle in the end.
    pub(crate) bulk: AtomicBool,
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
        let next_file = AtomicU64::new(manifest.next_file);
        let shared = Shared {
            storage,
            dir: dir.to_owned(),
            options,
            state: RwLock::new(State::new(&manifest)),
            manifest: Mutex::new(manifest),
            next_file,
            tidy: Tidy::default(),
            pins: Pins::default(),
            used: Mutex::default(),
            bulk: AtomicBool::new(false),
            flush: Mutex::default(),
            flush_changed: Condvar::new(),
        };
        *shared.used_days() = shared.read_usage();
        shared.open_projects()?;
        shared.remove_leftovers().map_err(io("removing unfinished files"))?;
        let shared = Arc::new(shared);
        let thread = |name: &str, run: fn(&Shared)| {
            let shared = shared.clone();
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&shared));
            thread.map_err(io("starting a thread"))
        };
        let threads = vec![thread("part-writer", Shared::write_parts)?, thread("tidier", Shared::tidy_up)?];
        Ok(Self { shared, threads })
    }

    /// Writes what the tails hold as parts, and waits for it.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared.begin_flush()?;
        self.shared.wait_flush().map(drop)
    }

    /// Says that much will come in: merging is put off until [`EmbeddedStore::settle`], as far as it can be.
    pub fn expect_bulk(&self) {
        self.shared.bulk.store(true, Ordering::Relaxed);
    }

    /// Writes what the tails hold, and merges all parts that can be merged, as after an import.
    pub fn settle(&self) -> Result<(), StoreError> {
        self.shared.bulk.store(false, Ordering::Relaxed);
        self.flush()?;
        self.shared.tidy_projects(Eagerness::Full)
    }

    /// All files as they stand on disk, for a backup. What is only in memory is in the log, behind the image's positions.
    pub fn image(&self) -> StoreImage {
        StoreImage::take(&self.shared)
    }

    /// The next positions that the parts contain: the log need not keep what is before.
    pub fn durable(&self) -> Vec<Position> {
        self.shared.manifest().positions.clone()
    }

    pub(crate) fn project(&self, project: ProjectId) -> Option<Arc<RwLock<Project>>> {
        self.shared.state().projects.get(&project.get()).cloned()
    }

    /// Begins to write the tails if they are full.
    pub(crate) fn make_room(&self) -> Result<(), StoreError> {
        let full = {
            let (state, options) = (self.shared.state(), &self.shared.options);
            state.tail_rows >= options.tail_rows || state.tail_log_bytes >= options.tail_log_bytes
        };
        if full { self.shared.begin_flush() } else { Ok(()) }
    }

    pub(crate) fn apply_record(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        self.make_room()?;
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
        self.shared.tidy.stop();
        for thread in self.threads.drain(..) {
            // A panic of the thread was reported when it happened.
            drop(thread.join());
        }
    }
}

impl State {
    fn new(manifest: &Manifest) -> Self {
        Self {
            projects: BTreeMap::new(),
            positions: manifest.positions.iter().map(|position| (position.partition, position.offset)).collect(),
            quarantine: Quarantine::open(&manifest.quarantine),
            tail_rows: 0,
            tail_log_bytes: 0,
        }
    }

    /// The next position of each partition.
    pub(crate) fn positions(&self) -> Vec<Position> {
        self.positions.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset }).collect()
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
    fn open_projects(&self) -> Result<(), StoreError> {
        let entries = self.manifest().projects.clone();
        for (id, entry) in &entries {
            let mut project = self.open_project(entry)?;
            project.skip_dedupe = self.options.faults.skip_dedupe;
            self.state_mut().projects.insert(*id, Arc::new(RwLock::new(project)));
        }
        Ok(())
    }

    fn open_project(&self, entry: &ProjectEntry) -> Result<Project, StoreError> {
        let parts = entry.parts.iter().map(|file| self.open_part(file).map(Arc::new)).collect::<Result<_, _>>()?;
        let users = entry.users.iter().map(|file| self.open_users(file).map(Arc::new)).collect::<Result<_, _>>()?;
        let symbols = entry.symbols.iter().map(|file| self.open_symbols(file)).collect::<Result<Vec<_>, _>>()?;
        Ok(Project::open(entry, parts, Users::open(users)?, Symbols::open(&symbols)?))
    }

    /// Removes files that no manifest names: writes that a crash cut short.
    fn remove_leftovers(&self) -> io::Result<()> {
        let manifest = self.manifest().clone();
        let live: BTreeSet<&String> = manifest.files().collect();
        for file in self.storage.list(&self.parts_dir())? {
            if !live.contains(&file) {
                self.storage.remove(&self.parts_dir().join(&file))?;
            }
        }
        self.storage.sync_dir(&self.parts_dir())
    }

    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn used_days(&self) -> MutexGuard<'_, UsedDays> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
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
