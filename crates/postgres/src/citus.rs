//! Citus: the tables are distributed where it is preloaded.

use tokio_postgres::{Error, Transaction, error::SqlState};

const DISTRIBUTE: &str = include_str!("../migrations/citus.sql");
/// Its settings are there. (Which libraries are preloaded, only few roles may ask.)
const IS_PRELOADED: &str = "select exists (select from pg_settings where name = 'citus.shard_count')";
const IS_INSTALLED: &str = "select exists (select from pg_extension where extname = 'citus')";
const IS_COORDINATOR: &str = "select groupid = 0 from pg_dist_local_group";

/// What an operator has to do first.
pub(crate) const INSTALL: &str = "Citus is preloaded, but not installed in this database, and this role may not do it: as a superuser, run \
     `create extension citus` in it, here and on all workers, then `select citus_add_node(host, port)` here for each of them";
pub(crate) const WORKER: &str = "this server is a worker of a Citus cluster: give the address of the coordinator";

/// What there is to work on.
pub(crate) enum Found {
    /// PostgreSQL alone.
    Plain,
    /// The coordinator of Citus.
    Citus,
    /// The operator has to do something first.
    Unready(&'static str),
}

/// Looks for Citus; installs it where it is preloaded and the role may.
pub(crate) async fn find(transaction: &mut Transaction<'_>) -> Result<Found, Error> {
    if !ask(transaction, IS_PRELOADED).await? {
        return Ok(Found::Plain);
    }
    if !ask(transaction, IS_INSTALLED).await? {
        let attempt = transaction.transaction().await?;
        match attempt.batch_execute("create extension if not exists citus").await {
            Ok(()) => attempt.commit().await?,
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                return Ok(Found::Unready(INSTALL));
            }
            Err(error) => return Err(error),
        }
    }
    let coordinates = ask(transaction, IS_COORDINATOR).await?;
    Ok(if coordinates { Found::Citus } else { Found::Unready(WORKER) })
}

/// Distributes the tables that are not yet.
pub(crate) async fn distribute(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.batch_execute(DISTRIBUTE).await
}

async fn ask(transaction: &Transaction<'_>, sql: &str) -> Result<bool, Error> {
    Ok(transaction.query_one(sql, &[]).await?.get(0))
}
