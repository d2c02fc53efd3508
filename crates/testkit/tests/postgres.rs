//! A private PostgreSQL starts, serves, survives its own death, and leaves nothing behind.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Write, stdout},
    net::TcpStream,
    panic,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use cairn_testkit::postgres::{Cluster, have_postgres};

fn assert_gone(port: u16, log: &Path) {
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody listens on {port}");
    assert!(!log.parent().unwrap().exists(), "{} is still there", log.display());
}

#[test]
fn it_serves_and_is_gone_when_dropped() {
    assert!(have_postgres(), "scripts/need postgresql");
    let cluster = Cluster::fast();
    cluster.create_database("other");
    assert_eq!(cluster.psql(&cluster.url("other"), "select 1"), "1");
    assert_eq!(
        cluster.psql(&cluster.url("cairn"), "create table t (i int); insert into t values (7); select * from t"),
        "7"
    );
    let may =
        "select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user";
    assert_eq!(cluster.psql(&cluster.url("cairn"), may), "f");
    assert_eq!(cluster.psql(&cluster.admin_url("cairn"), "show fsync"), "off");
    // In the order of bytes, B would come first.
    assert_eq!(cluster.psql(&cluster.url("cairn"), "select 'a' < 'B', 'a' < 'B' collate \"C\""), "t|f");
    assert!(TcpStream::connect(("127.0.0.1", cluster.port())).is_ok());
    let (port, log) = (cluster.port(), cluster.log());
    assert!(fs::read_to_string(&log).unwrap().contains("ready to accept connections"));
    drop(cluster);
    assert_gone(port, &log);
}

#[test]
fn what_was_committed_survives_a_kill() {
    let mut cluster = Cluster::start();
    let url = cluster.url("cairn");
    assert_eq!(cluster.psql(&url, "show fsync"), "on");
    cluster.psql(&url, "create table t (i int); insert into t select generate_series(1, 1000)");
    let pid = cluster.pid();
    cluster.kill();
    assert!(TcpStream::connect(("127.0.0.1", cluster.port())).is_err());
    cluster.restart();
    assert_ne!(cluster.pid(), pid);
    assert_eq!(cluster.psql(&url, "select count(*) from t"), "1000");
    assert!(fs::read_to_string(cluster.log()).unwrap().contains("automatic recovery in progress"));
}

#[test]
fn it_is_gone_when_the_test_panics() {
    let (sent, seen) = std::sync::mpsc::channel();
    let outcome = panic::catch_unwind(move || {
        let cluster = Cluster::fast();
        sent.send((cluster.port(), cluster.log())).unwrap();
        cluster.psql(&cluster.url("cairn"), "select * from what_is_not_there");
    });
    assert!(outcome.is_err());
    let (port, log) = seen.recv().unwrap();
    assert_gone(port, &log);
}

/// Set for the process that is killed.
const HOLD: &str = "CAIRN_TEST_HOLD";

/// Does nothing unless the next test asks for it: has a server until it is killed.
#[test]
fn holds_a_server() {
    if env::var_os(HOLD).is_some() {
        let cluster = Cluster::fast();
        println!("\nserver {} {}", cluster.port(), cluster.log().display());
        stdout().flush().unwrap();
        thread::sleep(Duration::from_secs(600));
    }
}

#[test]
fn it_is_gone_when_the_test_is_killed() {
    let mut test = Command::new(env::current_exe().unwrap());
    let test = test.args(["--exact", "holds_a_server", "--nocapture"]).env(HOLD, "1").stdout(Stdio::piped());
    let mut test = test.spawn().unwrap();
    let mut lines = BufReader::new(test.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("server ")).unwrap();
    let (port, log) = line["server ".len()..].split_once(' ').unwrap();
    let (port, log) = (port.parse::<u16>().unwrap(), PathBuf::from(log));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    test.kill().unwrap();
    test.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while log.parent().unwrap().exists() && Instant::now() < until {
        thread::sleep(Duration::from_millis(50));
    }
    assert_gone(port, &log);
}
