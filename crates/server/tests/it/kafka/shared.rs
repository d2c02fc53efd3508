//! Servers that share a topic and a PostgreSQL database.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::Duration,
};

use cairn_model::{BatchWriter, ProjectId};
use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, EngineError, EngineOptions, ServerOptions};
use cairn_testkit::{generate, kafka::Kafka, postgres::Cluster};
use proptest::{collection::vec, strategy::Strategy, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;

use super::{PATIENCE, PROJECT, settings};
use crate::{
    client::request,
    live::{events, listen},
    postgres::{options, send_until, wait_for},
    setup::{Server, body, pageview},
};

pub(super) fn all(kafka: &Kafka) {
    let mut cluster = Cluster::fast();
    for name in ["histories", "shared", "wrong", "killed"] {
        cluster.create_database(name);
    }
    random_histories_make_the_state_that_the_embedded_log_makes(kafka, &cluster.url("histories"));
    servers_share_what_comes_in_and_take_over(kafka, &cluster);
    what_does_not_belong_together_is_refused(kafka, &cluster.url("wrong"));
    a_database_that_is_killed_is_waited_for(kafka, &mut cluster);
}

fn open(dir: Option<&Path>, database: &str, log: &str, ingest: bool) -> Result<Engine, EngineError> {
    let options = EngineOptions { ingest, ..settings() };
    Engine::open_shared(dir, PostgresOptions::new(database), &log.parse().unwrap(), options)
}

/// The partitions that it applies.
fn held(engine: &Engine) -> usize {
    (0..3).filter(|partition| engine.store().topic().unwrap().holds(*partition)).count()
}

fn random_histories_make_the_state_that_the_embedded_log_makes(kafka: &Kafka, database: &str) {
    let cases = super::cases().div_ceil(4);
    let (dir, log) = (tempfile::tempdir().unwrap(), kafka.url("shared-histories"));
    let embedded = Engine::open(dir.path(), options().0).unwrap();
    let (one, two) = (open(None, database, &log, true).unwrap(), open(None, database, &log, true).unwrap());
    wait_for("the partitions' division", || held(&one) > 0 && held(&two) > 0);
    let mut runner = TestRunner::deterministic();
    for case in 0..cases {
        let messages = vec(generate::message(), 1..120).new_tree(&mut runner).unwrap().current();
        let project = ProjectId::new(PROJECT + case).unwrap();
        let wanted = super::state(&embedded, project, &messages, 1 + case as usize % 7);
        // Each takes in what the other may apply.
        for (number, some) in messages.chunks(1 + case as usize % 5).enumerate() {
            let mut batch = BatchWriter::new(project);
            some.iter().for_each(|message| batch.push(message));
            let by = [&one, &two][number % 2];
            // Of one user's batches the first comes first, whoever takes it.
            by.append(project, batch).unwrap().wait().unwrap();
        }
        // Each knows at once how far the log goes by itself, and of the other a moment later.
        assert!(one.wait_caught_up(PATIENCE) && two.wait_caught_up(PATIENCE));
        for engine in [&one, &two] {
            let store = engine.store();
            let found = (store.state_hash(project).unwrap(), store.ledger(project).unwrap());
            assert_eq!(found, wanted, "case {case}: {messages:#?}");
        }
    }
}

const ENDED: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
    where datname = 'shared' and pid in (select pid from pg_locks where locktype = 'advisory')";

fn servers_share_what_comes_in_and_take_over(kafka: &Kafka, cluster: &Cluster) {
    let (database, log) = (cluster.url("shared"), kafka.url("shared"));
    let dir = tempfile::tempdir().unwrap();
    let front = open(Some(dir.path()), &database, &log, false).unwrap();
    let front = Server::on(front, options().1, ServerOptions::default());
    let writer = || open(None, &database, &log, true).unwrap();
    let (first, second) = (writer(), writer());
    wait_for("the partitions' division", || held(&first) + held(&second) == 3 && held(&first) * held(&second) > 0);
    let (stop, address, path) = (&AtomicBool::new(false), front.address, &format!("/ingest/{}", front.key));
    let sent: u64 = thread::scope(|scope| {
        // Users of several partitions.
        let send = |user| scope.spawn(move || send_until(address, path, user, stop));
        let senders: Vec<_> = (1..=6).map(send).collect();
        thread::sleep(Duration::from_millis(500));
        // One goes in the middle of its work, and the other has it all.
        drop(second);
        wait_for("the other to take over", || held(&first) == 3);
        // The database ends every session that holds a part of it; a third one comes at the same time.
        assert_ne!(cluster.psql(&cluster.admin_url("shared"), ENDED), "0");
        let third = writer();
        wait_for("another division", || held(&first) + held(&third) == 3 && held(&first) * held(&third) > 0);
        thread::sleep(Duration::from_millis(300));
        stop.store(true, SeqCst);
        let sent: u64 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
        assert!(third.wait_caught_up(PATIENCE));
        sent
    });
    assert!(sent > 0 && front.engine.wait_caught_up(PATIENCE));
    assert_eq!(held(&front.engine), 0);
    let ledger = front.get("ledger");
    assert_eq!((&ledger["accepted"], &ledger["stored"]), (&json!(sent), &json!(sent)), "{ledger}");
    // It applies nothing itself, and knows how far the others are.
    assert_eq!((front.engine.behind(), front.engine.lag_ms()), (vec![(0, 0), (1, 0), (2, 0)], 0));
    assert_eq!(ledger["positions"], ledger["log"]);
    let positions = cluster.psql(&database, "select sum(next_offset) from cairn.positions");
    let offsets = ledger["log"].as_array().unwrap().iter().map(|end| end["offset"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(positions, offsets.to_string());
    let metrics = request(front.address, "GET", "/metrics", &[], b"").text();
    assert!(metrics.contains("cairn_partition_lag_records{partition=\"2\"} 0"), "{metrics}");

    // Nobody applies: what comes in waits in Kafka, and health says nothing of it.
    drop(first);
    assert_eq!(front.ingest(body(&[pageview(1, 7)])).status, 200);
    assert!(!front.engine.wait_caught_up(Duration::from_millis(300)));
    assert_eq!(front.engine.behind_records(), 1);
    assert!(front.engine.health().is_ok());
    // Whoever watches a server sees what others apply.
    let mut feed = listen(&front);
    let last = writer();
    assert_eq!(events(&mut feed, 1)[0]["event_id"], json!("7"));
    assert!(front.engine.wait_caught_up(PATIENCE) && last.wait_caught_up(PATIENCE));
    assert_eq!(front.get("ledger")["stored"], json!(sent + 1));
}

fn what_does_not_belong_together_is_refused(kafka: &Kafka, database: &str) {
    let (dir, log, other) = (tempfile::tempdir().unwrap(), kafka.url("right"), kafka.url("wrong"));
    drop(open(Some(dir.path()), database, &log, true).unwrap());
    let refused = |result: Result<Engine, EngineError>| result.err().unwrap();
    let elsewhere = refused(open(None, database, &other, true)).to_string();
    assert!(elsewhere.contains("follows another topic, which was kafka://"), "{elsewhere}");
    assert!(matches!(refused(open(Some(dir.path()), database, &other, true)), EngineError::OtherTopic { .. }));
    // The folder is no other server's.
    assert!(matches!(refused(Engine::open(dir.path(), settings())), EngineError::OnDatabase { .. }));
    let alone = Engine::open_on_kafka(dir.path(), &log.parse().unwrap(), settings());
    assert!(matches!(refused(alone), EngineError::OnDatabase { .. }));
    let without = Engine::open_on_postgres(dir.path(), PostgresOptions::new(database), settings());
    assert!(matches!(refused(without), EngineError::OnTopic { .. }));
    // A log of a server's own may hold what the database does not have.
    let own = tempfile::tempdir().unwrap();
    drop(Engine::open_on_postgres(own.path(), PostgresOptions::new(database), settings()).unwrap());
    assert!(matches!(refused(open(Some(own.path()), database, &log, true)), EngineError::Undrained { .. }));
    let store = tempfile::tempdir().unwrap();
    drop(Engine::open(store.path(), settings()).unwrap());
    assert!(matches!(refused(open(Some(store.path()), database, &log, true)), EngineError::Embedded { .. }));
}

fn a_database_that_is_killed_is_waited_for(kafka: &Kafka, cluster: &mut Cluster) {
    let engine = open(None, &cluster.url("killed"), &kafka.url("killed"), true).unwrap();
    let server = Server::on(engine, options().1, ServerOptions::default());
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    wait_for("the first event", || server.engine.wait_caught_up(PATIENCE));
    cluster.kill();
    // Though nothing is to be applied.
    wait_for("health", || server.engine.health().is_err_and(|ill| ill.status == "store_stopped"));
    assert_eq!(server.ingest(body(&[pageview(2, 2)])).status, 200);
    assert!(!server.engine.wait_caught_up(Duration::from_millis(300)));
    cluster.restart();
    wait_for("the database's return", || server.engine.health().is_ok() && server.engine.wait_caught_up(PATIENCE));
    let ledger = server.get("ledger");
    assert_eq!((&ledger["accepted"], &ledger["stored"]), (&json!(2), &json!(2)), "{ledger}");
}
