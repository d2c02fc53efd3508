//! What a question may take, and that one that is stopped leaves nothing behind.

use std::{
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::{Body, Budget, Cancel, Limits, Plan, Query, QueryError, Store};
use cairn_model::{Event, EventKind, Message, Predicate, Properties, TimeMs, UserId, Value};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::{Value as Json, json};

use crate::common::{at, batch, open, project, resolve};

pub(crate) const HOUR_MS: i64 = 3_600_000;

/// A history of `users` with `events` each, one an hour: some share a person, and one is erased in part.
pub(crate) fn history(users: u64, events: u64) -> Vec<Message<'static>> {
    let mut messages = Vec::new();
    for (user, hour) in (1..=users).flat_map(|user| (0..events).map(move |hour| (user, hour))) {
        let kind = if (user + hour).is_multiple_of(3) { EventKind::Click } else { EventKind::Pageview };
        let time = hour as i64 * HOUR_MS + user as i64;
        let properties = [
            ("path", Value::from(format!("/{}", (user * 7 + hour) % 40))),
            ("amount", Value::Number((user * hour) as f64)),
            ("ticket", Value::from(format!("{user}-{hour}"))),
        ];
        let properties = properties.map(|(name, value)| (name.into(), value)).to_vec();
        messages.push(Message::Event(Event {
            properties: Properties::from_pairs(properties),
            ..Event::new(user, user * 100_000 + hour, time, kind)
        }));
    }
    let time = TimeMs(5 * HOUR_MS);
    for user in [1, 2] {
        let (user_id, handle) = (UserId::clamped(user), "jane".into());
        messages.push(Message::Identify { user_id, handle, time, received_at: time });
    }
    for user in 4..9 {
        let set = Properties::from_pairs(vec![("plan".into(), Value::from(format!("plan {user}")))]);
        let user_id = UserId::clamped(user);
        messages.push(Message::SetUserProperties {
            user_id,
            time,
            received_at: time,
            set,
            set_once: Properties::default(),
        });
    }
    messages.push(Message::Erase { user_ids: vec![UserId::clamped(3)], at: TimeMs(7 * HOUR_MS) });
    messages
}

/// The history in parts and a tail; a definition has indexes.
pub(crate) fn store(messages: &[Message<'_>]) -> EmbeddedStore {
    let faults = StoreFaults { index_everything: true, ..StoreFaults::default() };
    let store = open(&FaultyDisk::new(), StoreOptions { tail_rows: usize::MAX, faults, ..StoreOptions::default() });
    for (offset, messages) in messages.chunks(messages.len().div_ceil(3)).enumerate() {
        store.apply(at(0, offset as u64), &batch(messages)).unwrap();
        if offset < 2 {
            store.flush().unwrap();
        }
    }
    store.index(project(), vec![Predicate::Type(EventKind::Click)]);
    store.settle().unwrap();
    store
}

pub(crate) fn plan(query: Json) -> Plan {
    resolve(&serde_json::from_value::<Query>(query).unwrap(), "UTC")
}

/// Questions of every kind, over the first so many hours.
pub(crate) fn plans(hours: i64) -> Vec<Plan> {
    let (from, to) = (0, hours * HOUR_MS);
    let path = json!({"all": [{"type": "pageview"}, {"property": "path", "glob": "/1*"}]});
    let graph = |more: Json| {
        let mut graph = json!({"event": {"type": "pageview"}, "from": from, "to": to, "interval": "hour"});
        graph.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"graph": graph})
    };
    let funnel = json!({"funnel": {"steps": [{"type": "click"}, path], "window": "3h", "from": from, "to": to}});
    let segment = json!({"did": {"type": "click"}, "at_least": 2});
    let questions = [
        graph(json!({})),
        graph(json!({"interval": "whole", "measure": "users", "group_by": [{"event": "path"}]})),
        graph(json!({"measure": "users", "group_by": [{"event": "ticket"}], "top": 3, "segment": segment})),
        graph(json!({"measure": {"summary": "amount"}, "event": path})),
        funnel.clone(),
        json!({"retention": {"start": path, "return": {"type": "click"}, "from": from, "to": to, "interval": "day"}}),
        json!({"stickiness": {"event": {"type": "click"}, "from": from, "to": to}}),
        json!({"lifecycle": {"event": {"type": "click"}, "from": from, "to": to, "interval": "hour"}}),
        json!({"users": {"segment": segment, "limit": 5}}),
        json!({"users": {"sort": {"by": "last_seen", "descending": true}, "offset": 3}}),
        json!({"users": {"sort": {"by": {"user": "plan"}}}}),
        json!({"stream": {"user": {"id": "1"}}}),
        json!({"graphs": {"events": [{"event": path, "measure": "users"}, {"event": {"type": "click"}, "measure": {"avg": "amount"}}],
                          "formulas": ["A / B"], "previous": true, "trailing": 3, "group_by": [{"event": "path"}], "top": 2,
                          "from": from + HOUR_MS, "to": to, "interval": "hour"}}),
        json!({"graph": {"measure": "users", "group_by": [{"user": "plan"}], "as_of": to}}),
        json!({"people": {"of": funnel, "cell": {"step": 2}}}),
        json!({"paths": {"start": {"type": "click"}, "from": from, "to": to}}),
        json!({"pairs": {"from": from, "to": to}}),
    ];
    questions.map(plan).to_vec()
}

