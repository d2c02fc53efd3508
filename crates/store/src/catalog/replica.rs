//! A catalog that is the copy of another server's: it takes no changes, and is replaced as a whole.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use cairn_analysis::catalog::CatalogError;
use rusqlite::{Connection, MAIN_DB, backup::Backup};

use super::{Failed, SqliteCatalog, migrate};

/// Where a SQLite file says which versions read and write it: 2 means that it has a journal beside it, which bytes alone have not.
const FORMAT_BYTES: std::ops::Range<usize> = 18..20;
/// Pages that are copied at once; a catalog is small.
const PAGES: i32 = 4_096;

/// Whose copy a catalog is.
#[derive(Debug)]
pub(super) struct Followed {
    primary: String,
    version: AtomicU64,
}

impl Followed {
    /// Another one after each replacement.
    pub(super) fn version(&self) -> u64 {
        self.version.load(Relaxed)
    }
}

impl SqliteCatalog {
    /// From here on it is a copy of the catalog of `primary`: changes are refused, and [`cairn_analysis::catalog::Catalog::replace`] is not.
    pub fn be_replica_of(&mut self, primary: &str) -> Result<(), CatalogError> {
        self.run(|connection| Ok(connection.pragma_update(None, "query_only", true)?))?;
        self.followed = Some(Followed { primary: primary.to_owned(), version: AtomicU64::new(0) });
        Ok(())
    }

    pub(super) fn refuses_changes(&self) -> CatalogError {
        match &self.followed {
            Some(Followed { primary, .. }) => CatalogError::Replica { primary: primary.clone() },
            None => CatalogError::Failed(format!("{} cannot be written to", self.file.display())),
        }
    }

    pub(super) fn follow(&self, copy: &[u8]) -> Result<(), CatalogError> {
        let Some(followed) = &self.followed else {
            return Err(CatalogError::Foreign("it is no replica's".to_owned()));
        };
        let from = opened(copy).map_err(|failed| match failed {
            Failed::Sqlite(error) => CatalogError::Foreign(error.to_string()),
            Failed::Catalog(error) => error,
        })?;
        self.run_mut(|connection| {
            Backup::new(&from, connection)?.run_to_completion(PAGES, std::time::Duration::ZERO, None)?;
            Ok(())
        })?;
        followed.version.fetch_add(1, Relaxed);
        Ok(())
    }
}

/// The catalog in these bytes, sound and of the newest version.
fn opened(copy: &[u8]) -> Result<Connection, Failed> {
    let mut bytes = copy.to_vec();
    if let Some(format) = bytes.get_mut(FORMAT_BYTES) {
        format.fill(1);
    }
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact(MAIN_DB, &bytes[..], bytes.len(), false)?;
    let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(CatalogError::Foreign(verdict).into());
    }
    // What is no catalog has no version, and is not made one.
    let _: i64 = connection.query_row("select max(version) from schema_version", [], |row| row.get(0))?;
    migrate(&mut connection)?;
    Ok(connection)
}
