//! The catalog in SQLite, beside the embedded store. Each query is a file in `sql/`.

mod definitions;
mod lists;
mod projects;
mod replica;
mod saved;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cairn_analysis::{
    Listed,
    catalog::{
        Catalog, CatalogError, Dashboard, DefinitionVersion, NewProject, NewReport, PeopleList, Project,
        ProjectSettings, Report,
    },
};
use cairn_model::{DashboardId, Definition, ProjectId, ReportId, TimeMs};
use replica::Followed;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OptionalExtension, params};

/// The schema's versions in order: version `n` is what the first `n` of these make. Only ever appended to.
const MIGRATIONS: [&str; 3] = [
    include_str!("catalog/sql/001_initial.sql"),
    include_str!("catalog/sql/002_lists.sql"),
    include_str!("catalog/sql/003_saved.sql"),
];

const SETTING: &str = include_str!("catalog/sql/setting.sql");
const PUT_SETTING: &str = include_str!("catalog/sql/put_setting.sql");

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Until it is known what it means to the operator.
#[derive(Debug)]
enum Failed {
    Sqlite(rusqlite::Error),
    Catalog(CatalogError),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Failed::Sqlite(error)
    }
}

impl From<CatalogError> for Failed {
    fn from(error: CatalogError) -> Self {
        Failed::Catalog(error)
    }
}

/// The catalog in one SQLite file.
pub struct SqliteCatalog {
    connection: Mutex<Connection>,
    file: PathBuf,
    /// Whose copy it is, if it is one.
    followed: Option<Followed>,
}

impl SqliteCatalog {
    /// Opens the catalog in `file`, creating it or bringing it to the newest version if need be.
    pub fn open(file: &Path) -> Result<Self, CatalogError> {
        let connection = Connection::open(file).map_err(|error| CatalogError::Failed(error.to_string()))?;
        let catalog = Self { connection: Mutex::new(connection), file: file.to_owned(), followed: None };
        catalog.prepare().map_err(|error| catalog.explain(error))?;
        Ok(catalog)
    }

    fn prepare(&self) -> Result<(), Failed> {
        let mut connection = self.lock();
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let verdict: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(CatalogError::Damage { file: self.file.clone(), problem: verdict }.into());
        }
        migrate(&mut connection)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while it was held has rolled its transaction back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Damage has a remedy of its own, so it is told apart.
    fn explain(&self, error: Failed) -> CatalogError {
        match error {
            Failed::Sqlite(rusqlite::Error::SqliteFailure(failure, text))
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                let problem = text.unwrap_or_else(|| failure.to_string());
                CatalogError::Damage { file: self.file.clone(), problem }
            }
            Failed::Sqlite(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == ErrorCode::ConstraintViolation =>
            {
                CatalogError::Conflict
            }
            Failed::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::ReadOnly => {
                self.refuses_changes()
            }
            Failed::Sqlite(error) => CatalogError::Failed(error.to_string()),
            Failed::Catalog(error) => error,
        }
    }

    fn run<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failed>) -> Result<T, CatalogError> {
        query(&self.lock()).map_err(|error| self.explain(error))
    }

    /// For what takes a transaction.
    fn run_mut<T>(&self, query: impl FnOnce(&mut Connection) -> Result<T, Failed>) -> Result<T, CatalogError> {
        query(&mut self.lock()).map_err(|error| self.explain(error))
    }
}

impl Catalog for SqliteCatalog {
    fn projects(&self) -> Result<Vec<Project>, CatalogError> {
        self.run(projects::all)
    }

    fn create_project(&self, new: NewProject<'_>) -> Result<Project, CatalogError> {
        self.run(|connection| projects::create(connection, new))
    }

    fn change_project(&self, project: ProjectId, settings: ProjectSettings<'_>) -> Result<bool, CatalogError> {
        self.run(|connection| projects::change(connection, project, settings))
    }

    fn replace_key(&self, project: ProjectId, write_key: &str, now: TimeMs) -> Result<bool, CatalogError> {
        self.run_mut(|connection| projects::replace_key(connection, project, write_key, now))
    }

    fn revoke_key(&self, project: ProjectId, key: &str) -> Result<bool, CatalogError> {
        self.run(|connection| projects::revoke_key(connection, project, key))
    }

    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError> {
        self.run(|connection| definitions::all(connection, project))
    }

    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError> {
        self.run_mut(|connection| definitions::put(connection, project, definition))
    }