fn ask(store: &EmbeddedStore, plan: &Plan, budget: &Budget) -> Result<Body, QueryError> {
    store.answer(project(), plan, budget).map(|answer| answer.body)
}

fn limited(time: Option<Duration>, memory_bytes: Option<usize>) -> Budget {
    Budget::new(Limits { time, memory_bytes }, Cancel::default())
}

#[test]
fn every_kind_of_question_has_a_time() {
    let store = store(&history(20, 30));
    for plan in plans(30) {
        let error = ask(&store, &plan, &limited(Some(Duration::ZERO), None)).unwrap_err();
        assert!(error.code == "timeout" && error.to_string().contains("shorter range"), "{error}");
        ask(&store, &plan, &limited(Some(Duration::from_secs(600)), None)).unwrap();
    }
    let preview = |budget: &Budget| {
        store.preview(project(), &Predicate::Type(EventKind::Click), (TimeMs(0), TimeMs(HOUR_MS)), 5, budget)
    };
    assert_eq!(preview(&limited(Some(Duration::ZERO), None)).unwrap_err().code, "timeout");
    assert!(preview(&Budget::unlimited()).unwrap().count > 0);
}

#[test]
fn what_grows_with_data_is_bounded() {
    let store = store(&history(200, 100));
    let whole = |more: Json| {
        let mut graph = json!({"event": {"all": []}, "from": 0, "to": 100 * HOUR_MS, "interval": "whole"});
        graph.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        plan(json!({"graph": graph}))
    };
    let questions = [
        ("values", whole(json!({"measure": {"percentile": {"of": "amount", "p": 50}}}))),
        ("groups", whole(json!({"group_by": [{"event": "ticket"}]}))),
        ("cells", whole(json!({"group_by": [{"event": "path"}, {"event": "amount"}], "interval": "hour"}))),
        (
            "times between steps",
            plan(json!({"funnel": {"steps": [{"all": []}, {"all": []}, {"all": []}, {"all": []}], "window": "9h",
                                    "group_by": [{"event": "ticket"}], "from": 0, "to": 100 * HOUR_MS}})),
        ),
    ];
    for (what, plan) in questions {
        let error = ask(&store, &plan, &limited(None, Some(16 << 10))).unwrap_err();
        assert!(error.code == "memory" && error.to_string().contains("fewer groups"), "{what}: {error}");
        ask(&store, &plan, &limited(None, Some(256 << 20))).unwrap();
    }
    let count = whole(json!({"interval": "hour"}));
    ask(&store, &count, &limited(None, Some(256 << 10))).unwrap();
}

