//! The people behind one of very many numbers.

use cairn_analysis::{Body, Budget, Cancel, Limits, Store};
use cairn_model::{Event, EventKind, Message, Properties, Value};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, open, project, resolve};

const HOUR_MS: i64 = 3_600_000;
const USERS: u64 = 2_000;

/// Each user views a page of its own, of which there are so many that their counts by hour are too many to keep; the first three
/// view the same one at 5 h.
fn store() -> EmbeddedStore {
    let event = |user: u64, hour: u64, path: String| {
        let properties = [("path", Value::from(path)), ("amount", Value::Number(user as f64))];
        let properties = properties.map(|(name, value)| (name.into(), value)).to_vec();
        Message::Event(Event {
            properties: Properties::from_pairs(properties),
            ..Event::new(user, hour, hour as i64 * HOUR_MS, EventKind::Pageview)
        })
    };
    let own = (1..=USERS).map(|user| event(user, 6 + user % 700, format!("/{user}")));
    let same = (1..=3).map(|user| event(user, 5, "/same".to_owned()));
    let store = open(&FaultyDisk::new(), StoreOptions::default());
    store.apply(at(0, 0), &batch(&own.chain(same).collect::<Vec<_>>())).unwrap();
    store.flush().unwrap();
    store
}

/// The user ids behind a cell of a graph by hour and path, within 16 MiB.
fn people(store: &EmbeddedStore, measure: &Json, cell: &Json) -> Vec<u64> {
    let graph = json!({"event": {"type": "pageview"}, "measure": measure, "from": 0, "to": 720 * HOUR_MS,
                       "interval": "hour", "group_by": [{"event": "path"}], "top": 2});
    let query = json!({"people": {"of": {"graph": graph}, "cell": cell, "limit": 1_000}});
    let plan = resolve(&serde_json::from_value(query).unwrap(), "UTC");
    let limits = Limits { memory_bytes: Some(16 << 20), ..Limits::default() };
    let answer = store.answer(project(), &plan, &Budget::new(limits, Cancel::default()));
    let Body::Users(list) = answer.unwrap_or_else(|error| panic!("{measure} {cell}: {error}")).body else {
        panic!("no list")
    };
    let mut users: Vec<u64> = list.users.iter().flat_map(|person| &person.user_ids).map(|user| user.get()).collect();
    users.sort_unstable();
    users
}

#[test]
fn counts_that_are_too_many_to_keep_open() {
    let store = store();
    for measure in [json!("count"), json!("users"), json!("count_per_user")] {
        assert_eq!(people(&store, &measure, &json!({"at": 5, "group": ["/same"]})), [1, 2, 3], "{measure}");
        assert_eq!(people(&store, &measure, &json!({"at": 7, "group": ["/same"]})), [0; 0], "{measure}");
        assert_eq!(people(&store, &measure, &json!({"at": 7, "group": ["/1"]})), [1], "{measure}");
        assert_eq!(people(&store, &measure, &json!({"at": 7})), [1, 701, 1_401], "{measure}");
    }
    for measure in [json!("count"), json!("users")] {
        assert_eq!(people(&store, &measure, &json!({"at": 5, "series": 0})), [1, 2, 3]);
        // The second group is the first of those of one event.
        assert_eq!(people(&store, &measure, &json!({"at": 7, "series": 1})), [1]);
        assert_eq!(people(&store, &measure, &json!({"at": 7, "other": true})), [701, 1_401]);
        assert_eq!(people(&store, &measure, &json!({"at": 5, "other": true})), [0; 0]);
    }
}

#[test]
fn sums_of_very_many_groups_open_within_the_budget() {
    let (store, sum) = (store(), json!({"sum": "amount"}));
    assert_eq!(people(&store, &sum, &json!({"series": 0})), [2_000]);
    assert_eq!(people(&store, &sum, &json!({"series": 1, "at": 1_999 % 700 + 6})), [1_999]);
    assert_eq!(people(&store, &sum, &json!({"other": true, "at": 5})), [1, 2, 3]);
}
