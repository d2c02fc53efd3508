//! How fast messages are applied.

use std::time::Instant;

use anyhow::ensure;
use cairn_analysis::Store;
use cairn_model::{BatchWriter, Event, Message, Position, ProjectId};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;
use serde::Serialize;

use super::typed::{TABLE, Typed, insert};
use crate::data::World;

/// Events of one transaction.
const TOGETHER: usize = 1_000;
/// Events of one record: what a server captures in one request, or a few.
const RECORD: usize = 50;

/// Events a second.
#[derive(Clone, Debug, Serialize)]
pub struct Applying {
    /// Partial indexes on the table.
    pub indexes: usize,
    /// By the store.
    pub store_per_s: f64,
    /// By statements typed by hand.
    pub typed_per_s: f64,
}

/// Applies events, and inserts them by hand, thousand by thousand in turn, into a new database.
pub fn apply(cluster: &Cluster, world: &World, events: &[Event<'static>], indexes: usize) -> anyhow::Result<Applying> {
    let database = format!("apply_{indexes}");
    cluster.create_database(&database);
    let url = cluster.url(&database);
    let store = PostgresStore::open(&PostgresOptions::new(&url))?;
    let typed = Typed::connect(&url)?;
    typed.run(TABLE)?;
    let project = ProjectId::clamped(1);
    for (at, path) in world.paths.iter().take(indexes).enumerate() {
        for table in ["cairn.events", "typed.events"] {
            let path = format!("\"{path}\"").replace('\'', "''");
            typed.run(&format!(
                "create index by_definition_{at} on {table} (customer_id, user_id, time, event_id, original_user_id) \
                 where customer_id = 1 and type = 'pageview' and (data -> 'path') = '{path}'::jsonb \
                 and ((data -> 'bot') = 'true'::jsonb) is not true"
            ))?;
        }
    }
    let (mut offset, mut store_s, mut typed_s, mut stored) = (0, 0.0, 0.0, 0);
    for thousand in events.chunks(TOGETHER) {
        let records: Vec<(Position, Vec<u8>)> = (offset..).zip(thousand.chunks(RECORD)).map(record(project)).collect();
        offset += records.len() as u64;
        let records: Vec<_> = records.iter().map(|(position, payload)| (*position, &payload[..])).collect();
        let started = Instant::now();
        stored += store.apply_all(&records)?.iter().map(|applied| applied.stored).sum::<u64>();
        store_s += started.elapsed().as_secs_f64();
        let sql = insert(project.get(), thousand);
        let started = Instant::now();
        typed.run(&sql)?;
        typed_s += started.elapsed().as_secs_f64();
    }
    let inserted = typed.numbers("select count(*) from typed.events")?;
    ensure!(inserted == [stored as i64], "{stored} events were applied, {inserted:?} inserted by hand");
    let per_s = |seconds: f64| events.len() as f64 / seconds;
    Ok(Applying { indexes, store_per_s: per_s(store_s), typed_per_s: per_s(typed_s) })
}

/// A record of some events, at an offset.
pub(super) fn record(project: ProjectId) -> impl Fn((u64, &[Event<'static>])) -> (Position, Vec<u8>) {
    move |(offset, events)| {
        let mut batch = BatchWriter::new(project);
        events.iter().for_each(|event| batch.push(&Message::Event(event.clone())));
        (Position { partition: 0, offset }, batch.finish())
    }
}
