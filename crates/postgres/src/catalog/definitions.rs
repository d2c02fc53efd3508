//! Definitions, with what they meant before.

use cairn_analysis::catalog::{DefinitionVersion, Report, VERSIONS_MAX, read_definition, read_version};
use cairn_model::{Definition, ProjectId, TimeMs};
use tokio_postgres::{Client, GenericClient, Row};

use super::{Failed, id, saved};

const DEFINITIONS: &str = include_str!("../../queries/catalog/definitions.sql");
const PUT_DEFINITION: &str = include_str!("../../queries/catalog/put_definition.sql");
const DELETE_DEFINITION: &str = include_str!("../../queries/catalog/delete_definition.sql");
const DEFINITION_VERSIONS: &str = include_str!("../../queries/catalog/definition_versions.sql");
const ADD_VERSION: &str = include_str!("../../queries/catalog/add_version.sql");
const DROP_VERSIONS: &str = include_str!("../../queries/catalog/drop_versions.sql");
const RENAME_DEFINITION: &str = include_str!("../../queries/catalog/rename_definition.sql");

pub(super) async fn all(client: &impl GenericClient, project: ProjectId) -> Result<Vec<Definition>, Failed> {
    let definition = |row: &Row| Ok(read_definition(row.get(0), row.get(1), TimeMs(row.get(2)))?);
    client.query(DEFINITIONS, &[&id(project)]).await?.iter().map(definition).collect()
}

/// The definition and its version, or neither.
pub(super) async fn put(client: &mut Client, project: ProjectId, definition: &Definition) -> Result<(), Failed> {
    let (project, Definition { name, created_at, .. }) = (id(project), definition);
    let predicate = definition.predicate.to_json().to_string();
    let transaction = client.transaction().await?;
    transaction.execute(PUT_DEFINITION, &[&project, name, &predicate, &created_at.0]).await?;
    transaction.execute(ADD_VERSION, &[&project, name, &predicate, &created_at.0]).await?;
    transaction.execute(DROP_VERSIONS, &[&project, name, &i64::from(VERSIONS_MAX)]).await?;
    transaction.commit().await?;
    Ok(())
}

pub(super) async fn versions(
    client: &impl GenericClient,
    project: ProjectId,
    name: &str,
) -> Result<Vec<DefinitionVersion>, Failed> {
    let version = |row: &Row| Ok(read_version(row.get(0), row.get(1), TimeMs(row.get(2)))?);
    client.query(DEFINITION_VERSIONS, &[&id(project), &name]).await?.iter().map(version).collect()
}

/// All of it or nothing.
pub(super) async fn rename(
    client: &mut Client,
    project: ProjectId,
    (from, to): (&str, &str),
    reports: &[Report],
) -> Result<bool, Failed> {
    let transaction = client.transaction().await?;
    if transaction.execute(RENAME_DEFINITION, &[&id(project), &from, &to]).await? == 0 {
        return Ok(false);
    }
    for report in reports {
        saved::change_report(&transaction, project, report).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

pub(super) async fn delete(client: &impl GenericClient, project: ProjectId, name: &str) -> Result<bool, Failed> {
    Ok(client.execute(DELETE_DEFINITION, &[&id(project), &name]).await? > 0)
}
