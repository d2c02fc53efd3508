//! After a purge no file holds what was erased or has expired, answers are as before, and a crash at any instant is harmless.

use std::{cell::Cell, path::Path, sync::Arc};

use cairn_analysis::{Budget, Store, StoreError};
use cairn_commitlog::Storage;
use cairn_model::{Event, EventKind, Message, Predicate, Properties, TimeMs, UserId, Value};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{
    disk::{Failure, Fault, FaultyDisk, Random, Which},
    generate,
    oracle::Oracle,
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use crate::common::{at, batch, cases, graph, open, plan, project};

const CANARY: &str = "kanarienvogel";
/// As a number it is eight bytes that nothing else has.
const NUMBER: f64 = 8_734_561.093_251;
const ERASED: u64 = 77;
const AT_MS: i64 = 1_700_000_000_000;

/// The files of the store that hold the canary, as text or number.
fn holding(disk: &FaultyDisk) -> Vec<String> {
    let mut found = Vec::new();
    for dir in ["/data/store", "/data/store/parts", "/data/store/indexes"] {
        let storage: &dyn Storage = disk;
        for file in storage.list(Path::new(dir)).unwrap_or_default() {
            let bytes = disk.contents(&Path::new(dir).join(&file)).unwrap_or_default();
            let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            if has(CANARY.as_bytes()) || has(&NUMBER.to_le_bytes()) {
                found.push(format!("{dir}/{file}"));
            }
        }
    }
    found
}

fn user(id: u64) -> UserId {
    UserId::new(id).unwrap()
}

fn event(of: u64, id: u64, kind: EventKind, properties: &[(&'static str, Value<'static>)]) -> Message<'static> {
    let mut event = Event::new(of, id, AT_MS + id as i64, kind);
    event.received_at = event.time;
    properties.iter().for_each(|(name, value)| event.properties.set(*name, value.clone()));
    Message::Event(event)
}

/// What others do.
fn ordinary(id: u64) -> Message<'static> {
    let path = Value::from(format!("/{}", id % 9));
    event(1 + id % 5, id, EventKind::Click, &[("path", path), ("amount", Value::Number(id as f64))])
}

/// Everything that can hold something of a user.
fn secrets() -> Vec<Message<'static>> {
    let text = |at: usize| Value::from(format!("{CANARY} {at}"));
    let mut messages: Vec<_> = (0..6)
        .map(|at| {
            let list = Value::Array(vec![text(at), Value::Number(NUMBER)]);
            let properties =
                [("path", text(at)), ("chain", text(7)), ("amount", Value::Number(NUMBER)), ("list", list)];
            event(ERASED, 500 + at as u64, EventKind::Click, &properties)
        })
        .collect();
    messages.push(event(ERASED, 600, EventKind::Custom, &[("name", text(8)), ("kanarienvogel own", text(9))]));
    let (user_id, time) = (user(ERASED), TimeMs(AT_MS));
    let of = |name: &'static str, value| Properties::from_pairs(vec![(name.into(), value)]);
    let set = |set, set_once| Message::SetUserProperties { user_id, time, received_at: time, set, set_once };
    messages.push(set(of("plan", text(10)), of("first_page", text(11))));
    messages.push(set(of("kanarienvogel of users", Value::Number(NUMBER)), Properties::default()));
    let handle = || format!("{CANARY}@example.com");
    messages.push(Message::Identify { user_id, handle: handle(), time, received_at: time });
    let later = TimeMs(AT_MS + 1);
    messages.push(Message::Unidentify { user_id, handle: format!("{CANARY} old"), time: later, received_at: later });
    messages
}

fn erase() -> Message<'static> {
    Message::Erase { user_ids: vec![user(ERASED)], at: TimeMs(AT_MS + 1_000) }
}

/// A log: others around the secrets, and a record of them that cannot be read.
fn log_with_secrets() -> Vec<Vec<u8>> {
    let others = |from: u64| (from..from + 20).map(ordinary).collect::<Vec<_>>();
    let mut cut = batch(&secrets());
    cut.truncate(cut.len() - 3);
    let mut records = vec![batch(&others(1))];
    records.extend(secrets().iter().map(|secret| batch(std::slice::from_ref(secret))));
    records.extend([cut, batch(&others(30))]);
    records
}

fn options() -> StoreOptions {
    let faults = StoreFaults { index_everything: true, ..StoreFaults::default() };
    StoreOptions { tail_rows: 16, faults, ..StoreOptions::default() }
}

fn apply(store: &EmbeddedStore, records: &[Vec<u8>]) {
    let next = store.positions().first().map_or(0, |position| position.offset);
    (next..).zip(records).for_each(|(offset, record)| drop(store.apply(at(0, offset), record).unwrap()));
}

fn defined(store: &EmbeddedStore) {
    store.index(project(), vec![Predicate::Type(EventKind::Click)]);
}

