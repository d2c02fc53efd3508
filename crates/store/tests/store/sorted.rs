//! Lists of people in an order.

use cairn_analysis::{Body, Budget, Query, Sort, Store, UsersAnswer};
use cairn_store::EmbeddedStore;
use cairn_testkit::{disk::FaultyDisk, generate};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};

use crate::common::{at, batch, cases, open, project, resolve, small};

fn list(store: &EmbeddedStore, query: Json) -> UsersAnswer {
    let query: Query = serde_json::from_value(query).unwrap();
    match store.answer(project(), &resolve(&query, "UTC"), &Budget::unlimited()).unwrap().body {
        Body::Users(list) => list,
        other => panic!("{other:?} is no list"),
    }
}

#[test]
fn pages_follow_the_order_and_people_behind_a_number_have_it_too() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 200), ..ProptestConfig::default() };
    let sort = generate::maybe_sort().prop_map(Option::unwrap_or_default);
    let case = (vec(generate::message(), 1..120), 1..20_usize, 1..4_usize, sort);
    let result = TestRunner::new(config).run(&case, |(messages, batch_size, limit, sort): (_, _, _, Sort)| {
        let store = open(&FaultyDisk::new(), small());
        for (offset, messages) in (0..).zip(messages.chunks(batch_size)) {
            store.apply(at(0, offset), &batch(messages)).unwrap();
        }
        let users = |offset: usize, limit: usize, bots: bool| {
            list(&store, json!({"users": {"sort": sort, "offset": offset, "limit": limit, "bots": bots}}))
        };
        let whole = users(0, 1_000, true);
        prop_assert_eq!(whole.users.len() as u64, whole.total);
        let pages = (0..whole.users.len()).step_by(limit).flat_map(|offset| users(offset, limit, true).users);
        prop_assert_eq!(&pages.collect::<Vec<_>>(), &whole.users);
        for bots in [true, false] {
            let graph = json!({"event": {"all": []}, "measure": "users", "from": "2026-01-01", "to": "2027-01-01",
                               "interval": "whole", "bots": bots});
            let of = json!({"graph": graph});
            let behind = list(&store, json!({"people": {"of": of, "cell": {}, "sort": sort, "limit": 1_000}}));
            let mut there = users(0, 1_000, bots).users;
            there.retain(|person| behind.users.iter().any(|other| other.user_ids == person.user_ids));
            prop_assert_eq!(behind.users.len() as u64, behind.total);
            prop_assert_eq!(behind.users, there);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
