//! What capture costs: Cairn against a handler that reads and parses the same bodies and does nothing more.
//!
//! Both run in processes of their own and take the same load in turn, several rounds; the rest of the work is counted too:
//! a round's CPU time ends when the store has applied everything and the process is idle.

use std::path::PathBuf;

use anyhow::bail;
use cairn_bench::{
    capture::{self, BATCH, Load, Request, Run, Server},
    data::World,
    process,
    stats::{median, percentile, thousands},
};
use clap::Parser;
use serde::Serialize;

/// Compares the CPU time of capture with that of a handler that only parses.
#[derive(Parser)]
struct Args {
    /// Events of a round.
    #[arg(long, default_value_t = 600_000)]
    events: u64,
    /// Rounds of each server.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Events before the rounds: enough that memory has been used once, as in a server that has run for a while.
    #[arg(long, default_value_t = 2_100_000)]
    warm_up: u64,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// The program; default: `cairn` beside this one.
    #[arg(long)]
    cairn: Option<PathBuf>,
    /// Where Cairn's data folder is made: on a disk.
    #[arg(long, default_value = "bench/data")]
    dir: PathBuf,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/report-capture.json")]
    report: PathBuf,
    /// Fail if Cairn takes more than twice the yardstick's CPU time.
    #[arg(long)]
    check: bool,
}

const RATIO_MAX: f64 = 2.0;

#[derive(Clone, Debug, Serialize)]
struct Round {
    server: &'static str,
    events_per_s: f64,
    cpu_us_per_event: f64,
    p50_ms: f64,
    p99_ms: f64,
    busy: u64,
}

#[derive(Serialize)]
struct Report {
    connections: usize,
    batch: usize,
    events_per_round: u64,
    body_bytes_per_event: f64,
    load_average: String,
    /// Over all rounds: what happens once in a million events counts with its share.
    cpu_us_per_event: [f64; 2],
    ratio: f64,
    rounds: Vec<Round>,
}

/// A server, its load, and what it has cost.
struct Side {
    name: &'static str,
    server: Server,
    load: Load,
    cpu_s: f64,
}

impl Side {
    fn new(name: &'static str, server: Server, world: &World, args: &Args) -> Self {
        let load = Load {
            address: server.address,
            requests: capture::requests(world, args.connections * 8, server.address, &server.path),
            connections: args.connections,
            expect: if server.api.is_some() { format!("\"accepted\":{BATCH},") } else { String::new() },
            sent: 0,
            first_id: Load::first_id_now(),
        };
        Self { name, server, load, cpu_s: 0.0 }
    }

    fn round(&mut self, events: u64) -> anyhow::Result<Round> {
        let before = self.server.cpu()?;
        let run = self.load.run(events)?;
        self.server.settle(self.load.sent)?;
        let cpu_s = (self.server.cpu()? - before).as_secs_f64();
        self.cpu_s += cpu_s;
        Ok(round(self.name, events, cpu_s, &run))
    }
}

fn round(server: &'static str, events: u64, cpu_s: f64, run: &Run) -> Round {
    let ms = |percent| f64::from(percentile(&run.latencies_us, percent)) / 1e3;
    Round {
        server,
        events_per_s: events as f64 / run.seconds,
        cpu_us_per_event: cpu_s * 1e6 / events as f64,
        p50_ms: ms(50.0),
        p99_ms: ms(99.0),
        busy: run.busy,
    }
}

fn main() -> anyhow::Result<()> {
    let mut args = Args::parse();
    args.events = args.events.next_multiple_of(BATCH as u64);
    args.warm_up = args.warm_up.next_multiple_of(BATCH as u64);
    std::fs::create_dir_all(&args.dir)?;
    process::require_disk(&args.dir)?;
    let load_average = process::load_average();
    let data = tempfile::Builder::new().prefix("capture-").tempdir_in(&args.dir)?;
    let program = args.cairn.clone().map_or_else(|| process::beside("cairn"), Ok)?;
    let world = World::new(3);
    let mut sides = [
        Side::new("cairn", capture::cairn(&program, data.path())?, &world, &args),
        Side::new("yardstick", capture::yardstick(&process::beside("yardstick")?)?, &world, &args),
    ];
    for side in &mut sides {
        side.round(args.warm_up)?;
        side.cpu_s = 0.0;
    }
    let mut rounds = Vec::new();
    for number in 0..args.rounds {
        let order = if number % 2 == 0 { [0, 1] } else { [1, 0] };
        for at in order {
            let round = sides[at].round(args.events)?;
            print_round(number + 1, &round);
            rounds.push(round);
        }
    }
    sides[0].server.verify(sides[0].load.sent)?;
    let total = (args.events * args.rounds as u64) as f64;
    let cpu_us_per_event = [0, 1].map(|at: usize| sides[at].cpu_s * 1e6 / total);
    let ratio = cpu_us_per_event[0] / cpu_us_per_event[1];
    let (connections, events_per_round) = (args.connections, args.events);
    let requests = &sides[0].load.requests;
    let body_bytes: usize = requests.iter().map(Request::body_bytes).sum();
    let body_bytes_per_event = body_bytes as f64 / (requests.len() * BATCH) as f64;
    let report = Report {
        connections,
        batch: BATCH,
        events_per_round,
        body_bytes_per_event,
        load_average,
        cpu_us_per_event,
        ratio,
        rounds,
    };
    print_report(&report, sides[0].load.sent);
    std::fs::write(&args.report, serde_json::to_vec_pretty(&report)?)?;
    if args.check && ratio > RATIO_MAX {
        bail!("capture takes {ratio:.2} times the CPU time of the yardstick; the bar is {RATIO_MAX}");
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn print_round(number: usize, round: &Round) {
    let Round { server, events_per_s, cpu_us_per_event, p50_ms, p99_ms, busy } = round;
    let per_s = thousands(*events_per_s as u64);
    println!(
        "round {number} {server:>9}: {per_s:>9} events/s  {cpu_us_per_event:6.2} us CPU/event  p50 {p50_ms:6.2} ms  \
         p99 {p99_ms:6.2} ms  {busy} busy"
    );
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn print_report(report: &Report, sent: u64) {
    println!("\n{} events sent to Cairn, each stored once (by its ledger)", thousands(sent));
    println!(
        "{} connections, batches of {}, load average before: {}\n",
        report.connections, report.batch, report.load_average
    );
    println!(
        "{:>10} {:>12} {:>14} {:>9} {:>9}   medians; CPU over all rounds",
        "", "events/s", "us CPU/event", "p50 ms", "p99 ms"
    );
    for (server, cpu) in ["cairn", "yardstick"].into_iter().zip(report.cpu_us_per_event) {
        let of =
            |figure: fn(&Round) -> f64| median(report.rounds.iter().filter(|round| round.server == server).map(figure));
        let per_s = thousands(of(|round| round.events_per_s) as u64);
        let (p50, p99) = (of(|round| round.p50_ms), of(|round| round.p99_ms));
        println!("{server:>10} {per_s:>12} {cpu:>14.2} {p50:>9.2} {p99:>9.2}");
    }
    println!("\nCPU of Cairn / yardstick: {:.2} (at most {RATIO_MAX})", report.ratio);
}
