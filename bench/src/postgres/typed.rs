//! Statements typed by hand.

use std::fmt::Write;

use anyhow::Context;
use cairn_model::Event;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

/// A connection, and the threads that serve it.
pub(super) struct Typed {
    runtime: Runtime,
    client: Client,
}

impl Typed {
    pub(super) fn connect(url: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, NoTls)).context("PostgreSQL")?;
        runtime.spawn(connection);
        Ok(Self { runtime, client })
    }

    /// Runs statements as one transaction.
    pub(super) fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.runtime.block_on(self.client.batch_execute(sql)).with_context(|| sql.chars().take(200).collect::<String>())
    }

    /// The numbers of one row.
    pub(super) fn numbers(&self, sql: &str) -> anyhow::Result<Vec<i64>> {
        let row = self.runtime.block_on(self.client.query_one(sql, &[])).with_context(|| sql.to_owned())?;
        Ok((0..row.len()).map(|at| row.get(at)).collect())
    }
}

/// A table as the store's, but for users and functions.
pub(super) const TABLE: &str = "create schema typed; create table typed.events (like cairn.events including all)";

/// One statement for many events.
pub(super) fn insert(project: u64, events: &[Event<'static>]) -> String {
    let mut sql = String::from("insert into typed.events values ");
    for (at, event) in events.iter().enumerate() {
        let data = serde_json::to_string(&event.properties).unwrap_or_default().replace('\'', "''");
        let (user, id, kind) = (event.user_id, event.event_id, event.kind.name());
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(
            sql,
            "{comma}({project}, {user}, {id}, {user}, {}, {}, '{kind}', '{data}')",
            event.time, event.received_at
        );
    }
    sql.push_str(" on conflict do nothing");
    sql
}
