//! Opening a data folder.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use cairn_analysis::{StoreError, catalog::CatalogError};
use cairn_commitlog::{Disk, EmbeddedLog, KafkaOptions, LogError, LogOptions, SpoolOptions, Storage};
use cairn_model::{Message, Position, ProjectId};
use cairn_store::{EmbeddedStore, SqliteCatalog, StoreClock, StoreImage, StoreOptions};

use super::{Engine, EngineStore, FolderLock, Follow, Parts, StoreSize, TopicFile, postgres::is_of_database};
use crate::{Clock, Random, RegistryError};

/// How an engine is set up. The defaults suit a server.
#[derive(Clone)]
pub struct EngineOptions {
    /// Where log and store keep their files.
    pub storage: Arc<dyn Storage>,
    /// Sizes of the log.
    pub log: LogOptions,
    /// Bounds of a log in Kafka.
    pub kafka: KafkaOptions,
    /// The folder of the spool in front of a topic of Kafka's: none.
    pub spool: Option<PathBuf>,
    /// Bytes that a spool may hold before appends are refused: 8 GiB.
    pub spool_bytes_max: u64,
    /// As what a topic of Kafka's is followed.
    pub follow: Follow,
    /// Sizes of the store.
    pub store: StoreOptions,
    /// Tells the time.
    pub clock: Clock,
    /// Draws keys and tokens.
    pub random: Random,
    /// Whether what comes into the log is applied here: yes. Where servers share a topic and a database, others may do it.
    pub ingest: bool,
    /// Bytes that the store may be behind the log before appends are refused: 256 MiB. A log that servers share is no limit.
    pub lag_bytes_max: u64,
    /// Records that the store may be behind the log before appends are refused: 500,000. A log that servers share is no limit.
    pub lag_records_max: u64,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            storage: Arc::new(Disk),
            log: LogOptions::default(),
            kafka: KafkaOptions::default(),
            spool: None,
            spool_bytes_max: SpoolOptions::default().limit_bytes,
            follow: Follow::default(),
            store: StoreOptions::default(),
            clock: Clock::system(),
            random: Random::system(),
            ingest: true,
            lag_bytes_max: 256 << 20,
            lag_records_max: 500_000,
        }
    }
}

/// Why a data folder cannot be opened, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Another process has it.
    #[error("the data folder {} is in use by {holder}", dir.display())]
    InUse {
        /// The folder.
        dir: PathBuf,
        /// Who has it, and what to do.
        holder: String,
    },
    /// The folder cannot be made or written to.
    #[error("the data folder {} cannot be used: {source}", dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log was put back to an older state than the store's.
    #[error(
        "the store has applied the log up to {applied}, but the log ends at {end}: restore log and store from the same backup"
    )]
    OlderLog {
        /// The store's next offset.
        applied: u64,
        /// The log's next offset.
        end: u64,
    },
    /// The log has forgotten what the store needs.
    #[error(
        "the store has applied the log up to {applied}, but the log begins at {first}: what is between was in a later state of the store; \
         restore that one (a newer backup), or begin with another data folder (--data) or database and without what is missing"
    )]
    Forgotten {
        /// The store's next offset.
        applied: u64,
        /// The first offset that the log has.
        first: u64,
    },
    /// The folder holds an embedded store.
    #[error(
        "the data folder {} holds a store of its own: a server on PostgreSQL needs another folder, so choose one with --data, or \
         leave out --store (or unset CAIRN_STORE) to go on with this one", dir.display()
    )]
    Embedded {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder has a log of its own.
    #[error(
        "the data folder {} has a log of its own, and its store is of that log: to go on with it, leave out --log (or unset CAIRN_LOG); \
         to begin with Kafka, choose another folder with --data, and bring the data along by `cairn export` and `cairn import`", dir.display()
    )]
    OwnLog {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder follows a topic.
    #[error("the data folder {} follows the topic {topic}: give it with --log (or CAIRN_LOG), or choose another folder with --data", dir.display())]
    OnTopic {
        /// The folder.
        dir: PathBuf,
        /// Where the topic was.
        topic: String,
    },
    /// The folder follows another topic.
    #[error(
        "the data folder {} follows another topic, which was {was}; a topic that was removed and made again is another, too: \
         start with the right --log, or choose another folder with --data", dir.display()
    )]
    OtherTopic {
        /// The folder.
        dir: PathBuf,
        /// Where its topic was.
        was: String,
    },
    /// Records wait in the folder's spool.
    #[error(
        "{records} records that were acknowledged wait in the spool of the data folder {} and are not in Kafka yet: start `cairn serve` with \
         --spool (or CAIRN_SPOOL), which brings them there before anything else", dir.display()
    )]
    Spooled {
        /// The folder.
        dir: PathBuf,
        /// How many.
        records: u64,
    },
    /// The folder is the one that others are replicas of.
    #[error(
        "the data folder {} is that of the server which takes events and changes: a replica needs a folder of its own, restored from a \
         backup or empty; choose it with --data", dir.display()
    )]
    IsPrimary {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder has a log, and is to be in front of a database without one.
    #[error(
        "the data folder {} has a log of its own, and what is in it may not be in the database yet: start a server on it without --log \
         until all is applied (`/healthz` and `cairn_lag_records` tell), and then choose another folder with --data", dir.display()
    )]
    Undrained {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder is of a server on another database.
    #[error(
        "the data folder {} belongs to a server on another database: choose another folder with --data; this one holds nothing but that \
         server's token", dir.display()
    )]
    OfAnother {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder is in front of a database.
    #[error("the data folder {} belongs to a server on PostgreSQL: give its --store (and its --log, if it had one), or choose another folder with --data", dir.display())]
    OnDatabase {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder's log is of another database.
    #[error(
        "the log in the data folder {} belongs to another database, whose projects are others: start with that one's --store, or choose \
         another folder with --data; what is in this log may not be in its database yet, so keep the folder until it was started there",
        dir.display()
    )]
    OtherDatabase {
        /// The folder.
        dir: PathBuf,
    },
    /// Nobody knows of which database the folder's log is.
    #[error(
        "{} is missing or damaged, so that nobody knows to which database the log beside it belongs: put it back, or choose another \
         folder with --data", file.display()
    )]
    LogId {
        /// The file that tells.
        file: PathBuf,
    },
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Projects or definitions cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The system gave no randomness.
    #[error("the system gave no randomness: {0}")]
    Random(io::Error),
    /// The system gave no thread.
    #[error("the system gave no thread: {0}")]
    Thread(io::Error),
}

