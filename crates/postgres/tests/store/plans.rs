//! Questions of definitions that have indexes read the indexes and nothing else.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cairn_analysis::{Budget, Calendar, Explained, FoundBy, Plan, Query, Store};
use cairn_model::{Event, EventKind, Message, Predicate, TimeMs, Value};
use cairn_postgres::{IndexState, KeeperOptions, PostgresOptions, PostgresStore};
use cairn_testkit::postgres::Cluster;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, open, project};

const DAY_MS: i64 = 86_400_000;
/// 2026-08-03.
const START_MS: i64 = 1_785_715_200_000;
const NAMES: [&str; 3] = ["Sign Up", "Log In", "Order Placed"];

/// A site's events: of 50, one is of each name.
fn events() -> Vec<Message<'static>> {
    let event = |number: u64| {
        let time = TimeMs(START_MS + number as i64 * DAY_MS / 1_000);
        let kind = if number.is_multiple_of(50) { EventKind::Custom } else { EventKind::Pageview };
        let mut event = Event::new(1 + number * 7 % 211, 1 + number, time.0, kind);
        let name = NAMES[(number / 50 % 3) as usize];
        let of = if kind == EventKind::Custom { ("name", name) } else { ("path", "/a") };
        event.properties.set(of.0, Value::from(of.1));
        event.properties.set("country", Value::from(if number.is_multiple_of(3) { "Canada" } else { "Chile" }));
        Message::Event(event)
    };
    (0..20_000).map(event).collect()
}

fn definition(name: &str) -> Option<Predicate> {
    Some(Predicate::Name(name.to_owned())).filter(|_| NAMES.contains(&name))
}

pub(crate) fn plan(query: Json) -> Plan {
    let query: Query = serde_json::from_value(query).unwrap();
    Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(START_MS + 365 * DAY_MS), &definition).unwrap()
}

/// A store with events and the indexes of all definitions.
pub(crate) fn indexed(cluster: &Cluster) -> Arc<PostgresStore> {
    let store = open(cluster);
    for (offset, messages) in events().chunks(1_000).enumerate() {
        store.apply(at(0, offset as u64), &batch(project(7), messages)).unwrap();
    }
    store.index(project(7), NAMES.iter().filter_map(|name| definition(name)).collect());
    store.keep_indexes_now(&KeeperOptions::default()).unwrap();
    let states: Vec<_> = store.index_progress(project(7)).unwrap().iter().map(|index| index.state).collect();
    assert_eq!(states, [IndexState::Valid; 3]);
    // What was committed a moment ago, and is not on disk yet, counts as visible to nobody.
    let visible = "select relallvisible = relpages from pg_class where oid = 'cairn.events'::regclass";
    let until = Instant::now() + Duration::from_secs(60);
    while cluster.psql(&cluster.url("cairn"), visible) != "t" {
        assert!(Instant::now() < until, "the table is never all visible");
        cluster.psql(&cluster.url("cairn"), "vacuum (analyze) cairn.events");
    }
    store
}

/// What a plan reads tables and indexes by.
fn scans(explained: &[Explained]) -> Vec<String> {
    let lines = explained.iter().flat_map(|query| query.plan_text.lines());
    let scans = lines.filter_map(|line| {
        let line = line.trim_start().trim_start_matches("->").trim_start();
        let (scan, _) = line.split_once(" on ")?;
        // What reads another part of the plan reads nothing itself.
        let reads = scan.contains("Scan") && !scan.contains("Subquery");
        reads.then(|| scan.split("cairn_def_").next().unwrap_or_default().trim().to_owned())
    });
    scans.collect()
}

#[test]
fn graphs_funnels_retention_and_segments_of_definitions_are_index_only_scans() {
    are_index_only_scans(&Cluster::fast());
}

#[test]
fn they_are_where_kernels_run_in_the_database() {
    if !Cluster::has_extension() {
        println!("skipped: no extension");
        return;
    }
    let cluster = Cluster::fast();
    cluster.psql(&cluster.admin_url("cairn"), "create extension cairn");
    are_index_only_scans(&cluster);
}

fn are_index_only_scans(cluster: &Cluster) {
    let store = indexed(cluster);
    let range = json!({"from": "2026-08-03", "to": "2026-09-03"});
    let with = |mut query: Json| {
        query.as_object_mut().unwrap().extend(range.as_object().unwrap().clone());
        query
    };
    let segment =
        json!({"all": [{"did": "Sign Up", "more_than": 1, "in": "7d"}, {"any": [{"did": "Log In", "in": "7d"}]}]});
    let questions = [
        (json!({"graph": with(json!({"event": "Sign Up", "interval": "day"}))}), 1),
        (json!({"funnel": with(json!({"steps": NAMES, "window": "7d"}))}), 3),
        (
            json!({"retention": with(json!({"start": "Sign Up", "return": "Log In", "interval": "week", "periods": 3}))}),
            2,
        ),
        (
            json!({"retention": with(json!({"start": "Sign Up", "return": "Sign Up", "interval": "week", "periods": 3}))}),
            1,
        ),
        (json!({"users": {"segment": segment, "as_of": "2026-08-20"}}), 2),
    ];
    for (query, reads) in questions {
        let plan = plan(query);
        let explained = store.explain(project(7), &plan, true).unwrap();
        let of_events: Vec<Explained> =
            explained.into_iter().filter(|query| query.sql.contains("cairn.events")).collect();
        let scans = scans(&of_events);
        assert_eq!(scans, vec!["Index Only Scan using"; reads], "{of_events:#?}");
        let texts: String = of_events.iter().map(|query| query.plan_text.as_str()).collect();
        assert_eq!(texts.matches("Heap Fetches: 0").count(), reads, "{texts}");
        assert!(!texts.contains("Sort Method"), "{texts}");
        let answer = store.answer(project(7), &plan, &Budget::unlimited()).unwrap();
        assert_eq!(answer.explain.found, FoundBy::Index);
    }
}

