//! The catalog beside the events, which several servers share.

use std::sync::Arc;

use cairn_analysis::{
    Listed, StoreError,
    catalog::{
        Catalog, CatalogError, NewProject, PeopleList, Project, read_definition, read_people, read_project_id,
        write_people,
    },
};
use cairn_model::{Definition, ProjectId, TimeMs};
use tokio_postgres::{Client, Error, GenericClient, Row};

use crate::{
    connect::Pool,
    error::{is_passing, words},
};

const PROJECTS: &str = include_str!("../queries/catalog/projects.sql");
const LOCK_PROJECTS: &str = include_str!("../queries/catalog/lock_projects.sql");
const CREATE_PROJECT: &str = include_str!("../queries/catalog/create_project.sql");
const DEFINITIONS: &str = include_str!("../queries/catalog/definitions.sql");
const PUT_DEFINITION: &str = include_str!("../queries/catalog/put_definition.sql");
const DELETE_DEFINITION: &str = include_str!("../queries/catalog/delete_definition.sql");
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
            Failed::Database(error) => CatalogError::Failed(words(&error)),
            Failed::Catalog(error) => error,
        })
    }
}

impl Catalog for PostgresCatalog {
    fn projects(&self) -> Result<Vec<Project>, CatalogError> {
        self.run(async |client| client.query(PROJECTS, &[]).await?.iter().map(project).collect())
    }

    fn create_project(&self, new: NewProject<'_>) -> Result<Project, CatalogError> {
        self.run(async |client| create(client, new).await)
    }

    fn create_first_project(&self, new: NewProject<'_>) -> Result<Option<Project>, CatalogError> {
        self.run(async |client| {
            let transaction = client.transaction().await?;
            transaction.execute(LOCK_PROJECTS, &[]).await?;
            let is_first = transaction.query(PROJECTS, &[]).await?.is_empty();
            let project = if is_first { Some(create(&transaction, new).await?) } else { None };
            transaction.commit().await?;
            Ok(project)
        })
    }

    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError> {
        let definition = |row: &Row| Ok(read_definition(row.get(0), row.get(1), TimeMs(row.get(2)))?);
        self.run(async |client| client.query(DEFINITIONS, &[&id(project)]).await?.iter().map(definition).collect())
    }

    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError> {
        let predicate = definition.predicate.to_json().to_string();
        self.run(async |client| {
            let created_at = definition.created_at.0;
            client.execute(PUT_DEFINITION, &[&id(project), &definition.name, &predicate, &created_at]).await?;
            Ok(())
        })
    }

    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError> {
        self.run(async |client| Ok(client.execute(DELETE_DEFINITION, &[&id(project), &name]).await? > 0))
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

async fn create(client: &impl GenericClient, new: NewProject<'_>) -> Result<Project, Failed> {
    let NewProject { name, zone, write_key, created_at } = new;
    let row = client.query_one(CREATE_PROJECT, &[&name, &zone, &write_key, &created_at.0]).await?;
    Ok(Project {
        id: read_project_id(row.get(0))?,
        name: name.to_owned(),
        zone: zone.to_owned(),
        write_key: write_key.to_owned(),
        created_at,
    })
}

fn project(row: &Row) -> Result<Project, Failed> {
    Ok(Project {
        id: read_project_id(row.get(0))?,
        name: row.get(1),
        zone: row.get(2),
        write_key: row.get(3),
        created_at: TimeMs(row.get(4)),
    })
}

fn id(project: ProjectId) -> i64 {
    project.get() as i64
}
