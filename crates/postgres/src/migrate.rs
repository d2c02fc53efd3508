//! Brings the schema to the newest version. Safe to run twice, and by two servers at once.

use cairn_analysis::StoreError;

use crate::{connect::Pool, error::store_error};

/// The schema's versions in order: version `n` is what the first `n` of these make. Only ever appended to.
const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/001_tables.sql"),
    include_str!("../migrations/002_apply.sql"),
    include_str!("../migrations/004_index_keeper.sql"),
    include_str!("../migrations/005_access.sql"),
];

/// One of the servers that start does it, the others wait for it.
const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended('cairn migrations', 0))";
const BEGIN: &str = "create schema if not exists cairn; create table if not exists cairn.migrations \
     (version int primary key, applied_at timestamptz not null default now())";

/// Applies the migrations that are missing.
pub(crate) fn migrate(pool: &Pool) -> Result<(), StoreError> {
    let mut lease = pool.get()?;
    let wrong = |error: &tokio_postgres::Error| store_error("preparing the database's schema", error);
    let client = lease.client_mut()?;
    let found = pool.block_on(async {
        let transaction = client.transaction().await?;
        transaction.execute(LOCK, &[]).await?;
        transaction.batch_execute(BEGIN).await?;
        let row = transaction.query_one("select coalesce(max(version), 0) from cairn.migrations", &[]).await?;
        let version = row.get::<_, i32>(0) as usize;
        for (number, migration) in (1..).zip(MIGRATIONS).skip(version) {
            transaction.batch_execute(migration).await?;
            transaction.execute("insert into cairn.migrations values ($1)", &[&number]).await?;
        }
        transaction.commit().await?;
        Ok(version)
    });
    let version = found.map_err(|error| wrong(&error))?;
    if version > MIGRATIONS.len() {
        let newest = MIGRATIONS.len();
        let what = format!(
            "the database's schema has version {version}, this program knows {newest} at most: run a newer version of Cairn"
        );
        return Err(StoreError::Database(what));
    }
    Ok(())
}
