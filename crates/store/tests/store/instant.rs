//! A question is of one instant, and nobody waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

use cairn_analysis::{Body, Budget, Cancel, Limits, Plan, Store};
use cairn_model::{Event, EventKind, Message, Position, Properties, TimeMs, UserId, Value};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::json;

use crate::{
    common::{at, batch, open, project},
    limits::{HOUR_MS, history, plan, plans, store},
};

const USERS: u64 = 12;
const HOURS: u64 = 6;
/// At so many of a question's looks at its budget something else happens.
const LOOKS: usize = 12;

/// Questions of every kind, whose answers change with what comes meanwhile.
fn questions() -> Vec<Plan> {
    let (from, to) = (0, HOURS as i64 * HOUR_MS);
    let segment = json!({"did": {"type": "click"}});
    let clicks = json!({"event": {"type": "click"}, "measure": "users", "from": from, "to": to, "interval": "whole"});
    let mut more = [
        json!({"users": {"sort": {"by": {"user": "plan"}}, "segment": {"user": "plan", "is_set": true}}}),
        json!({"users": {"sort": {"by": "last_seen"}}}),
        json!({"people": {"of": {"graph": clicks}, "cell": {}, "sort": {"by": "events", "descending": true}}}),
        json!({"graph": {"measure": "users", "group_by": [{"segment": segment}], "as_of": to}}),
        json!({"graphs": {"events": [{"event": {"type": "click"}}, {"event": {"type": "pageview"}}], "from": from, "to": to}}),
        json!({"stream": {"user": {"handle": "jane"}}}),
    ]
    .map(plan)
    .to_vec();
    more.extend(plans(HOURS as i64));
    more
}

/// Half of the users are erased, others become one person, and there are new ones with new values.
fn meanwhile() -> Vec<Message<'static>> {
    let time = TimeMs(HOUR_MS);
    let mut messages = Vec::new();
    for user in 100..110 {
        for (id, kind) in [(1, EventKind::Pageview), (2, EventKind::Click), (3, EventKind::Pageview)] {
            let properties = [("path", format!("/1-{user}")), ("session_id", "s".to_owned())];
            let properties = properties.map(|(name, value)| (name.into(), Value::from(value))).to_vec();
            let properties = Properties::from_pairs(properties);
            messages.push(Message::Event(Event { properties, ..Event::new(user, id, time.0 + id as i64, kind) }));
        }
        messages.push(of_plan(user, "gold"));
    }
    for user in [1, 7, 9, 100] {
        let (user_id, handle) = (UserId::clamped(user), "joe".into());
        messages.push(Message::Identify { user_id, handle, time, received_at: time });
    }
    let user_ids = (1..=USERS).step_by(2).chain([2]).map(UserId::clamped).collect();
    messages.push(Message::Erase { user_ids, at: TimeMs(i64::MAX / 2) });
    messages
}

fn of_plan(user: u64, plan: &str) -> Message<'static> {
    let set = Properties::from_pairs(vec![("plan".into(), Value::from(plan.to_owned()))]);
    let (user_id, time) = (UserId::clamped(user), TimeMs(1));
    Message::SetUserProperties { user_id, time, received_at: time, set, set_once: Properties::default() }
}

fn filled() -> EmbeddedStore {
    let mut messages: Vec<_> = (1..=USERS).map(|user| of_plan(user, if user < 5 { "free" } else { "paid" })).collect();
    messages.extend(history(USERS, HOURS));
    store(&messages)
}

fn answer(store: &EmbeddedStore, plan: &Plan, budget: &Budget) -> (Body, Vec<Position>) {
    let answer = store.answer(project(), plan, budget).unwrap();
    (answer.body, answer.positions)
}

/// How often a question looks at its budget.
fn looks(store: &EmbeddedStore, plan: &Plan) -> usize {
    let looks = Arc::new(AtomicUsize::new(0));
    let seen = looks.clone();
    let budget = Budget::watched(move |_, _| {
        seen.fetch_add(1, Relaxed);
    });
    answer(store, plan, &budget);
    looks.load(Relaxed)
}

