//! Everything behind HTTP: the log, the store and the catalog of one data folder, and the applier between them.
//!
//! `serve`, `import` and `demo` share it. One process at a time has a folder open.

mod applier;
mod delay;
mod erase;
mod follow;
mod followed;
mod gate;
mod health;
mod kafka;
mod keeper;
mod live;
mod lock;
mod open;
mod others;
mod parted;
mod postgres;
mod progress;
mod purger;
mod rate;
mod replay;
mod replica;
mod retainer;
mod revoke;
mod shared;
mod sharer;
mod spool;
mod state;
mod tokens;
mod watcher;

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use cairn_analysis::{Store, StoreError, catalog::Catalog};
use cairn_commitlog::{Log, LogError, SPOOLED};
use cairn_model::{BatchWriter, Definition, Message, Position, Predicate, ProjectId, TimeMs};
use cairn_postgres::{FollowedTopic, IndexProgress};
use cairn_store::StoreImage;
use serde::Serialize;

pub use delay::Delay;
pub use erase::{EraseError, Erasure, Expiry, Purge, Whom};
pub use followed::Follow;
pub(crate) use followed::TopicFile;
pub use health::Unhealthy;
pub use keeper::Nearing;
pub(crate) use live::{Live, LiveRecord};
pub use open::{EngineError, EngineOptions};
pub use progress::Appended;
pub use replay::{Replay, ReplayError, ReplayFrom, Replayed};
pub use revoke::Revocation;
pub use state::{EngineState, ProjectState, StateError};
pub(crate) use tokens::{Digest, bytes_digest, digest as token_digest};

use crate::{Clock, Random, Registry, RegistryError};
use gate::Gate;
use keeper::Found;
use lock::FolderLock;
use progress::Progress;
use purger::Purger;
use tokens::Tokens;

/// What the engine needs of a store beyond answers.
pub trait EngineStore: Store {
    /// The next positions that the store needs from the log after a crash: the log may drop what stands before.
    fn durable(&self) -> Vec<Position>;

    /// Writes what is only in memory to the disk.
    fn flush(&self) -> Result<(), StoreError>;

    /// Takes what is erased or has expired in a project out of all files.
    fn purge(&self, project: ProjectId) -> Result<(), StoreError>;

    /// The projects of which something is to be purged by now.
    fn purge_due(&self) -> Vec<ProjectId>;

    /// Says that much will come in, and [`EngineStore::settle`] after it: until then, work on files can wait.
    fn expect_bulk(&self) {}

    /// Writes it, and puts all files into their final order.
    fn settle(&self) -> Result<(), StoreError> {
        self.flush()
    }

    /// Calls `each` with messages that make a project's state, for another store.
    fn messages(
        &self,
        project: ProjectId,
        each: &mut dyn FnMut(Message<'static>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (_, _) = (project, each);
        Err(StoreError::Database("a project is copied out of a data folder that has a store of its own".to_owned()))
    }

    /// What it takes on disk.
    fn size(&self, project: ProjectId) -> Result<StoreSize, StoreError>;

    /// How far the indexes of a project's definitions are; `None` where the store has none that take their time.
    fn definition_indexes(&self, project: ProjectId) -> Result<Option<Vec<IndexProgress>>, StoreError> {
        let _ = project;
        Ok(None)
    }

    /// The topic that several servers apply to it together, if that is so.
    fn topic(&self) -> Option<&FollowedTopic> {
        None
    }

    /// Its files at one instant, for a backup; `None` if it has none here.
    fn image(&self) -> Option<StoreImage> {
        None
    }
}

/// What a store takes on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StoreSize {
    /// So many bytes.
    pub store_bytes: u64,
    /// Whether that is all projects together, as they share tables.
    pub shared: bool,
}

/// What an engine is made of; given by tests, opened by [`Engine::open`].
pub struct Parts {
    /// In front.
    pub log: Arc<dyn Log>,
    /// Follows the log.
    pub store: Arc<dyn EngineStore>,
    /// Projects, definitions, settings.
    pub catalog: Arc<dyn Catalog>,
}