/// Purged, nothing is left; opened again, everything else is as before.
fn purge_and_check(disk: &FaultyDisk, store: EmbeddedStore) {
    let (hash, ledger) = (store.state_hash(project()).unwrap(), store.ledger(project()).unwrap());
    store.purge(project()).unwrap();
    assert_eq!(holding(disk), [""; 0]);
    assert_eq!((store.state_hash(project()).unwrap(), store.ledger(project()).unwrap()), (hash, ledger));
    // Durably so: what a power cut may bring back is removed when the store is opened.
    drop(store);
    for disk in [disk.clone(), disk.power_cut(5)] {
        let store = open(&disk, options());
        assert_eq!(holding(&disk), [""; 0]);
        assert_eq!((store.state_hash(project()).unwrap(), store.ledger(project()).unwrap()), (hash, ledger));
        // Values that come after it are known again.
        let next = store.positions()[0].offset;
        let again: Vec<_> = (2_000..2_020).map(ordinary).collect();
        store.apply(at(0, next), &batch(&again)).unwrap();
        store.flush().unwrap();
        drop(store);
        assert_eq!(open(&disk, options()).ledger(project()).unwrap().stored, ledger.stored + 20);
    }
}

#[test]
fn after_a_purge_no_file_holds_the_erased_users_data() {
    let disk = FaultyDisk::new();
    let store = open(&disk, options());
    defined(&store);
    apply(&store, &log_with_secrets());
    store.settle().unwrap();
    let before = holding(&disk);
    for kind in [".part", ".symbols", ".users", ".quarantine"] {
        assert!(before.iter().any(|file| file.ends_with(kind)), "{kind} never held it: {before:?}");
    }
    apply(&store, &[batch(&[erase()])]);
    assert_eq!(store.events_of(project(), &[user(ERASED)]).unwrap(), 0);
    purge_and_check(&disk, store);
}

#[test]
fn a_full_replay_that_knows_the_erasure_or_learns_it_late_leaves_nothing() {
    let log = log_with_secrets();
    let erasure = batch(&[erase()]);
    let knows: Vec<Vec<u8>> = [std::slice::from_ref(&erasure), &log].concat();
    let late: Vec<Vec<u8>> = [&log[..], std::slice::from_ref(&erasure)].concat();
    let twice: Vec<Vec<u8>> = [&late[..], &log].concat();
    for records in [knows, late, twice] {
        let disk = FaultyDisk::new();
        let store = open(&disk, options());
        defined(&store);
        apply(&store, &records);
        purge_and_check(&disk, store);
    }
}

#[test]
fn what_a_store_that_knows_the_erasure_writes_holds_nothing() {
    let disk = FaultyDisk::new();
    let store = open(&disk, options());
    apply(&store, &[batch(&[erase()])]);
    apply(&store, &[vec![batch(&secrets())], vec![batch(&(1..90).map(ordinary).collect::<Vec<_>>())]].concat());
    store.settle().unwrap();
    assert_eq!(holding(&disk), [""; 0], "without any purge");
}

#[test]
fn a_value_that_comes_again_after_a_purge_is_asked_for_as_before() {
    let disk = FaultyDisk::new();
    let store = open(&disk, options());
    let shared = || Value::from(format!("{CANARY} shared"));
    apply(&store, &[batch(&[event(ERASED, 1, EventKind::Click, &[("path", shared())]), ordinary(2)])]);
    let is = Predicate::Property("path".to_owned(), cairn_model::Condition::Is(shared()));
    let count = |store: &EmbeddedStore| {
        store.preview(project(), &is, (TimeMs(0), TimeMs(i64::MAX)), 5, &Budget::unlimited()).unwrap().count
    };
    assert_eq!(count(&store), 1);
    apply(&store, &[batch(&[erase()])]);
    store.purge(project()).unwrap();
    assert_eq!((count(&store), holding(&disk)), (0, vec![]));
    apply(&store, &[batch(&[event(3, 3, EventKind::Click, &[("path", shared())])])]);
    assert_eq!(count(&store), 1);
    store.settle().unwrap();
    store.purge(project()).unwrap();
    assert_eq!(count(&store), 1, "it is another's, too");
    drop(store);
    assert_eq!(count(&open(&disk, options())), 1);
}

#[test]
fn what_has_expired_leaves_the_files_too() {
    let disk = FaultyDisk::new();
    let store = open(&disk, options());
    let events: Vec<_> = secrets().into_iter().filter(|message| matches!(message, Message::Event(_))).collect();
    apply(&store, &[batch(&events), batch(&[ordinary(1_000), ordinary(1_001)])]);
    store.flush().unwrap();
    assert!(!holding(&disk).is_empty());
    apply(&store, &[batch(&[Message::Expire { before: TimeMs(AT_MS + 900) }])]);
    assert_eq!((store.ledger(project()).unwrap().expired, store.ledger(project()).unwrap().stored), (7, 2));
    purge_and_check(&disk, store);
}

