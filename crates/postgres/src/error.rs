//! Errors of the database, in words for its operator.

use std::io;

use cairn_analysis::StoreError;
use tokio_postgres::{
    Config,
    config::Host,
    error::{Error, SqlState},
};

/// What went wrong while something was done.
pub(crate) fn store_error(what: &str, error: &Error) -> StoreError {
    let words = words(error);
    if is_passing(error) {
        return StoreError::Unreachable { what: what.to_owned(), problem: words };
    }
    let code = error.code().map_or_else(String::new, |code| format!(" [SQLSTATE {}]", code.code()));
    StoreError::Database(format!("{what}: {words}{code}"))
}

/// Why there is no connection, and what to do.
pub(crate) fn connect_error(config: &Config, error: &Error) -> StoreError {
    let (place, user, database) = (place(config), user(config), database(config));
    let words = words(error);
    let code = error.code();
    if code == Some(&SqlState::INVALID_CATALOG_NAME) {
        return StoreError::Database(format!(
            "there is no database {database:?} at {place}: make it with `createdb --host ... --owner {user} {database}`, or correct the address"
        ));
    }
    if matches!(code, Some(code) if code.code().starts_with("28")) {
        return StoreError::Database(format!(
            "the database at {place} does not let the user {user:?} in ({words}): check user and password in the address, and the \
             database's pg_hba.conf"
        ));
    }
    if code == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        return StoreError::Database(format!(
            "the user {user:?} may not connect to the database {database:?} ({words}): its owner can `grant connect on database \
             {database} to {user}`"
        ));
    }
    if code.is_none() && words.contains("password missing") {
        return StoreError::Database(format!(
            "the database at {place} asks for a password: give it in the address, as in \
             postgres://{user}:PASSWORD@{place}/{database}; where others can see the command line, set CAIRN_STORE instead"
        ));
    }
    if words.contains("invalid peer certificate") {
        return StoreError::Database(format!(
            "the database at {place} shows a certificate that is not trusted ({words}): name a file with its issuer's in the address, by \
             sslrootcert=FILE, or reach it by the name that the certificate is for"
        ));
    }
    store_error(&format!("connecting to PostgreSQL at {place}"), error)
}

/// Why the schema cannot be made, and what to do.
pub(crate) fn schema_error(config: &Config, error: &Error) -> StoreError {
    if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        let (user, database, words) = (user(config), database(config), words(error));
        return StoreError::Database(format!(
            "the user {user:?} may not make or change the schema \"cairn\" in the database {database:?} ({words}): the database's owner \
             can `create schema cairn authorization {user}`, or `grant create on database {database} to {user}`"
        ));
    }
    store_error("preparing the database's schema", error)
}

/// Host and port.
fn place(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(name)) => format!("{name}:{port}"),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "an unknown place".to_owned(),
    }
}

fn user(config: &Config) -> String {
    config.get_user().map_or_else(|| std::env::var("USER").unwrap_or_default(), str::to_owned)
}

fn database(config: &Config) -> String {
    config.get_dbname().map_or_else(|| user(config), str::to_owned)
}

/// What the database said, with its hints.
pub(crate) fn words(error: &Error) -> String {
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
pub(crate) fn is_passing(error: &Error) -> bool {
    match error.code() {
        None => error.is_closed() || std::error::Error::source(error).is_some_and(|source| source.is::<io::Error>()),
        Some(code) => {
            let class = &code.code()[..2];
            // Connections, resources, operators' interventions, the system. Citus has no codes for much of what passes by itself: a
            // connection to a worker that broke, a shard that has just moved.
            let passes = matches!(class, "08" | "53" | "57" | "58") || *code == SqlState::INTERNAL_ERROR;
            // A standby takes over at another time, or under the same address.
            let standby = *code == SqlState::READ_ONLY_SQL_TRANSACTION;
            standby || passes && *code != SqlState::QUERY_CANCELED
        }
    }
}

/// Whether two transactions met, and this one is to be done again.
pub(crate) fn is_conflict(error: &Error) -> bool {
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
pub(crate) fn is_of_data(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("22") || *code == SqlState::PROGRAM_LIMIT_EXCEEDED)
}
