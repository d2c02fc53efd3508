//! The history is the same each time, of the size asked for, and believable.

use std::collections::{HashMap, HashSet};

use cairn_model::{Event, EventKind, Predicate, Value, limits};

use super::*;

const ENDS_AT: TimeMs = TimeMs(1_795_400_000_000);

fn messages(events: u64) -> Vec<Message<'static>> {
    let mut all = Vec::new();
    generate(History { events, ends_at: ENDS_AT }, &mut |message| {
        all.push(message);
        Ok(())
    })
    .unwrap();
    all
}

fn events<'m>(messages: &'m [Message<'static>]) -> Vec<&'m Event<'static>> {
    messages.iter().filter_map(|message| if let Message::Event(event) = message { Some(event) } else { None }).collect()
}

#[test]
fn the_same_each_time() {
    assert_eq!(messages(3_000), messages(3_000));
}

#[test]
fn of_the_size_asked_for_and_within_its_days() {
    let messages = messages(40_000);
    let events = events(&messages);
    assert!((34_000..46_000).contains(&events.len()), "{} events", events.len());
    let ids: HashSet<_> = events.iter().map(|event| (event.user_id, event.event_id)).collect();
    assert_eq!(ids.len(), events.len());
    let first = ENDS_AT.0 - 91 * 86_400_000;
    assert!(events.iter().all(|event| (first..ENDS_AT.0).contains(&event.time.0) && event.received_at <= ENDS_AT));
    assert!(events.iter().all(|event| event.properties.len() <= limits::PROPERTIES));
}

#[test]
fn the_funnel_narrows_step_by_step() {
    let messages = messages(40_000);
    let events = events(&messages);
    let mut users: HashMap<&str, HashSet<_>> = HashMap::new();
    for (name, predicate) in DEFINITIONS {
        let predicate: Predicate = serde_json::from_str(predicate).unwrap();
        let matching = events.iter().filter(|event| predicate.matches(event, &|_| None));
        users.insert(name, matching.map(|event| event.user_id).collect());
    }
    let count = |name: &str| users[name].len();
    let steps = ["Viewed page", "Viewed item", "Add to cart", "Began checkout", "Confirm order"].map(count);
    assert!(steps.is_sorted_by(|a, b| a > b) && steps[4] > 20, "{steps:?}");
    assert!(count("Log in") > 20 && count("Newsletter sign-up") > 5);
    let orders = events.iter().filter(|event| event.kind == EventKind::Custom);
    assert!(orders.clone().count() > 20);
    assert!(orders.clone().all(|order| order.properties.get("amount") > Some(&Value::from(9.0))));
}
