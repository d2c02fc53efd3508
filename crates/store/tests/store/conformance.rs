//! The store against the naive oracle: random histories, random questions, the same numbers.

use cairn_analysis::Store;
use cairn_testkit::{disk::FaultyDisk, generate, oracle::Oracle};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::common::{at, batch, cases, graph, open, plan, project, small};

const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases("CAIRN_CASES", 1_000), ..ProptestConfig::default() })]

    #[test]
    fn every_graph_equals_the_oracles(
        messages in vec(generate::message(), 1..120),
        batch_size in 1..20_usize,
        reopen in any::<bool>(),
        queries in vec((generate::graph(), select(ZONES.to_vec())), 4),
    ) {
        let disk = FaultyDisk::new();
        let mut store = open(&disk, small());
        for (offset, messages) in messages.chunks(batch_size).enumerate() {
            store.apply(at(0, offset as u64), &batch(messages)).unwrap();
        }
        if reopen {
            store.flush().unwrap();
            drop(store);
            store = open(&disk, small());
        }
        let oracle = Oracle { messages };
        prop_assert_eq!(store.ledger(project()), oracle.ledger());
        for (query, zone) in queries {
            let plan = plan(&query, zone);
            prop_assert_eq!(graph(&store, &plan), oracle.graph(&plan), "{} in {}", serde_json::to_string(&query).unwrap(), zone);
        }
    }
}
