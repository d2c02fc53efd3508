//! On Citus: the same state and rights, on all shards, whatever happens to shards and workers.

mod down;
mod moves;
mod plans;

use std::{
    panic::catch_unwind,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use cairn_model::{Message, Position, ProjectId};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::{
    generate,
    postgres::{CitusCluster, Cluster, have_citus},
};
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use crate::{
    access,
    common::{at, batch, cases, open, project},
    state::{embedded, four_writers, persistent},
    topic,
};

/// A test of what the other stores do, too, need not be long.
const CASES: u32 = 8;

/// Starts Citus, if it is there.
fn citus(start: impl FnOnce() -> CitusCluster) -> Option<CitusCluster> {
    if !have_citus() {
        println!("skipped: no Citus");
        return None;
    }
    Some(start())
}

/// Applies random messages until something has been done meanwhile, then compares with the embedded store. How often there was a
/// passing error.
fn under_load(store: &PostgresStore, of: ProjectId, meanwhile: impl FnOnce() + Send) -> u32 {
    let (mut messages, mut offset, mut runner) = (Vec::new(), 0, TestRunner::deterministic());
    let done = AtomicBool::new(false);
    let broken = thread::scope(|scope| {
        let doing = scope.spawn(|| {
            // Also when it panics.
            let _done = Done(&done);
            meanwhile();
        });
        let mut broken = 0;
        while !done.load(Relaxed) {
            let more = vec(generate::message(), 40..41).new_tree(&mut runner).unwrap().current();
            let records = records(of, offset, &more);
            offset += records.len() as u64;
            messages.extend(more);
            broken += persistent(store, &records);
        }
        doing.join().unwrap();
        broken
    });
    assert!(offset > 20, "{offset} records are no load");
    println!("{} messages, {broken} passing errors", messages.len());
    assert_state(store, of, &messages);
    broken
}

struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn records(of: ProjectId, offset: u64, messages: &[Message<'static>]) -> Vec<(Position, Vec<u8>)> {
    (offset..).zip(messages.chunks(4)).map(|(offset, some)| (at(0, offset), batch(of, some))).collect()
}

fn assert_state(store: &PostgresStore, of: ProjectId, messages: &[Message<'static>]) {
    use cairn_analysis::Store;
    assert_eq!((store.state_hash(of).unwrap(), store.ledger(of).unwrap()), embedded(of, messages));
}

#[test]
fn four_writers_at_once_make_the_same_state_on_citus() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    four_writers(&cluster.coordinator, cases("CAIRN_CASES", CASES));
}

#[test]
fn a_topics_records_are_applied_from_the_stored_position_on_citus() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    topic::positions(&cluster.coordinator);
}

#[test]
fn a_reader_sees_its_projects_on_citus() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    access::reader(&cluster.coordinator);
}

#[test]
fn one_projects_question_runs_on_all_shards_and_joins_there() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    drop(open(&cluster.coordinator));
    let sql = include_str!("../../queries/events.sql")
        .replace("{columns}", "e.user_id, e.time, (u.properties -> 'plan')::text")
        .replace("{users}", "join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id")
        .replace("{any}", "(e.data -> 'path') = '\"/a\"'")
        .replace("{only}", "")
        .replace("{order}", "\norder by 1, 2")
        .replace("$1", "1")
        .replace("$2", "0")
        .replace("$3", "9000000000000");
    let plan = cluster.coordinator.psql(&cluster.url(), &format!("explain (costs off) {sql}"));
    assert!(plan.contains("Task Count: 32"), "{plan}");
    // Within a task: persons of other shards are not fetched for it.
    assert!(plan.contains("users_") && !plan.contains("Distributed Subplan"), "{plan}");
    let placed = "select count(distinct table_name), count(distinct colocation_id), count(distinct nodeport) from citus_shards \
                  where citus_table_type = 'distributed'";
    assert_eq!(cluster.admin(placed), "7|1|2");
}

#[test]
fn a_database_that_holds_data_is_distributed_once_citus_is_there() {
    if !have_citus() {
        return println!("skipped: no Citus");
    }
    let cluster = Cluster::with(&[("shared_preload_libraries", "citus")]);
    let refused = |url: &str| PostgresStore::open(&PostgresOptions::new(url)).err().unwrap().to_string();
    let why = refused(&cluster.url("cairn"));
    assert!(why.contains("create extension citus"), "{why}");

    let mut cluster = Cluster::fast();
    let of = project(1);
    let messages = vec(generate::message(), 200..201).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let (first, second) = messages.split_at(100);
    assert_eq!(persistent(&open(&cluster), &records(of, 0, first)), 0);
    // With this Citus makes no certificate of its own, which would be of a version that is not taken.
    let plain = ("citus.node_conninfo", "sslmode=disable");
    cluster.restart_with(&[("shared_preload_libraries", "citus"), ("max_prepared_transactions", "100"), plain]);
    let admin = cluster.admin_url("cairn");
    cluster.psql(&admin, "create extension citus");
    let store = open(&cluster);
    assert_eq!(cluster.psql(&admin, "select count(*) from pg_dist_partition"), "7");
    assert_eq!(persistent(&store, &records(of, 25, second)), 0);
    assert_state(&store, of, &messages);
}

#[test]
fn a_worker_is_no_place_to_open_a_store() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    drop(open(&cluster.coordinator));
    let worker = &cluster.workers[0];
    assert!(catch_unwind(|| open(worker)).is_err());
    let why = PostgresStore::open(&PostgresOptions::new(worker.url("cairn"))).err().unwrap().to_string();
    assert!(why.contains("give the address of the coordinator"), "{why}");
}
