//! Backups of servers on a topic, replicas made of them, comparisons, and replays.

use std::{
    collections::BTreeMap,
    io::Cursor,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use cairn_analysis::Store;
use cairn_commitlog::{Disk, KafkaLog, LogError};
use cairn_model::{BatchWriter, Event, EventKind, Message, Position, ProjectId, TimeMs, Value};
use cairn_server::{
    BackupError, Clock, Engine, EngineError, EngineOptions, EngineState, Follow, Replay, ReplayError, ReplayFrom,
    ServerOptions, inspect_backup, restore_backup,
};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::{disk::Random, generate, kafka::Kafka};
use proptest::{collection::vec, strategy::Strategy, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value as Json, json};

use crate::{
    client::request,
    kafka::{PATIENCE, open, settings},
    postgres::{options, wait_for},
    setup::{NOW, Server, body, engine, pageview},
};

/// What the others do with one broker.
pub(crate) fn on(kafka: &Kafka) {
    a_replica_of_a_backup_has_the_state_of_the_original_while_load_goes_on(kafka);
    what_is_missing_is_found_and_comes_back_by_a_replay(kafka);
    a_backup_is_restored_only_where_its_topic_goes_on(kafka);
    what_kafka_may_forget_is_put_on_the_disk_in_time(kafka);
    where_that_does_not_help_there_is_a_warning(kafka);
}

fn opened(dir: &Path, url: &str, follow: Follow) -> Result<Engine, EngineError> {
    Engine::open_on_kafka(dir, &url.parse().unwrap(), EngineOptions { follow, ..settings() })
}

fn replica(dir: &Path, url: &str) -> Result<Engine, EngineError> {
    opened(dir, url, Follow::ReplicaOf("http://primary".to_owned()))
}

fn archive(engine: &Engine) -> Vec<u8> {
    let mut archive = Vec::new();
    let head = engine.backup(&mut archive).unwrap();
    assert_eq!(inspect_backup(Cursor::new(&archive)).unwrap(), head);
    assert_eq!(head.topic.as_ref(), engine.topic());
    assert_eq!(head.positions, head.from);
    archive
}

/// The further of both positions, of each partition.
fn further(a: &[Position], b: &[Position]) -> Vec<Position> {
    let mut both = BTreeMap::new();
    for one in a.iter().chain(b) {
        let offset: &mut u64 = both.entry(one.partition).or_default();
        *offset = one.offset.max(*offset);
    }
    both.into_iter().map(|(partition, offset)| Position { partition, offset }).collect()
}

/// Both states at the same positions, whatever goes on.
fn at_once(a: &Engine, b: &Engine) -> (EngineState, EngineState) {
    let (first, second) = (a.hold().unwrap(), b.hold().unwrap());
    let at = further(&first.positions, &second.positions);
    (a.state(Some(&at)).unwrap(), b.state(Some(&at)).unwrap())
}

fn event(user: u64, id: u64) -> Message<'static> {
    let mut event = Event::new(user, id, NOW - 1_000, EventKind::Pageview);
    event.properties.set("path", Value::from(format!("/{}", id % 50)));
    Message::Event(event)
}

