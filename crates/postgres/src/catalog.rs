//! The catalog beside the events, which several servers share.

mod definitions;
mod projects;
mod saved;

use std::sync::Arc;

use cairn_analysis::{
    Listed, StoreError,
    catalog::{
        Catalog, CatalogError, Dashboard, DefinitionVersion, NewProject, NewReport, PeopleList, Project,
        ProjectSettings, Report, read_people, write_people,
    },
};
use cairn_model::{DashboardId, Definition, ProjectId, ReportId, TimeMs};
use tokio_postgres::{Client, Error, Row, error::SqlState};

use crate::{
    connect::Pool,
    error::{is_passing, words},
};

const LISTS: &str = include_str!("../queries/catalog/lists.sql");
const LIST_PEOPLE: &str = include_str!("../queries/catalog/list_people.sql");
const LISTS_TO_CHANGE: &str = include_str!("../queries/catalog/lists_to_change.sql");
const PUT_LIST: &str = include_str!("../queries/catalog/put_list.sql");
const SHRINK_LIST: &str = include_str!("../queries/catalog/shrink_list.sql");
const DELETE_LIST: &str = include_str!("../queries/catalog/delete_list.sql");
const SETTING: &str = include_str!("../queries/catalog/setting.sql");
const PUT_SETTING: &str = include_str!("../queries/catalog/put_setting.sql");
const ADD_SETTING: &str = include_str!("../queries/catalog/add_setting.sql");
const VERSION: &str = include_str!("../queries/catalog/version.sql");
/// Writes the table again without what was deleted or replaced in it.
const FORGET_FREE_BYTES: &str = "vacuum (full, analyze) cairn.lists";

/// The catalog in the store's database.
pub struct PostgresCatalog {
    pool: Arc<Pool>,
}

/// Until it is known what it means to the operator.
enum Failed {
    Database(Error),
    Catalog(CatalogError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Database(error)
    }
}

impl From<CatalogError> for Failed {
    fn from(error: CatalogError) -> Self {
        Failed::Catalog(error)
    }
}

impl PostgresCatalog {
    pub(crate) fn new(pool: Arc<Pool>) -> Self {
        Self { pool }
    }

    fn run<T>(&self, work: impl AsyncFnOnce(&mut Client) -> Result<T, Failed>) -> Result<T, CatalogError> {
        let unreachable = |error: StoreError| match error {
            StoreError::Unreachable { problem, .. } => CatalogError::Unreachable(problem),
            error => CatalogError::Failed(error.to_string()),
        };
        let mut lease = self.pool.get().map_err(unreachable)?;
        let client = lease.client_mut().map_err(unreachable)?;
        self.pool.block_on(work(client)).map_err(|failed| match failed {
            Failed::Database(error) if is_passing(&error) => CatalogError::Unreachable(words(&error)),
            Failed::Database(error) if is_conflict(&error) => CatalogError::Conflict,
            Failed::Database(error) => CatalogError::Failed(words(&error)),
            Failed::Catalog(error) => error,
        })
    }
}

impl Catalog for PostgresCatalog {
    fn projects(&self) -> Result<Vec<Project>, CatalogError> {
        self.run(async |client| projects::all(client).await)
    }

    fn create_project(&self, new: NewProject<'_>) -> Result<Project, CatalogError> {
        self.run(async |client| projects::create(client, new).await)
    }

    fn create_first_project(&self, new: NewProject<'_>) -> Result<Option<Project>, CatalogError> {
        self.run(async |client| projects::create_first(client, new).await)
    }

    fn change_project(&self, project: ProjectId, settings: ProjectSettings<'_>) -> Result<bool, CatalogError> {
        self.run(async |client| projects::change(client, project, settings).await)
    }

    fn replace_key(&self, project: ProjectId, write_key: &str, now: TimeMs) -> Result<bool, CatalogError> {
        self.run(async |client| projects::replace_key(client, project, write_key, now).await)
    }

    fn revoke_key(&self, project: ProjectId, key: &str) -> Result<bool, CatalogError> {
        self.run(async |client| projects::revoke_key(client, project, key).await)
    }

    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError> {
        self.run(async |client| definitions::all(client, project).await)
    }

    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError> {
        self.run(async |client| definitions::put(client, project, definition).await)
    }

    fn definition_versions(&self, project: ProjectId, name: &str) -> Result<Vec<DefinitionVersion>, CatalogError> {
        self.run(async |client| definitions::versions(client, project, name).await)
    }

