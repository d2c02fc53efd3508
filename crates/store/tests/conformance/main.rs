//! The embedded store against the naive oracle, as [`cairn_testkit::conformance`] says.
//!
//! `make conformance CASES=100000 SEED=7`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a program of its own, for tests only")]

use std::{path::Path, process::ExitCode, sync::Arc};

use cairn_analysis::{Plan, Store};
use cairn_commitlog::Storage;
use cairn_model::Position;
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{
    conformance::{self, Case, Subject},
    disk::FaultyDisk,
};

struct Embedded;

/// Where a store has the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// As it came: in tails and small parts.
    AsItCame,
    /// Merged.
    Settled,
    /// Written, closed and opened again; with postings everywhere.
    Reopened,
    /// With indexes of the questions' events, but for the last batches.
    Indexed,
}

impl Subject for Embedded {
    type Shape = Shape;
    type Store = Box<EmbeddedStore>;

    fn shapes(&self) -> Vec<Shape> {
        vec![Shape::AsItCame, Shape::Settled, Shape::Reopened, Shape::Indexed]
    }

    fn store(&self, case: &Case<Shape>, plans: &[Plan], faulty: bool) -> Box<EmbeddedStore> {
        let disk = FaultyDisk::new();
        let index_everything = matches!(case.shape, Shape::Reopened | Shape::Indexed);
        let faults = StoreFaults { index_everything, wrong_kernels: faulty, ..StoreFaults::default() };
        let options = StoreOptions { tail_rows: 16, faults, ..StoreOptions::default() };
        let mut store = open(&disk, &options);
        let records = case.records();
        // Those that come late stay in the tail.
        let late = if case.shape == Shape::Indexed { records.len() / 4 } else { 0 };
        let (early, late) = records.split_at(records.len() - late);
        if case.shape == Shape::Indexed {
            store.index(case.project, plans.iter().flat_map(Plan::events).cloned().collect());
        }
        apply(&store, early);
        match case.shape {
            Shape::AsItCame => {}
            Shape::Settled | Shape::Indexed => store.settle().unwrap(),
            Shape::Reopened => {
                store.flush().unwrap();
                drop(store);
                store = open(&disk, &options);
            }
        }
        apply(&store, late);
        Box::new(store)
    }
}

fn main() -> ExitCode {
    conformance::main(|| Embedded)
}

fn open(disk: &FaultyDisk, options: &StoreOptions) -> EmbeddedStore {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedStore::open(storage, Path::new("/data/store"), options.clone()).unwrap()
}

fn apply(store: &EmbeddedStore, records: &[(Position, Vec<u8>)]) {
    for (position, payload) in records {
        store.apply(*position, payload).unwrap();
    }
}