/// A data folder, open.
pub struct Engine {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) store: Arc<dyn EngineStore>,
    pub(crate) registry: Arc<Registry>,
    tokens: Arc<Tokens>,
    live: Arc<Live>,
    progress: Arc<Progress>,
    clock: Clock,
    random: Random,
    lag_bytes_max: u64,
    lag_records_max: u64,
    purge_after: Duration,
    purger: Arc<Purger>,
    stop: Arc<AtomicBool>,
    gate: Arc<Gate>,
    nearing: Arc<Found>,
    /// Read by who needs the log as it is, a backup; written by who lets it forget.
    forgetting: Arc<RwLock<()>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Released last.
    lock: Option<FolderLock>,
}

impl Engine {
    /// Puts an engine together and starts to follow the log.
    pub fn assemble(parts: Parts, options: EngineOptions) -> Result<Self, EngineError> {
        Self::start(parts, options, None)
    }

    fn start(parts: Parts, options: EngineOptions, lock: Option<FolderLock>) -> Result<Self, EngineError> {
        let Parts { log, store, catalog } = parts;
        let registry = Arc::new(Registry::load(Arc::clone(&catalog), options.random.clone())?);
        let tokens = Arc::new(Tokens::load(catalog)?);
        let progress = Arc::new(Progress::new(&store.positions(), log.is_shared(), &options.clock));
        let (stop, forgetting) = (Arc::<AtomicBool>::default(), Arc::<RwLock<()>>::default());
        let purger = Purger {
            log: Arc::clone(&log),
            store: Arc::clone(&store),
            progress: Arc::clone(&progress),
            stop: Arc::clone(&stop),
            forgetting: Arc::clone(&forgetting),
        };
        let engine = Self {
            live: Arc::new(Live::new()),
            progress,
            purge_after: options.store.purge_after,
            purger: Arc::new(purger),
            registry,
            tokens,
            log,
            store,
            clock: options.clock,
            random: options.random,
            lag_bytes_max: options.lag_bytes_max,
            lag_records_max: options.lag_records_max,
            stop,
            gate: Arc::default(),
            nearing: Arc::default(),
            threads: Mutex::default(),
            forgetting,
            lock,
        };
        engine.check_positions()?;
        engine.registry.projects().iter().for_each(|project| engine.index(project.id));
        engine.follow(options.ingest).map_err(EngineError::Thread)?;
        Ok(engine)
    }

    /// Hands a batch to the log; it is durable once the answer has said so.
    ///
    /// [`LogError::Busy`] while the store is too far behind.
    pub fn append(&self, project: ProjectId, batch: BatchWriter) -> Result<Appended, LogError> {
        let payload = Bytes::from(batch.finish());
        if self.is_too_far_behind() {
            let (waiting_bytes, limit_bytes) = (self.progress.behind_bytes() as usize, self.lag_bytes_max as usize);
            return Err(LogError::Busy { waiting_bytes, limit_bytes });
        }
        let bytes = payload.len() as u64;
        let parts = parted::parts(&*self.log, project, payload).map_err(|error| LogError::Stopped {
            cause: format!("a batch that was just written cannot be read: {error}"),
        })?;
        let acks = parts.into_iter().map(|(key, payload)| self.log.append(key, payload)).collect::<Result<_, _>>()?;
        Ok(self.progress.appended(acks, bytes))
    }

    /// Waits until the store has applied the record at `position`. False if it has not in time, and at once if the record waits in a spool.
    pub fn wait_applied(&self, position: Position, timeout: Duration) -> bool {
        position.partition != SPOOLED && self.progress.wait(position, timeout)
    }

    /// Waits until the store has applied all that is in the log now, or waits in front of it. False if it has not in time.
    pub fn wait_caught_up(&self, timeout: Duration) -> bool {
        purger::caught_up(&*self.log, &self.progress, timeout)
    }

