//! Graphs of several events: what is refused, and the period before.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_analysis::{Calendar, GraphsPlan, Plan, Query};
use cairn_model::{Predicate, TimeMs};
use serde_json::{Value, json};

fn resolve(query: &Value, zone: &str) -> Result<Plan, String> {
    let query: Query = serde_json::from_value(query.clone()).map_err(|error| error.to_string())?;
    let defined = |name: &str| (name == "Order Placed").then(|| Predicate::All(Vec::new()));
    Plan::resolve(&query, &Calendar::new(zone).unwrap(), TimeMs(1_800_000_000_000), &defined)
        .map_err(|error| format!("{}: {error}", error.code))
}

/// A question of two events, with further members.
fn query(more: &Value) -> Value {
    let mut query = json!({
        "events": [{"event": "Order Placed", "measure": "users"}, {"event": {"type": "pageview"}}],
        "from": "2026-10-20", "to": "2026-10-27"
    });
    for (name, value) in more.as_object().unwrap() {
        query[name] = value.clone();
    }
    json!({"graphs": query})
}

fn plan(more: &Value, zone: &str) -> GraphsPlan {
    match resolve(&query(more), zone).unwrap() {
        Plan::Graphs(plan) => plan,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_is_said() {
    let event = json!({"event": "Order Placed"});
    for (more, expected) in [
        (json!({"events": []}), "query: `graphs` has 1 to 26 `events`"),
        (json!({"events": vec![event.clone(); 27]}), "query: `graphs` has 1 to 26 `events`"),
        (json!({"events": [{"event": "Nothing"}]}), "unknown_event: no event is defined as \"Nothing\""),
        (
            json!({"events": [{"event": "Order Placed", "measure": {"summary": "n"}}]}),
            "query: a summary or a histogram is many numbers",
        ),
        (
            json!({"events": [{"event": "Order Placed", "measure": {"percentile": {"of": "n", "p": 0}}}]}),
            "query: the `p`",
        ),
        (json!({"formulas": ["A /"]}), "formula: the formula \"A /\" is wrong at its end"),
        (json!({"formulas": ["A / C"]}), "there is no such event: those of this query are A to B"),
        (json!({"formulas": vec!["A"; 27]}), "query: `graphs` has at most 26 `formulas`"),
        (json!({"trailing": 1}), "query: `trailing` is a number of buckets, from 2 to 1000"),
        (json!({"trailing": 1001}), "query: `trailing` is a number of buckets"),
        (json!({"top": 0}), "query: `top` is a number"),
        (json!({"to": "2026-10-20"}), "time: the range is empty"),
        (
            json!({"interval": "hour", "from": "2024-10-20", "top": 1000, "group_by": [{"event": "p"}]}),
            "query: the answer could have 35411376 numbers, more than 20000000",
        ),
    ] {
        let error = resolve(&query(&more), "UTC").unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    assert!(resolve(&query(&json!({"events": [{"event": "Order Placed", "typo": 1}]})), "UTC").is_err());
}

#[test]
fn the_sentence_says_all_of_it() {
    let more = json!({
        "formulas": ["100 * A / B"], "group_by": [{"event": "browser"}], "previous": true, "trailing": 7,
        "where": {"property": "country", "is": "Canada"}
    });
    assert_eq!(
        plan(&more, "UTC").sentence,
        "A: Users who did Order Placed; B: Times that pageview happened; 100 * A / B, where \
         country is \"Canada\", by day, per browser, from 2026-10-20, beside the period before, with \
         averages over 7 buckets"
    );
}

#[test]
fn cells_are_of_an_event() {
    let people = |more: &Value, cell: Value| {
        resolve(&json!({"people": {"of": query(more), "cell": cell}}), "UTC").map(|plan| match plan {
            Plan::People(plan) => {
                let starts = plan.line.unwrap().buckets.starts;
                (starts[0], plan.cell.at.map(|at| starts[at]))
            }
            other => panic!("{other:?}"),
        })
    };
    let plain = json!({"formulas": ["A / B"]});
    for (cell, expected) in [
        (json!({}), "cell: a cell of several graphs needs `event`: A to B"),
        (json!({"event": "C"}), "cell: \"C\" is none of the events of this query: A to B"),
        (json!({"event": "A / B"}), "cell: a formula's number is made of others, and has no people of its own"),
        (json!({"formula": "A / B"}), "cell: a formula's number is made of others"),
        (json!({"event": "A", "previous": true}), "cell: the query does not ask for the period before"),
        (json!({"event": "A", "at": 7}), "cell: `at` is a whole number from 0 to 6"),
        (json!({"event": "A", "step": 1}), "cell: a cell of a graphs has no `step`"),
        (json!({"event": "A", "series": 0}), "cell: of answers with a `group_by`"),
    ] {
        let error = people(&plain, cell).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let day = 86_400_000;
    let from = 1_792_454_400_000;
    assert_eq!(people(&plain, json!({"event": "B", "at": 6})), Ok((TimeMs(from), Some(TimeMs(from + 6 * day)))));
    let previous = json!({"previous": true});
    let before = json!({"event": "B", "at": 6, "previous": true});
    assert_eq!(people(&previous, before), Ok((TimeMs(from - 7 * day), Some(TimeMs(from - day)))));
    // Three months beside 92 days that begin on 31 March.
    let april = 1_775_001_600_000;
    let months = json!({"previous": true, "interval": "month", "from": "2026-07-01", "to": "2026-10-01"});
    assert_eq!(people(&months, json!({"event": "A", "at": 0, "previous": true})).unwrap().1, Some(TimeMs(april)));
    let fewer = json!({"previous": true, "interval": "month", "from": "2026-01-31", "to": "2026-03-01"});
    let error = people(&fewer, json!({"event": "A", "at": 0, "previous": true})).unwrap_err();
    assert!(error.contains("cell: the period before has no such bucket"), "{error}");
    // Of one event the letter may be left out; an answer without the period before has no cells of it.
    let one = json!({"events": [{"event": "Order Placed"}]});
    assert_eq!(people(&one, json!({})), Ok((TimeMs(from), None)));
    let graph = json!({"graph": {"event": "Order Placed", "from": "2026-10-20", "to": "2026-10-27"}});
    let error = resolve(&json!({"people": {"of": graph, "cell": {"previous": true}}}), "UTC").unwrap_err();
    assert!(error.contains("a cell of a graph has no `previous`"), "{error}");
}

#[test]
fn the_period_before_is_as_long() {
    let first = |from: &str, to: &str, zone: &str| {
        let plan = plan(&json!({"from": from, "to": to, "interval": "whole", "previous": true}), zone);
        plan.previous.unwrap().names[0].clone()
    };
    let berlin = "Europe/Berlin";
    // As many days, whatever clocks do in or before them.
    assert_eq!(first("2026-10-20", "2026-10-27", berlin), "2026-10-13T00:00:00+02:00");
    assert_eq!(first("2026-10-26", "2026-11-02", berlin), "2026-10-19T00:00:00+02:00");
    assert_eq!(first("2026-03-29", "2026-03-30", berlin), "2026-03-28T00:00:00+01:00");
    assert_eq!(first("2026-10-25T10:00:00Z", "2026-10-26T10:00:00Z", berlin), "2026-10-24T11:00:00+02:00");
    // Other ranges by elapsed time: 13 hours of the day of 25.
    assert_eq!(first("2026-10-25", "2026-10-25T11:00:00Z", berlin), "2026-10-24T11:00:00+02:00");
    // Both ends are half past two of one day, an hour apart.
    assert_eq!(first("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", berlin), "2026-10-25T01:30:00+02:00");
    // Samoa had no 30 December 2011: the day before the 31st is not there, but 24 hours are.
    assert_eq!(first("2011-12-31", "2012-01-01", "Pacific/Apia"), "2011-12-29T00:00:00-10:00");
}
