//! Who may read what by SQL.

use std::panic::catch_unwind;

use cairn_analysis::Store;
use cairn_model::{Event, EventKind, Message};
use cairn_testkit::postgres::Cluster;

use crate::common::{at, batch, open, project};

#[test]
fn a_reader_sees_the_projects_that_it_may_read_and_nothing_else() {
    reader(&Cluster::fast());
}

pub(crate) fn reader(cluster: &Cluster) {
    let store = open(cluster);
    for (number, id) in [1, 2, 2, 3].into_iter().enumerate() {
        let event = Message::Event(Event::new(number as u64 + 1, 1, 1_700_000_000_000, EventKind::Click));
        store.apply(at(0, number as u64), &batch(project(id), &[event])).unwrap();
    }
    let (owner, database) = (cluster.url("cairn"), "cairn");
    cluster.psql(&cluster.admin_url(database), "create role analyst login");
    let analyst = owner.replacen("cairn@", "analyst@", 1);
    let sees = |sql: &str| cluster.psql(&analyst, sql);
    cluster.psql(&owner, "select cairn.let_read('analyst', 2)");
    assert_eq!(sees("select count(*), min(customer_id), max(customer_id) from cairn.events"), "2|2|2");
    assert_eq!(sees("select count(*) from cairn.users"), "2");
    cluster.psql(&owner, "select cairn.let_read('analyst', 3), cairn.let_read('analyst', 3)");
    assert_eq!(sees("select count(*) from cairn.events"), "3");
    cluster.psql(&owner, "select cairn.stop_reading('analyst', 2)");
    assert_eq!(sees("select count(*), min(customer_id) from cairn.events"), "1|3");
    // The server goes on as before.
    assert_eq!(store.ledger(project(1)).unwrap().stored, 1);
    assert_eq!(cluster.psql(&owner, "select count(*) from cairn.events"), "4");
    for denied in ["delete from cairn.events", "select * from cairn.facts", "update cairn.users set handle = 'x'"] {
        assert!(catch_unwind(|| sees(denied)).is_err(), "{denied} was allowed");
    }
}
