//! The queue of indexes, a table of the database.

use cairn_analysis::StoreError;
use cairn_model::Predicate;
use tokio_postgres::{Client, Error};

use super::{Definition, KeeperOptions};
use crate::{
    connect::Pool,
    error::{is_conflict, store_error},
};

const WANT: &str = include_str!("../../queries/index/want.sql");
const LEAVE: &str = include_str!("../../queries/index/leave.sql");
const USED: &str = include_str!("../../queries/index/used.sql");
const SETTLE: &str = include_str!("../../queries/index/settle.sql");
const RETIRE: &str = include_str!("../../queries/index/retire.sql");
const SURPLUS: &str = include_str!("../../queries/index/surplus.sql");
const PURGE: &str = include_str!("../../queries/index/purge.sql");
const NEXT: &str = include_str!("../../queries/index/next.sql");
const BUILT: &str = include_str!("../../queries/index/built.sql");
const FAILED: &str = include_str!("../../queries/index/failed.sql");
const STOPPED: &str = include_str!("../../queries/index/stopped.sql");
/// So often what met another transaction is done again.
const TRIES: usize = 10;
/// Delays between tries are doubled so often at most.
const DELAYS_MAX: i32 = 10;

/// An index to be built.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) project: i64,
    pub(super) name: String,
    pub(super) ddl: String,
    tries: i32,
}

/// These are the definitions of a project: their indexes are wanted, those of others are not any more.
pub(crate) fn want(pool: &Pool, project: i64, definitions: &[Predicate]) -> Result<(), StoreError> {
    let mut lease = pool.get()?;
    let client = lease.client_mut()?;
    let mut all: Vec<Definition> = definitions.iter().filter_map(|of| Definition::of(project, of)).collect();
    // Servers that say the same at once take rows in the same order.
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let mut tries = 0;
    loop {
        let Err(error) = pool.block_on(note(client, project, &all)) else { return Ok(()) };
        tries += 1;
        if !is_conflict(&error) || tries == TRIES {
            return Err(store_error("noting which definitions are in use", &error));
        }
    }
}

async fn note(client: &mut Client, project: i64, all: &[Definition]) -> Result<(), Error> {
    let names: Vec<&str> = all.iter().map(|definition| definition.name.as_str()).collect();
    let transaction = client.transaction().await?;
    let want = transaction.prepare(WANT).await?;
    for of in all {
        transaction.execute(&want, &[&project, &of.name, &of.predicate, &of.parts, &of.ddl]).await?;
    }
    transaction.execute(LEAVE, &[&project, &names]).await?;
    transaction.commit().await
}

/// Notes that definitions were used.
pub(super) async fn note_used(client: &Client, used: &[(i64, String)]) -> Result<(), Error> {
    if !used.is_empty() {
        let (projects, names): (Vec<i64>, Vec<&str>) = used.iter().map(|(of, name)| (*of, name.as_str())).unzip();
        client.execute(USED, &[&projects, &names]).await?;
    }
    Ok(())
}

/// Brings the queue to what is there, and drops what is not wanted. Only for who may build.
pub(super) async fn tidy(client: &Client, options: &KeeperOptions) -> Result<(), Error> {
    client.execute(SETTLE, &[&(options.tries_max as i32)]).await?;
    for row in client.query(RETIRE, &[&options.unused_after.as_secs_f64()]).await? {
        tracing::info!("no question has used the definition of {} for long: its index goes", row.get::<_, &str>(0));
    }
    for row in client.query(SURPLUS, &[]).await? {
        drop_index(client, row.get(0)).await?;
    }
    client.execute(PURGE, &[]).await?;
    Ok(())
}

/// Drops an index, as long as it takes until nobody uses it, and holding up nobody.
pub(super) async fn drop_index(client: &Client, name: &str) -> Result<(), Error> {
    let name = name.replace('"', "\"\"");
    client.batch_execute(&format!("drop index concurrently if exists cairn.\"{name}\"")).await
}

/// The index to be built next, if there may be one more.
pub(super) async fn next(client: &Client, options: &KeeperOptions) -> Result<Option<Task>, Error> {
    let row = client.query_opt(NEXT, &[&(options.indexes_max as i64)]).await?;
    Ok(row.map(|row| Task { project: row.get(0), name: row.get(1), ddl: row.get(2), tries: row.get(3) }))
}

/// An index is there.
pub(super) async fn built(client: &Client, task: &Task) -> Result<(), Error> {
    client.execute(BUILT, &[&task.project, &task.name]).await.map(drop)
}

/// A build failed. Whether it is tried again.
pub(super) async fn failed(client: &Client, task: &Task, why: &str, options: &KeeperOptions) -> Result<bool, Error> {
    let delay = options.retry_after.as_secs_f64() * f64::from(1_u32 << task.tries.clamp(0, DELAYS_MAX));
    let tries = options.tries_max as i32;
    let row = client.query_one(FAILED, &[&task.project, &task.name, &why, &delay, &tries]).await?;
    Ok(row.get::<_, &str>(0) == "wanted")
}

/// A build was stopped by whoever stops.
pub(super) async fn stopped(client: &Client, task: &Task) -> Result<(), Error> {
    client.execute(STOPPED, &[&task.project, &task.name]).await.map(drop)
}
