//! Brings the schema to the newest version. Safe to run twice, and by two servers at once.

use cairn_analysis::StoreError;
use tokio_postgres::{Client, Error, error::SqlState};

use crate::{
    citus::{self, Found},
    connect::{Lease, Pool},
    error::{schema_error, store_error},
};

/// The schema's versions in order: version `n` is what the first `n` of these make. Only ever appended to.
const MIGRATIONS: [&str; 8] = [
    include_str!("../migrations/001_tables.sql"),
    include_str!("../migrations/002_apply.sql"),
    include_str!("../migrations/003_servers.sql"),
    include_str!("../migrations/004_index_keeper.sql"),
    include_str!("../migrations/005_access.sql"),
    include_str!("../migrations/006_saved.sql"),
    include_str!("../migrations/007_topic.sql"),
    include_str!("../migrations/008_expiry.sql"),
];

/// One of the servers that start does it, the others wait for it.
const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended('cairn migrations', 0))";
/// Whoever may not make a schema may have been given this one.
const HAS_SCHEMA: &str = "select exists (select from pg_namespace where nspname = 'cairn')";
/// Done before and by itself: Citus makes the schema's owner known to its workers then, which in a transaction only a superuser may.
const SCHEMA: &str = "create schema if not exists cairn";
const OLDEST_SERVER: i32 = 150_000;
const SERVER: &str = "select current_setting('server_version_num')::int, current_setting('server_version')";
const BEGIN: &str = "create table if not exists cairn.migrations \
     (version int primary key, applied_at timestamptz not null default now())";

/// Applies the migrations that are missing.
pub(crate) fn migrate(pool: &Pool) -> Result<(), StoreError> {
    let mut lease = pool.get()?;
    check_server(pool, &lease)?;
    let client = lease.client_mut()?;
    let found = pool.block_on(async {
        let found = find_citus(client).await?;
        if let Found::Unready(why) = found {
            return Ok(Err(why));
        }
        if !client.query_one(HAS_SCHEMA, &[]).await?.get::<_, bool>(0) {
            match client.batch_execute(SCHEMA).await {
                // Another server has just made it.
                Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {}
                made => made?,
            }
        }
        let transaction = client.transaction().await?;
        transaction.execute(LOCK, &[]).await?;
        transaction.batch_execute(BEGIN).await?;
        let row = transaction.query_one("select coalesce(max(version), 0) from cairn.migrations", &[]).await?;
        let version = row.get::<_, i32>(0) as usize;
        for (number, migration) in (1..).zip(MIGRATIONS).skip(version) {
            transaction.batch_execute(migration).await?;
            transaction.execute("insert into cairn.migrations values ($1)", &[&number]).await?;
        }
        if version <= MIGRATIONS.len() && matches!(found, Found::Citus) {
            citus::distribute(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(Ok(version))
    });
    let version = found.map_err(|error| schema_error(pool.config(), &error))?;
    let version = version.map_err(|why| StoreError::Database(why.to_owned()))?;
    if version > MIGRATIONS.len() {
        let newest = MIGRATIONS.len();
        let what = format!(
            "the database's schema has version {version}, this program knows {newest} at most: run a newer version of Cairn"
        );
        return Err(StoreError::Database(what));
    }
    Ok(())
}

async fn find_citus(client: &mut Client) -> Result<Found, Error> {
    let mut transaction = client.transaction().await?;
    transaction.execute(LOCK, &[]).await?;
    let found = citus::find(&mut transaction).await?;
    transaction.commit().await?;
    Ok(found)
}

fn check_server(pool: &Pool, lease: &Lease<'_>) -> Result<(), StoreError> {
    let row = pool.block_on(lease.client()?.query_one(SERVER, &[]));
    let row = row.map_err(|error| store_error("asking for the database's version", &error))?;
    if row.get::<_, i32>(0) >= OLDEST_SERVER {
        return Ok(());
    }
    let found: &str = row.get(1);
    Err(StoreError::Database(format!("this is PostgreSQL {found}: Cairn needs version 15 or a newer one")))
}
