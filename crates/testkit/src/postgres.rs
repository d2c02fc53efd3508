//! A private PostgreSQL for tests: a cluster in a temporary folder, on a free port of 127.0.0.1, gone with its value.
//!
//! ```no_run
//! use cairn_testkit::postgres::Cluster;
//!
//! let cluster = Cluster::fast();
//! cluster.create_database("other");
//! assert_eq!(cluster.psql(&cluster.url("other"), "select 1"), "1");
//! ```
//!
//! Two roles may sign in, both without a password: `postgres`, a superuser, and `cairn`, which owns the databases and may nothing else.
//! Text is ordered by rules for English unless a statement says otherwise, as with most operators, so that a forgotten
//! `COLLATE "C"` shows.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test whose server does not start cannot go on")]

mod citus;
pub(crate) mod process;

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};

pub use citus::{CitusCluster, have_citus};
use process::{Postmaster, Watch};
use tempfile::TempDir;

/// Longer than any start, recovery or stop of a test's server takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Below those that the system gives to outgoing connections, or a restart could find its own port taken.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// What every cluster has.
const SETTINGS: [(&str, &str); 4] = [
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "100"),
    ("shared_buffers", "128MB"),
];

/// A running PostgreSQL of its own. Keep it out of statics, which are never dropped; should the test be killed, the server stops
/// nevertheless.
#[derive(Debug)]
pub struct Cluster {
    // Dropped in this order.
    postmaster: Option<Postmaster>,
    watch: Option<Watch>,
    port: u16,
    settings: Vec<(String, String)>,
    user: Option<(u32, u32)>,
    folder: TempDir,
}

/// Whether PostgreSQL is there: in the folder that POSTGRES_BIN names, or where Debian has it.
pub fn have_postgres() -> bool {
    ["initdb", "postgres", "psql", "createdb"].iter().all(|name| program(name).exists())
}

fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("POSTGRES_BIN").unwrap_or_else(|| "/usr/lib/postgresql/15/bin".into());
    Path::new(&folder).join(name)
}

impl Cluster {
    /// One that keeps what it committed, whatever happens.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// One that may lose everything in a crash of the machine, and is faster.
    pub fn fast() -> Self {
        Self::with(&[("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")])
    }

    /// One with these settings, too.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("cairn-postgres-").tempdir().unwrap();
        let user = unprivileged();
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let settings =
            SETTINGS.iter().chain(settings).map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut cluster = Self { postmaster: None, watch: None, port: 0, settings, user, folder };
        let mut initdb = cluster.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]);
        initdb.args(["--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--pgdata"]).arg(cluster.data());
        run(&mut initdb);
        let until = Instant::now() + PATIENCE;
        while let Err(why) = cluster.try_start(free_port()) {
            assert!(
                Instant::now() < until && why.contains("Address already in use"),
                "PostgreSQL does not start: {why}"
            );
        }
        cluster.psql(&cluster.admin_url("postgres"), "create role cairn login");
        cluster.create_database("cairn");
        cluster
    }

    /// Whether the extension is installed, as it is now: in the copy that `extension/tests/run.py --into` makes, whose programs POSTGRES_BIN names, or in the
    /// server that is there.
    pub fn has_extension() -> bool {
        let mut asked = Command::new(program("pg_config"));
        let Ok(output) = asked.arg("--sharedir").output() else { return false };
        let share = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // One that was built before has no kernels.
        let sql = fs::read_to_string(Path::new(&share).join("extension/cairn--1.0.sql"));
        sql.is_ok_and(|sql| sql.contains("analyse_v1("))
    }

    /// Where a database is, for the role `cairn`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://cairn@127.0.0.1:{}/{database}", self.port)
    }

    /// Where a database is, for the superuser.
    pub fn admin_url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database that `cairn` owns. One named `cairn` is there from the start.
    pub fn create_database(&self, name: &str) {
        let maintenance = format!("--maintenance-db={}", self.admin_url("postgres"));
        run(self.command("createdb").args([&maintenance, "--owner=cairn", name]));
    }

    /// What psql prints for a statement or several: rows only, columns parted by `|`. Panics where one fails.
    pub fn psql(&self, url: &str, sql: &str) -> String {
        let mut psql = self.command("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            "--command",
            sql,
            url,
        ]);
        run(&mut psql).trim_end().to_owned()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server. Panics after [`kill`](Self::kill).
    pub fn pid(&self) -> u32 {
        self.postmaster.as_ref().unwrap().pid()
    }

    /// What the server has logged.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Ends the server and all its processes by SIGKILL, as a crash would.
    pub fn kill(&mut self) {
        self.watch = None;
        if let Some(postmaster) = self.postmaster.take() {
            postmaster.kill();
        }
    }

    /// Starts the server again, on the same port, after [`kill`](Self::kill) or a fast shutdown; it has recovered when this returns.
    pub fn restart(&mut self) {
        self.watch = None;
        self.postmaster = None;
        let until = Instant::now() + PATIENCE;
        while let Err(why) = self.try_start(self.port) {
            // Another test may be looking whether the port is free.
            let passes = why.contains("Address already in use") && Instant::now() < until;
            assert!(passes, "PostgreSQL does not start again: {why}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Stops the server in order, and starts it again with these settings, too.
    pub fn restart_with(&mut self, settings: &[(&str, &str)]) {
        self.settings.extend(settings.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        self.restart();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of PostgreSQL's, as a user whom it accepts.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        // The home is where a server that connects to others looks for certificates.
        command.env("LC_ALL", "C").env("HOME", self.folder.path());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts the server on a port, and waits until it takes connections; else says what it logged.
    fn try_start(&mut self, port: u16) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let before = log.metadata().unwrap().len() as usize;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-c").arg(format!("port={port}"));
        for (name, value) in &self.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let mut postmaster = Postmaster::spawn(&mut command);
        let watch = Watch::over(&postmaster, self.folder.path());
        if !postmaster.is_ready(&self.data(), PATIENCE) {
            let text = fs::read(self.log()).unwrap();
            return Err(String::from_utf8_lossy(&text[before..]).into_owned());
        }
        (self.port, self.postmaster, self.watch) = (port, Some(postmaster), Some(watch));
        Ok(())
    }
}

/// The user and group to be where we are root, which PostgreSQL refuses to be.
fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|line| line[0] == name)?;
        Some((line.get(2)?.parse().ok()?, line.get(3)?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).unwrap_or_else(|| panic!("no user but root to run PostgreSQL as")))
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id().wrapping_mul(37);
    loop {
        let number = first.wrapping_add(u32::from(TRIED.fetch_add(1, Ordering::Relaxed)));
        let port = PORTS.start + (number % u32::from(PORTS.end - PORTS.start)) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// What a program prints; panics with what it says if it fails.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
