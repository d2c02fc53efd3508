//! The store in PostgreSQL against what somebody would type by hand: applying, a count, a funnel. On a private server.

use std::path::PathBuf;

use anyhow::bail;
use cairn_analysis::Store;
use cairn_bench::{
    data::{Events, IdOrder, START_MS, Spec, World},
    postgres::{Applying, Asking, apply, ask, bytes, load},
    stats::thousands,
};
use cairn_model::ProjectId;
use cairn_postgres::{KeeperOptions, PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;
use clap::Parser;
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares the store in PostgreSQL with statements typed by hand.
#[derive(Parser)]
struct Args {
    /// How many events there are to ask about.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// How many are applied for each number of indexes.
    #[arg(long, default_value_t = 100_000)]
    applied: usize,
    /// Ask on this database instead of a private one, and apply nothing: it is filled if it has no events yet, and stays.
    #[arg(long)]
    database: Option<String>,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/report-postgres.json")]
    report: PathBuf,
    /// Fail if a ratio is missed.
    #[arg(long)]
    check: bool,
}

const SEED: u64 = 7;

/// What an operator of a machine like this would set.
const SETTINGS: [(&str, &str); 5] = [
    ("shared_buffers", "4GB"),
    ("max_wal_size", "8GB"),
    ("maintenance_work_mem", "512MB"),
    ("random_page_cost", "1.1"),
    ("work_mem", "64MB"),
];

#[derive(Serialize)]
struct Report {
    events: u64,
    table_bytes: u64,
    index_bytes: u64,
    applying: Vec<Applying>,
    asking: Vec<Asking>,
}

#[allow(clippy::print_stdout)]
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let world = World::new(SEED);
    let cluster = args.database.is_none().then(|| Cluster::with(&SETTINGS));
    let applying = cluster.as_ref().map_or(Ok(Vec::new()), |cluster| apply_with_indexes(&args, &world, cluster))?;
    let url = cluster.as_ref().map(|cluster| cluster.url("cairn")).or_else(|| args.database.clone());
    let url = url.unwrap_or_default();
    let store =
        PostgresStore::open(&PostgresOptions { keeper: Some(KeeperOptions::default()), ..PostgresOptions::new(&url) })?;
    fill(&args, &world, &store)?;
    let (table, indexes) = bytes(&url)?;
    let [per_row, per_entry] = [table, indexes].map(|bytes| bytes / args.events);
    println!("{per_row} bytes an event in the table, {per_entry} in its own indexes");
    let mut asking = ask(&store, &url, &world)?;
    if let Some(cluster) = cluster.as_ref().filter(|_| Cluster::has_extension()) {
        cluster.psql(&cluster.admin_url("cairn"), "create extension cairn");
        let with = PostgresStore::open(&PostgresOptions::new(&url))?;
        asking.extend(ask(&with, &url, &world)?);
    }
    for Asking { question, extension, store_ms, typed_ms } in &asking {
        let with = if *extension { ", with the extension" } else { "" };
        println!("{question}{with}: {store_ms:.2} ms, by hand {typed_ms:.2} ms: {:.2}", typed_ms / store_ms);
    }
    let missed = missed(&applying, &asking);
    let report = Report { events: args.events, table_bytes: table, index_bytes: indexes, applying, asking };
    std::fs::write(&args.report, serde_json::to_string_pretty(&report)?)?;
    missed.iter().for_each(|missed| println!("missed: {missed}"));
    if args.check && !missed.is_empty() {
        bail!("{} ratios are missed", missed.len());
    }
    Ok(())
}

fn spec(args: &Args) -> Spec {
    Spec {
        events: args.events.max(args.applied as u64),
        seed: SEED,
        ids: IdOrder::Random,
        hostile: false,
        start_ms: START_MS,
    }
}

#[allow(clippy::print_stdout)]
fn apply_with_indexes(args: &Args, world: &World, cluster: &Cluster) -> anyhow::Result<Vec<Applying>> {
    let some: Vec<_> = Events::new(world, spec(args)).take(args.applied).map(|event| event.to_model(world)).collect();
    let mut applying = Vec::new();
    for indexes in [0, 5, 50] {
        let of = apply(cluster, world, &some, indexes)?;
        let [store, typed] = [of.store_per_s, of.typed_per_s].map(|per_s| thousands(per_s as u64));
        println!(
            "applying, {indexes} partial indexes: {store} events/s, by hand {typed}: {:.2}",
            of.store_per_s / of.typed_per_s
        );
        applying.push(of);
    }
    Ok(applying)
}

#[allow(clippy::print_stdout)]
fn fill(args: &Args, world: &World, store: &PostgresStore) -> anyhow::Result<()> {
    if store.ledger(ProjectId::clamped(1))?.accepted > 0 {
        return Ok(());
    }
    let events = Events::new(world, spec(args)).take(args.events as usize).map(|event| event.to_model(world));
    load(store, events, |loaded| {
        if loaded.is_multiple_of(500_000) {
            println!("{} events are there", thousands(loaded));
        }
    })
}

fn missed(applying: &[Applying], asking: &[Asking]) -> Vec<String> {
    let slow = applying.iter().filter(|of| of.store_per_s < 0.5 * of.typed_per_s);
    let slow = slow.map(|of| format!("applying with {} indexes is less than half as fast as by hand", of.indexes));
    let late = asking.iter().filter_map(|of| match of.question {
        "Q1" if of.store_ms > (2.0 * of.typed_ms).max(of.typed_ms + 3.0) => {
            Some("Q1 takes over twice the bare count".to_owned())
        }
        "Q4a" if of.store_ms > of.typed_ms / 3.0 => Some("Q4a is not three times as fast as PL/pgSQL".to_owned()),
        _ => None,
    });
    slow.chain(late).collect()
}
