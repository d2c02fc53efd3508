//! Lists of people. One row is one list, its people in JSON: it is written and read as a whole.

use cairn_analysis::{
    Listed,
    catalog::{PeopleList, read_people, write_people},
};
use cairn_model::{ProjectId, TimeMs};
use rusqlite::{Connection, OptionalExtension, ffi, params};

use super::Failed;

const LISTS: &str = include_str!("sql/lists.sql");
const LIST_PEOPLE: &str = include_str!("sql/list_people.sql");
const PUT_LIST: &str = include_str!("sql/put_list.sql");
const DELETE_LIST: &str = include_str!("sql/delete_list.sql");

pub(super) fn all(connection: &Connection, project: ProjectId) -> Result<Vec<PeopleList>, Failed> {
    let mut statement = connection.prepare_cached(LISTS)?;
    let list = |row: &rusqlite::Row<'_>| {
        let (name, size): (_, i64) = (row.get(0)?, row.get(1)?);
        Ok(PeopleList { name, size: size as u64, created_at: TimeMs(row.get(2)?) })
    };
    let lists = statement.query_map([project.get() as i64], list)?.collect::<Result<Vec<_>, _>>()?;
    Ok(lists)
}

pub(super) fn people(connection: &Connection, project: ProjectId, name: &str) -> Result<Option<Vec<Listed>>, Failed> {
    let key = params![project.get() as i64, name];
    let found: Option<String> = connection.prepare_cached(LIST_PEOPLE)?.query_row(key, |row| row.get(0)).optional()?;
    Ok(found.map(|people| read_people(name, &people)).transpose()?)
}

pub(super) fn put(
    connection: &Connection,
    project: ProjectId,
    (name, created_at): (&str, TimeMs),
    people: &[Listed],
) -> Result<(), Failed> {
    let json = write_people(name, people)?;
    let values = params![project.get() as i64, name, people.len() as i64, json, created_at.0];
    connection.prepare_cached(PUT_LIST)?.execute(values)?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, project: ProjectId, name: &str) -> Result<bool, Failed> {
    Ok(connection.prepare_cached(DELETE_LIST)?.execute(params![project.get() as i64, name])? > 0)
}

/// Takes people out of all lists of a project; how many lists had any of them.
pub(super) fn erase(
    connection: &mut Connection,
    project: ProjectId,
    is_erased: &dyn Fn(&Listed) -> bool,
) -> Result<u64, Failed> {
    let transaction = connection.transaction()?;
    let mut changed = 0;
    for list in all(&transaction, project)? {
        let Some(mut listed) = people(&transaction, project, &list.name)? else { continue };
        listed.retain(|one| !is_erased(one));
        if listed.len() as u64 != list.size {
            put(&transaction, project, (&list.name, list.created_at), &listed)?;
            changed += 1;
        }
    }
    transaction.commit()?;
    forget_free_bytes(connection)?;
    Ok(changed)
}

/// Writes the file again without what was deleted or replaced in it, and empties the journal beside it, which may hold that too.
fn forget_free_bytes(connection: &Connection) -> Result<(), Failed> {
    connection.execute_batch("vacuum")?;
    let busy: i64 = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    if busy != 0 {
        let busy = ffi::Error::new(ffi::SQLITE_BUSY);
        let message =
            "another program reads the catalog, so that what is erased stays in its journal: end it, and ask again";
        return Err(rusqlite::Error::SqliteFailure(busy, Some(message.to_owned())).into());
    }
    Ok(())
}
