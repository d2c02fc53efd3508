//! Where kernels run in the database, they run where the events are: the coordinator gets what they found, shard by shard.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cairn_analysis::{Body, Budget, Store};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::postgres::{CitusCluster, Cluster};
use serde_json::{Value as Json, json};

use super::citus;
use crate::{
    common::project,
    plans::{indexed, plan},
};

/// Whoever would have rows sent to the coordinator, to aggregate them there, is refused.
const NOT_GATHERED: &str = "alter role cairn set citus.coordinator_aggregation_strategy = 'disabled'";

fn questions() -> Vec<Json> {
    let with = |mut query: Json| {
        let range = json!({"from": "2026-08-03", "to": "2026-09-03"});
        query.as_object_mut().unwrap().extend(range.as_object().unwrap().clone());
        query
    };
    let any = json!({"any": [{"type": "pageview"}, {"type": "custom"}]});
    vec![
        json!({"graph": with(json!({"event": any, "interval": "day"}))}),
        json!({"graph": with(json!({"event": "Sign Up", "interval": "week", "measure": "users", "group_by": [{"event": "country"}]}))}),
        json!({"funnel": with(json!({"steps": ["Sign Up", "Log In", "Order Placed"], "window": "7d"}))}),
        json!({"retention": with(json!({"start": "Sign Up", "return": any, "interval": "week", "periods": 3}))}),
        json!({"stickiness": with(json!({"event": any, "interval": "week"}))}),
        json!({"lifecycle": with(json!({"event": any, "interval": "week"}))}),
    ]
}

fn bodies(store: &PostgresStore) -> Vec<Body> {
    let answer = |query| store.answer(project(7), &plan(query), &Budget::unlimited()).unwrap().body;
    questions().into_iter().map(answer).collect()
}

#[test]
fn kernels_run_on_all_shards_and_the_coordinator_gathers_no_rows() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    if !Cluster::has_extension() {
        return println!("skipped: no extension");
    }
    cluster.admin("create extension cairn");
    drop(indexed(&cluster.coordinator));
    let without = PostgresOptions { extension: false, ..PostgresOptions::new(cluster.url()) };
    let expected = bodies(&PostgresStore::open(&without).unwrap());

    cluster.admin(NOT_GATHERED);
    let store = PostgresStore::open(&PostgresOptions::new(cluster.url())).unwrap();
    assert!(store.has_extension());
    for (body, expected) in bodies(&store).iter().zip(&expected) {
        assert_eq!(format!("{body:?}"), format!("{expected:?}"));
    }
    for query in questions() {
        let explained = store.explain(project(7), &plan(query), false).unwrap();
        let of_events: Vec<_> = explained.iter().filter(|query| query.sql.contains("cairn.events")).collect();
        assert_eq!(of_events.len(), 1, "{explained:#?}");
        assert!(of_events[0].plan_text.contains("Task Count: 32"), "{}", of_events[0].plan_text);
        assert!(of_events[0].sql.contains("cairn_ext.analyse_v1"), "{}", of_events[0].sql);
    }
    // It would have been noticed.
    let gathered = || cluster.coordinator.psql(&cluster.url(), "select string_agg(type, ',') from cairn.events");
    assert!(catch_unwind(AssertUnwindSafe(gathered)).is_err());
}

#[test]
fn workers_aggregate_partially() {
    let Some(cluster) = citus(CitusCluster::fast) else { return };
    if !Cluster::has_extension() {
        return println!("skipped: no extension");
    }
    cluster.admin("create extension cairn");
    drop(PostgresStore::open(&PostgresOptions::new(cluster.url())).unwrap());
    let event = "e.time, e.event_id, e.original_user_id, e.matches, null, null, null, null";
    let events = "select e.user_id, e.time, e.event_id, e.original_user_id, 1::bigint from cairn.events e where e.customer_id = 1";
    let columns = "user_id, time, event_id, original_user_id, matches";
    for kernel in [include_str!("../../../queries/kernel.sql"), include_str!("../../../queries/kernel_of_events.sql")] {
        let sql = kernel
            .replace("{spec}", "'{}'")
            .replace("{event}", event)
            .replace("{columns}", columns)
            .replace("{events}", events);
        let plan = cluster.coordinator.psql(&cluster.url(), &format!("explain (verbose, costs off) {sql}"));
        assert!(plan.contains("worker_partial_agg") && plan.contains("coord_combine_agg"), "{plan}");
        assert!(plan.contains("Task Count: 32"), "{plan}");
    }
}