/// While a question is held up, at whatever moment, messages are applied and others are answered; its own answer is of the instant
/// at which it began.
#[test]
fn nobody_waits_for_a_question() {
    for plan in questions() {
        let quiet = filled();
        let (expected, looks) = (answer(&quiet, &plan, &Budget::unlimited()), looks(&quiet, &plan));
        assert!(looks > 1, "{plan:?}");
        let (mut tried, mut held_up) = (0, 0);
        for look in (0..looks).step_by(looks.div_ceil(LOOKS)) {
            let store = Arc::new(filled());
            let (others, next) = (store.clone(), expected.1[0]);
            let came = Arc::new(AtomicBool::new(false));
            let comes = came.clone();
            let budget = Budget::watched(move |at, _| {
                if at == look {
                    comes.store(true, Relaxed);
                    let (store, (done, is_done)) = (others.clone(), mpsc::channel());
                    thread::spawn(move || {
                        store.apply(next, &batch(&meanwhile())).unwrap();
                        questions().iter().take(4).for_each(|plan| drop(answer(&store, plan, &Budget::unlimited())));
                        done.send(()).unwrap();
                    });
                    is_done.recv_timeout(Duration::from_secs(30)).expect("somebody waits for a question");
                }
            });
            assert_eq!(answer(&store, &plan, &budget), expected, "changed at {look} of {looks}: {plan:?}");
            tried += 1;
            // How often it looks depends on how many threads took part.
            if came.load(Relaxed) {
                held_up += 1;
                let after = store.answer(project(), &plan, &Budget::unlimited()).map(|answer| answer.body);
                assert_ne!(after.ok(), Some(expected.0.clone()), "{plan:?}");
            }
        }
        assert!(2 * held_up > tried, "{held_up} of {tried} times: {plan:?}");
    }
}

/// Events of others are looked at, too: that takes time.
#[test]
fn a_page_of_somebody_with_few_events_is_stopped() {
    let store = open(&FaultyDisk::new(), StoreOptions::default());
    let events = |user: u64, count: u64| (1..=count).map(move |id| Event::new(user, id, id as i64, EventKind::Click));
    let messages: Vec<_> = events(1, 1).chain(events(2, 20_000)).map(Message::Event).collect();
    store.apply(at(0, 0), &batch(&messages)).unwrap();
    let page = plan(json!({"stream": {"user": {"id": "1"}}}));
    assert!(looks(&store, &page) > 20_000 / 4_096);
}

/// A list by a property whose values are all different needs memory for them, and looks at the clock while it puts them in order.
#[test]
fn the_order_of_values_is_bounded() {
    const USERS: u64 = 20_000;
    let store = open(&FaultyDisk::new(), StoreOptions::default());
    let set = |user: u64| {
        let pairs = [("few", user % 3), ("many", user * 7_919 % USERS)];
        let pairs = pairs.map(|(name, value)| (name.into(), Value::Number(value as f64))).to_vec();
        let (user_id, time, set) = (UserId::clamped(user), TimeMs(1), Properties::from_pairs(pairs));
        Message::SetUserProperties { user_id, time, received_at: time, set, set_once: Properties::default() }
    };
    store.apply(at(0, 0), &batch(&(1..=USERS).map(set).collect::<Vec<_>>())).unwrap();
    let list = |name: &str| plan(json!({"users": {"sort": {"by": {"user": name}}, "limit": 100}}));
    let (few, many) = (list("few"), list("many"));
    let Body::Users(users) = answer(&store, &many, &Budget::unlimited()).0 else { panic!("no list") };
    let values: Vec<_> = users.users.iter().map(|person| person.properties["many"].clone()).collect();
    assert_eq!(values, (0..100).map(|n| Value::Number(f64::from(n))).collect::<Vec<_>>());
    assert!(looks(&store, &many) > looks(&store, &few) + 8);
    let fits = |plan: &Plan, memory_bytes: usize| {
        let limits = Limits { memory_bytes: Some(memory_bytes), ..Limits::default() };
        store.answer(project(), plan, &Budget::new(limits, Cancel::default())).is_ok()
    };
    // The most that is too little.
    let more = |plan: &Plan, least: usize, bytes: usize| if fits(plan, least + bytes) { least } else { least + bytes };
    let needed = |plan: &Plan| (12..24).rev().fold(0, |least, bit| more(plan, least, 1 << bit));
    assert!(needed(&many) > needed(&few) + 6 * USERS as usize);
}
