//! Funnels as people write them.

use cairn_analysis::{Calendar, FunnelPlan, PeoplePlan, Plan, Query, QueryError};
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
    let sentence = r#"Users who did Viewed Item, then click within 7d, where country is "Canada""#;
    assert_eq!(plan.sentence, format!("{sentence}, from 1970-01-01"));
}

#[test]
fn what_is_asked_is_said_in_words() {
    for (changes, words) in [
        (json!({"order": "strict"}), "Viewed Item, then click, none out of turn, within 7d, from 1970-01-01"),
        (
            json!({"steps": ["Viewed Item", {"type": "click"}, {"type": "submit"}], "order": "any"}),
            "Viewed Item, then click and submit in any order within 7d, from 1970-01-01",
        ),
        (
            json!({"exclude": [{"type": "change"}, "Viewed Item"], "interval": "day"}),
            "Viewed Item, then click within 7d without change or Viewed Item, by day of the start, from 1970-01-01",
        ),
    ] {
        assert_eq!(resolve(changes).unwrap().sentence, format!("Users who did {words}"));
    }
    let sentence = resolve(json!({"per": "session", "hold": ["sku", "shop"]})).unwrap().sentence;
    let words = "Sessions with Viewed Item, then click with the same sku and shop within 7d, from 1970-01-01";
    assert_eq!(sentence, words);
}

#[test]
fn excluded_events_have_the_conditions_too_and_starts_have_buckets() {
    let changes = json!({"exclude": [{"type": "change"}], "where": {"property": "country", "is": "Canada"}});
    let plan = resolve(changes).unwrap();
    let mut event = Event::new(1, 1, 0, EventKind::Change);
    assert!(!plan.exclude[0].matches(&event, &|_| None));
    event.properties.set("country", "Canada".into());
    assert!(plan.exclude[0].matches(&event, &|_| None));
    assert_eq!((plan.events().count(), plan.over_time), (3, None));
    let buckets = resolve(json!({"interval": "hour", "to": 3_600_001})).unwrap().over_time.unwrap();
    assert_eq!((buckets.starts, buckets.end), (vec![TimeMs(0), TimeMs(3_600_000)], TimeMs(3_600_001)));
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
        (json!({"exclude": vec!["Viewed Item"; 5]}), "query", "at most 4"),
        (json!({"hold": ["a", "b", "c", "d"]}), "query", "at most 3"),
        (json!({"exclude": ["Refunded"]}), "unknown_event", "Refunded"),
        (json!({"interval": "hour", "to": 3_600_000_i64 * 20_001}), "time", "longer interval"),
        (
            json!({"interval": "hour", "to": 3_600_000_i64 * 20_000, "group_by": [{"user": "plan"}], "top": 1_000}),
            "query",
            "fewer groups",
        ),
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

fn people(changes: Value, cell: Value) -> Result<PeoplePlan, QueryError> {
    let people = json!({"people": {"of": query(changes), "cell": cell}});
    let query: Query = serde_json::from_value(people).unwrap();
    let definitions = |_: &str| Some(Predicate::every());
    match Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(5_000), &definitions)? {
        Plan::People(plan) => Ok(*plan),
        other => panic!("{other:?} asks for no people"),
    }
}

#[test]
fn cells_that_a_funnel_has_not_are_refused() {
    let by_hour = json!({"interval": "hour", "to": 7_200_000});
    for (changes, cell, word) in [
        (json!({}), json!({}), "needs `step`"),
        (json!({}), json!({"step": 3}), "from 1 to 2"),
        (json!({}), json!({"step": 1, "at": 0}), "without an `interval`"),
        (by_hour.clone(), json!({"step": 1, "at": 2}), "from 0 to 1"),
        (by_hour.clone(), json!({"at": 1}), "needs `step`"),
        (by_hour.clone(), json!({"step": 2, "at": 1, "bin": 0}), "neither `at` nor `who`"),
        (json!({}), json!({"step": 2, "bin": 0, "who": "open"}), "neither `at` nor `who`"),
        (json!({}), json!({"step": 1, "bin": 0}), "from 2 to 2"),
        (json!({"window": "1m"}), json!({"bin": 6}), "from 0 to 5"),
    ] {
        let error = people(changes, cell).unwrap_err();
        assert_eq!(error.code, "cell");
        assert!(error.to_string().contains(word), "{error}");
    }
    for cell in [json!({"step": 2, "at": 1, "who": "dropped"}), json!({"bin": 0}), json!({"step": 2, "bin": 16})] {
        assert!(people(by_hour.clone(), cell).is_ok());
    }
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let error = serde_json::from_value::<Query>(query(json!({"orders": "any"}))).unwrap_err();
    assert!(error.to_string().contains("unknown field `orders`"), "{error}");
    let error = serde_json::from_value::<Query>(query(json!({"order": "random"}))).unwrap_err();
    assert!(error.to_string().contains("expected one of `sequential`, `strict`, `any`"), "{error}");
    let error = serde_json::from_value::<Query>(query(json!({"per": "device"}))).unwrap_err();
    assert!(error.to_string().contains("expected `user` or `session`"), "{error}");
}

#[test]
fn a_query_is_written_as_it_was_read() {
    let given = query(json!({"where": {"user": "plan", "is": "pro"}, "top": 5, "bots": true,
        "as_of": "2026-01-01", "group_by": [{"event": "browser"}], "order": "any", "exclude": ["Refunded"], "interval": "week", "per": "session", "hold": ["sku"]}));
    let query: Query = serde_json::from_value(given.clone()).unwrap();
    assert_eq!(serde_json::to_value(query).unwrap(), given);
}
