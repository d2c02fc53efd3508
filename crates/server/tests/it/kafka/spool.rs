//! Servers with a spool take events in while Kafka is away.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::Duration,
};

use cairn_commitlog::{KafkaLog, KafkaOptions, Log};
use cairn_model::{Batch, ProjectId, RawMessage};
use cairn_server::{Engine, EngineError, EngineOptions, ServerOptions};
use cairn_testkit::kafka::Kafka;
use serde_json::{Value, json};

use super::{PATIENCE, settings};
use crate::{
    client::request,
    postgres::{options, wait_for},
    setup::{Server, body, pageview},
};

/// Users who send all the time.
const USERS: u64 = 8;
/// Numbers of events of one user.
const EACH: u64 = 1_000_000;

fn spooling(dir: &Path) -> EngineOptions {
    let settings = settings();
    let kafka = KafkaOptions { patience: Duration::from_secs(15), ..settings.kafka.clone() };
    EngineOptions { kafka, spool: Some(dir.join("spool")), ..settings }
}

fn server(dir: &Path, url: &str) -> Server {
    let engine = Engine::open_on_kafka(dir, &url.parse().unwrap(), spooling(dir)).unwrap();
    Server::on(engine, options().1, ServerOptions::default())
}

/// Each user sends one event after the other until `stop`, and is told each time that it was taken.
fn send(server: &Server, from: &[u64], during: impl FnOnce()) -> Vec<u64> {
    let (stop, address, path) = (&AtomicBool::new(false), server.address, &format!("/ingest/{}", server.key));
    thread::scope(|scope| {
        let send = |(user, from): (u64, u64)| scope.spawn(move || send_one(address, path, user, from, stop));
        let senders: Vec<_> = (1..=USERS).zip(from.iter().copied()).map(send).collect();
        let stopping = Stop(stop);
        during();
        drop(stopping);
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}

/// Ends the sending, also when a test fails.
struct Stop<'s>(&'s AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

fn send_one(address: SocketAddr, path: &str, user: u64, from: u64, stop: &AtomicBool) -> u64 {
    let mut next = from;
    while !stop.load(SeqCst) {
        let answer = request(address, "POST", path, &[], body(&[pageview(user, user * EACH + next)]).as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        next += 1;
        thread::sleep(Duration::from_millis(30));
    }
    next
}

fn records(server: &Server) -> u64 {
    server.engine.spooled().unwrap().records
}

#[test]
fn kafka_may_go_under_load_and_the_server_may_restart_meanwhile() {
    let mut kafka = Kafka::start(1);
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("spooled"));
    let started = server(dir.path(), &url);
    let sent = send(&started, &[0; USERS as usize], || {
        thread::sleep(Duration::from_millis(500));
        assert_eq!(records(&started), 0, "nothing is written twice while Kafka is there");
        kafka.kill(0);
        wait_for("the spool to fill", || records(&started) > 300);
        what_waits_is_told(&started);
    });
    let waiting = records(&started);
    drop(started);
    // Whoever does not know of the spool is told.
    let refused = super::open(dir.path(), &url).err().unwrap();
    assert!(matches!(&refused, EngineError::Spooled { records, .. } if *records == waiting), "{refused}");
    // It starts while Kafka is away, too, and goes on to take events in.
    let started = server(dir.path(), &url);
    assert_eq!(records(&started), waiting);
    let sent = send(&started, &sent, || {
        wait_for("the spool to fill further", || records(&started) > waiting + 100);
        kafka.restart(0);
        wait_for("the spool to be empty under load", || records(&started) == 0 && started.engine.warning().is_none());
        thread::sleep(Duration::from_millis(300));
        assert_eq!(records(&started), 0, "events go straight to Kafka again");
    });
    assert!(started.engine.wait_caught_up(PATIENCE));
    let (ledger, all) = (started.get("ledger"), sent.iter().sum::<u64>());
    assert_eq!((&ledger["stored"], &ledger["quarantined"]), (&json!(all), &json!(0)), "{ledger}");
    let duplicate = ledger["duplicate"].as_u64().unwrap();
    assert_eq!(ledger["accepted"], json!(all + duplicate), "{ledger}");
    each_user_is_in_order(&url, &sent);
    the_state_is_that_of_an_undisturbed_run(&started, &sent);
    // Now a backup has everything.
    assert_eq!(started.api("GET", "/api/backup", &Value::Null).status, 200);
}

fn what_waits_is_told(server: &Server) {
    let health = request(server.address, "GET", "/healthz", &[], b"");
    let warning = health.json()["warning"].as_str().unwrap().to_owned();
    assert!(health.status == 200 && warning.contains("is kept in the spool"), "{warning}");
    let metrics = server.api("GET", "/metrics", &Value::Null).text();
    let waiting = metrics.lines().find_map(|line| line.strip_prefix("cairn_spool_records ")).unwrap();
    assert!(waiting.parse::<u64>().unwrap() > 300 && metrics.contains("cairn_spool_bytes "), "{waiting}");
    let refused = server.api("GET", "/api/backup", &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "spooled".to_owned()), "{}", refused.text());
}

/// Reads the topic: what stands there of each user, each event where it stands first.
fn each_user_is_in_order(url: &str, sent: &[u64]) {
    let log = KafkaLog::open(&url.parse().unwrap(), &settings().kafka).unwrap();
    let mut seen: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (begin, end) in log.begins().into_iter().zip(log.ends()) {
        log.read_back(begin, end.offset, &mut |record| {
            let batch = Batch::parse(&record.payload).unwrap();
            for message in batch.messages().unwrap() {
                let events = match message {
                    RawMessage::Event(row) => vec![batch.event(&row).unwrap()],
                    RawMessage::Events(block) => batch.events(&block).unwrap(),
                    RawMessage::Other(other) => panic!("{other:?}"),
                };
                for event in events {
                    let (user, number) = (event.user_id.get(), event.event_id.get());
                    let numbers = seen.entry(user).or_default();
                    if !numbers.contains(&number) {
                        numbers.push(number);
                    }
                }
            }
            true
        })
        .unwrap();
    }
    for (user, sent) in (1..).zip(sent) {
        assert_eq!(seen[&user], (0..*sent).map(|number| user * EACH + number).collect::<Vec<_>>(), "user {user}");
    }
}

fn the_state_is_that_of_an_undisturbed_run(server: &Server, sent: &[u64]) {
    let dir = tempfile::tempdir().unwrap();
    let other = Server::on(Engine::open(dir.path(), options().0).unwrap(), options().1, ServerOptions::default());
    assert_eq!(other.project, server.project);
    for (user, sent) in (1..).zip(sent) {
        let all: Vec<Value> = (0..*sent).map(|number| pageview(user, user * EACH + number)).collect();
        for some in all.chunks(100) {
            assert_eq!(other.ingest(body(some)).status, 200);
        }
    }
    other.settle();
    let project = ProjectId::new(server.project.parse().unwrap()).unwrap();
    let hash = |server: &Server| server.engine.store().state_hash(project).unwrap();
    assert_eq!(hash(server), hash(&other));
}
