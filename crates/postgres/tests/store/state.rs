//! State depends on the messages alone: not on batches, repetitions, who applies which partition when, or on the store.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use cairn_analysis::{Ledger, Store, StoreError};
use cairn_commitlog::Storage;
use cairn_model::{Message, Position, ProjectId, StateHash};
use cairn_postgres::PostgresStore;
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::{
    disk::{FaultyDisk, Random},
    generate,
    postgres::Cluster,
};
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use crate::common::{at, batch, cases, open, project};

const PARTITIONS: u64 = 4;

/// The embedded store's state of the same messages.
pub(crate) fn embedded(of: ProjectId, messages: &[Message<'static>]) -> (StateHash, Ledger) {
    let storage: Arc<dyn Storage> = Arc::new(FaultyDisk::new());
    let store = EmbeddedStore::open(storage, Path::new("/data/store"), StoreOptions::default()).unwrap();
    for (offset, message) in messages.iter().enumerate() {
        store.apply(at(0, offset as u64), &batch(of, std::slice::from_ref(message))).unwrap();
    }
    (store.state_hash(of).unwrap(), store.ledger(of).unwrap())
}

/// Applies the messages of one partition in random batches, several records at a time, some of them again.
fn writer(store: &PostgresStore, of: ProjectId, number: u32, messages: &[Message<'static>], random: &mut Random) {
    let mut records: Vec<Vec<u8>> = Vec::new();
    let mut rest = messages;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(1 + random.below(rest.len().min(9) as u64) as usize);
        records.push(batch(of, now));
        rest = later;
    }
    let mut next = 0;
    while next < records.len() {
        // Some of those before come once more, as after a restart.
        let from = next - random.below(next as u64 + 1).min(3) as usize;
        let end = (next + 1 + random.below(3) as usize).min(records.len());
        let together: Vec<_> = (from..end).map(|offset| (at(number, offset as u64), &records[offset][..])).collect();
        store.apply_all(&together).unwrap();
        next = end;
    }
}

#[test]
fn four_writers_at_once_make_the_state_that_the_embedded_store_has() {
    four_writers(&Cluster::fast(), cases("CAIRN_CASES", 60));
}

/// Two servers on one database, with two writers each, in so many cases.
pub(crate) fn four_writers(cluster: &Cluster, cases: u32) {
    let (first, second) = (open(cluster), open(cluster));
    let mut runner = TestRunner::deterministic();
    for case in 0..cases {
        let messages = vec(generate::message(), 1..120).new_tree(&mut runner).unwrap().current();
        let of = project(1_000 + u64::from(case));
        thread::scope(|scope| {
            for number in 0..PARTITIONS {
                let own: Vec<_> = messages
                    .iter()
                    .filter(|message| generate::partition(message, PARTITIONS) == number)
                    .cloned()
                    .collect();
                let store = if number % 2 == 0 { &first } else { &second };
                scope.spawn(move || {
                    let mut random = Random::new(u64::from(case) * PARTITIONS + number);
                    writer(store, of, case * PARTITIONS as u32 + number as u32, &own, &mut random);
                });
            }
        });
        let found = (first.state_hash(of).unwrap(), first.ledger(of).unwrap());
        assert_eq!(found, embedded(of, &messages), "case {case}: {messages:#?}");
    }
}

/// Applies records one after the other, again where the connection broke. How often it did.
pub(crate) fn persistent(store: &PostgresStore, records: &[(Position, Vec<u8>)]) -> u32 {
    let mut broken = 0;
    for (position, payload) in records {
        loop {
            match store.apply(*position, payload) {
                Ok(_) => break,
                Err(StoreError::Unreachable { .. }) => broken += 1,
                Err(other) => panic!("{position:?}: {other}"),
            }
        }
    }
    broken
}

#[test]
fn connections_that_are_cut_midway_lose_and_double_nothing() {
    let cluster = Cluster::fast();
    let store = open(&cluster);
    let (of, wanted, mut runner) = (project(7), cases("CAIRN_KILLS", 30), TestRunner::deterministic());
    let (mut messages, mut broken, mut offset) = (Vec::new(), 0, 0);
    while broken < wanted {
        let more = vec(generate::message(), 200..201).new_tree(&mut runner).unwrap().current();
        let records: Vec<_> =
            (offset..).zip(more.chunks(4)).map(|(offset, some)| (at(0, offset), batch(of, some))).collect();
        offset += records.len() as u64;
        messages.extend(more);
        let done = AtomicBool::new(false);
        broken += thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'cairn' and state <> 'idle'";
                    cluster.psql(&cluster.admin_url("cairn"), cut);
                }
            });
            let broken = persistent(&store, &records);
            done.store(true, Relaxed);
            broken
        });
    }
    assert_eq!(
        (store.state_hash(of).unwrap(), store.ledger(of).unwrap()),
        embedded(of, &messages),
        "cut {broken} times"
    );
    println!("cut {broken} times");
}

