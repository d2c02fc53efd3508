//! Projects in SQLite, with their keys.

use cairn_analysis::catalog::{
    FormerKey, NewProject, Project, ProjectSettings, read_masks, read_project_id, write_masks,
};
use cairn_model::{ProjectId, TimeMs};
use rusqlite::{Connection, params};

use super::{Failed, id};

const PROJECTS: &str = include_str!("sql/projects.sql");
const FORMER_KEYS: &str = include_str!("sql/former_keys.sql");
const CREATE_PROJECT: &str = include_str!("sql/create_project.sql");
const CHANGE_PROJECT: &str = include_str!("sql/change_project.sql");
const KEEP_KEY: &str = include_str!("sql/keep_key.sql");
const REPLACE_KEY: &str = include_str!("sql/replace_key.sql");
const REVOKE_KEY: &str = include_str!("sql/revoke_key.sql");

pub(super) fn all(connection: &Connection) -> Result<Vec<Project>, Failed> {
    let mut statement = connection.prepare_cached(PROJECTS)?;
    let mut rows = statement.query([])?;
    let mut projects = Vec::new();
    while let Some(row) = rows.next()? {
        let project = read_project_id(row.get(0)?)?;
        let masks: String = row.get(6)?;
        projects.push(Project {
            id: project,
            name: row.get(1)?,
            zone: row.get(2)?,
            write_key: row.get(3)?,
            created_at: TimeMs(row.get(4)?),
            former_keys: former_keys(connection, project)?,
            retention_days: row.get(5)?,
            masks: read_masks(&masks)?,
        });
    }
    Ok(projects)
}

fn former_keys(connection: &Connection, project: ProjectId) -> Result<Vec<FormerKey>, Failed> {
    let mut statement = connection.prepare_cached(FORMER_KEYS)?;
    let key = |row: &rusqlite::Row<'_>| Ok(FormerKey { key: row.get(0)?, replaced_at: TimeMs(row.get(1)?) });
    let keys = statement.query_map([id(project)], key)?.collect::<Result<Vec<_>, _>>()?;
    Ok(keys)
}

pub(super) fn create(connection: &Connection, new: NewProject<'_>) -> Result<Project, Failed> {
    let values = params![new.name, new.zone, new.write_key, new.created_at.0];
    let made: i64 = connection.prepare_cached(CREATE_PROJECT)?.query_row(values, |row| row.get(0))?;
    Ok(new.made(read_project_id(made)?))
}

pub(super) fn change(
    connection: &Connection,
    project: ProjectId,
    settings: ProjectSettings<'_>,
) -> Result<bool, Failed> {
    let ProjectSettings { name, zone, retention_days, masks } = settings;
    let values = params![id(project), name, zone, retention_days, write_masks(masks)];
    Ok(connection.prepare_cached(CHANGE_PROJECT)?.execute(values)? > 0)
}

/// Both or neither.
pub(super) fn replace_key(
    connection: &mut Connection,
    project: ProjectId,
    write_key: &str,
    now: TimeMs,
) -> Result<bool, Failed> {
    let transaction = connection.transaction()?;
    transaction.prepare_cached(KEEP_KEY)?.execute(params![id(project), now.0])?;
    let changed = transaction.prepare_cached(REPLACE_KEY)?.execute(params![id(project), write_key])?;
    transaction.commit()?;
    Ok(changed > 0)
}

pub(super) fn revoke_key(connection: &Connection, project: ProjectId, key: &str) -> Result<bool, Failed> {
    Ok(connection.prepare_cached(REVOKE_KEY)?.execute(params![id(project), key])? > 0)
}
