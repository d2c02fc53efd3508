//! Graphs of several events while messages come.

use std::sync::atomic::{AtomicBool, Ordering};

use cairn_analysis::{Body, Budget, Query, Store};
use cairn_model::{Event, EventKind, Message};
use cairn_testkit::disk::FaultyDisk;
use serde_json::json;

use crate::common::{at, batch, open, project, resolve, small};

/// So many events, one after the other.
const EVENTS: u64 = 3_000;

/// The same event eight times: whatever is written meanwhile, all are of one instant, that of the positions.
#[test]
fn all_events_are_of_one_instant() {
    let store = open(&FaultyDisk::new(), small());
    let event = json!({"event": {"type": "click"}, "measure": "users"});
    let query = json!({"graphs": {"events": vec![event; 8], "formulas": ["A - H"], "from": 1_000, "to": 2_000, "interval": "whole"}});
    let plan = resolve(&serde_json::from_value::<Query>(query).unwrap(), "UTC");
    let done = AtomicBool::new(false);
    let mut seen = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for id in 0..EVENTS {
                let event = Message::Event(Event::new(id + 1, 1, 1_500, EventKind::Click));
                store.apply(at(0, id), &batch(&[event])).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        loop {
            let last = done.load(Ordering::Acquire);
            let answer = store.answer(project(), &plan, &Budget::unlimited()).unwrap();
            let Body::Graphs(graphs) = answer.body else { panic!("no graphs") };
            let totals: Vec<f64> = graphs.lines.iter().map(|line| line.total.total.value().unwrap()).collect();
            let expected = answer.positions.first().map_or(0, |position| position.offset) as f64;
            assert_eq!(totals, [vec![expected; 8], vec![0.0]].concat());
            seen.push(expected as u64);
            if last {
                break;
            }
        }
    });
    seen.dedup();
    assert!(seen.len() > 2, "nothing was written between questions: {seen:?}");
    assert_eq!(seen.last(), Some(&EVENTS));
}
