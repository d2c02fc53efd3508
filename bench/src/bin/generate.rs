//! Writes the data set: `generate --events 20000000 --out events.parquet --users users.parquet`.

use std::{
    path::PathBuf,
    time::{Instant, SystemTime},
};

use cairn_bench::{
    data::{DAYS_MS, IdOrder, START_MS, Spec, write_parquet, write_users},
    stats::thousands,
};
use clap::{Parser, ValueEnum};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, Copy, ValueEnum)]
enum Ids {
    Random,
    Time,
}

/// Writes believable events of a site, the same every time.
#[derive(Parser)]
struct Args {
    /// How many events.
    #[arg(long)]
    events: u64,
    /// The Parquet file of the events.
    #[arg(long)]
    out: PathBuf,
    /// The Parquet file of the users.
    #[arg(long)]
    users: Option<PathBuf>,
    /// The set that is hard on a store: unique paths, many properties, a heavy user, late events.
    #[arg(long)]
    hostile: bool,
    /// How event ids come about: 63 random bits, or growing with time.
    #[arg(long, value_enum, default_value = "random")]
    ids: Ids,
    /// The 90 days end now, for what asks about the last days; else they are always the same.
    #[arg(long)]
    until_now: bool,
    /// Every seed gives another data set.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let ids = match args.ids {
        Ids::Random => IdOrder::Random,
        Ids::Time => IdOrder::Time,
    };
    let started = Instant::now();
    let spec = Spec {
        events: args.events,
        seed: args.seed,
        ids,
        hostile: args.hostile,
        start_ms: if args.until_now { now_ms()? - DAYS_MS } else { START_MS },
    };
    if let Some(users) = &args.users {
        write_users(users, spec)?;
    }
    let mut rows = 0;
    write_parquet(&args.out, spec, |batch| rows += batch)?;
    let (seconds, bytes) = (started.elapsed().as_secs_f64(), args.out.metadata()?.len());
    eprintln!(
        "{} events in {seconds:.1} s ({} rows/s), {:.1} bytes each",
        thousands(rows),
        thousands((rows as f64 / seconds) as u64),
        bytes as f64 / rows as f64
    );
    Ok(())
}

fn now_ms() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::UNIX_EPOCH.elapsed()?.as_millis())?)
}