#[test]
fn an_answer_of_very_many_numbers_is_bounded() {
    let store = store(&history(20, 60));
    let (from, to) = (-19_000 * HOUR_MS, 100 * HOUR_MS);
    let keys = json!([{"event": "ticket"}]);
    let graph = |measure: &Json, interval: &str| {
        json!({"graph": {"event": {"all": []}, "measure": measure, "from": from, "to": to, "interval": interval,
                         "group_by": keys, "top": 1_000}})
    };
    let graphs = |measure: &Json, interval: &str| {
        json!({"graphs": {"events": [{"event": {"all": []}, "measure": measure}], "from": from, "to": to,
                          "interval": interval, "group_by": keys, "top": 1_000}})
    };
    // 1,002 lines of 19,100 numbers, and few values.
    let (count, users, sum, summary) =
        (json!("count"), json!("users"), json!({"sum": "amount"}), json!({"summary": "amount"}));
    let both = |of: &dyn Fn(&Json, &str) -> Json, measure| ["hour", "week"].map(|interval| of(measure, interval));
    let one = [&count, &users, &sum, &summary].map(|measure| both(&graph, measure));
    let several = [&count, &users, &sum].map(|measure| both(&graphs, measure));
    for [hours, weeks] in one.into_iter().chain(several) {
        let error = ask(&store, &plan(hours.clone()), &limited(None, Some(64 << 20))).map(drop).unwrap_err();
        assert!(error.code == "memory" && error.to_string().contains("longer intervals"), "{hours}: {error}");
        ask(&store, &plan(weeks), &limited(None, Some(64 << 20))).unwrap();
    }
}

#[test]
fn what_several_events_have_is_bounded_together() {
    let store = store(&history(200, 100));
    let sums = |events: usize| {
        let events = vec![json!({"event": {"all": []}, "measure": {"sum": "amount"}}); events];
        plan(json!({"graphs": {"events": events, "from": 0, "to": 100 * HOUR_MS, "interval": "whole",
                               "group_by": [{"event": "path"}], "top": 2}}))
    };
    // Some 20,000 values of each.
    ask(&store, &sums(1), &limited(None, Some(2 << 20))).unwrap();
    assert_eq!(ask(&store, &sums(8), &limited(None, Some(2 << 20))).unwrap_err().code, "memory");
}

/// Wherever a question is stopped: it gives no answer or the right one, and so does the next.
#[test]
fn a_stopped_question_leaves_nothing_behind() {
    let messages = history(60, 40);
    let expected = store(&messages);
    for plan in plans(40) {
        let right = ask(&expected, &plan, &Budget::unlimited()).unwrap();
        let store = store(&messages);
        let mut looks = 0;
        loop {
            match ask(&store, &plan, &Budget::cancelled_after(looks)) {
                Err(error) => assert_eq!(error.code, "cancelled"),
                Ok(body) => {
                    assert_eq!(body, right);
                    break;
                }
            }
            // All of the first ones, where a question is made ready; then fewer.
            looks += 1 + looks / 16;
        }
        assert!(looks > 1, "{looks} looks at {plan:?}");
        assert_eq!(ask(&store, &plan, &Budget::unlimited()).unwrap(), right);
    }
}

#[test]
fn another_thread_cancels() {
    let store = store(&history(1_500, 12));
    let from = -365 * 24 * HOUR_MS;
    let lifecycle = json!({"lifecycle": {"event": {"type": "click"}, "from": from, "to": 12 * HOUR_MS,
                                          "interval": "hour"}});
    // For each user an answer of 8,772 intervals: seconds of work.
    let plan = plan(json!({"people": {"of": lifecycle, "cell": {"at": 8_770, "who": "new"}}}));
    let cancel = Cancel::default();
    let (answer, waited) = thread::scope(|scope| {
        let budget = Budget::new(Limits::default(), cancel.clone());
        let (store, plan) = (&store, &plan);
        let asking = scope.spawn(move || ask(store, plan, &budget));
        thread::sleep(Duration::from_millis(100));
        let start = Instant::now();
        cancel.cancel();
        (asking.join().unwrap(), start.elapsed())
    });
    assert_eq!(answer.unwrap_err().code, "cancelled");
    assert!(waited < Duration::from_secs(2), "it went on for {waited:?}");
}
