//! What PostgreSQL cannot hold is put aside, with all that came with it applied.

use cairn_analysis::{Ledger, Store};
use cairn_model::{Event, EventKind, Message, Properties, UserId, Value};
use cairn_testkit::postgres::Cluster;

use crate::common::{at, batch, open, project};

fn event(id: u64, path: &str) -> Message<'static> {
    let mut event = Event::new(1, id, 1_700_000_000_000, EventKind::Pageview);
    event.properties.set("path", Value::from(path.to_owned()));
    Message::Event(event)
}

#[test]
fn a_nul_goes_to_quarantine_once_and_the_rest_is_applied() {
    let cluster = Cluster::fast();
    let store = open(&cluster);
    let time = cairn_model::TimeMs(1_700_000_000_000);
    let mut set = Properties::default();
    set.set("pl\0an", Value::from("pro"));
    let messages = [
        event(1, "/a"),
        event(2, "/b\0"),
        Message::SetUserProperties {
            user_id: UserId::new(1).unwrap(),
            time,
            received_at: time,
            set,
            set_once: Properties::default(),
        },
        event(3, "/c"),
    ];
    let applied = store.apply(at(0, 0), &batch(project(1), &messages)).unwrap();
    assert_eq!((applied.stored, applied.left_out), (2, vec![1]));
    let expected = Ledger { accepted: 3, stored: 2, quarantined: 1, ..Ledger::default() };
    assert_eq!(store.ledger(project(1)).unwrap(), expected);
    let aside = cluster.psql(&cluster.url("cairn"), "select log_offset, reason from cairn.quarantine");
    assert_eq!(aside.trim(), "0|a text has a NUL, which PostgreSQL cannot hold");
    // The next ones are not held up.
    store.apply(at(0, 1), &batch(project(1), &[event(4, "/d")])).unwrap();
    assert_eq!(store.ledger(project(1)).unwrap().stored, 3);
}

#[test]
fn what_is_no_batch_is_put_aside_and_the_log_goes_on() {
    let cluster = Cluster::fast();
    let store = open(&cluster);
    let good = batch(project(1), &[event(1, "/a")]);
    let cut = &good[..good.len() - 1];
    let applied = store.apply_all(&[(at(0, 0), cut), (at(0, 1), &good)]).unwrap();
    assert_eq!(applied.iter().map(|applied| applied.stored).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(
        store.ledger(project(1)).unwrap(),
        Ledger { accepted: 2, stored: 1, quarantined: 1, ..Ledger::default() }
    );
    assert_eq!(cluster.psql(&cluster.url("cairn"), "select count(*) from cairn.quarantine").trim(), "1");
}
