//! A data folder whose log is a topic of Kafka's: the folder holds the store and the catalog, and which topic that is.

use std::{path::Path, sync::Arc};

use cairn_analysis::Store;
use cairn_commitlog::{KafkaAddress, Log, TopicName};

use super::{
    Engine, EngineError, EngineOptions, FolderLock, Parts, TopicFile,
    open::{make_folder, open_catalog, open_store},
    postgres::is_of_database,
    replica::ReadOnly,
    spool::TopicLog,
};

impl Engine {
    /// Opens the data folder `dir`, making it if need be, and starts to follow a topic of Kafka's from where its store has come to.
    ///
    /// The folder holds `lock`, `store/`, `catalog.db` and `topic`; and `spool/`, if that is the spool.
    pub fn open_on_kafka(dir: &Path, address: &KafkaAddress, options: EngineOptions) -> Result<Self, EngineError> {
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if is_of_database(dir)? {
            return Err(EngineError::OnDatabase { dir: dir.to_owned() });
        }
        if dir.join("log").exists() {
            return Err(EngineError::OwnLog { dir: dir.to_owned() });
        }
        let known = TopicFile::of(dir)?;
        let role = TopicFile::become_what(known.as_ref(), &options.follow, dir)?;
        let topic = TopicLog::open(Some(dir), address, &options, role.primary().is_none())?;
        let name = topic_of(&*topic.log, address);
        let mut catalog = open_catalog(dir)?;
        let store = open_store(dir, &options)?;
        let name = match &known {
            Some(known) if known.name.id == name.id => known.name.clone(),
            Some(known) => {
                return Err(EngineError::OtherTopic { dir: dir.to_owned(), was: known.name.place.clone() });
            }
            // What it has applied is of a log that is not there any more.
            None if !store.positions().is_empty() => return Err(EngineError::OwnLog { dir: dir.to_owned() }),
            None => name,
        };
        let followed = TopicFile { name, role };
        // Before anything of the topic is applied, or written to it.
        if known.as_ref() != Some(&followed) {
            followed.write(dir)?;
        }
        topic.read_up_to(store.positions());
        let log: Arc<dyn Log> = match followed.role.primary() {
            None => topic.log,
            Some(primary) => {
                catalog.be_replica_of(primary)?;
                Arc::new(ReadOnly { log: topic.log, primary: primary.to_owned() })
            }
        };
        Self::start(Parts { log, store: Arc::new(store), catalog: Arc::new(catalog) }, options, Some(lock))
    }
}

/// The topic that a log is in.
pub(super) fn topic_of(log: &dyn Log, address: &KafkaAddress) -> TopicName {
    log.topic().cloned().unwrap_or_else(|| TopicName { id: String::new(), place: address.place() })
}
