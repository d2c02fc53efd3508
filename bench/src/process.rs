//! Child processes, and what they cost by the system's own books.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

const MEMORY_EVERY: Duration = Duration::from_millis(50);

/// A child that is killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        Ok(Self(command.spawn().with_context(|| format!("{program} cannot be started"))?))
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The child itself, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Time and memory of a process that ran to its end.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Cost {
    /// From start to end.
    pub seconds: f64,
    /// CPU seconds of all its threads.
    pub cpu_seconds: f64,
    /// The most that was resident, mapped files included.
    pub peak_rss_bytes: u64,
    /// The most that was resident and is in no file, as seen every 50 ms.
    pub peak_anonymous_bytes: u64,
}

/// Runs `command` to its end, watching its memory.
pub fn run_watched(command: &mut Command) -> anyhow::Result<Cost> {
    let started = Instant::now();
    let mut process = Process::start(command)?;
    let mut cost = Cost { seconds: 0.0, cpu_seconds: 0.0, peak_rss_bytes: 0, peak_anonymous_bytes: 0 };
    let status = loop {
        let status = process.ended()?;
        cost.seconds = started.elapsed().as_secs_f64();
        if let Some(status) = status {
            break status;
        }
        // A process about to end has no memory any more.
        if let (Some(rss), Some(anonymous)) = (memory(process.id(), "VmHWM"), memory(process.id(), "RssAnon")) {
            cost.peak_rss_bytes = cost.peak_rss_bytes.max(rss);
            cost.peak_anonymous_bytes = cost.peak_anonymous_bytes.max(anonymous);
        }
        cost.cpu_seconds = cpu(process.id()).map_or(cost.cpu_seconds, |cpu| cpu.as_secs_f64());
        thread::sleep(MEMORY_EVERY);
    };
    if !status.success() {
        bail!("{} failed: {status}", command.get_program().to_string_lossy());
    }
    Ok(cost)
}

/// CPU time of all threads of a process, user and system, ended ones included.
pub fn cpu(id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything; of the fields after it, the 12th and 13th are utime and stime.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

/// A figure of a process's memory by its name in `/proc/ID/status`, such as `RssAnon`, in bytes.
pub fn memory(id: u32, what: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

/// The program `name` that was built beside this one.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.exists() {
        bail!("{} is missing: build it first, with the same profile", path.display());
    }
    Ok(path)
}

/// The load average, to be told with every figure.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Refuses folders in memory: there, syncing costs nothing.
pub fn require_disk(dir: &Path) -> anyhow::Result<()> {
    const TMPFS: i64 = 0x0102_1994;
    let kind = rustix::fs::statfs(dir).with_context(|| format!("{} cannot be used", dir.display()))?.f_type;
    if kind as i64 == TMPFS {
        bail!("{} is in memory: choose a folder on a disk", dir.display());
    }
    Ok(())
}
