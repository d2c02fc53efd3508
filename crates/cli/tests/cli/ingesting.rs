//! `--store` and `--log` together: servers that take in and answer, and writers of their own.

use std::{
    fmt::Write,
    io::{BufRead, BufReader, Read, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use cairn_testkit::{kafka::Kafka, postgres::Cluster};

use crate::support::{Server, Site};

const VIEWS: &str = r#"{"type": "pageview"}"#;
const PATIENCE: Duration = Duration::from_secs(120);

/// A writer that has begun; what it said of itself.
fn writer(site: &Site, environment: &[(&str, &str)], args: &[&str]) -> (Child, String) {
    let mut command = site.command(&[&["ingest"], args].concat());
    command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    (child, said)
}

fn rows(users: std::ops::Range<u64>) -> String {
    users.fold("user_id,event_id,time,type,path\n".to_owned(), |mut rows, user| {
        writeln!(rows, "{user},{user},2026-08-01T12:00:00Z,pageview,/").unwrap();
        rows
    })
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: cairn\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn writers_apply_what_servers_take_in() {
    let (kafka, cluster, site) = (Kafka::start(1), Cluster::fast(), Site::new());
    let (store, log) = (cluster.url("cairn"), kafka.url("cairn"));
    let shared = [("CAIRN_STORE", &store[..]), ("CAIRN_LOG", &log[..])];
    let mut command = site.command(&["serve", "--no-ingest", "--listen", "127.0.0.1:0"]);
    command.envs(shared);
    let server = Server::start(command);
    let (mut first, said) = writer(&site, &shared, &[]);
    assert_eq!(said, "Cairn applies what comes in.\n");
    let (second, said) = writer(&site, &shared, &["--listen", "127.0.0.1:0"]);
    let address = said.split("http://").nth(1).unwrap().split('/').next().unwrap();

    let import = |users| {
        let file = site.file("rows.csv", &rows(users));
        site.ok(&["import", "events", &file, "--url", &server.url, "--token", &server.token]);
    };
    import(1..2_001);
    // The other takes over what it had.
    first.kill().unwrap();
    first.wait().unwrap();
    import(1_001..4_001);
    let until = Instant::now() + PATIENCE;
    while site.count(VIEWS, &["--store", &store]) < 4_000 {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(site.count(VIEWS, &["--url", &server.url, "--token", &server.token]), 4_000);
    assert!(get(address, "/healthz").ends_with(r#"{"status":"ok"}"#));
    assert!(get(address, "/metrics").contains("cairn_partition_lag_records{partition=\"11\"} 0"));
    assert!(get(address, "/api/projects").starts_with("HTTP/1.1 404"));

    assert!(Command::new("kill").arg(second.id().to_string()).status().unwrap().success());
    let output = second.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("what is not applied waits in Kafka"), "{said}");
    // A command that takes data in is a server for so long.
    let file = site.file("more.csv", &rows(4_001..4_101));
    drop(server);
    site.ok(&["import", "events", &file, "--store", &store, "--log", &log]);
    assert_eq!(site.count(VIEWS, &["--store", &store]), 4_100);
}

#[test]
fn what_a_writer_needs_is_said() {
    let site = Site::new();
    assert!(site.fails(&["ingest"]).contains("--log kafka://… (or CAIRN_LOG) and --store postgres://…"));
    let alone = site.fails(&["serve", "--no-ingest", "--listen", "127.0.0.1:0"]);
    assert!(alone.contains("give --log and --store, too"), "{alone}");
    let alone = site.fails(&["serve", "--spool", "--listen", "127.0.0.1:0"]);
    assert!(alone.contains("give --log kafka://…, too"), "{alone}");
    let wrong = site.fails(&["ingest", "--store", "postgres://127.0.0.1:1/x", "--log", "somewhere"]);
    assert!(wrong.contains("--log (or CAIRN_LOG)"), "{wrong}");
    assert!(!site.data().exists());
}
