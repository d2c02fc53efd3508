//! Opens engines by what was said of folder, database and topic.

use std::path::PathBuf;

use anyhow::anyhow;
use cairn_analysis::StoreError;
use cairn_commitlog::{KafkaAddress, LogError};
use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, EngineError, EngineOptions, Follow};

use super::options::engine_options;
use crate::args::Place;

/// Opens the engine in a data folder, making it if there is none.
pub(crate) fn open_engine(place: &Place, ingest: bool) -> anyhow::Result<Engine> {
    open_engine_as(place, ingest, Follow::AsBefore, None)
}

/// The same; a folder with a store of its own that follows a topic becomes what is said. While Kafka is away, records wait in the spool, if there is one.
pub(crate) fn open_engine_as(
    place: &Place,
    ingest: bool,
    follow: Follow,
    spool: Option<PathBuf>,
) -> anyhow::Result<Engine> {
    let options = EngineOptions { ingest, follow, spool, ..engine_options()? };
    let opened = match (&place.store, &place.log) {
        (Some(store), Some(log)) => {
            Engine::open_shared(Some(&place.data), PostgresOptions::new(store), &log_address(log)?, options)
        }
        (None, Some(log)) => Engine::open_on_kafka(&place.data, &log_address(log)?, options),
        (Some(store), None) => Engine::open_on_postgres(&place.data, PostgresOptions::new(store), options),
        (None, None) => Engine::open(&place.data, options),
    };
    opened.map_err(explained)
}

/// Applies a topic to a database, and does nothing else: no folder is needed.
pub(crate) fn open_writer(store: &str, log: &str) -> anyhow::Result<Engine> {
    Engine::open_shared(None, PostgresOptions::new(store), &log_address(log)?, engine_options()?).map_err(explained)
}

/// What is wrong with it is said without the whole of it, which may hold a password.
pub(crate) fn log_address(text: &str) -> anyhow::Result<KafkaAddress> {
    text.parse::<KafkaAddress>().map_err(|error| anyhow!("--log (or CAIRN_LOG): {error}"))
}

/// An error of a folder, in words for who typed the command.
pub(crate) fn explained(error: EngineError) -> anyhow::Error {
    match error {
        EngineError::Store(StoreError::Unreachable { what, problem }) => anyhow!(
            "{what} failed ({problem}): is the address after --store (or in CAIRN_STORE) right, does PostgreSQL run there, and does it \
             listen for this machine?"
        ),
        EngineError::Log(LogError::Unreachable { log, problem }) => anyhow!(
            "{log} cannot be reached ({problem}): is the address after --log (or in CAIRN_LOG) right, and does Kafka run there?"
        ),
        error => error.into(),
    }
}