    fn definition_versions(&self, project: ProjectId, name: &str) -> Result<Vec<DefinitionVersion>, CatalogError> {
        self.run(|connection| definitions::versions(connection, project, name))
    }

    fn rename_definition(
        &self,
        project: ProjectId,
        from_to: (&str, &str),
        reports: &[Report],
    ) -> Result<bool, CatalogError> {
        self.run_mut(|connection| definitions::rename(connection, project, from_to, reports))
    }

    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(|connection| definitions::delete(connection, project, name))
    }

    fn reports(&self, project: ProjectId) -> Result<Vec<Report>, CatalogError> {
        self.run(|connection| saved::reports(connection, project))
    }

    fn add_report(&self, project: ProjectId, report: NewReport<'_>) -> Result<Report, CatalogError> {
        self.run(|connection| saved::add_report(connection, project, report))
    }

    fn change_report(&self, project: ProjectId, report: &Report) -> Result<bool, CatalogError> {
        self.run(|connection| saved::change_report(connection, project, report))
    }

    fn delete_report(&self, project: ProjectId, report: ReportId) -> Result<bool, CatalogError> {
        self.run(|connection| saved::delete_report(connection, project, report))
    }

    fn dashboards(&self, project: ProjectId) -> Result<Vec<Dashboard>, CatalogError> {
        self.run(|connection| saved::dashboards(connection, project))
    }

    fn add_dashboard(&self, project: ProjectId, name: &str, created_at: TimeMs) -> Result<Dashboard, CatalogError> {
        self.run(|connection| saved::add_dashboard(connection, project, name, created_at))
    }

    fn change_dashboard(&self, project: ProjectId, dashboard: &Dashboard) -> Result<bool, CatalogError> {
        self.run_mut(|connection| saved::change_dashboard(connection, project, dashboard))
    }

    fn delete_dashboard(&self, project: ProjectId, dashboard: DashboardId) -> Result<bool, CatalogError> {
        self.run(|connection| saved::delete_dashboard(connection, project, dashboard))
    }

    fn lists(&self, project: ProjectId) -> Result<Vec<PeopleList>, CatalogError> {
        self.run(|connection| lists::all(connection, project))
    }

    fn list(&self, project: ProjectId, name: &str) -> Result<Option<Vec<Listed>>, CatalogError> {
        self.run(|connection| lists::people(connection, project, name))
    }

    fn put_list(
        &self,
        project: ProjectId,
        name: &str,
        people: &[Listed],
        created_at: TimeMs,
    ) -> Result<(), CatalogError> {
        self.run(|connection| lists::put(connection, project, (name, created_at), people))
    }

    fn delete_list(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(|connection| lists::delete(connection, project, name))
    }

    fn erase_listed(&self, project: ProjectId, is_erased: &dyn Fn(&Listed) -> bool) -> Result<u64, CatalogError> {
        self.run_mut(|connection| lists::erase(connection, project, is_erased))
    }

    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        self.run(|connection| Ok(connection.prepare_cached(SETTING)?.query_row([name], |row| row.get(0)).optional()?))
    }

    fn put_setting(&self, name: &str, value: &[u8]) -> Result<(), CatalogError> {
        self.run(|connection| {
            connection.prepare_cached(PUT_SETTING)?.execute(params![name, value])?;
            Ok(())
        })
    }

    fn copy(&self) -> Result<Vec<u8>, CatalogError> {
        self.run(|connection| Ok(connection.serialize(MAIN_DB)?.to_vec()))
    }

    fn version(&self) -> Result<Option<u64>, CatalogError> {
        Ok(self.followed.as_ref().map(Followed::version))
    }

    fn replace(&self, copy: &[u8]) -> Result<(), CatalogError> {
        self.follow(copy)
    }
}

/// Brings the schema to the newest version, each step in a transaction of its own.
fn migrate(connection: &mut Connection) -> Result<(), Failed> {
    connection.execute_batch("create table if not exists schema_version (version integer not null) strict")?;
    let found: Option<i64> = connection.query_row("select max(version) from schema_version", [], |row| row.get(0))?;
    let (found, known) = (found.unwrap_or(0), MIGRATIONS.len() as i64);
    if found > known {
        return Err(CatalogError::Version { found, known }.into());
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.execute("insert into schema_version (version) values (?1)", [step as i64 + 1])?;
        transaction.commit()?;
    }
    Ok(())
}

fn id(project: ProjectId) -> i64 {
    project.get() as i64
}

#[cfg(test)]
mod tests;