fn append(engine: &Engine, project: ProjectId, messages: &[Message<'_>]) {
    let mut batch = BatchWriter::new(project);
    messages.iter().for_each(|message| batch.push(message));
    engine.append(project, batch).unwrap().wait().unwrap();
}

fn a_replica_of_a_backup_has_the_state_of_the_original_while_load_goes_on(kafka: &Kafka) {
    let (dirs, url) = (tempfile::tempdir().unwrap(), kafka.url("replicas"));
    let (first, second) = (dirs.path().join("first"), dirs.path().join("second"));
    let original = Server::on(open(&first, &url).unwrap(), options().1, ServerOptions::default());
    let project = original.engine.registry().projects()[0].id;
    let stop = Arc::new(AtomicBool::new(false));
    let load = {
        let (engine, stop) = (Arc::clone(&original.engine), Arc::clone(&stop));
        let other = ProjectId::new(project.get() + 1).unwrap();
        thread::spawn(move || {
            let (mut runner, mut id) = (TestRunner::deterministic(), 1);
            while !stop.load(SeqCst) {
                let events: Vec<_> = (id..id + 30).map(|id| event(1 + id % 41, id)).collect();
                append(&engine, project, &events);
                // A project that no catalog knows yet.
                append(&engine, other, &vec(generate::message(), 1..20).new_tree(&mut runner).unwrap().current());
                id += 25;
            }
        })
    };
    wait_for("some load", || original.engine.store().ledger(project).unwrap().stored > 500);
    let archive = archive(&original.engine);
    wait_for("more of it", || original.engine.store().ledger(project).unwrap().stored > 1_500);
    let log = KafkaLog::open(&url.parse().unwrap(), &settings().kafka).unwrap();
    let head = restore_backup(Cursor::new(&archive), &second, Some(&log)).unwrap();
    let copy = Server::on_replica(replica(&second, &url).unwrap(), &original, ServerOptions::default());
    assert_eq!(head.positions.len(), 3);
    for round in 0..8 {
        let (ours, theirs) = at_once(&original.engine, &copy.engine);
        assert_eq!(ours, theirs, "round {round}");
        assert!(ours.projects[0].ledger.stored > 500 && ours.projects[0].parts.len() == 4);
    }
    it_changes_nothing_and_follows_the_catalog(&original, &copy);
    stop.store(true, SeqCst);
    load.join().unwrap();
    // What came of projects that it did not know is there once it knows them.
    original.engine.registry().create_project("Other", "UTC", TimeMs(NOW)).unwrap();
    copy.engine.replace_catalog(&fetch(&original, None).body).unwrap();
    wait_for("the new project", || copy.engine.registry().projects().len() == 2);
    original.settle();
    copy.settle();
    let (ours, theirs) = at_once(&original.engine, &copy.engine);
    assert_eq!((ours.projects.len(), &ours), (2, &theirs));
    drop(copy);
    assert!(matches!(replica(&first, &url), Err(EngineError::InUse { .. })));
    drop(original);
    assert!(matches!(replica(&first, &url), Err(EngineError::IsPrimary { .. })));
    // It stays what it was, until it is told to take the other one's place.
    let mut batch = BatchWriter::new(project);
    batch.push(&event(1, 1));
    let refused = opened(&second, &url, Follow::AsBefore).unwrap().append(project, batch).err().unwrap();
    assert!(matches!(&refused, LogError::Replica { primary } if primary == "http://primary"), "{refused}");
    append(&opened(&second, &url, Follow::Primary).unwrap(), project, &[event(1, 1)]);
}

/// The catalog as a replica is given it.
fn fetch(original: &Server, tag: Option<&str>) -> crate::client::Answer {
    let (token, id) = (format!("Bearer {}", original.token), &original.engine.topic().unwrap().id);
    // It may have characters that mean something in an address.
    let id: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut headers = vec![("authorization", token.as_str())];
    headers.extend(tag.map(|tag| ("if-none-match", tag)));
    request(original.address, "GET", &format!("/api/catalog?topic={id}"), &headers, b"")
}

fn it_changes_nothing_and_follows_the_catalog(original: &Server, copy: &Server) {
    let answer = copy.ingest(body(&[pageview(1, 1)]));
    assert_eq!((answer.status, answer.code().as_str()), (503, "replica"), "{answer:?}");
    assert!(answer.text().contains("http://primary"), "{}", answer.text());
    let views = json!({"predicate": {"type": "pageview"}});
    let refused = |answer: crate::client::Answer| {
        assert_eq!((answer.status, answer.code().as_str()), (409, "replica"), "{answer:?}");
    };
    refused(copy.api("PUT", "definitions/Views", &views));
    refused(copy.api("POST", "/api/projects", &json!({"name": "Blog", "zone": "UTC"})));
    refused(copy.api("POST", "erase", &json!({"users": ["1"]})));
    refused(copy.api("POST", "expire", &json!({"before": "2020-01-01"})));
    let message = json!({"messages": [pageview(1, 1)]});
    refused(copy.api("POST", "import", &message));
    assert_eq!(original.api("PUT", "definitions/Views", &views).status, 200);
    let fetched = fetch(original, None);
    assert_eq!(fetched.status, 200, "{}", fetched.text());
    copy.engine.replace_catalog(&fetched.body).unwrap();
    let query = json!({"graph": {"event": "Views", "measure": "count", "from": "2020-01-01", "to": "2030-01-01", "interval": "whole"}});
    wait_for("the definition", || copy.api("POST", "query", &query).status == 200);
    assert_eq!(fetch(original, fetched.header("etag")).status, 304);
    assert_eq!(original.api("GET", "/api/catalog?topic=another", &Json::Null).status, 409);
    assert!(original.engine.replace_catalog(&fetched.body).is_err());
}

fn what_is_missing_is_found_and_comes_back_by_a_replay(kafka: &Kafka) {
    let (dirs, url) = (tempfile::tempdir().unwrap(), kafka.url("missing"));
    let original = open(&dirs.path().join("first"), &url).unwrap();
    let project = original.registry().create_project("Shop", "UTC", TimeMs(NOW)).unwrap().id;
    append(&original, project, &(1..=60).map(|id| event(id, id)).collect::<Vec<_>>());
    assert!(original.wait_caught_up(PATIENCE));
    let archive = archive(&original);
    (61..=90).for_each(|id| append(&original, project, &[event(id, id)]));
    assert!(original.wait_caught_up(PATIENCE));
    let second = dirs.path().join("second");
    restore_backup(Cursor::new(&archive), &second, None).unwrap();
    // It takes other records in the place of three of one partition.
    let store = EmbeddedStore::open(Arc::new(Disk), &second.join("store"), StoreOptions::default()).unwrap();
    let lost: Vec<_> = store.positions();
    let at = lost[1];
    let nothing = BatchWriter::new(ProjectId::new(77).unwrap()).finish();
    (at.offset..at.offset + 3).for_each(|offset| drop(store.apply(Position { offset, ..at }, &nothing).unwrap()));
    store.flush().unwrap();
    drop(store);
    let copy = replica(&second, &url).unwrap();
    assert!(copy.wait_caught_up(PATIENCE));
    let (ours, theirs) = at_once(&original, &copy);
    let (ours, theirs) = (&ours.projects[0], &theirs.projects[0]);
    assert_ne!(ours.hash, theirs.hash);
    let differ: Vec<_> = (0..4).filter(|part| ours.parts[*part] != theirs.parts[*part]).collect();
    assert_eq!((differ, ours.ledger.stored - theirs.ledger.stored), (vec![at.partition as usize], 3));

    let from = |from: ReplayFrom| Replay { from, partition: None, project: Some(project), to: None, flush: true };
    let done = copy.replay(&from(ReplayFrom::Positions(lost))).unwrap();
    assert_eq!((done.restored, done.next.len()), (3, 0), "{done:?}");
    let (ours, theirs) = at_once(&original, &copy);
    assert_eq!(ours, theirs);
    let refused = copy.replay(&from(ReplayFrom::Positions(vec![Position { offset: 1_000, ..at }]))).err().unwrap();
    assert!(matches!(refused, ReplayError::Beyond(_)), "{refused}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let hour_ago = TimeMs(now.as_millis() as i64 - 3_600_000);
    let all = copy.replay(&from(ReplayFrom::Time(hour_ago))).unwrap();
    assert_eq!((all.records, all.restored), (all.to.iter().map(|to| to.offset).sum(), 0));
    // On the disk, too.
    drop(copy);
    let copy = replica(&second, &url).unwrap();
    assert!(copy.wait_caught_up(PATIENCE));
    assert_eq!(at_once(&original, &copy).1, theirs);
    // A store that is compared goes on afterwards, also if nobody asks for its state.
    copy.hold().unwrap();
    append(&original, project, &[event(1_000, 1_000)]);
    assert!(original.wait_caught_up(PATIENCE));
    assert_ne!(copy.positions(), original.positions());
    let beyond = further(&original.positions().positions, &[Position { offset: 5_000, ..at }]);
    assert!(copy.state(Some(&lost_behind(&beyond))).is_err());
    assert!(copy.wait_caught_up(PATIENCE));
}

/// The beginning of the log.
fn lost_behind(positions: &[Position]) -> Vec<Position> {
    positions.iter().map(|position| Position { offset: 0, ..*position }).collect()
}

fn a_backup_is_restored_only_where_its_topic_goes_on(kafka: &Kafka) {
    let (dirs, url) = (tempfile::tempdir().unwrap(), kafka.url("gone"));
    let original = open(&dirs.path().join("first"), &url).unwrap();
    let project = original.registry().create_project("Shop", "UTC", TimeMs(NOW)).unwrap().id;
    (1..=9).for_each(|id| append(&original, project, &[event(1, id)]));
    assert!(original.wait_caught_up(PATIENCE));
    let archive = archive(&original);
    (10..=19).for_each(|id| append(&original, project, &[event(1, id)]));
    let log = |url: &str| KafkaLog::open(&url.parse().unwrap(), &settings().kafka).unwrap();
    let restore = |name: &str, url: Option<&str>| {
        let log = url.map(log);
        let topic = log.as_ref().map(|log| log as &dyn cairn_commitlog::Log);
        restore_backup(Cursor::new(&archive), &dirs.path().join(name), topic)
    };
    let end = restore("early", Some(&url)).unwrap().positions.into_iter().find(|end| end.offset > 0).unwrap();
    assert_eq!(end.offset, 9);
    let other = restore("other", Some(&kafka.url("gone-other"))).err().unwrap();
    assert!(matches!(&other, BackupError::OtherTopic { .. }), "{other}");
    kafka.forget_before("gone", end.partition as i32, 12);
    let forgotten = restore("late", Some(&url)).err().unwrap();
    assert!(matches!(&forgotten, BackupError::Forgotten { until: 9, .. }), "{forgotten}");
    assert!(!dirs.path().join("late").exists() && !dirs.path().join("other").exists());
    // Whoever was restored before is told at the start.
    let refused = replica(&dirs.path().join("early"), &url).err().unwrap();
    assert!(matches!(refused, EngineError::Forgotten { applied: 9, first: 12 }), "{refused}");
    let refused = original.replay(&Replay {
        from: ReplayFrom::Positions(vec![Position { offset: 3, ..end }]),
        partition: None,
        project: None,
        to: None,
        flush: false,
    });
    // It is told of it within a second.
    if let Err(refused) = refused {
        assert!(matches!(refused, ReplayError::Forgotten { first: 12, .. } | ReplayError::Log(_)), "{refused}");
    }
}

fn what_kafka_may_forget_is_put_on_the_disk_in_time(kafka: &Kafka) {
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("short"));
    kafka.make_topic("short", 1, 1, &[("retention.ms", "16000")]);
    let server = Server::on(open(dir.path(), &url).unwrap(), options().1, ServerOptions::default());
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    server.settle();
    let stored = || {
        let metrics = server.api("GET", "/metrics", &Json::Null).text();
        metrics.contains("cairn_stored_position{partition=\"0\"} 1\n")
    };
    wait_for("it is on the disk", stored);
    assert_eq!((server.engine.warning(), server.get("ledger")["nearing"].clone()), (None, json!([])));
}

fn where_that_does_not_help_there_is_a_warning(kafka: &Kafka) {
    let (dir, url) = (tempfile::tempdir().unwrap(), kafka.url("late"));
    // Six of the seven days for which records are kept have passed.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 + 6 * 86_400_000;
    let clock = Arc::new(AtomicI64::new(now));
    let told = Arc::clone(&clock);
    let late = EngineOptions { clock: Clock::new(move || TimeMs(told.load(SeqCst))), ..settings() };
    let engine = Engine::open_on_kafka(dir.path(), &url.parse().unwrap(), late).unwrap();
    let server = Server::on(engine, clock, ServerOptions::default());
    let project = server.engine.registry().projects()[0].id;
    append(&server.engine, project, &[event(1, 1)]);
    server.settle();
    wait_for("the warning", || server.engine.warning().is_some());
    let health = request(server.address, "GET", "/healthz", &[], b"");
    assert!(health.status == 200 && health.text().contains("Kafka will forget in 14"), "{}", health.text());
    let ledger = server.get("ledger");
    let near = ledger["nearing"].as_array().unwrap();
    let left_ms = near[0]["left_ms"].as_i64().unwrap();
    assert!(near.len() == 1 && (86_000_000..=86_600_000).contains(&left_ms), "{ledger}");
    assert!(ledger["delay"]["last_ms"].as_f64().unwrap() > 5.9 * 86_400_000.0, "{ledger}");
    let metrics = server.api("GET", "/metrics", &Json::Null).text();
    assert!(metrics.contains(&format!("cairn_retention_left_seconds{{partition=\"{}\"}} 86", near[0]["partition"])));
    assert!(metrics.contains("cairn_applied_events_total 1\n"), "{metrics}");
    server.engine.flush().unwrap();
    wait_for("the end of the warning", || server.engine.warning().is_none());
}

#[test]
fn a_replay_from_any_older_position_changes_neither_state_nor_counts() {
    let cases = std::env::var("CAIRN_CASES").map_or(40, |cases| cases.parse().unwrap());
    let (dir, mut options) = (tempfile::tempdir().unwrap(), EngineOptions::default());
    options.store.tail_rows = 60;
    let (engine, _) = engine(dir.path(), options);
    let (mut runner, mut random) = (TestRunner::deterministic(), Random::new(7));
    let projects: Vec<_> =
        ["One", "Two"].map(|name| engine.registry().create_project(name, "UTC", TimeMs(NOW)).unwrap().id).into();
    let mut forgotten = 0;
    for case in 0..cases {
        let project = projects[case % 2];
        append(&engine, project, &vec(generate::message(), 1..60).new_tree(&mut runner).unwrap().current());
        assert!(engine.wait_caught_up(PATIENCE));
        let before = engine.state(None).unwrap();
        let end = before.positions[0];
        let from = Position { offset: random.below(end.offset + 1), ..end };
        let only = (case % 3 == 0).then_some(project);
        let from = if case % 7 == 0 { ReplayFrom::Start } else { ReplayFrom::Positions(vec![from]) };
        let step = Replay { from, partition: None, project: only, to: None, flush: case % 4 == 0 };
        let done = match engine.replay(&step) {
            // What is in parts for good is forgotten by the log.
            Err(ReplayError::Forgotten { first, .. }) => {
                forgotten += 1;
                let from = ReplayFrom::Positions(vec![Position { offset: first, ..end }]);
                engine.replay(&Replay { from, ..step }).unwrap()
            }
            done => done.unwrap(),
        };
        assert_eq!((done.restored, done.next.len()), (0, 0), "case {case}");
        assert_eq!(engine.state(None).unwrap(), before, "case {case}");
        let ledger = before.projects[case % 2].ledger;
        let sum = ledger.stored + ledger.duplicate + ledger.quarantined + ledger.erased + ledger.expired;
        assert_eq!(ledger.accepted, sum);
    }
    assert!(forgotten < cases / 2, "{forgotten} of {cases}");
}
