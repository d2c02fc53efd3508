//! Many small projects cost little each: how long a folder of them takes to open, and how much memory.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use cairn_model::{BatchWriter, Event, EventKind, Message, Properties, TimeMs, UserId, Value};
use cairn_server::{Engine, EngineOptions};

const EVENTS: u64 = 1_000;
const USERS: u64 = 50;

#[test]
fn many_small_projects_open_fast_and_small() {
    let projects: u64 = env::var("CAIRN_PROJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let dir = tempfile::tempdir().unwrap();
    let started = Instant::now();
    fill(dir.path(), projects);
    let (parts, bytes) = size(&dir.path().join("store/parts"));
    eprintln!("{projects} projects made in {:.1} s: {parts} files, {bytes} bytes", started.elapsed().as_secs_f64());
    let opened = open(dir.path());
    eprintln!(
        "{projects} projects of {EVENTS} events open in {:?}; {} MB resident, {} files open",
        opened.took, opened.rss_mb, opened.files
    );
    // A second or two for a thousand on a quiet machine with a release build; the rest is for others.
    assert!(opened.took < Duration::from_millis(2_000 + 20 * projects), "{:?}", opened.took);
    assert!(opened.rss_mb < 200 + projects * 8 / 10, "{} MB", opened.rss_mb);
    assert!(opened.files < 100, "{} files open", opened.files);
}

/// Projects whose events came in two turns, so that each has several files of each kind.
fn fill(dir: &Path, projects: u64) {
    let engine = Engine::open(dir, EngineOptions::default()).unwrap();
    let made: Vec<_> = (0..projects)
        .map(|number| engine.registry().create_project(&format!("Project {number}"), "UTC", engine.now()).unwrap().id)
        .collect();
    for turn in 0..2 {
        let mut appended = Vec::new();
        for project in &made {
            let mut batch = BatchWriter::new(*project);
            for event in turn * EVENTS / 2..(turn + 1) * EVENTS / 2 {
                batch.push(&Message::Event(pageview(event, engine.now())));
            }
            batch.push(&plan(1 + turn, engine.now()));
            appended.push(engine.append(*project, batch).unwrap());
        }
        for appended in appended {
            appended.wait().unwrap();
        }
        assert!(engine.wait_caught_up(Duration::from_secs(120)));
        let started = Instant::now();
        engine.flush().unwrap();
        eprintln!("tails of {projects} projects written in {:.2} s", started.elapsed().as_secs_f64());
    }
}

fn pageview(number: u64, now: TimeMs) -> Event<'static> {
    let kind = if number.is_multiple_of(3) { EventKind::Click } else { EventKind::Pageview };
    let mut event = Event::new(1 + number % USERS, number + 1, now.0 - 1_000 * (1 + number as i64), kind);
    event.properties.set("path", Value::from(format!("/pages/{}", number % 40)));
    event.properties.set("title", Value::from(format!("Page {}", number % 40)));
    for name in ["browser", "device", "os", "country", "city", "referrer", "session_id", "target_text", "href", "chain"]
    {
        event.properties.set(name, Value::from(format!("{name} {}", number % USERS % 9)));
    }
    event
}

fn plan(user: u64, now: TimeMs) -> Message<'static> {
    let set = Properties::from_pairs(vec![("plan".into(), Value::from("pro"))]);
    let user_id = UserId::new(user).unwrap();
    Message::SetUserProperties { user_id, time: now, received_at: now, set, set_once: Properties::default() }
}

fn size(dir: &Path) -> (usize, u64) {
    let files: Vec<u64> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).collect();
    (files.len(), files.iter().sum())
}

struct Opened {
    took: Duration,
    rss_mb: u64,
    files: usize,
}

/// Starts a server on the folder.
fn open(dir: &Path) -> Opened {
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(dir);
    for name in ["CAIRN_URL", "CAIRN_TOKEN", "RUST_LOG"] {
        command.env_remove(name);
    }
    let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let ready = lines.any(|line| line.unwrap().starts_with("Cairn is ready"));
    let took = started.elapsed();
    let process = format!("/proc/{}", server.id());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let rss_mb = peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024;
    let files = fs::read_dir(format!("{process}/fd")).unwrap().count();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ready, "the server did not start");
    Opened { took, rss_mb, files }
}
