//! Workers that are down.

use std::{thread, time::Duration};

use cairn_analysis::{Store, StoreError};
use cairn_testkit::{generate, postgres::CitusCluster};
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{assert_state, citus, open, persistent, project, records, under_load};

#[test]
fn what_a_worker_holds_waits_for_it_and_nothing_is_lost() {
    let Some(mut cluster) = citus(CitusCluster::start) else { return };
    let (store, of) = (open(&cluster.coordinator), project(1));
    let messages = vec(generate::message(), 80..81).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let records = records(of, 0, &messages);
    let (before, after) = records.split_at(10);
    assert_eq!(persistent(&store, before), 0);
    let port = cluster.workers[1].port();
    cluster.workers[1].kill();
    let together: Vec<_> = after.iter().map(|(position, payload)| (*position, &payload[..])).collect();
    // The first one may find a connection that has just broken; then nobody listens.
    for _ in 0..2 {
        let error = store.apply_all(&together).unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    }
    let named = |error: String| assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
    named(store.apply_all(&together).unwrap_err().to_string());
    named(store.state_hash(of).unwrap_err().to_string());
    // What the coordinator holds is answered.
    assert!(store.ledger(of).unwrap().accepted > 0);
    cluster.workers[1].restart();
    assert_eq!(persistent(&store, after), 0);
    assert_state(&store, of, &messages);
}

#[test]
fn a_worker_that_dies_under_load_loses_and_doubles_nothing() {
    let settings = [("citus.recover_2pc_interval", "1s")];
    let Some(mut cluster) = citus(|| CitusCluster::with(&settings)) else { return };
    let store = open(&cluster.coordinator);
    let CitusCluster { coordinator, workers, .. } = &mut cluster;
    let broken = under_load(&store, project(1), || {
        for _ in 0..5 {
            thread::sleep(Duration::from_secs(2));
            workers[0].kill();
            workers[0].restart();
        }
        // What was committed here, and is only prepared there.
        let prepared = || coordinator.psql(&coordinator.admin_url("cairn"), "select recover_prepared_transactions()");
        while prepared() != "0" {}
    });
    assert!(broken > 0, "no transaction met a worker that was down");
}
