//! What few events have is found in the column that says which have it, in as many pieces as there are threads.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use cairn_analysis::{Budget, GroupId, Groups, Kernel, Question, Rows, Stopped, Store, TimeRange, Wanted};
use cairn_model::{BatchWriter, Event, EventKind, Message, Position, Predicate, ProjectId, Value};
use cairn_testkit::disk::FaultyDisk;
use serde_json::json;

use super::Scans;
use crate::{EmbeddedStore, StoreOptions, answer::Asked};

/// Of each user, the times of the events and what they match, in order.
type Of = BTreeMap<u32, Vec<(i64, u32)>>;

/// Notes what it is told; with `users`, whose it is.
struct Noting {
    users: bool,
}

impl Kernel for Noting {
    type Partial = (Of, Vec<(i64, u32)>);
    type Output = Of;

    fn init(&self) -> Self::Partial {
        Self::Partial::default()
    }

    fn needs_users(&self) -> bool {
        self.users
    }

    fn push(&self, (of, current): &mut Self::Partial, rows: &Rows<'_>) {
        let into = if self.users { current } else { of.entry(0).or_default() };
        let relevant = (0..rows.len()).filter(|at| rows.matches[*at] != 0);
        into.extend(relevant.map(|at| (rows.times[at], rows.matches[at])));
    }

    fn close(&self, (of, current): &mut Self::Partial, user: u32, _: GroupId) {
        of.insert(user, std::mem::take(current));
    }

    fn merge(&self, (into, _): &mut Self::Partial, (from, _): Self::Partial) {
        from.into_iter().for_each(|(user, mut events)| into.entry(user).or_default().append(&mut events));
    }

    fn finish(&self, (mut of, _): Self::Partial, _: &Budget) -> Result<Of, Stopped> {
        if !self.users {
            of.values_mut().for_each(|events| events.sort_unstable());
        }
        Ok(of)
    }
}

const EVENTS: i64 = 3_000;

/// What event `at` of user `user` has as `name`, if anything.
fn name(user: u64, at: i64) -> Option<&'static str> {
    match (user as i64 * 31 + at * 7) % 150 {
        0 => Some("a"),
        1 => Some("b"),
        2 if user.is_multiple_of(3) => Some("c"),
        _ => None,
    }
}

#[test]
fn what_few_events_have_is_found_by_its_column() {
    let options = StoreOptions { tail_rows: usize::MAX, ..StoreOptions::default() };
    let store = EmbeddedStore::open(Arc::new(FaultyDisk::new()), Path::new("/data/store"), options).unwrap();
    let project = ProjectId::new(1).unwrap();
    let mut batch = BatchWriter::new(project);
    for (user, at) in (1..=40).flat_map(|user| (0..EVENTS).map(move |at| (user, at))) {
        let mut event = Event::new(user, 1 + user * 10_000 + at as u64, 1_000 + at, EventKind::Click);
        name(user, at).into_iter().for_each(|name| event.properties.set("name", Value::from(name)));
        batch.push(&Message::Event(event));
    }
    store.apply(Position { partition: 0, offset: 0 }, &batch.finish()).unwrap();
    store.flush().unwrap();
    let predicates = [json!({"property": "name", "is": "a"}), json!({"property": "name", "in": ["b", "c"]})];
    let predicates = predicates.map(|json| Predicate::from_json(&json).unwrap());
    for (from, to) in [(0, i64::MAX), (1_400, 3_100)] {
        // Looked for each time, found and kept, kept from the time before.
        let ways = [0, super::filled::BYTES_MAX, super::filled::BYTES_MAX];
        for ((users, events), kept) in
            [(true, 2), (true, 1), (false, 1)].into_iter().flat_map(|of| ways.map(|kept| (of, kept)))
        {
            let (groups, budget) = (Groups::default(), Budget::default());
            let wanted: Vec<&Predicate> = predicates.iter().take(events).collect();
            let range = TimeRange { from, to };
            let question = Question { predicates: wanted, range, wanted: Wanted::keys(&[], &groups) };
            let (instant, positions) = store.instant(project);
            let asked = Asked { project: &instant, positions: &positions, budget: &budget };
            let mut snapshot = store.snapshot(asked, &question).unwrap();
            snapshot.filled_max = kept;
            let scans = Scans::new(&snapshot, &Noting { users }).unwrap();
            let mut expected = Of::new();
            for (user, at) in (1..=40).flat_map(|user| (0..EVENTS).map(move |at| (user, at))) {
                let matches = match name(user, at) {
                    Some("a") => 1,
                    Some(_) if events == 2 => 2,
                    _ => continue,
                };
                if from <= 1_000 + at && 1_000 + at < to {
                    expected.entry(if users { user as u32 - 1 } else { 0 }).or_default().push((1_000 + at, matches));
                }
            }
            expected.values_mut().for_each(|events| events.sort_unstable());
            assert!(expected.values().map(Vec::len).sum::<usize>() > 300);
            assert_eq!(scans.touched().parts.scan, 1);
            assert!(users != (scans.touched().rows >= 40 * EVENTS as u64), "{:?}", scans.touched());
            assert_eq!(scans.answer(&Noting { users }).unwrap(), expected);
        }
    }
}
