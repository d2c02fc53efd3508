//! Segments as group-by keys: whoever is behind a number is of the segment, or not.

use cairn_analysis::{Body, Budget, PartsBy, Store};
use cairn_model::{Event, EventKind, Message, TimeMs, UserId};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, open, project, resolve};

const HOUR_MS: i64 = 3_600_000;

/// Users 1 to 4 click at 1 h. Ann, who is users 1 and 2, views a page at 2 h as user 1, user 3 at 3 h.
fn store() -> EmbeddedStore {
    let store = open(&FaultyDisk::new(), StoreOptions::default());
    let event = |user, hour, kind| Message::Event(Event::new(user, hour as u64, hour * HOUR_MS, kind));
    let ann = |user| Message::Identify {
        user_id: UserId::new(user).unwrap(),
        handle: "ann".to_owned(),
        time: TimeMs(0),
        received_at: TimeMs(0),
    };
    let clicks = (1..5).map(|user| event(user, 1, EventKind::Click));
    let views = [event(1, 2, EventKind::Pageview), event(3, 3, EventKind::Pageview)];
    let messages: Vec<_> = clicks.chain(views).chain([ann(1), ann(2)]).collect();
    store.apply(at(0, 0), &batch(&messages)).unwrap();
    store.flush().unwrap();
    store
}

/// The handles and user ids of the people behind a cell.
fn people(store: &EmbeddedStore, of: &Json, cell: &Json) -> Vec<String> {
    let query = json!({"people": {"of": of, "cell": cell}});
    let plan = resolve(&serde_json::from_value(query).unwrap(), "UTC");
    match store.answer(project(), &plan, &Budget::unlimited()).unwrap().body {
        Body::Users(list) => list
            .users
            .into_iter()
            .map(|person| person.handle.unwrap_or_else(|| person.user_ids[0].to_string()))
            .collect(),
        other => panic!("{other:?} is no list"),
    }
}

#[test]
fn the_people_of_a_group_are_those_of_the_segment_or_all_others() {
    let store = store();
    let keys = json!([{"segment": {"did": {"type": "pageview"}}, "name": "Viewers"}]);
    let (click, view) = (json!({"type": "click"}), json!({"type": "pageview"}));
    let (from, to) = (0, 24 * HOUR_MS);
    let questions = [
        (json!({"graph": {"event": click, "from": from, "to": to, "group_by": keys}}), json!({})),
        (json!({"graph": {"event": click, "measure": "users", "from": from, "to": to, "group_by": keys}}), json!({})),
        (json!({"graph": {"measure": "users", "group_by": keys, "as_of": to}}), json!({})),
        (
            json!({"graphs": {"events": [{"event": click}, {"event": view}], "from": from, "to": to, "group_by": keys}}),
            json!({"event": "A"}),
        ),
        (
            json!({"funnel": {"steps": [click, view], "window": "12h", "from": from, "to": to, "group_by": keys}}),
            json!({"step": 1}),
        ),
        (
            json!({"retention": {"start": click, "return": view, "from": from, "to": to, "interval": "day", "group_by": keys}}),
            json!({}),
        ),
    ];
    for (of, cell) in questions {
        let group = |is_of: bool| {
            let mut cell = cell.clone();
            cell["group"] = json!([is_of]);
            people(&store, &of, &cell)
        };
        assert_eq!(group(true), ["ann", "3"], "{of}");
        assert_eq!(group(false), ["4"], "{of}");
    }
}

#[test]
fn what_is_looked_at_to_find_a_keys_segment_is_told_and_the_sentence_has_its_name() {
    let explain = |keys: Json| {
        let query = json!({"graph": {"event": {"type": "click"}, "from": 0, "to": 24 * HOUR_MS, "group_by": keys}});
        let plan = resolve(&serde_json::from_value(query).unwrap(), "UTC");
        store().answer(project(), &plan, &Budget::unlimited()).unwrap().explain
    };
    let viewers = json!({"did": {"type": "pageview"}});
    assert_eq!(explain(json!([])).touched.parts, PartsBy { scan: 1, ..PartsBy::default() });
    let named = explain(json!([{"segment": viewers, "name": "Viewers"}]));
    assert_eq!(named.touched.parts, PartsBy { scan: 2, ..PartsBy::default() });
    assert!(named.sentence.contains("per whether the user is of the segment Viewers"), "{}", named.sentence);
    let unnamed = explain(json!([{"segment": viewers}]));
    assert!(unnamed.sentence.contains("per whether the user is of those who did pageview"), "{}", unnamed.sentence);
}

#[test]
fn cohorts_of_a_segment_are_said_by_its_name() {
    let key = json!([{"segment": {"did": {"type": "pageview"}}, "name": "Viewers"}]);
    let query = json!({"retention": {"start": {"type": "click"}, "return": {"type": "pageview"}, "from": 0, "to": 24 * HOUR_MS,
                                     "interval": "day", "periods": 1, "group_by": key}});
    let plan = resolve(&serde_json::from_value(query).unwrap(), "UTC");
    let answer = store().answer(project(), &plan, &Budget::unlimited()).unwrap();
    let Body::Retention(answer) = answer.body else { panic!("a retention, not {:?}", answer.body) };
    let sentences: Vec<_> = answer.cohorts.iter().map(|cohort| cohort.cells[0].sentence.as_str()).collect();
    let said = |whose: &str, users: u64, came: u64| {
        format!("Out of {users} users of {whose} who did click in the range, {came} did pageview in the same day.")
    };
    assert_eq!(sentences, [said("the segment Viewers", 2, 2), said("all but the segment Viewers", 1, 0)]);
}
