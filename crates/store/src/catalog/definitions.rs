//! Definitions in SQLite, with what they meant before.

use cairn_analysis::catalog::{DefinitionVersion, Report, VERSIONS_MAX, read_definition, read_version};
use cairn_model::{Definition, ProjectId, TimeMs};
use rusqlite::{Connection, params};

use super::{Failed, id, saved};

const DEFINITIONS: &str = include_str!("sql/definitions.sql");
const PUT_DEFINITION: &str = include_str!("sql/put_definition.sql");
const DELETE_DEFINITION: &str = include_str!("sql/delete_definition.sql");
const DEFINITION_VERSIONS: &str = include_str!("sql/definition_versions.sql");
const ADD_VERSION: &str = include_str!("sql/add_version.sql");
const DROP_VERSIONS: &str = include_str!("sql/drop_versions.sql");
const RENAME_DEFINITION: &str = include_str!("sql/rename_definition.sql");

pub(super) fn all(connection: &Connection, project: ProjectId) -> Result<Vec<Definition>, Failed> {
    let mut statement = connection.prepare_cached(DEFINITIONS)?;
    let mut rows = statement.query([id(project)])?;
    let mut definitions = Vec::new();
    while let Some(row) = rows.next()? {
        let predicate: String = row.get(1)?;
        definitions.push(read_definition(row.get(0)?, &predicate, TimeMs(row.get(2)?))?);
    }
    Ok(definitions)
}

/// The definition and its version, or neither.
pub(super) fn put(connection: &mut Connection, project: ProjectId, definition: &Definition) -> Result<(), Failed> {
    let transaction = connection.transaction()?;
    let (project, Definition { name, predicate, created_at }) = (id(project), definition);
    let predicate = predicate.to_json().to_string();
    let values = params![project, name, predicate, created_at.0];
    transaction.prepare_cached(PUT_DEFINITION)?.execute(values)?;
    transaction.prepare_cached(ADD_VERSION)?.execute(values)?;
    transaction.prepare_cached(DROP_VERSIONS)?.execute(params![project, name, VERSIONS_MAX])?;
    transaction.commit()?;
    Ok(())
}

pub(super) fn versions(
    connection: &Connection,
    project: ProjectId,
    name: &str,
) -> Result<Vec<DefinitionVersion>, Failed> {
    let mut statement = connection.prepare_cached(DEFINITION_VERSIONS)?;
    let mut rows = statement.query(params![id(project), name])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        let predicate: String = row.get(1)?;
        versions.push(read_version(row.get(0)?, &predicate, TimeMs(row.get(2)?))?);
    }
    Ok(versions)
}

/// All of it or nothing.
pub(super) fn rename(
    connection: &mut Connection,
    project: ProjectId,
    (from, to): (&str, &str),
    reports: &[Report],
) -> Result<bool, Failed> {
    let transaction = connection.transaction()?;
    if transaction.prepare_cached(RENAME_DEFINITION)?.execute(params![id(project), from, to])? == 0 {
        return Ok(false);
    }
    for report in reports {
        saved::change_report(&transaction, project, report)?;
    }
    transaction.commit()?;
    Ok(true)
}

pub(super) fn delete(connection: &Connection, project: ProjectId, name: &str) -> Result<bool, Failed> {
    Ok(connection.prepare_cached(DELETE_DEFINITION)?.execute(params![id(project), name])? > 0)
}
