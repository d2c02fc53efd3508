//! The examples worked by hand in tests/examples, asked of tails, of small parts, and of one part; and of one store that has them all.

use std::sync::Arc;

use cairn_analysis::{Plan, Store};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{
    conformance::{Case, Subject},
    disk::FaultyDisk,
    examples,
};

use crate::common::{open, small};

struct Embedded {
    faulty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Tail,
    /// One of each message.
    Parts,
    OnePart,
}

impl Subject for Embedded {
    type Shape = Shape;
    type Store = Box<EmbeddedStore>;

    fn shapes(&self) -> Vec<Shape> {
        vec![Shape::Tail, Shape::Parts, Shape::OnePart]
    }

    fn store(&self, case: &Case<Shape>, _: &[Plan], faulty: bool) -> Box<EmbeddedStore> {
        let faults = StoreFaults { wrong_kernels: faulty || self.faulty, ..StoreFaults::default() };
        let store = open(&FaultyDisk::new(), StoreOptions { faults, ..StoreOptions::default() });
        for (position, payload) in case.records() {
            store.apply(position, &payload).unwrap();
            if case.shape != Shape::Tail {
                store.flush().unwrap();
            }
        }
        if case.shape == Shape::OnePart {
            store.settle().unwrap();
        }
        Box::new(store)
    }
}

/// One store for all, each in a project of its own.
struct Shared(Arc<EmbeddedStore>);

impl Subject for Shared {
    type Shape = &'static str;
    type Store = Arc<EmbeddedStore>;

    fn shapes(&self) -> Vec<&'static str> {
        vec!["shared"]
    }

    fn store(&self, case: &Case<&'static str>, _: &[Plan], _: bool) -> Arc<EmbeddedStore> {
        for (position, payload) in case.records() {
            self.0.apply(position, &payload).unwrap();
        }
        Arc::clone(&self.0)
    }
}

#[test]
fn every_example_has_the_answer_that_was_worked_out_by_hand() {
    examples::check(&Embedded { faulty: false });
}

#[test]
fn examples_in_one_store_do_not_meet() {
    let store = Arc::new(open(&FaultyDisk::new(), small()));
    examples::check(&Shared(Arc::clone(&store)));
    assert!(store.positions().len() > 70, "{} partitions", store.positions().len());
}

#[test]
#[should_panic(expected = "the store, Tail, says")]
fn a_store_that_counts_wrongly_is_noticed() {
    examples::check(&Embedded { faulty: true });
}