#[test]
fn a_record_that_is_missing_is_an_error_and_changes_nothing() {
    let cluster = Cluster::fast();
    let store = open(&cluster);
    let event = cairn_model::Event::new(1, 1, 1_700_000_000_000, cairn_model::EventKind::Click);
    let record = batch(project(1), &[Message::Event(event)]);
    let error = store.apply(at(0, 1), &record).unwrap_err().to_string();
    assert!(error.contains("the log gave"), "{error}");
    assert_eq!(store.ledger(project(1)).unwrap(), Ledger::default());
    store.apply(at(0, 0), &record).unwrap();
    store.apply(at(0, 0), &record).unwrap();
    assert_eq!(store.ledger(project(1)).unwrap(), Ledger { accepted: 1, stored: 1, ..Ledger::default() });
}

#[test]
fn what_comes_while_events_expire_in_another_partition_expires_with_them() {
    const EXPIRES: &str = "begin; select cairn.apply_expiry(1, 1, 2000000000000); select pg_sleep(1.5); commit";
    const UNDER_WAY: &str =
        "select count(*) from pg_stat_activity where query like '%pg_sleep(1.5)%' and wait_event = 'PgSleep'";
    let cluster = Cluster::fast();
    let (store, of) = (open(&cluster), project(1));
    thread::scope(|scope| {
        scope.spawn(|| cluster.psql(&cluster.admin_url("cairn"), EXPIRES));
        while cluster.psql(&cluster.admin_url("cairn"), UNDER_WAY).trim() != "1" {
            thread::yield_now();
        }
        let event = cairn_model::Event::new(1, 1, 1_700_000_000_000, cairn_model::EventKind::Click);
        store.apply(at(0, 0), &batch(of, &[Message::Event(event)])).unwrap();
    });
    let ledger = store.ledger(of).unwrap();
    assert_eq!((ledger.accepted, ledger.stored, ledger.expired), (1, 0, 1));
}

#[test]
fn a_replay_changes_neither_state_nor_counts_and_brings_back_what_is_missing() {
    let cluster = Cluster::fast();
    let (store, mut runner) = (open(&cluster), TestRunner::deterministic());
    for case in 0..u64::from(cases("CAIRN_CASES", 12)) {
        let of = project(1 + case);
        let messages = vec(generate::message(), 1..60).new_tree(&mut runner).unwrap().current();
        let records: Vec<_> = messages.chunks(1 + case as usize % 7).map(|some| batch(of, some)).collect();
        for (offset, record) in records.iter().enumerate() {
            store.apply(at(case as u32, offset as u64), record).unwrap();
        }
        let before = (store.state_hash(of).unwrap(), store.ledger(of).unwrap());
        for record in &records[case as usize % records.len()..] {
            assert_eq!(store.apply_again(record).unwrap().stored, 0);
        }
        assert_eq!((store.state_hash(of).unwrap(), store.ledger(of).unwrap()), before, "case {case}");
    }
    let of = project(1_000);
    let event = |id| Message::Event(cairn_model::Event::new(1, id, 1_700_000_000_000, cairn_model::EventKind::Click));
    let record = batch(of, &[event(1), event(2), event(3)]);
    store.apply(at(1_000, 0), &record).unwrap();
    let (hash, ledger) = (store.state_hash(of).unwrap(), store.ledger(of).unwrap());
    cluster.psql(&cluster.admin_url("cairn"), "delete from cairn.events where customer_id = 1000 and event_id = 2");
    assert_ne!(store.state_hash(of).unwrap(), hash);
    let applied = store.apply_again(&record).unwrap();
    assert_eq!((applied.stored, applied.left_out), (1, vec![0, 2]));
    assert_eq!(store.state_hash(of).unwrap(), hash);
    let found = store.ledger(of).unwrap();
    assert_eq!((found.accepted, found.stored, found.duplicate), (ledger.accepted + 1, ledger.stored + 1, 0));
}