#[test]
fn a_purge_is_due_until_it_is_done_and_a_restart_remembers_it() {
    let disk = FaultyDisk::new();
    let at_once = || StoreOptions { purge_after: std::time::Duration::ZERO, ..options() };
    let store = open(&disk, at_once());
    apply(&store, &[batch(&secrets()), batch(&(1..9).map(ordinary).collect::<Vec<_>>())]);
    assert_eq!(store.purge_due(), []);
    apply(&store, &[batch(&[erase()])]);
    assert_eq!(store.purge_due(), [project()]);
    store.flush().unwrap();
    drop(store);
    let store = open(&disk, at_once());
    assert_eq!(store.purge_due(), [project()]);
    store.purge(project()).unwrap();
    assert_eq!(store.purge_due(), []);
    // What is covered and arrives again is in the log again.
    apply(&store, &[batch(&secrets()[..1])]);
    assert_eq!(store.purge_due(), [project()]);
    assert!(StoreOptions::default().purge_after > std::time::Duration::ZERO);
    assert_eq!(open(&disk, options()).purge_due(), []);
}

#[test]
fn purging_at_random_moments_changes_no_answer() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 500), ..ProptestConfig::default() };
    let history = (vec(generate::message(), 1..120), 1..20_usize, any::<u64>());
    let (purges, hidden) = (Cell::new(0_u32), Cell::new(0_u64));
    let result = TestRunner::new(config).run(&(history, vec(generate::graph(), 4)), |(history, queries)| {
        let (messages, batch_size, seed) = history;
        let (disk, mut random) = (FaultyDisk::new(), Random::new(seed));
        let mut store = open(&disk, options());
        for (offset, messages) in messages.chunks(batch_size).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
            match random.below(8) {
                0 | 1 => {
                    let before = store.state_hash(project()).unwrap();
                    store.purge(project()).unwrap();
                    prop_assert_eq!(store.state_hash(project()).unwrap(), before);
                    purges.set(purges.get() + 1);
                }
                2 => store.settle().unwrap(),
                3 => {
                    store.flush().unwrap();
                    drop(store);
                    store = open(&disk, options());
                }
                _ => {}
            }
        }
        let oracle = Oracle { messages, ..Oracle::default() };
        let ledger = store.ledger(project()).unwrap();
        hidden.set(hidden.get() + ledger.erased + ledger.expired);
        prop_assert_eq!(ledger, oracle.ledger());
        for query in queries {
            let plan = plan(&query, "Europe/Berlin");
            prop_assert_eq!(graph(&store, &plan), oracle.graph(&plan), "{}", serde_json::to_string(&query).unwrap());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(purges.get() > 100 && hidden.get() > 1_000, "{} purges, {} hidden", purges.get(), hidden.get());
}

/// A store of which something is purged when the disk dies at one of its calls; found as a power cut or a kill leaves it.
fn life(seed: u64) -> Result<bool, String> {
    let mut random = Random::new(seed);
    let disk = FaultyDisk::new();
    let mut log = log_with_secrets();
    log.push(batch(&[erase()]));
    log.push(batch(&(60..60 + random.below(40)).map(ordinary).collect::<Vec<_>>()));
    let store = open(&disk, options());
    defined(&store);
    apply(&store, &log);
    if random.flip() {
        store.settle().map_err(|error| error.to_string())?;
    }
    let expected = (store.state_hash(project()).unwrap(), store.ledger(project()).unwrap());
    let nth = 1 + random.below(70);
    disk.fail(Fault { which: Which::All, nth, failure: Failure::Io, forever: random.flip() });
    let died = store.purge(project()).is_err();
    // What came after the purge, with the disk gone or back.
    let after = batch(&(200..230).map(ordinary).collect::<Vec<_>>());
    if random.flip() {
        disk.heal();
        // A write that failed may be waiting to be tried again: then it is not taken.
        if store.apply(at(0, log.len() as u64), &after).is_ok() {
            log.push(after);
            let _ = store.flush();
        }
    }
    let now = (store.state_hash(project()).unwrap_or(expected.0), store.ledger(project()).unwrap());
    let found = if random.below(4) == 0 { disk.fork() } else { disk.power_cut(random.next_u64()) };
    drop(store);
    let storage: Arc<dyn Storage> = Arc::new(found.clone());
    let reopened = EmbeddedStore::open(storage, Path::new("/data/store"), options());
    let store = reopened.map_err(|error: StoreError| format!("seed {seed}: {error}"))?;
    let next = store.positions().first().map_or(0, |position| position.offset as usize);
    apply(&store, &log[next..]);
    let state = (store.state_hash(project()).map_err(|error| error.to_string())?, store.ledger(project()).unwrap());
    if state != now {
        return Err(format!("seed {seed}: {state:?} is not {now:?}"));
    }
    store.purge(project()).map_err(|error| error.to_string())?;
    let state = (store.state_hash(project()).map_err(|error| error.to_string())?, store.ledger(project()).unwrap());
    match holding(&found)[..] {
        [] if state == now => Ok(died),
        [] => Err(format!("seed {seed}: purged, {state:?} is not {now:?}")),
        ref files => Err(format!("seed {seed}: {files:?} still hold it")),
    }
}

#[test]
fn a_crash_at_any_instant_of_a_purge_is_harmless() {
    let lives = u64::from(cases("CAIRN_POWER_CUTS", 300));
    let died = (0..lives).filter(|seed| life(*seed).unwrap_or_else(|error| panic!("{error}"))).count() as u64;
    assert!(died > lives / 3, "only {died} of {lives} purges were cut short");
}
