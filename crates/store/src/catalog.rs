//! The catalog in SQLite, beside the embedded store. Each query is a file in `sql/`.

mod definitions;
mod lists;
mod projects;
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
}

impl SqliteCatalog {
    /// Opens the catalog in `file`, creating it or bringing it to the newest version if need be.
    pub fn open(file: &Path) -> Result<Self, CatalogError> {
        let connection = Connection::open(file).map_err(|error| CatalogError::Failed(error.to_string()))?;
        let catalog = Self { connection: Mutex::new(connection), file: file.to_owned() };
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
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn shop(key: &'static str) -> NewProject<'static> {
        NewProject { name: "Shop", zone: "Europe/Berlin", write_key: key, created_at: TimeMs(5) }
    }

    fn clicks(at: i64) -> Definition {
        let predicate = serde_json::from_str(r#"{"all": [{"type": "click"}, {"selector": "a.btn"}]}"#).unwrap();
        Definition { name: "Clicks".to_owned(), predicate, created_at: TimeMs(at) }
    }

    #[test]
    fn what_was_written_is_there_after_opening_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog.db");
        let catalog = SqliteCatalog::open(&file).unwrap();
        let made = catalog.create_project(shop("ck_1")).unwrap();
        catalog.put_definition(made.id, &clicks(6)).unwrap();
        catalog.put_setting("token", &[1, 2]).unwrap();
        drop(catalog);

        let catalog = SqliteCatalog::open(&file).unwrap();
        assert_eq!(catalog.projects().unwrap(), vec![made.clone()]);
        assert_eq!(catalog.definitions(made.id).unwrap(), vec![clicks(6)]);
        assert_eq!(catalog.setting("token").unwrap(), Some(vec![1, 2]));
        assert_eq!(catalog.setting("other").unwrap(), None);
    }

    #[test]
    fn settings_versions_reports_and_dashboards_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        cairn_testkit::catalog::check(&SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap());
    }

    #[test]
    fn a_catalog_of_the_first_versions_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog.db");
        let old = Connection::open(&file).unwrap();
        old.execute_batch("create table schema_version (version integer not null) strict").unwrap();
        for (step, sql) in MIGRATIONS.iter().enumerate().take(2) {
            old.execute_batch(sql).unwrap();
            old.execute("insert into schema_version values (?1)", [step as i64 + 1]).unwrap();
        }
        let (project, predicate) = ("insert into projects values (1, 'Shop', 'UTC', 'ck_1', 5)", r#"{"type":"click"}"#);
        old.execute_batch(project).unwrap();
        old.execute("insert into definitions values (1, 'Clicks', ?1, 6)", [predicate]).unwrap();
        drop(old);
        let catalog = SqliteCatalog::open(&file).unwrap();
        let found = catalog.projects().unwrap().remove(0);
        assert_eq!((found.retention_days, found.masks, found.former_keys), (None, vec![], vec![]));
        let versions = catalog.definition_versions(found.id, "Clicks").unwrap();
        assert_eq!((versions.len(), versions[0].version, versions[0].created_at), (1, 1, TimeMs(6)));
        assert_eq!(versions[0].predicate.to_json().to_string(), predicate);
    }

    #[test]
    fn definitions_are_replaced_and_deleted_within_their_project() {
        let dir = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
        let (one, two) = (catalog.create_project(shop("ck_1")).unwrap(), catalog.create_project(shop("ck_2")).unwrap());
        catalog.put_definition(one.id, &clicks(6)).unwrap();
        catalog.put_definition(two.id, &clicks(7)).unwrap();
        catalog.put_definition(one.id, &clicks(8)).unwrap();
        assert_eq!(catalog.definitions(one.id).unwrap(), vec![clicks(8)]);
        assert!(catalog.delete_definition(one.id, "Clicks").unwrap());
        assert!(!catalog.delete_definition(one.id, "Clicks").unwrap());
        assert_eq!(catalog.definitions(two.id).unwrap(), vec![clicks(7)]);
    }

    #[test]
    fn lists_are_replaced_deleted_and_erased_from_within_their_project() {
        let dir = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
        let (one, two) = (catalog.create_project(shop("ck_1")).unwrap(), catalog.create_project(shop("ck_2")).unwrap());
        let handle = |name: &str| Listed::Handle(name.to_owned());
        let user = |id| Listed::User(cairn_model::UserId::new(id).unwrap());
        let beta = [handle("ann"), handle("ben"), user(4)];
        catalog.put_list(one.id, "Old", &[handle("cid")], TimeMs(6)).unwrap();
        catalog.put_list(one.id, "Beta", &[handle("zoe")], TimeMs(6)).unwrap();
        catalog.put_list(one.id, "Beta", &beta, TimeMs(7)).unwrap();
        catalog.put_list(two.id, "Beta", &beta, TimeMs(8)).unwrap();
        let sizes = |project| {
            let lists = catalog.lists(project).unwrap().into_iter();
            lists.map(|list| (list.name, list.size, list.created_at.0)).collect::<Vec<_>>()
        };
        assert_eq!(sizes(one.id), [("Beta".to_owned(), 3, 7), ("Old".to_owned(), 1, 6)]);
        assert_eq!(catalog.list(one.id, "Beta").unwrap().unwrap(), beta);
        assert!(catalog.list(one.id, "beta").unwrap().is_none());
        let erased = |listed: &Listed| *listed == handle("ann") || *listed == user(4);
        assert_eq!(catalog.erase_listed(one.id, &erased).unwrap(), 1);
        assert_eq!(catalog.erase_listed(one.id, &erased).unwrap(), 0);
        assert_eq!(catalog.list(one.id, "Beta").unwrap().unwrap(), [handle("ben")]);
        assert_eq!(sizes(one.id)[0], ("Beta".to_owned(), 1, 7));
        assert_eq!(sizes(two.id), [("Beta".to_owned(), 3, 8)]);
        assert!(catalog.delete_list(one.id, "Old").unwrap());
        assert!(!catalog.delete_list(one.id, "Old").unwrap());
        assert!(catalog.put_list(ProjectId::new(99).unwrap(), "Beta", &beta, TimeMs(1)).is_err());
    }

    #[test]
    fn after_an_erasure_no_file_of_the_catalog_holds_who_was_listed() {
        let dir = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
        let project = catalog.create_project(shop("ck_1")).unwrap().id;
        let people = |from: u64| (from..from + 5_000).map(|at| Listed::Handle(format!("canary{at}@example.com")));
        let holds = || {
            let files = std::fs::read_dir(dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
            files.flat_map(|bytes| bytes.windows(6).map(<[u8]>::to_vec).collect::<Vec<_>>()).any(|at| at == b"canary")
        };
        catalog.put_list(project, "Replaced", &people(0).collect::<Vec<_>>(), TimeMs(1)).unwrap();
        catalog.put_list(project, "Replaced", &people(3_000).collect::<Vec<_>>(), TimeMs(1)).unwrap();
        catalog.put_list(project, "Deleted", &people(0).collect::<Vec<_>>(), TimeMs(1)).unwrap();
        catalog.delete_list(project, "Deleted").unwrap();
        assert!(holds());
        catalog.erase_listed(project, &|_| true).unwrap();
        assert!(!holds());
        assert_eq!(catalog.list(project, "Replaced").unwrap().unwrap(), []);
    }

    #[test]
    fn a_write_key_belongs_to_one_project_and_a_definition_to_an_existing_one() {
        let dir = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap();
        catalog.create_project(shop("ck_1")).unwrap();
        assert!(catalog.create_project(shop("ck_1")).is_err());
        assert!(catalog.put_definition(ProjectId::new(99).unwrap(), &clicks(1)).is_err());
    }

    #[test]
    fn a_file_that_is_no_database_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog.db");
        std::fs::write(&file, "not a database, but long enough to have a header".repeat(100)).unwrap();
        let error = SqliteCatalog::open(&file).err().unwrap();
        assert!(matches!(error, CatalogError::Damage { .. }), "{error}");
        assert!(error.to_string().contains("restore it from a backup"));
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog.db");
        drop(SqliteCatalog::open(&file).unwrap());
        Connection::open(&file).unwrap().execute("insert into schema_version (version) values (99)", []).unwrap();
        let error = SqliteCatalog::open(&file).err().unwrap();
        assert!(matches!(error, CatalogError::Version { found: 99, .. }), "{error}");
    }
}
