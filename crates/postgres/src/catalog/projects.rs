//! Projects, with their keys.

use std::collections::BTreeMap;

use cairn_analysis::catalog::{
    FormerKey, NewProject, Project, ProjectSettings, read_masks, read_project_id, write_masks,
};
use cairn_model::{ProjectId, TimeMs};
use tokio_postgres::{Client, GenericClient};

use super::{Failed, id};

const PROJECTS: &str = include_str!("../../queries/catalog/projects.sql");
const FORMER_KEYS: &str = include_str!("../../queries/catalog/former_keys.sql");
const LOCK_PROJECTS: &str = include_str!("../../queries/catalog/lock_projects.sql");
const CREATE_PROJECT: &str = include_str!("../../queries/catalog/create_project.sql");
const CHANGE_PROJECT: &str = include_str!("../../queries/catalog/change_project.sql");
const KEEP_KEY: &str = include_str!("../../queries/catalog/keep_key.sql");
const REPLACE_KEY: &str = include_str!("../../queries/catalog/replace_key.sql");
const REVOKE_KEY: &str = include_str!("../../queries/catalog/revoke_key.sql");

pub(super) async fn all(client: &impl GenericClient) -> Result<Vec<Project>, Failed> {
    let mut former: BTreeMap<i64, Vec<FormerKey>> = BTreeMap::new();
    for row in client.query(FORMER_KEYS, &[]).await? {
        let key = FormerKey { key: row.get(1), replaced_at: TimeMs(row.get(2)) };
        former.entry(row.get(0)).or_default().push(key);
    }
    let mut projects = Vec::new();
    for row in client.query(PROJECTS, &[]).await? {
        projects.push(Project {
            id: read_project_id(row.get(0))?,
            name: row.get(1),
            zone: row.get(2),
            write_key: row.get(3),
            created_at: TimeMs(row.get(4)),
            former_keys: former.remove(&row.get(0)).unwrap_or_default(),
            retention_days: row.get::<_, Option<i32>>(5).map(i32::unsigned_abs),
            masks: read_masks(row.get(6))?,
        });
    }
    Ok(projects)
}

pub(super) async fn create(client: &impl GenericClient, new: NewProject<'_>) -> Result<Project, Failed> {
    let NewProject { name, zone, write_key, created_at } = new;
    let row = client.query_one(CREATE_PROJECT, &[&name, &zone, &write_key, &created_at.0]).await?;
    Ok(new.made(read_project_id(row.get(0))?))
}

/// Unless there is any.
pub(super) async fn create_first(client: &mut Client, new: NewProject<'_>) -> Result<Option<Project>, Failed> {
    let transaction = client.transaction().await?;
    transaction.execute(LOCK_PROJECTS, &[]).await?;
    let is_first = transaction.query(PROJECTS, &[]).await?.is_empty();
    let project = if is_first { Some(create(&transaction, new).await?) } else { None };
    transaction.commit().await?;
    Ok(project)
}

pub(super) async fn change(
    client: &impl GenericClient,
    project: ProjectId,
    settings: ProjectSettings<'_>,
) -> Result<bool, Failed> {
    let ProjectSettings { name, zone, retention_days, masks } = settings;
    let (days, masks) = (retention_days.map(u32::cast_signed), write_masks(masks));
    Ok(client.execute(CHANGE_PROJECT, &[&id(project), &name, &zone, &days, &masks]).await? > 0)
}

/// Both or neither.
pub(super) async fn replace_key(
    client: &mut Client,
    project: ProjectId,
    write_key: &str,
    now: TimeMs,
) -> Result<bool, Failed> {
    let transaction = client.transaction().await?;
    transaction.execute(KEEP_KEY, &[&id(project), &now.0]).await?;
    let changed = transaction.execute(REPLACE_KEY, &[&id(project), &write_key]).await?;
    transaction.commit().await?;
    Ok(changed > 0)
}

pub(super) async fn revoke_key(client: &impl GenericClient, project: ProjectId, key: &str) -> Result<bool, Failed> {
    Ok(client.execute(REVOKE_KEY, &[&id(project), &key]).await? > 0)
}