    fn rename_definition(
        &self,
        project: ProjectId,
        from_to: (&str, &str),
        reports: &[Report],
    ) -> Result<bool, CatalogError> {
        self.run(async |client| definitions::rename(client, project, from_to, reports).await)
    }

    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(async |client| definitions::delete(client, project, name).await)
    }

    fn reports(&self, project: ProjectId) -> Result<Vec<Report>, CatalogError> {
        self.run(async |client| saved::reports(client, project).await)
    }

    fn add_report(&self, project: ProjectId, report: NewReport<'_>) -> Result<Report, CatalogError> {
        self.run(async |client| saved::add_report(client, project, report).await)
    }

    fn change_report(&self, project: ProjectId, report: &Report) -> Result<bool, CatalogError> {
        self.run(async |client| saved::change_report(client, project, report).await)
    }

    fn delete_report(&self, project: ProjectId, report: ReportId) -> Result<bool, CatalogError> {
        self.run(async |client| saved::delete_report(client, project, report).await)
    }

    fn dashboards(&self, project: ProjectId) -> Result<Vec<Dashboard>, CatalogError> {
        self.run(async |client| saved::dashboards(client, project).await)
    }

    fn add_dashboard(&self, project: ProjectId, name: &str, created_at: TimeMs) -> Result<Dashboard, CatalogError> {
        self.run(async |client| saved::add_dashboard(client, project, name, created_at).await)
    }

    fn change_dashboard(&self, project: ProjectId, dashboard: &Dashboard) -> Result<bool, CatalogError> {
        self.run(async |client| saved::change_dashboard(client, project, dashboard).await)
    }

    fn delete_dashboard(&self, project: ProjectId, dashboard: DashboardId) -> Result<bool, CatalogError> {
        self.run(async |client| saved::delete_dashboard(client, project, dashboard).await)
    }

    fn lists(&self, project: ProjectId) -> Result<Vec<PeopleList>, CatalogError> {
        let list = |row: &Row| PeopleList {
            name: row.get(0),
            size: row.get::<_, i64>(1) as u64,
            created_at: TimeMs(row.get(2)),
        };
        self.run(async |client| Ok(client.query(LISTS, &[&id(project)]).await?.iter().map(list).collect()))
    }

    fn list(&self, project: ProjectId, name: &str) -> Result<Option<Vec<Listed>>, CatalogError> {
        self.run(async |client| {
            let found = client.query_opt(LIST_PEOPLE, &[&id(project), &name]).await?;
            Ok(found.map(|row| read_people(name, row.get(0))).transpose()?)
        })
    }

    fn put_list(
        &self,
        project: ProjectId,
        name: &str,
        people: &[Listed],
        created_at: TimeMs,
    ) -> Result<(), CatalogError> {
        let json = write_people(name, people)?;
        self.run(async |client| {
            let size = people.len() as i64;
            client.execute(PUT_LIST, &[&id(project), &name, &size, &json, &created_at.0]).await?;
            Ok(())
        })
    }

    fn delete_list(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(async |client| Ok(client.execute(DELETE_LIST, &[&id(project), &name]).await? > 0))
    }

    fn erase_listed(&self, project: ProjectId, is_erased: &dyn Fn(&Listed) -> bool) -> Result<u64, CatalogError> {
        self.run(async |client| {
            let transaction = client.transaction().await?;
            let mut changed = 0;
            for row in transaction.query(LISTS_TO_CHANGE, &[&id(project)]).await? {
                let name: &str = row.get(0);
                let mut people = read_people(name, row.get(1))?;
                let before = people.len();
                people.retain(|listed| !is_erased(listed));
                if people.len() < before {
                    let (json, size) = (write_people(name, &people)?, people.len() as i64);
                    transaction.execute(SHRINK_LIST, &[&id(project), &name, &size, &json]).await?;
                    changed += 1;
                }
            }
            transaction.commit().await?;
            client.batch_execute(FORGET_FREE_BYTES).await?;
            Ok(changed)
        })
    }

    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        self.run(async |client| Ok(client.query_opt(SETTING, &[&name]).await?.map(|row| row.get(0))))
    }

    fn put_setting(&self, name: &str, value: &[u8]) -> Result<(), CatalogError> {
        self.run(async |client| {
            client.execute(PUT_SETTING, &[&name, &value]).await?;
            Ok(())
        })
    }

    fn add_setting(&self, name: &str, value: &[u8]) -> Result<bool, CatalogError> {
        self.run(async |client| Ok(client.execute(ADD_SETTING, &[&name, &value]).await? > 0))
    }

    fn version(&self) -> Result<Option<u64>, CatalogError> {
        self.run(async |client| Ok(Some(client.query_one(VERSION, &[]).await?.get::<_, i64>(0) as u64)))
    }

    fn copy(&self) -> Result<Vec<u8>, CatalogError> {
        Err(CatalogError::NoCopy)
    }
}

fn is_conflict(error: &Error) -> bool {
    [&SqlState::UNIQUE_VIOLATION, &SqlState::FOREIGN_KEY_VIOLATION].into_iter().any(|of| error.code() == Some(of))
}

fn id(project: ProjectId) -> i64 {
    project.get() as i64
}
