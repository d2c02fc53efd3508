//! Where the database has the extension, kernels run there: the same answers, of one row.

use std::sync::Arc;

use cairn_analysis::{Budget, Calendar, Plan, Query, Store};
use cairn_model::{Event, EventKind, Message, TimeMs, Value};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, project};

const HOUR_MS: i64 = 3_600_000;
/// 2026-08-03.
const START_MS: i64 = 1_785_715_200_000;
const KINDS: [EventKind; 3] = [EventKind::Pageview, EventKind::Click, EventKind::Submit];

fn events() -> Vec<Message<'static>> {
    let event = |number: u64| {
        let time = START_MS + number as i64 * HOUR_MS / 20;
        let mut event = Event::new(1 + number * 7 % 97, 1 + number, time, KINDS[(number * 5 / 7 % 3) as usize]);
        let country = ["Canada", "Chile", "China"][(number % 3) as usize];
        event.properties.set("country", Value::from(country));
        event.properties.set("price", Value::Number((number % 50) as f64 / 10.0));
        event.properties.set("session_id", Value::Number((number / 200) as f64));
        event.properties.set("path", Value::from(format!("/item/{}", number % 11)));
        event.properties.set("chain", Value::from(format!("html>body:1/1/1/1>a.c{}:1/1/1/1", number % 5)));
        Message::Event(event)
    };
    (0..5_000).map(event).collect()
}

/// Stores on one database, which do with the extension and without.
fn stores(cluster: &Cluster) -> [Arc<PostgresStore>; 2] {
    cluster.psql(&cluster.admin_url("cairn"), "create extension cairn");
    let open = |extension| {
        let options = PostgresOptions { extension, ..PostgresOptions::new(cluster.url("cairn")) };
        let store = PostgresStore::open(&options).unwrap();
        assert_eq!(store.has_extension(), extension);
        Arc::new(store)
    };
    let stores = [true, false].map(open);
    for (offset, messages) in events().chunks(1_000).enumerate() {
        stores[0].apply(at(0, offset as u64), &batch(project(7), messages)).unwrap();
    }
    stores
}

fn plan(mut query: Json) -> Plan {
    for of in query.as_object_mut().unwrap().values_mut() {
        of["from"] = json!("2026-08-03");
        of["to"] = json!("2026-08-13");
    }
    let query: Query = serde_json::from_value(query).unwrap();
    Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(START_MS + 800 * HOUR_MS), &|_: &str| None).unwrap()
}

/// Questions, with whether persons are gathered for them.
fn questions() -> Vec<(Json, bool)> {
    let (view, click, submit) = (json!({"type": "pageview"}), json!({"type": "click"}), json!({"type": "submit"}));
    let country = json!([{"event": "country"}]);
    let segment = json!({"any": [{"did": click, "at_least": 20, "in": "10d"}, {"not": {"did": view, "in": "3d"}}]});
    vec![
        (json!({"graph": {"event": view, "group_by": country}}), false),
        (json!({"graph": {"event": view, "measure": "users", "group_by": country, "top": 1}}), true),
        (json!({"graph": {"event": view, "measure": {"summary": "price"}, "group_by": country}}), false),
        (json!({"graph": {"event": {"selector": "body > a.c3"}, "segment": segment}}), false),
        (json!({"graph": {"event": {"not": {"property": "path", "glob": "/item/?"}}}}), false),
        (
            json!({"graph": {"event": view, "where": {"property": "path", "regex": "[2-5]$"}, "measure": "sessions"}}),
            true,
        ),
        (json!({"graph": {"event": view, "group_by": [{"segment": segment}]}}), false),
        (json!({"funnel": {"steps": [view, click, submit], "window": "1d", "group_by": country}}), true),
        (json!({"funnel": {"steps": [view, click], "window": "2d", "hold": ["path"], "per": "session"}}), true),
        (json!({"retention": {"start": view, "return": click, "interval": "day", "periods": 4}}), true),
        (json!({"stickiness": {"event": view, "interval": "week"}}), true),
        (json!({"lifecycle": {"event": view, "interval": "day"}}), true),
        (json!({"paths": {"depth": 3, "top": 3}}), true),
        (json!({"pairs": {"nodes": [view, click]}}), true),
    ]
}

#[test]
fn the_database_runs_kernels_with_the_same_answers() {
    if !Cluster::has_extension() {
        println!("skipped: no extension");
        return;
    }
    let cluster = Cluster::fast();
    let [there, here] = stores(&cluster);
    for (query, by_person) in questions() {
        let plan = plan(query.clone());
        let answers = [&there, &here].map(|store| store.answer(project(7), &plan, &Budget::unlimited()).unwrap());
        assert_eq!(answers[0].body, answers[1].body, "{query}");
        let explained = there.explain(project(7), &plan, false).unwrap();
        let last = explained.last().unwrap();
        assert!(last.sql.contains("cairn_ext.analyse_v1("), "{last:#?}");
        assert_eq!(last.sql.contains("cairn_ext.events_v1("), by_person, "{last:#?}");
        // Nothing is put in order first, and all that may be is done by the same select.
        assert!(!last.sql.contains("order by"), "{last:#?}");
        // Positions, what is known of indexes, and an answer; segments are made of rows that come.
        if !query.to_string().contains("segment") {
            assert!(answers[0].explain.touched.rows < 10, "{query}: {}", answers[0].explain.touched.rows);
        }
    }
}

#[test]
fn an_extension_without_kernels_is_not_used() {
    if !Cluster::has_extension() {
        println!("skipped: no extension");
        return;
    }
    let cluster = Cluster::fast();
    cluster.psql(&cluster.admin_url("cairn"), "create extension cairn");
    let drop = "alter extension cairn drop aggregate cairn_ext.analyse_v1(text, bytea)";
    cluster.psql(&cluster.admin_url("cairn"), drop);
    assert!(!PostgresStore::open(&PostgresOptions::new(cluster.url("cairn"))).unwrap().has_extension());
}
