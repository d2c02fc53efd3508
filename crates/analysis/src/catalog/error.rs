//! Why the catalog cannot be used, in words for its operator.

use std::path::PathBuf;

/// An error of the catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file is not a sound database.
    #[error("the catalog {} is damaged ({problem}): restore it from a backup", file.display())]
    Damage {
        /// The database file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer Cairn wrote it.
    #[error(
        "the catalog has version {found}, and this Cairn knows versions up to {known}: start the newer Cairn that wrote it"
    )]
    Version {
        /// The version in the file.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// A row that no Cairn writes.
    #[error("the catalog holds {what}, which cannot be read: {problem}")]
    Row {
        /// Which row.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It would no longer fit together: a name is taken, or what is to be deleted is in use.
    #[error("that does not fit to what is there by now: a name is taken, or it is in use; look again, and then decide")]
    Conflict,
    /// The database under it failed.
    #[error("the catalog failed: {0}")]
    Failed(String),
    /// The database cannot be reached now.
    #[error("the catalog cannot be reached now: {0}")]
    Unreachable(String),
    /// It is a copy of another server's, where changes are made.
    #[error("this is a replica of {primary}, which alone takes events and changes: make it there")]
    Replica {
        /// Whose copy it is.
        primary: String,
    },
    /// What was to take its place is none.
    #[error("this catalog cannot be replaced: {0}")]
    Foreign(String),
    /// It is not kept in a file, so there is no copy of it.
    #[error("this catalog is in PostgreSQL: back it up by the database's own tools, such as pg_dump")]
    NoCopy,
}
