//! How long an import takes: Cairn against DuckDB's load of the same Parquet file into a table sorted by user and time.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use cairn_bench::{
    data::{IdOrder, START_MS, Spec, write_parquet},
    process::{self, Cost, run_watched},
    stats::{median, thousands},
};
use clap::Parser;
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares `cairn import` with DuckDB's load of the same file.
#[derive(Parser)]
struct Args {
    /// How many events.
    #[arg(long, default_value_t = 20_000_000)]
    events: u64,
    /// Rounds of each.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Threads of DuckDB.
    #[arg(long, default_value_t = 2)]
    threads: u32,
    /// The program; default: `cairn` beside this one.
    #[arg(long)]
    cairn: Option<PathBuf>,
    /// Where files are made: on a disk.
    #[arg(long, default_value = "bench/data")]
    dir: PathBuf,
    /// Where DuckDB's script is; `setup.sh` there installs what it needs.
    #[arg(long, default_value = "bench/peers")]
    peers: PathBuf,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/report-import.json")]
    report: PathBuf,
    /// Fail if Cairn takes more than twice as long.
    #[arg(long)]
    check: bool,
}

const RATIO_MAX: f64 = 2.0;

#[derive(Clone, Serialize)]
struct Round {
    engine: &'static str,
    seconds: f64,
    rows_per_s: f64,
    disk_bytes: u64,
    process: Cost,
}

#[derive(Serialize)]
struct Report {
    events: u64,
    parquet_bytes: u64,
    load_average: String,
    ratio: f64,
    rounds: Vec<Round>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    std::fs::create_dir_all(&args.dir)?;
    process::require_disk(&args.dir)?;
    let program = args.cairn.clone().map_or_else(|| process::beside("cairn"), Ok)?;
    let parquet = parquet(&args)?;
    let load_average = process::load_average();
    let mut rounds = Vec::new();
    for number in 0..args.rounds {
        for at in 0..2 {
            let work = tempfile::Builder::new().prefix("import-").tempdir_in(&args.dir)?;
            // Whoever comes first finds the disk as the other left it: take turns.
            let round = if (number + at) % 2 == 0 {
                duckdb(&args, &parquet, work.path())?
            } else {
                cairn(&program, args.events, &parquet, work.path())?
            };
            print_round(number + 1, &round);
            rounds.push(round);
        }
    }
    let seconds = |engine| median(rounds.iter().filter(|round| round.engine == engine).map(|round| round.seconds));
    let ratio = seconds("cairn") / seconds("duckdb");
    print_ratio(seconds("cairn"), seconds("duckdb"), ratio, &load_average);
    let report = Report { events: args.events, parquet_bytes: parquet.metadata()?.len(), load_average, ratio, rounds };
    std::fs::write(&args.report, serde_json::to_vec_pretty(&report)?)?;
    if args.check && ratio > RATIO_MAX {
        bail!("the import takes {ratio:.2} times as long as DuckDB's; the bar is {RATIO_MAX}");
    }
    Ok(())
}

/// The data set as Parquet; made once.
fn parquet(args: &Args) -> anyhow::Result<PathBuf> {
    let path = args.dir.join(format!("events-{}.parquet", args.events));
    if !path.exists() {
        let unfinished = path.with_extension("part");
        eprintln!("Writing {} …", path.display());
        let spec = Spec { events: args.events, seed: 1, ids: IdOrder::Random, hostile: false, start_ms: START_MS };
        write_parquet(&unfinished, spec, |_| {})?;
        std::fs::rename(unfinished, &path)?;
    }
    Ok(path)
}

fn duckdb(args: &Args, parquet: &Path, work: &Path) -> anyhow::Result<Round> {
    let (database, figures) = (work.join("events.duckdb"), work.join("figures.json"));
    let mut command = Command::new(args.dir.join("venv/bin/python"));
    command.arg(args.peers.join("duckdb_load.py")).arg(parquet).arg(&database);
    let process = run_watched(command.arg(args.threads.to_string()).arg(&figures))?;
    let figures: serde_json::Value = serde_json::from_slice(&std::fs::read(&figures)?)?;
    if figures["rows"] != args.events {
        bail!("DuckDB loaded {} rows of {}", figures["rows"], args.events);
    }
    // Without the time that Python takes to start.
    let seconds = figures["seconds"].as_f64().context("no seconds")?;
    Ok(round("duckdb", args.events, seconds, database.metadata()?.len(), process))
}

fn cairn(program: &Path, events: u64, parquet: &Path, work: &Path) -> anyhow::Result<Round> {
    let command = |words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).arg("--data").arg(work.join("data")).stdout(Stdio::null());
        command
    };
    run_watched(&mut command(&["project", "add", "bench"]))?;
    let process = run_watched(command(&["import", "events"]).arg(parquet).stderr(Stdio::null()))?;
    let all = r#"{"graph": {"event": {"all": []}, "measure": "count", "from": 0, "to": 4102444800000, "interval": "whole", "bots": true}}"#;
    let answer = command(&["query", "--format", "json", all]).stdout(Stdio::piped()).output()?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).context("Cairn's answer")?;
    let found = &answer["graph"]["total"]["total"];
    if found.as_f64() != Some(events as f64) {
        bail!("Cairn imported {found} events of {events}");
    }
    Ok(round("cairn", events, process.seconds, folder_bytes(&work.join("data"))?, process))
}

fn round(engine: &'static str, events: u64, seconds: f64, disk_bytes: u64, process: Cost) -> Round {
    Round { engine, seconds, rows_per_s: events as f64 / seconds, disk_bytes, process }
}

fn folder_bytes(dir: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { folder_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn print_round(number: usize, round: &Round) {
    let Round { engine, seconds, rows_per_s, disk_bytes, process } = round;
    println!(
        "round {number} {engine:>7}: {seconds:7.1} s  {:>10} rows/s  CPU {:6.1} s  peak RSS {:>6} MB ({:>6} MB of no file)  disk {:>6} MB",
        thousands(*rows_per_s as u64),
        process.cpu_seconds,
        thousands(process.peak_rss_bytes >> 20),
        thousands(process.peak_anonymous_bytes >> 20),
        thousands(disk_bytes >> 20),
    );
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn print_ratio(cairn: f64, duckdb: f64, ratio: f64, load_average: &str) {
    println!("\nload average before: {load_average}");
    println!("medians: Cairn {cairn:.1} s, DuckDB {duckdb:.1} s, ratio {ratio:.2} (at most {RATIO_MAX})");
}
