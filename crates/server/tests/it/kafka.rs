//! Servers whose log is a topic of Kafka's.

mod shared;
mod spike;
mod spool;

use std::{path::Path, time::Duration};

use cairn_analysis::Ledger;
use cairn_commitlog::KafkaOptions;
use cairn_model::{BatchWriter, Message, ProjectId, StateHash};
use cairn_server::{Engine, EngineError, EngineOptions, ServerOptions};
use cairn_testkit::{generate, kafka::Kafka};
use proptest::{collection::vec, strategy::Strategy, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;

use crate::{
    postgres::{options, wait_for},
    setup::{Server, body, pageview},
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const PROJECT: u64 = 900;

#[test]
fn a_server_follows_a_topic() {
    let mut kafka = Kafka::start(1);
    every_partition_is_followed_and_the_server_goes_on_where_it_was(&kafka);
    a_folder_follows_one_topic_for_ever(&kafka);
    random_histories_make_the_state_that_the_embedded_log_makes(&kafka);
    what_kafka_has_forgotten_is_told(&kafka);
    crate::replicas::on(&kafka);
    shared::all(&kafka);
    a_sender_comes_back_while_kafka_is_away(&mut kafka);
}

pub(crate) fn settings() -> EngineOptions {
    let kafka = KafkaOptions {
        partitions: 3,
        patience: Duration::from_secs(60),
        delivery: Duration::from_secs(3),
        ..KafkaOptions::default()
    };
    EngineOptions { kafka, ..options().0 }
}

/// How many random histories there are.
fn cases() -> u64 {
    std::env::var("CAIRN_CASES").map_or(30, |cases| cases.parse().unwrap())
}

pub(crate) fn open(dir: &Path, url: &str) -> Result<Engine, EngineError> {
    Engine::open_on_kafka(dir, &url.parse().unwrap(), settings())
}

fn server(dir: &Path, url: &str) -> Server {
    Server::on(open(dir, url).unwrap(), options().1, ServerOptions::default())
}

fn every_partition_is_followed_and_the_server_goes_on_where_it_was(kafka: &Kafka) {
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("followed"));
    let started = server(dir.path(), &url);
    // One request of many users becomes a record for each partition.
    let many: Vec<_> = (1..=60).map(|user| pageview(user, user)).collect();
    assert_eq!(started.ingest(body(&many)).status, 200);
    assert_eq!(started.ingest(body(&[pageview(1, 1)])).status, 200);
    started.settle();
    let ledger = started.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["duplicate"]), (&json!(60), &json!(1)));
    let ends = started.engine.behind();
    assert_eq!(ends, [(0, 0), (1, 0), (2, 0)]);
    let positions = ledger["positions"].as_array().unwrap();
    assert_eq!(positions.len(), 3, "{positions:?}");
    assert_eq!(started.engine.lag_ms(), 0);
    let metrics = started.api("GET", "/metrics", &serde_json::Value::Null).text();
    for partition in 0..3 {
        assert!(metrics.contains(&format!("cairn_partition_lag_records{{partition=\"{partition}\"}} 0")), "{metrics}");
    }
    started.engine.flush().unwrap();
    drop(started);

    let started = server(dir.path(), &url);
    started.settle();
    assert_eq!(started.get("ledger")["accepted"], json!(61), "nothing is applied twice");
    assert_eq!(started.ingest(body(&[pageview(61, 61)])).status, 200);
    started.settle();
    assert_eq!(started.get("ledger")["stored"], json!(61));
}

fn a_folder_follows_one_topic_for_ever(kafka: &Kafka) {
    let dir = tempfile::tempdir().unwrap();
    let first = kafka.url("first");
    drop(open(dir.path(), &first).unwrap());
    let refused = |result: Result<Engine, EngineError>| result.err().unwrap();
    let other = refused(open(dir.path(), &kafka.url("second")));
    assert!(matches!(&other, EngineError::OtherTopic { was, .. } if was.ends_with("/first")), "{other}");
    let none = refused(Engine::open(dir.path(), EngineOptions::default()));
    assert!(matches!(&none, EngineError::OnTopic { topic, .. } if topic.ends_with("/first")), "{none}");
    // A topic of the same name is not the same topic.
    kafka.remove_topic("first");
    assert!(matches!(refused(open(dir.path(), &first)), EngineError::OtherTopic { .. }));
    // A folder with a log of its own keeps it.
    let dir = tempfile::tempdir().unwrap();
    drop(Engine::open(dir.path(), EngineOptions::default()).unwrap());
    assert!(matches!(refused(open(dir.path(), &kafka.url("second"))), EngineError::OwnLog { .. }));
}

