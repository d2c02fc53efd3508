//! The catalog in SQLite, beside the embedded store. Each query is a file in `sql/`.

mod lists;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cairn_analysis::{
    Listed,
    catalog::{Catalog, CatalogError, NewProject, PeopleList, Project, read_definition, read_project_id},
};
use cairn_model::{Definition, ProjectId, TimeMs};
use rusqlite::{Connection, ErrorCode, MAIN_DB, OptionalExtension, Row, params};

/// The schema's versions in order: version `n` is what the first `n` of these make. Only ever appended to.
const MIGRATIONS: [&str; 2] = [include_str!("catalog/sql/001_initial.sql"), include_str!("catalog/sql/002_lists.sql")];

const PROJECTS: &str = include_str!("catalog/sql/projects.sql");
const CREATE_PROJECT: &str = include_str!("catalog/sql/create_project.sql");
const DEFINITIONS: &str = include_str!("catalog/sql/definitions.sql");
const PUT_DEFINITION: &str = include_str!("catalog/sql/put_definition.sql");
const DELETE_DEFINITION: &str = include_str!("catalog/sql/delete_definition.sql");
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
            Failed::Sqlite(error) => CatalogError::Failed(error.to_string()),
            Failed::Catalog(error) => error,
        }
    }

    fn run<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failed>) -> Result<T, CatalogError> {
        query(&self.lock()).map_err(|error| self.explain(error))
    }
}

impl Catalog for SqliteCatalog {
    fn projects(&self) -> Result<Vec<Project>, CatalogError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(PROJECTS)?;
            let mut rows = statement.query([])?;
            let mut projects = Vec::new();
            while let Some(row) = rows.next()? {
                projects.push(project(row)?);
            }
            Ok(projects)
        })
    }

    fn create_project(&self, new: NewProject<'_>) -> Result<Project, CatalogError> {
        self.run(|connection| {
            let values = params![new.name, new.zone, new.write_key, new.created_at.0];
            let id: i64 = connection.prepare_cached(CREATE_PROJECT)?.query_row(values, |row| row.get(0))?;
            Ok(Project {
                id: read_project_id(id)?,
                name: new.name.to_owned(),
                zone: new.zone.to_owned(),
                write_key: new.write_key.to_owned(),
                created_at: new.created_at,
            })
        })
    }

    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(DEFINITIONS)?;
            let mut rows = statement.query([project.get() as i64])?;
            let mut definitions = Vec::new();
            while let Some(row) = rows.next()? {
                definitions.push(definition(row)?);
            }
            Ok(definitions)
        })
    }

    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError> {
        self.run(|connection| {
            let predicate = definition.predicate.to_json().to_string();
            let values = params![project.get() as i64, definition.name, predicate, definition.created_at.0];
            connection.prepare_cached(PUT_DEFINITION)?.execute(values)?;
            Ok(())
        })
    }

    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(|connection| {
            let removed = connection.prepare_cached(DELETE_DEFINITION)?.execute(params![project.get() as i64, name])?;
            Ok(removed > 0)
        })
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
        lists::erase(&mut self.lock(), project, is_erased).map_err(|error| self.explain(error))
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

fn project(row: &Row<'_>) -> Result<Project, Failed> {
    Ok(Project {
        id: read_project_id(row.get(0)?)?,
        name: row.get(1)?,
        zone: row.get(2)?,
        write_key: row.get(3)?,
        created_at: TimeMs(row.get(4)?),
    })
}

fn definition(row: &Row<'_>) -> Result<Definition, Failed> {
    let text: String = row.get(1)?;
    Ok(read_definition(row.get(0)?, &text, TimeMs(row.get(2)?))?)
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
