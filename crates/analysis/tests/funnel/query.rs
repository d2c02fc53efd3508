//! Funnels as people write them.

use cairn_analysis::{Calendar, FunnelPlan, Plan, Query, QueryError};
use cairn_model::{Event, EventKind, Predicate, TimeMs};
use serde_json::{Value, json};

fn query(changes: Value) -> Value {
    let mut query = json!({"steps": ["Viewed Item", {"type": "click"}], "window": "7d", "from": 0, "to": 1000});
    query.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({"funnel": query})
}

fn resolve(changes: Value) -> Result<FunnelPlan, QueryError> {
    let query: Query = serde_json::from_value(query(changes)).unwrap();
    let viewed = Predicate::from_json(&json!({"type": "pageview"})).unwrap();
    let definitions = |name: &str| (name == "Viewed Item").then(|| viewed.clone());
    match Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(5_000), &definitions)? {
        Plan::Funnel(plan) => Ok(plan),
        other => panic!("{other:?} is no funnel"),
    }
}

#[test]
fn windows_are_fixed_hours() {
    let hours = |text: &str| resolve(json!({"window": text})).unwrap().window_ms as f64 / 3_600_000.0;
    assert_eq!(["30m", "12h", "7d", "2w", "366d"].map(hours), [0.5, 12.0, 168.0, 336.0, 8_784.0]);
    for wrong in
        ["", "7", "d", "-7d", "+7d", "7 d", "1.5h", "7y", "7D", "0d", "367d", "53w", "9999999999999999999999w", "7đ"]
    {
        let error = resolve(json!({"window": wrong})).unwrap_err();
        assert_eq!(error.code, "query", "{wrong}");
        assert!(error.to_string().contains("window"), "{error}");
    }
}

#[test]
fn a_plan_has_every_condition_in_every_step() {
    let plan = resolve(json!({"where": {"property": "country", "is": "Canada"}})).unwrap();
    let mut event = Event::new(1, 1, 0, EventKind::Pageview);
    let holds = |event: &Event<'_>| [0, 1].map(|step: usize| plan.steps[step].matches(event, &|_| None));
    assert_eq!(holds(&event), [false, false]);
    event.properties.set("country", "Canada".into());
    assert_eq!(holds(&event), [true, false]);
    event.properties.set("bot", true.into());
    assert_eq!(holds(&event), [false, false]);
    let sentence = r#"Users who did Viewed Item, then click within 7d, where {"is":"Canada","property":"country"}"#;
    assert_eq!(plan.sentence, format!("{sentence}, from 1970-01-01"));
}

#[test]
fn later_steps_are_looked_for_past_the_range_but_not_past_as_of() {
    let range = |as_of: i64| resolve(json!({"window": "1m", "as_of": as_of})).unwrap().range();
    assert_eq!(range(1_000_000), (TimeMs(0), TimeMs(61_000)));
    assert_eq!(range(40_000), (TimeMs(0), TimeMs(40_001)));
    assert_eq!(resolve(json!({"window": "1m"})).unwrap().as_of, TimeMs(5_000));
}

#[test]
fn what_cannot_be_answered_says_why() {
    for (changes, code, word) in [
        (json!({"steps": ["Viewed Item"]}), "query", "2 to 16"),
        (json!({"steps": vec!["Viewed Item"; 17]}), "query", "2 to 16"),
        (json!({"steps": ["Viewed Item", "Paid"]}), "unknown_event", "Paid"),
        (json!({"steps": ["Viewed Item", {"user": "plan", "is": "pro"}]}), "predicate", "where"),
        (json!({"steps": ["Viewed Item", {"selector": "a:hover"}]}), "selector", "hover"),
        (json!({"to": 0}), "time", "empty"),
        (json!({"from": "yesterday"}), "time", "yesterday"),
        (json!({"top": 0}), "query", "top"),
        (json!({"group_by": vec![json!({"user": "plan"}); 4]}), "query", "group_by"),
    ] {
        let error = resolve(changes).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn what_is_not_known_yet_is_refused_by_name() {
    for later in ["order", "exclude", "hold", "per"] {
        let error = serde_json::from_value::<Query>(query(json!({later: "any"}))).unwrap_err();
        assert!(error.to_string().contains(&format!("unknown field `{later}`")), "{error}");
    }
}

#[test]
fn a_query_is_written_as_it_was_read() {
    let given = query(json!({"where": {"user": "plan", "is": "pro"}, "top": 5, "bots": true,
        "as_of": "2026-01-01", "group_by": [{"event": "browser"}]}));
    let query: Query = serde_json::from_value(given.clone()).unwrap();
    assert_eq!(serde_json::to_value(query).unwrap(), given);
}
