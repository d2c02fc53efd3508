//! Group-by keys as people write them.
#![allow(clippy::unwrap_used, missing_docs)]

use cairn_analysis::{Calendar, GroupKey, KeyPlan, Plan, Query, QueryError};
use cairn_model::TimeMs;
use serde_json::{Value, json};

fn resolve(key: &Value) -> Result<Vec<KeyPlan>, QueryError> {
    let query = json!({"graph": {"event": {"type": "click"}, "from": 0, "to": 1000, "group_by": [key]}});
    let query: Query = serde_json::from_value(query).unwrap();
    match Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(700_000_000), &|_: &str| None)? {
        Plan::Graph(plan) => Ok(plan.group_by),
        other => panic!("{other:?} is no graph"),
    }
}

#[test]
fn keys_are_written_as_they_are_read() {
    let segment = json!({"did": {"type": "click"}});
    for key in [
        json!({"event": "a"}),
        json!({"user": "b"}),
        json!({"segment": segment}),
        json!({"segment": segment, "name": "C"}),
    ] {
        let read: GroupKey = serde_json::from_value(key.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), key);
    }
}

#[test]
fn a_key_that_is_not_one_of_three_is_refused() {
    let two = json!({"event": "a", "user": "b"});
    for wrong in [
        json!({}),
        two,
        json!({"event": "a", "name": "A"}),
        json!({"name": "A"}),
        json!({"event": 1}),
        json!({"path": "a"}),
    ] {
        assert!(serde_json::from_value::<GroupKey>(wrong.clone()).is_err(), "{wrong}");
    }
    let error = serde_json::from_value::<GroupKey>(json!({"name": "A"})).unwrap_err().to_string();
    assert!(error.contains(r#"{"segment": SEGMENT}"#), "{error}");
}

#[test]
fn a_keys_segment_is_as_of_the_querys_instant_and_its_mistakes_are_told() {
    let keys = resolve(&json!({"segment": {"did": {"type": "click"}, "in": "1d"}})).unwrap();
    let KeyPlan::Segment(plan) = &keys[0] else { panic!("{keys:?}") };
    assert_eq!((plan.leaves[0].from, plan.leaves[0].to), (700_000_000 - 86_400_000, 700_000_000));
    assert_eq!(resolve(&json!({"segment": {"did": "Nothing"}})).unwrap_err().code, "unknown_event");
    assert_eq!(resolve(&json!({"segment": {"do": 1}})).unwrap_err().code, "segment");
}
