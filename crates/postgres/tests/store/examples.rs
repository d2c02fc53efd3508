//! The examples worked by hand.

use std::sync::Arc;

use cairn_analysis::{Plan, Store};
use cairn_postgres::PostgresStore;
use cairn_testkit::{
    conformance::{Case, Subject},
    examples,
    postgres::Cluster,
};

use crate::common::open;

struct Postgres(Arc<PostgresStore>);

impl Subject for Postgres {
    type Shape = ();
    type Store = Arc<PostgresStore>;

    fn shapes(&self) -> Vec<()> {
        vec![()]
    }

    fn store(&self, case: &Case<()>, _: &[Plan], _: bool) -> Arc<PostgresStore> {
        let records = case.records();
        let records: Vec<_> = records.iter().map(|(position, payload)| (*position, &payload[..])).collect();
        self.0.apply_all(&records).unwrap();
        self.0.clone()
    }
}

#[test]
fn every_example_has_the_answer_that_was_worked_out() {
    let cluster = Cluster::fast();
    examples::check(&Postgres(open(&cluster)));
}
