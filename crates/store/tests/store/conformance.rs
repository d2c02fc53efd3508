//! The store against the naive oracle: random histories, random questions, the same numbers.

use std::{cell::Cell, path::Path};

use cairn_analysis::{Body, Budget, Plan, Query, Store};
use cairn_model::{Event, Message, Predicate};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{disk::FaultyDisk, generate, oracle::Oracle};
use proptest::{collection::vec, prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::common::{at, batch, cases, funnel, funnel_plan, graph, open, plan, project, resolve, small};

/// Options of small tails; with `postings` for the smallest parts, too.
fn sought(postings: bool) -> StoreOptions {
    let faults = StoreFaults { index_everything: postings, ..StoreFaults::default() };
    StoreOptions { faults, ..small() }
}

/// The event of a query, as it would be defined.
fn event(query: &cairn_analysis::EventRef) -> Predicate {
    query.resolve(&|_: &str| None).unwrap()
}

#[test]
fn answers_from_definition_indexes_equal_the_oracles() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 500), ..ProptestConfig::default() };
    let history = (vec(generate::message(), 1..120), 1..20_usize, 0..6_usize);
    let queries = (vec(generate::graph(), 3), vec(generate::funnel(), 2));
    let options = sought(true);
    let indexed = Cell::new(0_u32);
    let result =
        TestRunner::new(config).run(&(history, queries), |((messages, batch_size, late), (graphs, funnels))| {
            let disk = FaultyDisk::new();
            let mut store = open(&disk, options.clone());
            let mut definitions: Vec<Predicate> =
                graphs.iter().filter_map(|graph| graph.event.as_ref()).map(event).collect();
            definitions.extend(funnels.iter().flat_map(|funnel| funnel.steps.iter().chain(&funnel.exclude)).map(event));
            store.index(project(), definitions.clone());
            // The last batches come when the others have their indexes, and stay in the tail.
            let batches: Vec<_> = messages.chunks(batch_size).enumerate().collect();
            let (early, late) = batches.split_at(batches.len().saturating_sub(late));
            let apply = |store: &EmbeddedStore, batches: &[(usize, &[Message<'_>])]| {
                batches.iter().for_each(|(offset, messages)| {
                    store.apply(at(0, *offset as u64), &batch(messages)).unwrap();
                });
            };
            apply(&store, early);
            store.settle().unwrap();
            let indexes: &dyn cairn_commitlog::Storage = &disk;
            let files = indexes.list(Path::new("/data/store/indexes")).unwrap_or_default();
            indexed.set(indexed.get() + files.len() as u32);
            // Found again, or damaged and made again, they say the same.
            drop(store);
            for (at, file) in files.iter().enumerate() {
                disk.flip_bit(&Path::new("/data/store/indexes").join(file), 8 * 70 + 513 * at as u64);
            }
            store = open(&disk, options.clone());
            store.index(project(), definitions);
            store.settle().unwrap();
            apply(&store, late);
            let oracle = Oracle { messages: messages.clone(), ..Oracle::default() };
            for query in graphs {
                let plan = plan(&query, "Europe/Berlin");
                prop_assert_eq!(
                    graph(&store, &plan),
                    oracle.graph(&plan),
                    "{}",
                    serde_json::to_string(&query).unwrap()
                );
            }
            for query in funnels {
                let plan = funnel_plan(&query, "UTC");
                prop_assert_eq!(
                    funnel(&store, &plan),
                    oracle.funnel(&plan),
                    "{}",
                    serde_json::to_string(&query).unwrap()
                );
            }
            Ok(())
        });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(indexed.get() > 100, "only {} indexes", indexed.get());
}

/// An event is one of many users'; other messages are of the few that they are of.
fn of_many_users(message: Message<'static>, number: u64) -> Message<'static> {
    match message {
        Message::Event(event) => {
            let user = 1 + number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 2_000;
            Message::Event(Event { properties: event.properties, ..Event::new(user, number, event.time.0, event.kind) })
        }
        other => other,
    }
}

/// So many hits that several threads share them: from one tail, from parts, and from indexes and a tail they are the same. (The oracle takes
/// too long for so many.)
#[test]
fn answers_from_many_hits_are_the_same_wherever_they_are() {
    const MESSAGES: usize = 30_000;
    let mut runner = TestRunner::new(ProptestConfig::default());
    let queries = prop_oneof![
        generate::graph().prop_map(Query::Graph),
        generate::graphs().prop_map(Query::Graphs),
        generate::funnel().prop_map(Query::Funnel),
        generate::retention().prop_map(Query::Retention),
        generate::stickiness().prop_map(Query::Stickiness),
        generate::lifecycle().prop_map(Query::Lifecycle),
        generate::paths().prop_map(Query::Paths),
        generate::pairs().prop_map(Query::Pairs),
        generate::users().prop_map(Query::Users),
    ];
    let queries = vec(queries, 40).new_tree(&mut runner).unwrap().current();
    let drawn = vec(generate::message(), MESSAGES).new_tree(&mut runner).unwrap().current();
    let drawn = drawn.into_iter().zip(1..).filter(|(message, _)| !matches!(message, Message::Expire { .. }));
    let messages: Vec<_> = drawn.map(|(message, number)| of_many_users(message, number)).collect();
    let plans: Vec<Plan> = queries.iter().map(|query| resolve(query, "Europe/Berlin")).collect();
    let batches = messages.len().div_ceil(900);
    let answers = |tail_rows: usize, definitions: Vec<Predicate>| {
        let disk = FaultyDisk::new();
        let faults = StoreFaults { index_everything: true, ..StoreFaults::default() };
        let store = open(&disk, StoreOptions { tail_rows, faults, ..StoreOptions::default() });
        store.index(project(), definitions);
        for (offset, messages) in messages.chunks(900).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
            if tail_rows < MESSAGES && offset + 3 == batches {
                store.settle().unwrap();
            }
        }
        plans.iter().map(|plan| store.answer(project(), plan, &Budget::unlimited()).unwrap().body).collect::<Vec<_>>()
    };
    let expected = answers(2 * MESSAGES, Vec::new());
    let most = expected.iter().map(|body| match body {
        Body::Graph(answer) => answer.total.total.value().unwrap_or(0.0) as u64,
        Body::Graphs(answer) => answer.lines[0].total.total.value().unwrap_or(0.0) as u64,
        Body::Funnel(answer) => answer.total[0].counts.reached,
        Body::Retention(answer) => answer.total.users,
        Body::Stickiness(answer) => answer.intervals.iter().map(|of| of.users).sum(),
        Body::Lifecycle(answer) => answer.intervals.iter().map(|of| of.new).sum(),
        Body::Paths(answer) => answer.sessions,
        Body::Pairs(answer) => answer.total,
        Body::Users(answer) => answer.total,
        Body::Stream(answer) => answer.sessions.iter().map(|session| session.events.len() as u64).sum(),
    });
    assert!(most.filter(|most| *most > 100).count() > 10, "the questions count next to nothing");
    let definitions = plans.iter().flat_map(Plan::events).cloned().collect();
    for (expected, (parts, indexes)) in
        expected.iter().zip(answers(4_000, Vec::new()).iter().zip(&answers(4_000, definitions)))
    {
        assert_eq!(parts, expected, "parts");
        assert_eq!(indexes, expected, "indexes and a tail");
    }
}
