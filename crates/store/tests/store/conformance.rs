//! The store against the naive oracle: random histories, random questions, the same numbers.

use std::{cell::Cell, path::Path};

use cairn_analysis::Store;
use cairn_model::{Event, Message, Predicate};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{disk::FaultyDisk, generate, oracle::Oracle};
use proptest::{collection::vec, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};

use crate::common::{at, batch, cases, funnel, funnel_plan, graph, open, plan, project, small};

const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"];

/// At least this share of the answers must count something, or the test proves little.
const SHARE_MIN: f64 = 0.5;

/// Options of small tails; with `postings` for the smallest parts, too.
fn sought(postings: bool) -> StoreOptions {
    let faults = StoreFaults { index_everything: postings, ..StoreFaults::default() };
    StoreOptions { faults, ..small() }
}

#[test]
fn every_graph_equals_the_oracles() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 1_000), ..ProptestConfig::default() };
    let history = (vec(generate::message(), 1..120), 1..20_usize, any::<bool>());
    let queries = vec((generate::graph(), select(ZONES.to_vec())), 4);
    let (answers, counting) = (Cell::new(0_u32), Cell::new(0_u32));
    let result = TestRunner::new(config).run(&(history, queries), |((messages, batch_size, reopen), queries)| {
        let disk = FaultyDisk::new();
        let mut store = open(&disk, sought(reopen));
        for (offset, messages) in messages.chunks(batch_size).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        if reopen {
            store.flush().unwrap();
            drop(store);
            store = open(&disk, sought(reopen));
        }
        let oracle = Oracle { messages };
        prop_assert_eq!(store.ledger(project()), oracle.ledger());
        for (query, zone) in queries {
            let plan = plan(&query, zone);
            let answer = graph(&store, &plan);
            answers.set(answers.get() + 1);
            counting.set(counting.get() + u32::from(answer.total.total > 0));
            prop_assert_eq!(answer, oracle.graph(&plan), "{} in {}", serde_json::to_string(&query).unwrap(), zone);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let share = f64::from(counting.get()) / f64::from(answers.get());
    println!("{} answers, {:.0} % of them count something", answers.get(), 100.0 * share);
    assert!(share >= SHARE_MIN, "only {share} of the answers count something");
}

#[test]
fn every_funnel_equals_the_oracles() {
    let config = ProptestConfig { cases: cases("CAIRN_CASES", 1_000), ..ProptestConfig::default() };
    let history = (vec(generate::message(), 1..120), 1..20_usize, any::<bool>());
    let queries = vec((generate::funnel(), select(ZONES.to_vec())), 4);
    let (answers, counting) = (Cell::new(0_u32), Cell::new(0_u32));
    let result = TestRunner::new(config).run(&(history, queries), |((messages, batch_size, settle), queries)| {
        let disk = FaultyDisk::new();
        let store = open(&disk, sought(settle));
        for (offset, messages) in messages.chunks(batch_size).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        if settle {
            store.settle().unwrap();
        }
        let oracle = Oracle { messages };
        for (query, zone) in queries {
            let plan = funnel_plan(&query, zone);
            let answer = funnel(&store, &plan);
            answers.set(answers.get() + 1);
            counting.set(counting.get() + u32::from(answer.total.first().is_some_and(|step| step.reached > 0)));
            prop_assert_eq!(answer, oracle.funnel(&plan), "{} in {}", serde_json::to_string(&query).unwrap(), zone);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let share = f64::from(counting.get()) / f64::from(answers.get());
    println!("{} answers, {:.0} % of them count something", answers.get(), 100.0 * share);
    assert!(share >= SHARE_MIN / 2.0, "only {share} of the answers count something");
}

/// The event of a query, as it would be defined.
fn event(query: &cairn_analysis::EventRef) -> Predicate {
    query.resolve(&|_| None).unwrap()
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
            definitions.extend(funnels.iter().flat_map(|funnel| &funnel.steps).map(event));
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
            let oracle = Oracle { messages: messages.clone() };
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
    let queries = (vec(generate::graph(), 8), vec(generate::funnel(), 8)).new_tree(&mut runner).unwrap();
    let (graphs, funnels) = queries.current();
    let drawn = vec(generate::message(), MESSAGES).new_tree(&mut runner).unwrap().current();
    let drawn = drawn.into_iter().zip(1..).filter(|(message, _)| !matches!(message, Message::Expire { .. }));
    let messages: Vec<_> = drawn.map(|(message, number)| of_many_users(message, number)).collect();
    let mut definitions: Vec<Predicate> = graphs.iter().filter_map(|graph| graph.event.as_ref()).map(event).collect();
    definitions.extend(funnels.iter().flat_map(|funnel| &funnel.steps).map(event));
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
        let of_graphs: Vec<_> = graphs.iter().map(|query| graph(&store, &plan(query, "Europe/Berlin"))).collect();
        let of_funnels: Vec<_> = funnels.iter().map(|query| funnel(&store, &funnel_plan(query, "UTC"))).collect();
        (of_graphs, of_funnels)
    };
    let expected = answers(2 * MESSAGES, Vec::new());
    assert!(expected.0.iter().any(|answer| answer.total.total > 1_000), "the graphs count next to nothing");
    assert!(expected.1.iter().any(|answer| answer.total[0].reached > 0), "the funnels count nothing");
    assert_eq!(answers(4_000, Vec::new()), expected, "parts");
    assert_eq!(answers(4_000, definitions), expected, "indexes and a tail");
}
