//! When users are active is known as well from what is cut once and kept as from the events in turn.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use cairn_analysis::{
    Active, Budget, GroupId, Groups, Intervals, Kernel, Question, Rows, Second, Stopped, Store, TimeRange, Wanted,
};
use cairn_model::{BatchWriter, Event, EventKind, Message, Position, Predicate, ProjectId};
use cairn_testkit::disk::FaultyDisk;

use super::Scans;
use crate::{EmbeddedStore, StoreOptions, answer::Asked};

/// Notes of each user when they are active, by the number of their events if it is not told.
struct Noting<'i> {
    intervals: &'i Intervals,
    told: bool,
}

/// The users, and the one in hand. By how many users have it.
type Noted = (BTreeMap<[u128; 3], usize>, Active);

impl Kernel for Noting<'_> {
    type Partial = Noted;
    type Output = Noted;

    fn init(&self) -> Noted {
        Noted::default()
    }

    fn push(&self, (_, active): &mut Noted, rows: &Rows<'_>) {
        for at in (0..rows.len()).filter(|at| rows.matches[*at] != 0) {
            let bit = 1 << self.intervals.of(rows.times[at]);
            if rows.matches[at] & 2 != 0 {
                active.after |= active.first & bit;
                active.second |= if self.intervals.second() == Second::Other { bit } else { 0 };
            }
            active.first |= if rows.matches[at] & 1 != 0 { bit } else { 0 };
        }
    }

    fn close(&self, noted: &mut Noted, _: u32, group: GroupId) {
        let active = std::mem::take(&mut noted.1);
        self.push_active(noted, &active, group);
    }

    fn intervals(&self) -> Option<&Intervals> {
        self.told.then_some(self.intervals)
    }

    fn push_active(&self, (users, _): &mut Noted, active: &Active, _: GroupId) {
        // Where there is no second event, what comes after the first says nothing.
        let after = if self.intervals.second() == Second::None { 0 } else { active.after };
        *users.entry([active.first, active.second, after]).or_default() += 1;
    }

    fn merge(&self, (into, _): &mut Noted, (from, _): Noted) {
        from.into_iter().for_each(|(active, users)| *into.entry(active).or_default() += users);
    }

    fn finish(&self, noted: Noted, _: &Budget) -> Result<Noted, Stopped> {
        Ok(noted)
    }
}

const DAY: i64 = 86_400_000;

/// Two parts and a tail of 20 days each, of users with few events and many; the second part overlaps the first if `apart` is false.
fn store(apart: bool) -> EmbeddedStore {
    let options = StoreOptions { tail_rows: usize::MAX, ..StoreOptions::default() };
    let store = EmbeddedStore::open(Arc::new(FaultyDisk::new()), Path::new("/data/store"), options).unwrap();
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for offset in 0..3_u64 {
        let mut batch = BatchWriter::new(ProjectId::new(1).unwrap());
        for user in 1..=300 {
            for at in 0..random(if user % 50 == 0 { 4_000 } else { 20 }) {
                let start = if apart { offset as i64 * 20 * DAY } else { 0 };
                let time = start + random(20 * DAY as u64) as i64;
                let kind = if random(3) == 0 { EventKind::Pageview } else { EventKind::Click };
                batch.push(&Message::Event(Event::new(user, 1 + offset * 10_000_000 + user * 10_000 + at, time, kind)));
            }
        }
        store.apply(Position { partition: 0, offset }, &batch.finish()).unwrap();
        if offset < 2 {
            store.flush().unwrap();
        }
    }
    store
}

fn noted(store: &EmbeddedStore, (range, intervals): (TimeRange, &Intervals), told: bool) -> Noted {
    let kinds = [EventKind::Pageview, EventKind::Click].map(Predicate::Type);
    let second = if intervals.second() == Second::Same { &kinds[0] } else { &kinds[1] };
    let predicates = if intervals.second() == Second::None { vec![&kinds[0]] } else { vec![&kinds[0], second] };
    let groups = Groups::default();
    let question = Question { predicates, range, wanted: Wanted::keys(&[], &groups) };
    let budget = Budget::default();
    let (project, positions) = store.instant(ProjectId::new(1).unwrap());
    let asked = Asked { project: &project, positions: &positions, budget: &budget };
    let snapshot = store.snapshot(asked, &question).unwrap();
    let kernel = Noting { intervals, told };
    let scans = Scans::new(&snapshot, &kernel).unwrap();
    kernel.finish(scans.run(&kernel).unwrap(), &budget).unwrap()
}

#[test]
fn users_are_active_when_their_events_are() {
    for apart in [true, false] {
        let store = store(apart);
        for second in [Second::None, Second::Same, Second::Other] {
            for (length, from, to) in [(DAY, 0, i64::MAX), (7 * DAY, 3 * DAY + 5, 45 * DAY), (DAY / 2, DAY, 40 * DAY)] {
                let starts = (0..60 * DAY / length).map(|at| at * length + 17).collect();
                let intervals = Intervals::new(starts, second).unwrap();
                let asked = (TimeRange { from, to }, &intervals);
                let by_events = noted(&store, asked, false);
                assert!(by_events.0.values().sum::<usize>() > 250 && by_events.0.len() > 5);
                // Again from what was kept.
                for _ in 0..2 {
                    let same = noted(&store, asked, true) == by_events;
                    assert!(same, "{second:?}, {length} from {from} to {to}, apart: {apart}");
                }
            }
        }
    }
}