#[test]
fn what_more_is_asked_of_rare_events_is_fetched_and_what_has_no_index_is_scanned_once() {
    let cluster = Cluster::fast();
    let store = indexed(&cluster);
    let found = |query: Json| {
        let plan = plan(query);
        let mut scans = scans(&store.explain(project(7), &plan, false).unwrap());
        scans.sort();
        (scans, store.answer(project(7), &plan, &Budget::unlimited()).unwrap().explain.found)
    };
    let grouped = json!({"graph": {"event": "Sign Up", "from": "2026-08-03", "to": "2026-09-03", "group_by": [{"event": "country"}],
        "where": {"property": "country", "is": "Canada"}}});
    let (scans, by) = found(grouped);
    assert!(scans.iter().all(|scan| scan == "Index Scan using" || scan.starts_with("Bitmap")), "{scans:?}");
    assert_eq!(by, FoundBy::Index);
    let views = json!({"type": "pageview"});
    let mixed = json!({"funnel": {"steps": [views, "Log In", {"type": "click"}], "from": "2026-08-03", "to": "2026-09-03", "window": "7d"}});
    assert_eq!(found(mixed), (vec!["Index Only Scan using".to_owned(), "Seq Scan".to_owned()], FoundBy::Both));
    // What a person is stands in no index of events.
    let of_persons = json!({"graph": {"event": "Sign Up", "from": "2026-08-03", "to": "2026-09-03", "where": {"user": "plan", "is": "free"}}});
    assert_eq!(found(of_persons).1, FoundBy::Index);
    // An index leaves out bots; a question that does not needs more than there is in it.
    let bots = json!({"graph": {"event": "Sign Up", "from": "2026-08-03", "to": "2026-09-03", "bots": true}});
    assert_eq!(found(bots).1, FoundBy::Scan);
}

#[test]
fn a_segment_of_few_persons_narrows_the_query() {
    let cluster = Cluster::fast();
    let store = indexed(&cluster);
    let segment = json!({"all": [{"did": "Sign Up", "more_than": 2, "in": "2d"}]});
    let query = json!({"graph": {"event": {"type": "pageview"}, "from": "2026-08-03", "to": "2026-09-03", "segment": segment,
        "as_of": "2026-08-06"}});
    let explained = store.explain(project(7), &plan(query), false).unwrap();
    let last = explained.last().unwrap();
    assert!(last.sql.contains("e.user_id = any ("), "{last:#?}");
    assert!(scans(std::slice::from_ref(last)).iter().all(|scan| !scan.contains("Seq Scan")), "{last:#?}");
}

#[test]
fn the_planner_proves_of_every_kind_of_condition_that_its_index_serves() {
    let cluster = Cluster::fast();
    // The table is too small for an index to be worth it.
    let url = cluster.url("cairn") + "?options=-c%20enable_seqscan%3Doff";
    let store = PostgresStore::open(&PostgresOptions::new(url)).unwrap();
    store.apply(at(0, 0), &batch(project(7), &events()[..100])).unwrap();
    let of = |operator: &str, operand: Json| json!({"property": "a", operator: operand});
    let conditions = [
        json!({"type": "pageview"}),
        json!({"name": "it's \\ \"quoted\""}),
        of("is", json!("x")),
        of("is", json!(1.5)),
        of("is_not", json!("x")),
        of("in", json!(["x"])),
        of("in", json!(["x", 2, true])),
        of("contains", json!("x")),
        of("starts_with", json!("x")),
        of("ends_with", json!("x")),
        of(">", json!(1)),
        of("<=", json!("x")),
        of("is_set", json!(true)),
        of("is_not_set", json!(true)),
        json!({"not": {"any": [of("is", json!("x")), {"type": "click"}]}}),
        json!({"any": [of("is", json!("x")), {"all": [{"type": "click"}, of(">=", json!(3))]}]}),
        json!({"any": [{"all": [{"type": "click"}, of("is", json!("x"))]}, {"all": [{"type": "click"}, of("is", json!("y"))]}]}),
        json!({"all": []}),
    ];
    let predicate = |json: &Json| Predicate::from_json(json).unwrap();
    store.index(project(7), conditions.iter().map(predicate).collect());
    store.keep_indexes_now(&KeeperOptions::default()).unwrap();
    let progress = store.index_progress(project(7)).unwrap();
    assert_eq!(progress.len(), conditions.len());
    assert!(progress.iter().all(|index| index.state == IndexState::Valid), "{progress:#?}");
    for condition in conditions {
        let query = json!({"graph": {"event": condition, "from": "2026-08-03", "to": "2026-09-03"}});
        let explained = store.explain(project(7), &plan(query), false).unwrap();
        assert_eq!(scans(&explained), ["Index Only Scan using"], "{condition}: {explained:#?}");
        assert!(!explained[0].plan_text.contains("Filter"), "{condition}: {explained:#?}");
    }
}
