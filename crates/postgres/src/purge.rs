//! Purging: what is erased or has expired leaves the tables.
//!
//! Which projects need it stands in the database, so that it outlives each server; which logs may still hold something of it, too.

use std::time::Duration;

use cairn_analysis::StoreError;
use cairn_model::ProjectId;
use tokio_postgres::Error;

use crate::{
    connect::{Lease, Pool},
    error::store_error,
    log::FollowedLog,
};

const DUE: &str = include_str!("../queries/purge/due.sql");
const BEGIN: &str = include_str!("../queries/purge/begin.sql");
const QUARANTINE: &str = include_str!("../queries/purge/quarantine.sql");
const VACUUMED: &str = include_str!("../queries/purge/vacuumed.sql");
const DROPPED: &str = include_str!("../queries/purge/dropped.sql");
/// Deleted rows leave the pages, and values the statistics.
const VACUUM: [&str; 7] = [
    "vacuum (analyze) cairn.events",
    "vacuum (analyze) cairn.facts",
    "vacuum (analyze) cairn.users",
    "vacuum (analyze) cairn.identities",
    "vacuum (analyze) cairn.members",
    "vacuum (analyze) cairn.ghosts",
    "vacuum (analyze) cairn.quarantine",
];

/// Projects that were covered long enough ago for a purge to take in much at once.
pub(crate) fn due(pool: &Pool, log: Option<&FollowedLog>, after: Duration) -> Result<Vec<ProjectId>, StoreError> {
    let (after_s, partition) = (after.as_secs_f64(), log.map(FollowedLog::partition));
    let lease = pool.get()?;
    let rows = pool.block_on(lease.client()?.query(DUE, &[&after_s, &partition]));
    let rows = rows.map_err(|error| failed(&error))?;
    Ok(rows.iter().filter_map(|row| ProjectId::new(row.get::<_, i64>(0) as u64)).collect())
}

/// Purges a project. The server's own log holds nothing of it any more, or is about to drop it.
pub(crate) fn purge(pool: &Pool, log: Option<&FollowedLog>, project: ProjectId) -> Result<(), StoreError> {
    let lease = pool.get()?;
    let purged = pool.block_on(work(&lease, log.map(FollowedLog::partition), project.get() as i64));
    purged?.map_err(|error| failed(&error))
}

async fn work(lease: &Lease<'_>, partition: Option<i64>, project: i64) -> Result<Result<(), Error>, StoreError> {
    let client = lease.client()?;
    let purged = async {
        let Some(row) = client.query_opt(BEGIN, &[&project]).await? else { return Ok(()) };
        let (covered, vacuumed): (i64, i64) = (row.get(0), row.get(1));
        if vacuumed < covered {
            client.execute(QUARANTINE, &[&project]).await?;
            for table in VACUUM {
                client.batch_execute(table).await?;
            }
            client.execute(VACUUMED, &[&project, &covered]).await?;
        }
        if let Some(partition) = partition {
            client.execute(DROPPED, &[&partition, &project, &covered]).await?;
        }
        Ok(())
    };
    Ok(purged.await)
}

fn failed(error: &Error) -> StoreError {
    store_error("purging", error)
}