impl EngineStore for EmbeddedStore {
    fn durable(&self) -> Vec<Position> {
        EmbeddedStore::durable(self)
    }

    fn flush(&self) -> Result<(), StoreError> {
        EmbeddedStore::flush(self)
    }

    fn purge(&self, project: ProjectId) -> Result<(), StoreError> {
        EmbeddedStore::purge(self, project)
    }

    fn purge_due(&self) -> Vec<ProjectId> {
        EmbeddedStore::purge_due(self)
    }

    fn expect_bulk(&self) {
        EmbeddedStore::expect_bulk(self);
    }

    fn settle(&self) -> Result<(), StoreError> {
        EmbeddedStore::settle(self)
    }

    fn messages(
        &self,
        project: ProjectId,
        each: &mut dyn FnMut(Message<'static>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        EmbeddedStore::messages(self, project, each)
    }

    fn size(&self, project: ProjectId) -> Result<StoreSize, StoreError> {
        Ok(StoreSize { store_bytes: EmbeddedStore::size_bytes(self, project)?, shared: false })
    }

    fn image(&self) -> Option<StoreImage> {
        Some(EmbeddedStore::image(self))
    }
}

impl Engine {
    /// Opens the data folder `dir`, making it if need be, and starts to follow its log.
    ///
    /// The folder holds `lock`, `log/`, `store/` and `catalog.db`.
    pub fn open(dir: &Path, options: EngineOptions) -> Result<Self, EngineError> {
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if is_of_database(dir)? {
            return Err(EngineError::OnDatabase { dir: dir.to_owned() });
        }
        if let Some(followed) = TopicFile::of(dir)? {
            return Err(EngineError::OnTopic { dir: dir.to_owned(), topic: followed.name.place });
        }
        let catalog = open_catalog(dir)?;
        let log = EmbeddedLog::open(Arc::clone(&options.storage), &dir.join("log"), options.log.clone())?;
        let store = open_store(dir, &options)?;
        let parts = Parts { log: Arc::new(log), store: Arc::new(store), catalog: Arc::new(catalog) };
        Self::start(parts, options, Some(lock))
    }
}

pub(super) fn open_catalog(dir: &Path) -> Result<SqliteCatalog, EngineError> {
    Ok(SqliteCatalog::open(&dir.join("catalog.db"))?)
}

pub(super) fn open_store(dir: &Path, options: &EngineOptions) -> Result<EmbeddedStore, EngineError> {
    let clock = options.clock.clone();
    let sizes = StoreOptions { clock: StoreClock::new(move || clock.now()), ..options.store.clone() };
    Ok(EmbeddedStore::open(Arc::clone(&options.storage), &dir.join("store"), sizes)?)
}

/// Writes a small file of a data folder as a whole; it is durable then.
pub(super) fn write_durably(dir: &Path, name: &str, text: &str) -> Result<(), EngineError> {
    let (path, fresh) = (dir.join(name), dir.join(format!("{name}.new")));
    let write = || {
        let mut file = File::create(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|source| EngineError::Folder { dir: dir.to_owned(), source })
}

/// Makes a data folder, for this user alone.
pub(super) fn make_folder(dir: &Path) -> Result<(), EngineError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| EngineError::Folder { dir: dir.to_owned(), source })
}
