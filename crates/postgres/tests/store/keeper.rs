//! The keeper of indexes: many definitions at once while events arrive, keepers that are killed, failures, retirement, a cap.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::{Budget, Store};
use cairn_model::{Condition, Event, EventKind, Message, Predicate, Value};
use cairn_postgres::{IndexProgress, IndexState, KeeperOptions, PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;

use crate::common::{at, batch, project};

const DEFINITIONS: u64 = 50;
const PATIENCE: Duration = Duration::from_secs(120);

fn options() -> KeeperOptions {
    let second = Duration::from_millis(100);
    KeeperOptions { retry_after: second, look_every: second, ..KeeperOptions::default() }
}

fn kept(cluster: &Cluster, keeper: Option<KeeperOptions>) -> PostgresStore {
    PostgresStore::open(&PostgresOptions { keeper, ..PostgresOptions::new(cluster.url("cairn")) }).unwrap()
}

fn definition(number: u64) -> Predicate {
    let path = Condition::Is(Value::from(format!("/{number}")));
    Predicate::All(vec![Predicate::Type(EventKind::Click), Predicate::Property("path".to_owned(), path)])
}

fn definitions() -> Vec<Predicate> {
    (0..DEFINITIONS).map(definition).collect()
}

/// A record of events of which each definition has some.
fn record(number: u64, events: u64) -> Vec<u8> {
    let messages = (0..events).map(|place| {
        let id = number * events + place;
        let time = 1_785_715_200_000 + id as i64;
        let mut event = Event::new(1 + id % 1_009, 1 + id, time, EventKind::Click);
        event.properties.set("path", Value::from(format!("/{}", id % (2 * DEFINITIONS))));
        event.properties.set("title", Value::from("x".repeat(200)));
        Message::Event(event)
    });
    batch(project(7), &messages.collect::<Vec<_>>())
}

struct Finish<'a>(&'a AtomicBool);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "never {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn states(store: &PostgresStore) -> Vec<IndexState> {
    progress(store).iter().map(|index| index.state).collect()
}

fn progress(store: &PostgresStore) -> Vec<IndexProgress> {
    store.index_progress(project(7)).unwrap()
}

/// How many indexes of definitions there are, and how many of them cannot serve.
fn there(cluster: &Cluster) -> String {
    let sql = "select count(*), count(*) filter (where not indisvalid) from pg_index \
               where indexrelid::regclass::text like '%cairn_def_%'";
    cluster.psql(&cluster.url("cairn"), sql)
}

fn fill(store: &PostgresStore, records: u64) {
    (0..records).for_each(|number| drop(store.apply(at(0, number), &record(number, 1_000)).unwrap()));
}

#[test]
fn fifty_definitions_at_once_hold_up_no_event_and_all_get_their_index_though_keepers_are_killed() {
    let soak = std::env::var_os("CAIRN_SOAK").is_some();
    let (stored, seconds) = if soak { (1_000, 60) } else { (60, 5) };
    let cluster = Cluster::start();
    let writer = kept(&cluster, None);
    fill(&writer, stored);
    let done = AtomicBool::new(false);
    let slowest = thread::scope(|scope| {
        // 1,000 events a second: ten records, each of which begins when its time has come.
        let applying = scope.spawn(|| {
            let (start, mut slowest, mut number) = (Instant::now(), Duration::ZERO, 0);
            while number < seconds * 10 || !done.load(Ordering::Relaxed) {
                let due = start + Duration::from_millis(100 * number);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                writer.apply(at(1, number), &record(10 * stored + number, 100)).unwrap();
                slowest = slowest.max(due.elapsed());
                number += 1;
            }
            println!("{} events applied meanwhile", number * 100);
            slowest
        });
        // However this ends, events no longer arrive.
        let finish = Finish(&done);
        let first = kept(&cluster, Some(options()));
        first.index(project(7), definitions());
        until("built", || states(&first).contains(&IndexState::Valid));
        let phase = |index: &IndexProgress| index.state == IndexState::Building && index.phase.is_some();
        until("seen in the middle of a build", || progress(&first).iter().any(phase));
        // The server is stopped in the middle of a build.
        drop(first);
        let second = kept(&cluster, Some(options()));
        until("building", || states(&second).contains(&IndexState::Building));
        // Not by name alone: those who help with a build have the same.
        let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                    where application_name = 'cairn index keeper' and leader_pid is null";
        // What the first one left looks the same until the second has connected.
        until("a keeper to kill", || cluster.psql(&cluster.admin_url("cairn"), kill) != "0");
        let start = Instant::now();
        until("all valid", || states(&second) == [IndexState::Valid; DEFINITIONS as usize]);
        println!("50 indexes valid {:.1} s after the second kill", start.elapsed().as_secs_f64());
        drop(finish);
        applying.join().unwrap()
    });
    println!("the slowest record was in the answers after {:.2} s", slowest.as_secs_f64());
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    assert_eq!(there(&cluster), format!("{DEFINITIONS}|0"));
}