/// The state of a project after its messages came in batches of several sizes.
fn state(engine: &Engine, project: ProjectId, messages: &[Message<'static>], batch: usize) -> (StateHash, Ledger) {
    let appended: Vec<_> = messages
        .chunks(batch)
        .map(|some| {
            let mut batch = BatchWriter::new(project);
            match some.len() % 2 {
                0 => generate::push_by_column(some, &mut batch),
                _ => some.iter().for_each(|message| batch.push(message)),
            }
            engine.append(project, batch).unwrap()
        })
        .collect();
    for appended in appended {
        appended.wait().unwrap();
    }
    assert!(engine.wait_caught_up(PATIENCE));
    (engine.store().state_hash(project).unwrap(), engine.store().ledger(project).unwrap())
}

fn random_histories_make_the_state_that_the_embedded_log_makes(kafka: &Kafka) {
    let cases = cases();
    let (ours, theirs, replica) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let embedded = Engine::open(ours.path(), options().0).unwrap();
    let kafka_url = kafka.url("histories");
    let followed = open(theirs.path(), &kafka_url).unwrap();
    let mut runner = TestRunner::deterministic();
    let mut hashes = Vec::new();
    for case in 0..cases {
        let messages = vec(generate::message(), 1..120).new_tree(&mut runner).unwrap().current();
        let project = ProjectId::new(PROJECT + case).unwrap();
        let wanted = state(&embedded, project, &messages, 1 + case as usize % 7);
        let found = state(&followed, project, &messages, 1 + case as usize % 5);
        assert_eq!(found, wanted, "case {case}: {messages:#?}");
        hashes.push((project, found.0));
    }
    // Whoever reads it all from the beginning has the same.
    let replica = open(replica.path(), &kafka_url).unwrap();
    assert!(replica.wait_caught_up(PATIENCE));
    for (project, hash) in hashes {
        assert_eq!(replica.store().state_hash(project).unwrap(), hash);
    }
}

fn what_kafka_has_forgotten_is_told(kafka: &Kafka) {
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("forgotten"));
    let project = ProjectId::new(PROJECT).unwrap();
    drop(open(dir.path(), &url).unwrap());
    let other = tempfile::tempdir().unwrap();
    let message = generate::event().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    state(&open(other.path(), &url).unwrap(), project, &vec![Message::Event(message); 12], 1);
    let log = cairn_commitlog::KafkaLog::open(&url.parse().unwrap(), &settings().kafka).unwrap();
    let end = cairn_commitlog::Log::ends(&log).into_iter().find(|end| end.offset > 0).unwrap();
    kafka.forget_before("forgotten", end.partition as i32, 5);
    let refused = open(dir.path(), &url).err().unwrap();
    assert!(matches!(refused, EngineError::Forgotten { applied: 0, first: 5 }), "{refused}");
}

fn a_sender_comes_back_while_kafka_is_away(kafka: &mut Kafka) {
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("away"));
    let started = server(dir.path(), &url);
    assert_eq!(started.ingest(body(&[pageview(1, 1)])).status, 200);
    started.settle();
    kafka.kill(0);
    let answer = started.ingest(body(&[pageview(2, 2)]));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")), "{answer:?}");
    assert_eq!(answer.json()["error"]["code"], json!("log_away"));
    // What is stored is answered meanwhile.
    assert_eq!(started.get("ledger")["stored"], json!(1));
    kafka.restart(0);
    wait_for("Kafka takes events again", || started.ingest(body(&[pageview(2, 2)])).status == 200);
    wait_for("the server is well", || started.engine.health().is_ok());
    started.settle();
    assert_eq!(started.get("ledger")["stored"], json!(2));
}
