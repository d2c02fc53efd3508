//! A data folder whose log is a topic of Kafka's: the folder holds the store and the catalog, and which topic that is.

use std::{fs, io, path::Path, sync::Arc};

use cairn_analysis::Store;
use cairn_commitlog::{KafkaAddress, KafkaLog};

use super::{
    Engine, EngineError, EngineOptions, FolderLock, Parts,
    open::{make_folder, open_catalog, open_store, write_durably},
    postgres::is_of_database,
};

/// Which topic the folder follows: its id, where it was, and the database behind it, if any.
const TOPIC: &str = "topic";

impl Engine {
    /// Opens the data folder `dir`, making it if need be, and starts to follow a topic of Kafka's from where its store has come to.
    ///
    /// The folder holds `lock`, `store/`, `catalog.db` and `topic`.
    pub fn open_on_kafka(dir: &Path, address: &KafkaAddress, options: EngineOptions) -> Result<Self, EngineError> {
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if is_of_database(dir)? {
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
            Some(known) if known.id == log.topic_id() => {}
            Some(known) => return Err(EngineError::OtherTopic { dir: dir.to_owned(), was: known.place }),
            // What it has applied is of a log that is not there any more.
            None if !store.positions().is_empty() => return Err(EngineError::OwnLog { dir: dir.to_owned() }),
            // Before anything of the topic is applied.
            None => {
                let (id, place) = (log.topic_id().to_owned(), address.place());
                write_topic(dir, &TopicFile { id, place, database: None })?;
            }
        }
        Self::start(
            Parts { log: Arc::new(log), store: Arc::new(store), catalog: Arc::new(catalog) },
            options,
            Some(lock),
        )
    }
}

/// What a data folder remembers of a topic.
pub(super) struct TopicFile {
    pub(super) id: String,
    /// Where it was, for people.
    pub(super) place: String,
    /// The database behind it, if that is not the folder's own store.
    pub(super) database: Option<String>,
}

/// The topic that the folder follows.
pub(super) fn topic(dir: &Path) -> Result<Option<TopicFile>, EngineError> {
    let failed = |source| EngineError::Folder { dir: dir.to_owned(), source };
    let text = match fs::read_to_string(dir.join(TOPIC)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut lines = text.lines().map(str::to_owned);
    let (Some(id), Some(place), database) = (lines.next(), lines.next(), lines.next()) else {
        let problem = "the file `topic` in it is damaged: restore the folder from a copy";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, problem)));
    };
    Ok(Some(TopicFile { id, place, database }))
}

/// Makes a folder remember its topic.
pub(super) fn write_topic(dir: &Path, file: &TopicFile) -> Result<(), EngineError> {
    let TopicFile { id, place, database } = file;
    let database = database.as_ref().map_or_else(String::new, |database| format!("{database}\n"));
    write_durably(dir, TOPIC, &format!("{id}\n{place}\n{database}"))
}
