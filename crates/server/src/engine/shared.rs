//! A PostgreSQL database behind a topic of Kafka's. Any number of servers may share both.

use std::{path::Path, sync::Arc};

use cairn_analysis::Store;
use cairn_commitlog::KafkaAddress;
use cairn_postgres::{PostgresOptions, Topic};

use super::{
    Engine, EngineError, EngineOptions, FolderLock, Parts, TopicFile, followed::Role, kafka::topic_of,
    open::make_folder, postgres::open_database, spool::TopicLog,
};

impl Engine {
    /// Takes events in by a topic of Kafka's and keeps them in a database, together with whatever other servers do so; applies its share
    /// of the topic's partitions, unless [`EngineOptions::ingest`] says otherwise.
    ///
    /// The data folder `dir`, which is made if need be, holds `lock` and `topic`, which says whose it is; and `spool/`, if that is the spool. Who has nothing to remember and
    /// nobody to tell needs none.
    pub fn open_shared(
        dir: Option<&Path>,
        database: PostgresOptions,
        address: &KafkaAddress,
        options: EngineOptions,
    ) -> Result<Self, EngineError> {
        let lock = dir.map(take_folder).transpose()?;
        let mut store = open_database(database, &options)?;
        let topic = TopicLog::open(dir, address, &options, true)?;
        let (name, database) = (topic_of(&*topic.log, address), store.database()?);
        let place = address.place();
        if let Some(dir) = dir {
            check(dir, &name.id, &database)?;
        }
        store.follow_topic(Topic { id: &name.id, place: &place, partitions: topic.log.partitions() })?;
        topic.read_up_to(store.positions());
        if let Some(dir) = dir {
            TopicFile { name, role: Role::OnDatabase(database) }.write(dir)?;
        }
        let catalog = Arc::new(store.catalog());
        Self::start(Parts { log: topic.log, store: Arc::new(store), catalog }, options, lock)
    }
}

fn take_folder(dir: &Path) -> Result<FolderLock, EngineError> {
    make_folder(dir)?;
    let lock = FolderLock::take(dir)?;
    if dir.join("catalog.db").exists() {
        return Err(EngineError::Embedded { dir: dir.to_owned() });
    }
    if dir.join("log").exists() {
        return Err(EngineError::Undrained { dir: dir.to_owned() });
    }
    Ok(lock)
}

/// The folder may be of another database, whose token is in it, or its server may have been given a wrong topic.
fn check(dir: &Path, id: &str, database: &str) -> Result<(), EngineError> {
    let dir = dir.to_owned();
    match TopicFile::of(&dir)? {
        Some(known) if known.name.id != id => Err(EngineError::OtherTopic { dir, was: known.name.place }),
        Some(known) if known.role != Role::OnDatabase(database.to_owned()) => Err(EngineError::OfAnother { dir }),
        _ => Ok(()),
    }
}
