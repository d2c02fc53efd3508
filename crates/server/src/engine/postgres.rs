//! A data folder whose store is a PostgreSQL database: the folder holds the log in front of it, and which log that is.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use cairn_analysis::{Store, StoreError};
use cairn_commitlog::{Ack, EmbeddedLog, Log, LogError, Record};
use cairn_model::{Position, ProjectId};
use cairn_postgres::{FollowedTopic, IndexProgress, PostgresOptions, PostgresStore};

use super::{
    Engine, EngineError, EngineOptions, EngineStore, FolderLock, Parts, StoreSize,
    followed::{Role, TopicFile},
    open::{make_folder, write_durably},
};
use crate::Random;

/// Which log the folder's is, and of which database: two lines.
const LOG_ID: &str = "log-id";

impl EngineStore for PostgresStore {
    fn durable(&self) -> Vec<Position> {
        self.positions()
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn purge(&self, project: ProjectId) -> Result<(), StoreError> {
        PostgresStore::purge(self, project)
    }

    fn purge_due(&self) -> Vec<ProjectId> {
        PostgresStore::purge_due(self)
    }

    fn size(&self, _: ProjectId) -> Result<StoreSize, StoreError> {
        Ok(StoreSize { store_bytes: self.size_bytes()?, shared: true })
    }

    fn topic(&self) -> Option<&FollowedTopic> {
        PostgresStore::topic(self)
    }

    fn definition_indexes(&self, project: ProjectId) -> Result<Option<Vec<IndexProgress>>, StoreError> {
        self.index_progress(project).map(Some)
    }
}

impl Engine {
    /// Opens the data folder `dir`, making it if need be, in front of a database that several servers may share, and starts to
    /// follow its log.
    ///
    /// The folder holds `lock`, `log/` and `log-id`.
    pub fn open_on_postgres(
        dir: &Path,
        database: PostgresOptions,
        options: EngineOptions,
    ) -> Result<Self, EngineError> {
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if dir.join("catalog.db").exists() {
            return Err(EngineError::Embedded { dir: dir.to_owned() });
        }
        if let Some(known) = TopicFile::of(dir)? {
            return Err(EngineError::OnTopic { dir: dir.to_owned(), topic: known.name.place });
        }
        let mut store = open_database(database, &options)?;
        let log = EmbeddedLog::open(Arc::clone(&options.storage), &dir.join("log"), options.log.clone())?;
        let is_new = log.ends().iter().all(|end| end.offset == 0);
        store.follow(log_id(dir, &store.database()?, is_new, &options.random)?)?;
        let catalog = Arc::new(store.catalog());
        Self::start(Parts { log: Arc::new(log), store: Arc::new(store), catalog }, options, Some(lock))
    }

    /// Asks a database without a log in front: nothing can be taken in or out so, and no folder is needed.
    pub fn ask_postgres(database: PostgresOptions, options: EngineOptions) -> Result<Self, EngineError> {
        let store = open_store(database, &options)?;
        let catalog = Arc::new(store.catalog());
        Self::start(Parts { log: Arc::new(NoLog), store: Arc::new(store), catalog }, options, None)
    }
}

/// As whoever serves a database opens it: any of the servers keeps the indexes of definitions, one at a time.
pub(super) fn open_database(database: PostgresOptions, options: &EngineOptions) -> Result<PostgresStore, EngineError> {
    let keeper = Some(database.keeper.clone().unwrap_or_default());
    open_store(PostgresOptions { keeper, ..database }, options)
}

fn open_store(database: PostgresOptions, options: &EngineOptions) -> Result<PostgresStore, EngineError> {
    let purge_after = options.store.purge_after;
    Ok(PostgresStore::open(&PostgresOptions { purge_after, ..database })?)
}

/// Whether the folder is in front of a database.
pub(super) fn is_of_database(dir: &Path) -> Result<bool, EngineError> {
    Ok(dir.join(LOG_ID).exists() || TopicFile::of(dir)?.is_some_and(|known| matches!(known.role, Role::OnDatabase(_))))
}

/// The id of the folder's log. It is made once, for one database: what is in a log speaks of that database's projects.
fn log_id(dir: &Path, database: &str, is_new: bool, random: &Random) -> Result<i64, EngineError> {
    let path = dir.join(LOG_ID);
    let failed = |source| EngineError::Folder { dir: dir.to_owned(), source };
    let known = match fs::read_to_string(&path) {
        Ok(text) => Some(parse(&text).ok_or_else(|| EngineError::LogId { file: path.clone() })?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    match known {
        Some((id, of)) if of == database => return Ok(id),
        // A log that was never written to may become any database's.
        _ if is_new => {}
        Some(_) => return Err(EngineError::OtherDatabase { dir: dir.to_owned() }),
        None => return Err(EngineError::LogId { file: path }),
    }
    let token = random.token::<8>("").map_err(EngineError::Random)?;
    let id = (u64::from_str_radix(&token, 16).unwrap_or_default() & i64::MAX as u64) as i64;
    // Before anything is appended to the log.
    write_durably(dir, LOG_ID, &format!("{id}\n{database}\n"))?;
    Ok(id)
}

fn parse(text: &str) -> Option<(i64, String)> {
    let (id, database) = text.trim_end().split_once('\n')?;
    Some((id.parse().ok()?, database.to_owned())).filter(|(id, _)| *id >= 0)
}

/// No log.
struct NoLog;

impl Log for NoLog {
    fn append(&self, _: u64, _: Bytes) -> Result<Ack, LogError> {
        Err(LogError::Stopped { cause: "there is no log here to write to".to_owned() })
    }

    fn read(&self, partition: u32, _: u64, _: usize) -> Result<Vec<Record>, LogError> {
        Err(LogError::UnknownPartition { partition })
    }

    fn wait(&self, _: u32, _: u64, _: Duration) -> bool {
        false
    }

    fn ends(&self) -> Vec<Position> {
        Vec::new()
    }

    fn drop_before(&self, _: Position) -> Result<(), LogError> {
        Ok(())
    }

    fn rotate(&self) -> Result<(), LogError> {
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        0
    }

    fn health(&self) -> Result<(), LogError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_log_is_of_one_database_from_its_first_record_on() {
        let dir = tempfile::tempdir().unwrap();
        let id = |database, is_new| log_id(dir.path(), database, is_new, &Random::system());
        assert!(matches!(id("a", false), Err(EngineError::LogId { .. })));
        let first = id("a", true).unwrap();
        assert_eq!((id("a", true).unwrap(), id("a", false).unwrap()), (first, first));
        assert!(matches!(id("b", false), Err(EngineError::OtherDatabase { .. })));
        assert_eq!(id("a", false).unwrap(), first);
        assert_ne!(id("b", true).unwrap(), first);
        fs::write(dir.path().join(LOG_ID), "1").unwrap();
        assert!(matches!(id("b", false), Err(EngineError::LogId { .. })));
    }
}