    /// Writes what the store has only in memory to the disk.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }

    /// Says that much will be appended, and [`Engine::settle`] called after it.
    pub fn expect_bulk(&self) {
        self.store.expect_bulk();
    }

    /// Writes what the store has only in memory to the disk, and puts all its files into their final order: after an import.
    /// The log forgets what is there.
    pub fn settle(&self) -> Result<(), StoreError> {
        // What is in the log now can then be forgotten whole.
        if let Err(error) = self.log.rotate() {
            tracing::warn!("the log keeps what it could drop: {error}");
        }
        self.store.settle()?;
        let Ok(_forgetting) = self.forgetting.try_write() else { return Ok(()) };
        for durable in self.store.durable() {
            if let Err(error) = self.log.drop_before(durable) {
                tracing::warn!("the log keeps what it could drop: {error}");
            }
        }
        Ok(())
    }

    /// Defines an event; questions about it are answered at once, and faster once its index is built.
    pub fn define(&self, project: ProjectId, name: &str, predicate: Predicate) -> Result<Definition, RegistryError> {
        let definition = self.registry.define(project, name, predicate, self.now())?;
        self.index(project);
        Ok(definition)
    }

    /// As [`Engine::define`], where nothing has the name yet.
    pub fn define_new(
        &self,
        project: ProjectId,
        name: &str,
        predicate: Predicate,
    ) -> Result<Definition, RegistryError> {
        let definition = self.registry.define_new(project, name, predicate, self.now())?;
        self.index(project);
        Ok(definition)
    }

    /// Forgets a definition. False if there was none of this name.
    pub fn forget(&self, project: ProjectId, name: &str) -> Result<bool, RegistryError> {
        let forgotten = self.registry.forget(project, name)?;
        self.index(project);
        Ok(forgotten)
    }

    fn index(&self, project: ProjectId) {
        index(&self.registry, &*self.store, project);
    }

    /// The store, to ask.
    pub fn store(&self) -> &Arc<dyn EngineStore> {
        &self.store
    }

    /// Projects and definitions.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The time by the engine's clock.
    pub fn now(&self) -> TimeMs {
        self.clock.now()
    }

    /// Makes the API token if there is none yet, and returns it: the only time that it can be shown.
    pub fn ensure_token(&self) -> Result<Option<String>, EngineError> {
        self.tokens.ensure(&self.random)
    }

    /// Makes a new API token; the one before is worth nothing from now on.
    pub fn reset_token(&self) -> Result<String, EngineError> {
        self.tokens.reset(&self.random)
    }

    /// A new token for signing in to the web app while this process runs: for the link that is printed at start. It is no
    /// API token.
    pub fn sign_in_token(&self) -> Result<String, EngineError> {
        self.tokens.mint_sign_in(&self.random)
    }

    /// Tells whoever finds the folder locked where this process answers.
    pub fn announce(&self, url: &str) -> Result<(), EngineError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.announce(url))
    }

    /// Stops following the log. What is acknowledged is durable already; what is not applied is when it is opened again.
    pub fn close(&self) {
        self.stop.store(true, Relaxed);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }

    /// Keeps the log from forgetting while it lives.
    pub(crate) fn keep_log(&self) -> RwLockReadGuard<'_, ()> {
        self.forgetting.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn random(&self) -> &Random {
        &self.random
    }

    pub(crate) fn behind_bytes(&self) -> u64 {
        self.progress.behind_bytes()
    }

    pub(crate) fn log_bytes(&self) -> u64 {
        self.log.size_bytes()
    }

    pub(crate) fn log_ends(&self) -> Vec<Position> {
        self.log.ends()
    }
}

/// Tells the store what is defined in a project.
fn index(registry: &Registry, store: &dyn EngineStore, project: ProjectId) {
    let definitions = registry.definitions(project).unwrap_or_default();
    store.index(project, definitions.iter().map(|definition| definition.predicate.clone()).collect());
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}