#[test]
fn a_build_that_fails_is_cleared_away_tried_again_and_given_up() {
    let cluster = Cluster::fast();
    let store = kept(&cluster, None);
    fill(&store, 1);
    store.index(project(7), vec![definition(0)]);
    // A build that PostgreSQL refuses half way: what it leaves is an invalid index.
    let admin = cluster.admin_url("cairn");
    let name = progress(&store)[0].name.clone();
    let broken = format!(
        "update cairn.definition_indexes set ddl = 'create unique index concurrently {name} on cairn.events (customer_id)'"
    );
    cluster.psql(&admin, &broken);
    let options = KeeperOptions { tries_max: 2, retry_after: Duration::ZERO, ..options() };
    store.keep_indexes_now(&options).unwrap();
    let index = progress(&store).remove(0);
    assert_eq!((index.state, index.tries), (IndexState::Failed, 2));
    assert!(index.last_error.unwrap().contains("could not create unique index"));
    assert_eq!(there(&cluster), "0|0");
    // A definition made anew, or a server started, tries it again.
    let good = "update cairn.definition_indexes set ddl = replace(replace(ddl, ' unique', ''), '(customer_id)', '(customer_id, time)')";
    cluster.psql(&admin, good);
    store.index(project(7), vec![definition(0)]);
    store.keep_indexes_now(&options).unwrap();
    assert_eq!(states(&store), [IndexState::Valid]);
}

#[test]
fn what_nobody_uses_is_retired_and_comes_back_when_it_is_asked_for() {
    let cluster = Cluster::fast();
    let store = kept(&cluster, None);
    fill(&store, 1);
    store.index(project(7), vec![definition(0), definition(1)]);
    store.keep_indexes_now(&options()).unwrap();
    let admin = cluster.admin_url("cairn");
    cluster.psql(&admin, "update cairn.definition_indexes set used_at = now() - interval '29 days'");
    let budget = Budget::unlimited();
    let range = (cairn_model::TimeMs(0), cairn_model::TimeMs(i64::MAX));
    let asked = || store.preview(project(7), &definition(0).without_bots(), range, 1, &budget).unwrap().count;
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(asked(), 10);
    store.keep_indexes_now(&options()).unwrap();
    cluster.psql(&admin, "update cairn.definition_indexes set used_at = used_at - interval '2 days'");
    store.keep_indexes_now(&options()).unwrap();
    assert_eq!(states(&store), [IndexState::Valid, IndexState::Retired]);
    assert_eq!(there(&cluster), "1|0");
    cluster.psql(&admin, "update cairn.definition_indexes set used_at = used_at - interval '40 days'");
    store.keep_indexes_now(&options()).unwrap();
    assert_eq!(states(&store), [IndexState::Retired; 2]);
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(asked(), 10);
    store.keep_indexes_now(&options()).unwrap();
    assert_eq!(states(&store), [IndexState::Valid, IndexState::Retired]);
}

#[test]
fn there_are_no_more_than_may_be_and_a_definition_that_is_forgotten_makes_room() {
    let cluster = Cluster::fast();
    let store = kept(&cluster, None);
    fill(&store, 1);
    let options = KeeperOptions { indexes_max: 2, ..options() };
    store.index(project(7), (0..3).map(definition).collect());
    store.keep_indexes_now(&options).unwrap();
    assert_eq!(states(&store).iter().filter(|state| **state == IndexState::Valid).count(), 2);
    assert_eq!(there(&cluster), "2|0");
    let wanted = progress(&store).into_iter().position(|index| index.state == IndexState::Wanted).unwrap();
    let left: Vec<Predicate> = progress(&store)
        .iter()
        .enumerate()
        .filter(|(place, _)| *place == wanted || *place == (wanted + 1) % 3)
        .map(|(_, index)| Predicate::from_json(&serde_json::from_str(&index.predicate).unwrap()).unwrap())
        .collect();
    store.index(project(7), left);
    store.keep_indexes_now(&options).unwrap();
    assert_eq!(states(&store), [IndexState::Valid; 2]);
    assert_eq!(there(&cluster), "2|0");
}
