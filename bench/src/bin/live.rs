//! Capture and questions at the same time, on a folder that `make bench-compare` has loaded: how long captured batches wait
//! while Q1 and Q4b run in a loop, and how much slower these are than without capture.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use cairn_bench::{
    capture::{self, Api, Load, Pace, Server},
    data::World,
    process,
    stats::{median, thousands},
};
use clap::Parser;
use serde::Serialize;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures capture and questions side by side.
#[derive(Parser)]
struct Args {
    /// A data set's folder, with `cairn/` and `questions.json`, as `make bench-compare` leaves it.
    #[arg(long)]
    set: PathBuf,
    /// Events captured per second.
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Seconds with capture, and as many without.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Connections of the capture.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The program; default: `cairn` beside this one.
    #[arg(long)]
    cairn: Option<PathBuf>,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/report-live.json")]
    report: PathBuf,
    /// Fail if a bar is not reached.
    #[arg(long)]
    check: bool,
}

const CAPTURE_P99_MAX_MS: f64 = 50.0;
const BUSY_TO_QUIET_MAX: f64 = 3.0;
const WARM_UP: Duration = Duration::from_secs(2);
/// 2026-08-03, where the data sets begin.
const START_MS: u64 = 1_785_715_200_000;
const DAY_MS: u64 = 86_400_000;

#[derive(Serialize)]
struct Question {
    question: &'static str,
    quiet_median_ms: f64,
    busy_median_ms: f64,
    busy_to_quiet: f64,
    /// How often it was asked while events were captured.
    asked: usize,
}

#[derive(Serialize)]
struct Report {
    events_per_s: u64,
    captured: u64,
    load_average: String,
    capture_p50_ms: f64,
    capture_p99_ms: f64,
    capture_max_ms: f64,
    busy: u64,
    questions: [Question; 2],
}

