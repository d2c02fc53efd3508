//! One person's events: pages, and who is nobody.

use std::collections::BTreeSet;

use cairn_analysis::{Body, Budget, Cancel, Limits, Plan, QueryError, Store, StreamAnswer, StreamEvent};
use cairn_model::{Event, EventKind, Message, Properties, TimeMs, UserId, Value};
use cairn_store::EmbeddedStore;
use cairn_testkit::{
    disk::FaultyDisk,
    generate,
    oracle::{Oracle, Person},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};

use crate::common::{at, batch, cases, open, project, resolve, small};

fn ask(store: &EmbeddedStore, stream: &Json) -> Result<(StreamAnswer, u64), QueryError> {
    let plan = resolve(&serde_json::from_value(json!({"stream": stream})).unwrap(), "UTC");
    let answer = store.answer(project(), &plan, &Budget::unlimited())?;
    let Body::Stream(stream) = answer.body else { panic!("no stream") };
    Ok((stream, answer.explain.touched.rows))
}

fn events(stream: StreamAnswer) -> Vec<StreamEvent> {
    stream.sessions.into_iter().flat_map(|session| session.events).collect()
}

#[test]
fn pages_are_the_whole_history_of_everybody_and_nobody_is_unknown() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 200), ..ProptestConfig::default() };
    let history = (vec(generate::message(), 1..120), 1..20_usize, 1..7_usize);
    let result = TestRunner::new(config).run(&history, |(messages, batch_size, limit)| {
        let store = open(&FaultyDisk::new(), small());
        for (offset, messages) in (0..).zip(messages.chunks(batch_size)) {
            store.apply(at(0, offset), &batch(messages)).unwrap();
        }
        let oracle = Oracle { messages, ..Oracle::default() };
        let mut given = 0;
        for person in oracle.universe() {
            let user = match &person {
                Person::Handle(handle) => json!({"handle": handle}),
                Person::User(id) => json!({"id": id.to_string()}),
            };
            let (mut all, mut next) = (Vec::new(), Json::Null);
            loop {
                let (page, _) =
                    ask(&store, &json!({"user": user, "limit": limit, "before": next, "bots": true})).unwrap();
                next = json!(page.next);
                let page = events(page);
                prop_assert!(page.len() == limit || next.is_null());
                all.extend(page);
                if next.is_null() {
                    break;
                }
            }
            let key = |event: &StreamEvent| (event.event.time, event.event.event_id, event.event.user_id);
            prop_assert!(all.is_sorted_by(|a, b| key(a) > key(b)));
            let theirs = oracle.events().into_iter().filter(|event| oracle.person(event.user_id) == person);
            let theirs: BTreeSet<_> = theirs.map(|event| (event.time, event.event_id, event.user_id)).collect();
            prop_assert_eq!(all.iter().map(key).collect::<BTreeSet<_>>(), theirs);
            given += all.len();
        }
        prop_assert_eq!(given, oracle.events().len());
        let there: BTreeSet<UserId> = oracle.events().iter().map(|event| event.user_id).collect();
        for id in (1..9_u64).map(|id| UserId::clamped(id << 40)).filter(|id| !there.contains(id)) {
            let known = oracle.universe().contains(&oracle.person(id));
            let answer = ask(&store, &json!({"user": {"id": id.to_string()}}));
            prop_assert_eq!(answer.map_err(|error| error.code).err(), (!known).then_some("unknown_user"));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Two parts of users with 100 events each, one event a second, and a tail with one of each.
fn store() -> EmbeddedStore {
    let store = open(&FaultyDisk::new(), cairn_store::StoreOptions::default());
    let event = |user: u64, id: u64| {
        let text = Value::from("x".repeat(1_000));
        let properties = Properties::from_pairs(vec![("text".into(), text)]);
        Message::Event(Event { properties, ..Event::new(user, id, 1_000 * id as i64, EventKind::Click) })
    };
    for (offset, ids) in [1..51, 51..101, 101..102].into_iter().enumerate() {
        let messages: Vec<_> = (1..=50).flat_map(|user| ids.clone().map(move |id| event(user, id))).collect();
        store.apply(at(0, offset as u64), &batch(&messages)).unwrap();
        if offset < 2 {
            store.flush().unwrap();
        }
    }
    store
}

#[test]
fn a_page_reads_few_rows_of_one_user() {
    let store = store();
    let (page, rows) = ask(&store, &json!({"user": {"id": "7"}, "limit": 10})).unwrap();
    assert_eq!((events(page.clone()).len(), page.next.as_deref()), (10, Some("92000.92.7")));
    // The tail's one, ten of the newer part and the one that is too many, and the newest of the older part.
    assert_eq!(rows, 1 + 11 + 1);
    let (page, rows) = ask(&store, &json!({"user": {"id": "7"}, "from": 20_000, "to": 30_000})).unwrap();
    assert_eq!((events(page.clone()).len(), page.next), (10, None));
    assert_eq!(rows, 1 + 11);
}

#[test]
fn a_page_is_bounded_and_what_is_wrong_with_a_question_is_said() {
    let store = store();
    let plan = |stream: Json| resolve(&serde_json::from_value(json!({"stream": stream})).unwrap(), "UTC");
    let all = plan(json!({"user": {"id": "7"}}));
    let within = |bytes: usize| {
        let limits = Limits { memory_bytes: Some(bytes), ..Limits::default() };
        store.answer(project(), &all, &Budget::new(limits, Cancel::default()))
    };
    assert_eq!(within(50_000).unwrap_err().code, "memory");
    assert!(within(500_000).is_ok());
    for user in [json!({"id": "51"}), json!({"handle": "7"}), json!({"handle": ""})] {
        assert_eq!(ask(&store, &json!({"user": user})).unwrap_err().code, "unknown_user", "{user}");
    }
    let calendar = cairn_analysis::Calendar::new("UTC").unwrap();
    for (stream, code) in [
        (json!({"user": {"id": "7"}, "limit": 0}), "query"),
        (json!({"user": {"id": "7"}, "limit": 1_001}), "query"),
        (json!({"user": {"id": "7"}, "before": "7"}), "query"),
        (json!({"user": {"id": "7"}, "from": 5, "to": 5}), "time"),
    ] {
        let query = serde_json::from_value(json!({"stream": stream})).unwrap();
        let error = Plan::resolve(&query, &calendar, TimeMs(0), &|_: &str| None).unwrap_err();
        assert_eq!(error.code, code, "{stream}");
    }
}
