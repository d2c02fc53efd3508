//! Errors of the database, in words for its operator.

use std::io;

use cairn_analysis::StoreError;
use tokio_postgres::error::SqlState;

/// What went wrong while something was done.
pub(crate) fn store_error(what: &str, error: &tokio_postgres::Error) -> StoreError {
    let words = words(error);
    if is_passing(error) {
        // It is tried again: the database may come back.
        return StoreError::Io { what: what.to_owned(), source: io::Error::other(words) };
    }
    let code = error.code().map_or_else(String::new, |code| format!(" [SQLSTATE {}]", code.code()));
    StoreError::Database(format!("{what}: {words}{code}"))
}

/// What the database said, with its hints.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    let Some(database) = error.as_db_error() else {
        let mut words = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        return words;
    };
    let more = [database.detail(), database.hint()].into_iter().flatten();
    more.fold(database.message().to_owned(), |words, more| format!("{words} ({more})"))
}

/// Whether it may go away by itself: the connection broke, the server starts or stops, or has no room.
pub(crate) fn is_passing(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => error.is_closed() || std::error::Error::source(error).is_some_and(|source| source.is::<io::Error>()),
        Some(code) => {
            let class = &code.code()[..2];
            // Connections, resources, operators' interventions, the system. Citus has no codes for much of what passes by itself: a
            // connection to a worker that broke, a shard that has just moved.
            let passes = matches!(class, "08" | "53" | "57" | "58") || *code == SqlState::INTERNAL_ERROR;
            passes && *code != SqlState::QUERY_CANCELED
        }
    }
}

/// Whether two transactions met, and this one is to be done again.
pub(crate) fn is_conflict(error: &tokio_postgres::Error) -> bool {
    // A person's row may go in the moment in which an event comes that would have kept it.
    let conflicts = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::FOREIGN_KEY_VIOLATION,
        // A shard that is just moving.
        SqlState::INTERNAL_ERROR,
    ];
    error.code().is_some_and(|code| conflicts.contains(code))
}

/// Whether it is the data that the database cannot hold: it would fail each time.
pub(crate) fn is_of_data(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("22") || *code == SqlState::PROGRAM_LIMIT_EXCEEDED)
}
