//! A data folder whose log is a topic of Kafka's: the folder holds the store and the catalog, and which topic that is.

use std::{fs, io, path::Path, sync::Arc};

use cairn_analysis::Store;
use cairn_commitlog::{KafkaAddress, KafkaLog};

use super::{
    Engine, EngineError, EngineOptions, FolderLock, Parts,
    open::{make_folder, open_catalog, open_store, write_durably},
    postgres::is_of_database,
};

/// Which topic the folder follows: its id and, for people, where it was.
const TOPIC: &str = "topic";

impl Engine {
    /// Opens the data folder `dir`, making it if need be, and starts to follow a topic of Kafka's from where its store has come to.
    ///
    /// The folder holds `lock`, `store/`, `catalog.db` and `topic`.
    pub fn open_on_kafka(dir: &Path, address: &KafkaAddress, options: EngineOptions) -> Result<Self, EngineError> {
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if is_of_database(dir) {
            return Err(EngineError::OnDatabase { dir: dir.to_owned() });
        }
        if dir.join("log").exists() {
            return Err(EngineError::OwnLog { dir: dir.to_owned() });
        }
        let known = topic(dir)?;
        let log = KafkaLog::open(address, &options.kafka)?;
        let catalog = open_catalog(dir)?;
        let store = open_store(dir, &options)?;
        match known {
            Some((id, _)) if id == log.topic_id() => {}
            Some((_, was)) => return Err(EngineError::OtherTopic { dir: dir.to_owned(), was }),
            // What it has applied is of a log that is not there any more.
            None if !store.positions().is_empty() => return Err(EngineError::OwnLog { dir: dir.to_owned() }),
            // Before anything of the topic is applied.
            None => {
                let (id, brokers, topic) = (log.topic_id(), address.brokers(), address.topic());
                write_durably(dir, TOPIC, &format!("{id}\nkafka://{brokers}/{topic}\n"))?;
            }
        }
        Self::start(
            Parts { log: Arc::new(log), store: Arc::new(store), catalog: Arc::new(catalog) },
            options,
            Some(lock),
        )
    }
}

/// The id of the topic that the folder follows, and where it was.
pub(super) fn topic(dir: &Path) -> Result<Option<(String, String)>, EngineError> {
    let failed = |source| EngineError::Folder { dir: dir.to_owned(), source };
    match fs::read_to_string(dir.join(TOPIC)) {
        Ok(text) => match text.trim_end().split_once('\n') {
            Some((id, place)) => Ok(Some((id.to_owned(), place.to_owned()))),
            None => Err(failed(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file `topic` in it is damaged: restore the folder from a copy",
            ))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