struct Asker {
    api: Api,
    project: String,
    questions: [(&'static str, Value); 2],
}

impl Asker {
    /// Asks all questions by turns until `done`; the milliseconds of each.
    fn run(&self, done: impl Fn() -> bool) -> anyhow::Result<[Vec<f64>; 2]> {
        let mut times = [Vec::new(), Vec::new()];
        while !done() {
            for (times, (_, question)) in times.iter_mut().zip(&self.questions) {
                times.push(self.api.ask(&self.project, question)?.1.as_secs_f64() * 1e3);
            }
        }
        Ok(times)
    }

    fn run_for(&self, time: Duration) -> anyhow::Result<[Vec<f64>; 2]> {
        let until = Instant::now() + time;
        self.run(|| Instant::now() >= until)
    }
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    process::require_disk(&args.set)?;
    let load_average = process::load_average();
    let work = tempfile::Builder::new().prefix("live-").tempdir_in(&args.set)?;
    let data = copy(&args.set.join("cairn"), work.path())?;
    let program = args.cairn.clone().map_or_else(|| process::beside("cairn"), Ok)?;
    let server = capture::cairn(&program, &data)?;
    let asker = asker(&args, &server, &data)?;
    let before = asker.api.ledger(&asker.project)?.accepted;
    server.settle(before)?;
    asker.run_for(WARM_UP)?;
    let quiet = asker.run_for(Duration::from_secs(args.seconds))?;
    let mut load = Load {
        address: server.address,
        requests: capture::requests(&World::new(3), args.connections * 8, server.address, &server.path),
        connections: args.connections,
        expect: String::new(),
        sent: 0,
        first_id: Load::first_id_now(),
    };
    let pace = Pace { events_per_s: args.rate, time: Duration::from_secs(args.seconds) };
    let (paced, busy) = thread::scope(|scope| {
        let capture = scope.spawn(|| load.paced(pace));
        let busy = asker.run(|| capture.is_finished());
        let paced = capture.join().unwrap_or_else(|_| bail!("the capture failed"));
        anyhow::Ok((paced?, busy?))
    })?;
    server.settle(before + load.sent)?;
    let questions = [0, 1].map(|at| question(asker.questions[at].0, &quiet[at], &busy[at]));
    let ms = |us: u64| us as f64 / 1e3;
    let report = Report {
        events_per_s: args.rate,
        captured: load.sent,
        load_average,
        capture_p50_ms: ms(paced.waits_us.value_at_quantile(0.5)),
        capture_p99_ms: ms(paced.waits_us.value_at_quantile(0.99)),
        capture_max_ms: ms(paced.waits_us.max()),
        busy: paced.busy,
        questions,
    };
    print(&report);
    fs::write(&args.report, serde_json::to_vec_pretty(&report)?)?;
    if args.check { check(&report) } else { Ok(()) }
}

/// A copy of a data folder, so that what is captured stays out of the comparison.
fn copy(folder: &Path, to: &Path) -> anyhow::Result<PathBuf> {
    let out = to.join("cairn");
    let status = Command::new("cp").args(["-r", "--reflink=auto"]).arg(folder).arg(&out).status()?;
    if !status.success() {
        bail!("{} cannot be copied: load it by `make bench-compare` first", folder.display());
    }
    // It says where the last server listened.
    let _ = fs::remove_file(out.join("lock"));
    Ok(out)
}

/// Q1 by its definition, and Q4b, over all of history and the events that are being captured.
fn asker(args: &Args, server: &Server, data: &Path) -> anyhow::Result<Asker> {
    let file = args.set.join("questions.json");
    let chosen: Value = serde_json::from_slice(&fs::read(&file).with_context(|| format!("{}", file.display()))?)?;
    let q1 = &chosen["Q1"][0];
    let predicate = json!({"all": [
        {"type": q1["type"]}, {"property": "path", "is": q1["path"]},
        {"property": "target_text", "is": q1["text"]}, {"selector": q1["selector"]},
    ]});
    let api = Api::new(format!("http://{}", server.address), data)?;
    let (project, _) = api.project()?;
    api.define(&project, "Live", &predicate)?;
    let to = Load::first_id_now() >> 21;
    let (from, to) = (START_MS, to + DAY_MS);
    let steps = ["pageview", "click", "submit"].map(|kind| json!({"type": kind}));
    let by_day = json!({"graph": {"event": "Live", "measure": "count", "interval": "day", "from": from, "to": to}});
    let funnel = json!({"funnel": {"steps": steps, "window": "7d", "from": from, "to": to}});
    Ok(Asker { api, project, questions: [("Q1", by_day), ("Q4b", funnel)] })
}

fn question(question: &'static str, quiet: &[f64], busy: &[f64]) -> Question {
    let (quiet_median_ms, busy_median_ms) = (median(quiet.iter().copied()), median(busy.iter().copied()));
    let busy_to_quiet = busy_median_ms / quiet_median_ms;
    Question { question, quiet_median_ms, busy_median_ms, busy_to_quiet, asked: busy.len() }
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn print(report: &Report) {
    println!("load average before: {}", report.load_average);
    println!(
        "capture: {} events at {}/s, p50 {:.2} ms, p99 {:.2} ms (at most {CAPTURE_P99_MAX_MS}), max {:.2} ms, {} busy",
        thousands(report.captured),
        thousands(report.events_per_s),
        report.capture_p50_ms,
        report.capture_p99_ms,
        report.capture_max_ms,
        report.busy,
    );
    for Question { question, quiet_median_ms, busy_median_ms, busy_to_quiet, asked } in &report.questions {
        println!(
            "{question:>4}: quiet {quiet_median_ms:8.2} ms, busy {busy_median_ms:8.2} ms, {busy_to_quiet:.2} times (at most \
             {BUSY_TO_QUIET_MAX}); asked {} times",
            thousands(*asked as u64)
        );
    }
}

fn check(report: &Report) -> anyhow::Result<()> {
    if report.capture_p99_ms > CAPTURE_P99_MAX_MS {
        bail!("captured batches wait {:.1} ms at p99; the bar is {CAPTURE_P99_MAX_MS}", report.capture_p99_ms);
    }
    for Question { question, busy_to_quiet, .. } in &report.questions {
        if *busy_to_quiet > BUSY_TO_QUIET_MAX {
            bail!("{question} takes {busy_to_quiet:.2} times its quiet time; the bar is {BUSY_TO_QUIET_MAX}");
        }
    }
    Ok(())
}
