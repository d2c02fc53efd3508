//! What kernels make of what they found is stopped as well, once a question's budget is over.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use cairn_analysis::{
    Budget, Calendar, Cancel, Funnel, Graph, Groups, Kernel, Limits, Numbers, Pairs, Paths, Plan, Query, Retention,
    Rows, Stickiness, Stopped,
};
use cairn_model::{TimeMs, Value};
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;
const DAYS: i64 = 70;
const USERS: u32 = 300;

fn plan(kind: &str, more: &Json) -> Plan {
    let mut query = json!({"from": 0, "to": DAYS * DAY_MS});
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let query: Query = serde_json::from_value(json!({kind: query})).unwrap();
    Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(1_000 * DAY_MS), &|_: &str| None).unwrap()
}

/// Every day each user does everything there is, in a group of the user's own.
fn fill<K: Kernel>(kernel: &K, groups: &Groups) -> K::Partial {
    let mut partial = kernel.init();
    let times: Vec<i64> = (0..DAYS).map(|day| day * DAY_MS).collect();
    for user in 0..USERS {
        let group = groups.group(&[groups.value(Some(&Value::Number(f64::from(user))))]);
        let rows = Rows {
            times: &times,
            matches: &vec![u32::MAX; times.len()],
            groups: &vec![group; times.len()],
            numbers: &times.iter().map(|time| (time * i64::from(user + 1)) as f64).collect::<Vec<_>>(),
            sessions: &vec![1; times.len()],
            ..Rows::default()
        };
        kernel.push(&mut partial, &rows);
        kernel.close(&mut partial, user, group);
    }
    partial
}

/// After at least how many looks at its budget a kernel comes to its end: to within a factor of two.
fn looks<K: Kernel>(kernel: &K, groups: &Groups) -> usize {
    let over = Budget::new(Limits { time: Some(Duration::ZERO), memory_bytes: None }, Cancel::default());
    assert_eq!(kernel.finish(fill(kernel, groups), &over).err(), Some(Stopped::Time(Duration::ZERO)));
    assert!(kernel.finish(fill(kernel, groups), &Budget::unlimited()).is_ok());
    let mut looks = 1;
    loop {
        match kernel.finish(fill(kernel, groups), &Budget::cancelled_after(looks)).err() {
            None => return looks / 2 + 1,
            Some(why) => assert_eq!(why, Stopped::Cancelled),
        }
        looks *= 2;
    }
}

#[test]
fn numbers_are_summed_up_group_by_group_and_bucket_by_bucket() {
    let key = json!([{"event": "key"}]);
    let event = json!({"type": "click"});
    for measure in [json!({"percentile": {"of": "n", "p": 50}}), json!({"summary": "n"}), json!({"sum": "n"})] {
        for group_by in [json!([]), key.clone()] {
            let groups = Groups::default();
            let graph = json!({"event": event, "measure": measure, "group_by": group_by, "top": 3});
            let Plan::Graph(plan) = plan("graph", &graph) else { panic!() };
            let looks = looks(&Numbers::new(&plan, &groups).unwrap(), &groups);
            // With keys, each group has an order, and each of the lines its buckets.
            let least = if plan.group_by.is_empty() { DAYS } else { i64::from(USERS) + 4 * DAYS };
            assert!(2 * looks as i64 > least, "{looks} looks, {measure}");
        }
    }
    let groups = Groups::default();
    let histogram = json!({"histogram": {"of": "n", "bins": 500}});
    let graph = json!({"event": event, "measure": histogram, "interval": "whole", "group_by": key});
    let Plan::Graph(plan) = plan("graph", &graph) else { panic!() };
    assert!(looks(&Numbers::new(&plan, &groups).unwrap(), &groups) > 500);
}

#[test]
fn counts_and_times_are_told_line_by_line() {
    let groups = Groups::default();
    let event = json!({"type": "click"});
    let by = json!([{"event": "key"}]);
    let Plan::Graph(graph) = plan("graph", &json!({"event": event, "group_by": by, "top": 100})) else { panic!() };
    assert!(looks(&Graph::new(&graph, &groups), &groups) > 50);
    let funnel = json!({"steps": [event, event, event], "window": "60d", "group_by": by, "top": 100});
    let Plan::Funnel(funnel) = plan("funnel", &funnel) else { panic!() };
    // Of each of three kinds of times, a hundred groups, the rest and all.
    assert!(looks(&Funnel::new(&funnel, &groups), &groups) > 3 * 102);
    let stickiness = plan("stickiness", &json!({"event": event}));
    let Plan::Stickiness(stickiness) = &stickiness else { panic!() };
    assert!(looks(&Stickiness::new(stickiness), &groups) > 4);
    let retention = json!({"start": event, "return": event, "group_by": [{"user": "key"}]});
    let Plan::Retention(retention) = plan("retention", &retention) else { panic!() };
    assert!(looks(&Retention::new(&retention, &groups), &groups) > 1);
}

#[test]
fn ways_are_told_piece_by_piece() {
    let groups = Groups::default();
    let Plan::Pairs(pairs) = plan("pairs", &json!({})) else { panic!() };
    assert!(looks(&Pairs::new(&pairs, &groups), &groups) > 8);
    let Plan::Paths(paths) = plan("paths", &json!({"depth": 20})) else { panic!() };
    assert!(looks(&Paths::new(&paths, &groups), &groups) > 20);
}
