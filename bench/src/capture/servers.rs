//! The servers: Cairn, and the yardstick.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use super::Api;
use crate::process::{self, Process};

const START_TIMEOUT: Duration = Duration::from_secs(30);
const QUIET: Duration = Duration::from_millis(400);
const APPLY_TIMEOUT: Duration = Duration::from_secs(120);

/// A server in a process of its own, and where events go.
pub struct Server {
    process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// The path that takes events.
    pub path: String,
    /// Of Cairn: its API and project.
    pub api: Option<(Api, String)>,
}

/// Starts `program serve` on the new folder `data`.
pub fn cairn(program: &Path, data: &Path) -> anyhow::Result<Server> {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut process = Process::start(&mut command)?;
    let started = Instant::now();
    let url = loop {
        // Whoever has the folder writes its address into the lock.
        let lock = fs::read_to_string(data.join("lock")).unwrap_or_default();
        if let Some(url) = lock.lines().nth(1).filter(|url| url.starts_with("http://")) {
            break url.trim_end_matches('/').to_owned();
        }
        if let Some(status) = process.ended()? {
            bail!("{} ended: {status}", program.display());
        }
        if started.elapsed() > START_TIMEOUT {
            bail!("{} does not say where it listens", program.display());
        }
        thread::sleep(Duration::from_millis(20));
    };
    let address = url.trim_start_matches("http://").parse().with_context(|| format!("{url} is no address"))?;
    let api = Api::new(url, data)?;
    let (project, write_key) = api.project()?;
    Ok(Server { process, address, path: format!("/ingest/{write_key}"), api: Some((api, project)) })
}

/// Starts the yardstick.
pub fn yardstick(program: &Path) -> anyhow::Result<Server> {
    let mut process = Process::start(Command::new(program).stdout(Stdio::piped()))?;
    let out = process.child().stdout.take().context("the yardstick has no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().parse().with_context(|| format!("{line:?} is no address"))?;
    Ok(Server { process, address, path: "/ingest/ck_yardstick".to_owned(), api: None })
}

impl Server {
    /// CPU time so far.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        process::cpu(self.process.id()).context("the server is gone")
    }

    /// Waits until all that was sent, `events` in total, is applied and the process has nothing more to do.
    pub fn settle(&self, events: u64) -> anyhow::Result<()> {
        let started = Instant::now();
        if let Some((api, project)) = &self.api {
            while api.ledger(project)?.accepted < events {
                if started.elapsed() > APPLY_TIMEOUT {
                    bail!("the store does not catch up: {:?} of {events} events", api.ledger(project)?);
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        loop {
            let before = self.cpu()?;
            thread::sleep(QUIET);
            if self.cpu()? - before <= QUIET / 20 {
                return Ok(());
            }
        }
    }

    /// Fails unless exactly `events` events were stored, each once.
    pub fn verify(&self, events: u64) -> anyhow::Result<()> {
        let Some((api, project)) = &self.api else { return Ok(()) };
        let ledger = api.ledger(project)?;
        if (ledger.accepted, ledger.stored, ledger.duplicate) != (events, events, 0) {
            bail!("{events} events were sent, but the ledger says {ledger:?}");
        }
        Ok(())
    }
}
