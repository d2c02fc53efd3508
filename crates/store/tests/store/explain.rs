//! An answer says what was looked at, and how events were found.

use cairn_analysis::{Budget, FoundBy, PartsBy, Store, Touched};
use cairn_model::{Event, EventKind, Message, Predicate, Properties, TimeMs, UserId, Value};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, open, project, resolve};

const ROWS: u64 = 3_000;

/// Two parts, a day apart, of [`ROWS`] each: one event in 100 is a click, one in 50 is of page 7. Then as many rows in the tail.
fn store() -> EmbeddedStore {
    let faults = StoreFaults { index_everything: true, ..StoreFaults::default() };
    let store = open(&FaultyDisk::new(), StoreOptions { tail_rows: usize::MAX, faults, ..StoreOptions::default() });
    for day in 0..3 {
        let events = (0..ROWS).map(|row| {
            let kind = if row % 100 == 0 { EventKind::Click } else { EventKind::Pageview };
            let path = Value::from(format!("/{}", row % 50));
            Message::Event(Event {
                properties: Properties::from_pairs(vec![("path".into(), path)]),
                ..Event::new(row % 10 + 1, day * ROWS + row + 1, (day * 86_400_000 + row) as i64, kind)
            })
        });
        store.apply(at(0, day), &batch(&events.collect::<Vec<_>>())).unwrap();
        if day < 2 {
            store.flush().unwrap();
        }
    }
    store
}

fn asked(store: &EmbeddedStore, query: Json) -> (FoundBy, Touched) {
    let plan = resolve(&serde_json::from_value(query).unwrap(), "UTC");
    let explain = store.answer(project(), &plan, &Budget::unlimited()).unwrap().explain;
    (explain.found, explain.touched)
}

fn graph(event: Json, days: i64) -> Json {
    json!({"graph": {"event": event, "from": 0, "to": days * 86_400_000, "interval": "day"}})
}

#[test]
fn scans_read_columns_whole_and_pass_parts_outside_of_the_range() {
    let store = store();
    let views = json!({"type": "pageview"});
    let (found, both) = asked(&store, graph(views.clone(), 2));
    assert_eq!((found, both.rows), (FoundBy::Scan, 3 * ROWS));
    assert_eq!(both.parts, PartsBy { scan: 2, ..PartsBy::default() });
    let (_, one) = asked(&store, graph(views.clone(), 1));
    assert_eq!(one.parts, PartsBy { scan: 1, skipped: 1, ..PartsBy::default() });
    assert_eq!(one.rows, 2 * ROWS);
    // Of tails 16 bytes a row; of the second part as much as of the first, which is less than it would be in memory.
    let of_part = both.bytes - one.bytes;
    assert_eq!(one.bytes - of_part, 16 * ROWS);
    assert!(0 < of_part && of_part < 12 * ROWS, "{of_part} bytes of a part");
    let mut by_path = graph(views, 1);
    by_path["graph"]["group_by"] = json!([{"event": "path"}]);
    assert!(asked(&store, by_path).1.bytes > one.bytes, "the column of the key is read, too");
}

#[test]
fn postings_and_indexes_read_lists() {
    let store = store();
    let page = json!({"all": [{"property": "path", "is": "/7"}, {"type": "pageview"}]});
    let (found, touched) = asked(&store, graph(page, 2));
    assert_eq!((found, touched.rows), (FoundBy::Postings, ROWS + 2 * ROWS / 50));
    assert_eq!(touched.parts, PartsBy { postings: 2, ..PartsBy::default() });
    assert!(touched.bytes > 16 * ROWS);

    store.index(project(), vec![Predicate::Type(EventKind::Click)]);
    store.settle().unwrap();
    let parts = {
        let (found, touched) = asked(&store, graph(json!({"type": "click"}), 3));
        assert_eq!((found, touched.rows), (FoundBy::Index, 3 * ROWS / 100));
        touched.parts.index
    };
    // A segment's own question is added.
    let mut of_segment = graph(json!({"type": "click"}), 3);
    of_segment["graph"]["segment"] = json!({"did": {"type": "pageview"}});
    let (found, touched) = asked(&store, of_segment);
    assert_eq!((found, touched.rows), (FoundBy::Both, 3 * ROWS + 3 * ROWS / 100));
    assert_eq!(touched.parts, PartsBy { index: parts, scan: parts, ..PartsBy::default() });
    let (found, users) = asked(&store, json!({"users": {}}));
    assert_eq!((found, users.rows, users.parts.scan), (FoundBy::Scan, 10, parts));
}

#[test]
fn people_who_are_looked_at_one_by_one_count() {
    /// Of three user ids, one row in ten each.
    const THEIRS: u64 = 3 * ROWS / 10;
    let store = store();
    let identify = |user| {
        let (user_id, handle, time) = (UserId::clamped(user), "jane".into(), TimeMs(1));
        Message::Identify { user_id, handle, time, received_at: time }
    };
    let erase = Message::Erase { user_ids: vec![UserId::clamped(3)], at: TimeMs(0) };
    let users = |event: &str, more: Json| {
        let mut graph = json!({"event": {"type": event}, "measure": "users", "from": 0, "to": 3 * 86_400_000});
        graph.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"graph": graph})
    };
    let (views, clicks) = (users("pageview", json!({})), users("click", json!({})));
    // In two runs: which of the groups stand on their own comes out of the first one.
    let twice = users("click", json!({"group_by": [{"event": "path"}], "top": 1, "interval": "hour"}));
    let graphs = json!({"graphs": {"events": [{"event": {"type": "click"}, "measure": "users"}], "from": 0, "to": 3 * 86_400_000}});
    let of_segment = users("click", json!({"segment": {"did": {"type": "click"}}}));
    let behind = json!({"people": {"of": clicks, "cell": {}}});
    let counts = users("click", json!({"measure": "count"}));
    let ask = || {
        [&views, &clicks, &twice, &graphs, &of_segment, &behind, &counts].map(|query| asked(&store, query.clone()).1)
    };

    store.index(project(), vec![Predicate::Type(EventKind::Click)]);
    store.settle().unwrap();
    let before = ask();
    assert_eq!([before[0].rows, before[1].rows], [3 * ROWS, 3 * ROWS / 100]);
    store.apply(at(0, 3), &batch(&[identify(1), identify(2), erase])).unwrap();
    let after = ask();
    let more: Vec<(u64, u64)> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| (after.rows - before.rows, after.bytes - before.bytes))
        .collect();
    let all = 3 * THEIRS;
    // Scanned parts have their rows among all others, but no event ids.
    assert_eq!(more[0], (0, 8 * all));
    let of_index = (all, (8 + 8 + 4) * all);
    assert_eq!(more[1..4], [of_index; 3]);
    // The segment's own question, and the list's, looks at them as well.
    assert_eq!(more[4], (2 * of_index.0, 2 * of_index.1));
    assert_eq!(more[5], of_index);
    // Only an erasure matters to a count of events.
    assert_eq!(more[6].0, all / 3);
}
