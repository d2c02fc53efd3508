//! What a predicate matches: how much, whose, and the latest of it.

use std::{cmp::Reverse, collections::BinaryHeap};

use cairn_analysis::{
    Budget, GroupId, Groups, Kernel, Preview, QueryError, Question, Rows, Stopped, StoreError, TimeRange, Wanted,
};
use cairn_model::{Predicate, TimeMs};

use crate::{
    answer::{Asked, store_error},
    inspect,
    scan::Scans,
    store::EmbeddedStore,
};

pub(crate) fn preview(
    store: &EmbeddedStore,
    asked: Asked<'_>,
    predicate: &Predicate,
    (from, to): (TimeMs, TimeMs),
    limit: usize,
) -> Result<Preview, QueryError> {
    find(store, asked, predicate, (from, to), limit).map_err(|error| store_error(&error))
}

fn find(
    store: &EmbeddedStore,
    asked: Asked<'_>,
    predicate: &Predicate,
    (from, to): (TimeMs, TimeMs),
    limit: usize,
) -> Result<Preview, StoreError> {
    let groups = Groups::default();
    let range = TimeRange { from: from.0, to: to.0 };
    let question = Question { predicates: vec![predicate], range, wanted: Wanted::keys(&[], &groups) };
    let snapshot = store.snapshot(asked, &question)?;
    let kernel = Latest { limit };
    let scans = Scans::new(&snapshot, &kernel)?;
    let (count, users, places) = scans.answer(&kernel)?;
    let mut latest = Vec::new();
    for (_, place) in places {
        let (user, event_id) = snapshot.event_at(place)?;
        latest.extend(inspect::event(asked.project, user, event_id)?);
    }
    // Places break ties of time; what people see is in the order of events.
    latest.sort_by_key(|seen| Reverse((seen.event.time, seen.event.event_id, seen.event.user_id)));
    Ok(Preview { count, users, latest })
}

/// Counts, and keeps the latest `limit` events.
struct Latest {
    limit: usize,
}

/// When, and where in the snapshot.
type Key = (i64, (u32, u32));

#[derive(Default)]
struct Found {
    count: u64,
    users: u64,
    /// The earliest of the kept ones on top.
    latest: BinaryHeap<Reverse<Key>>,
}

impl Found {
    fn keep(&mut self, key: Key, limit: usize) {
        if self.latest.len() < limit {
            self.latest.push(Reverse(key));
        } else if self.latest.peek().is_some_and(|earliest| earliest.0 < key) {
            self.latest.pop();
            self.latest.push(Reverse(key));
        }
    }
}

impl Kernel for Latest {
    type Partial = Found;
    /// Events, users, and the latest events, newest first.
    type Output = (u64, u64, Vec<Key>);

    fn init(&self) -> Found {
        Found::default()
    }

    fn push(&self, partial: &mut Found, rows: &Rows<'_>) {
        for at in (0..rows.len()).filter(|at| rows.matches[*at] != 0) {
            partial.count += 1;
            partial.keep((rows.times[at], rows.place(at)), self.limit);
        }
    }

    fn close(&self, partial: &mut Found, _: u32, _: GroupId) {
        partial.users += 1;
    }

    fn merge(&self, into: &mut Found, from: Found) {
        into.count += from.count;
        into.users += from.users;
        from.latest.into_iter().for_each(|key| into.keep(key.0, self.limit));
    }

    fn finish(&self, partial: Found, _: &Budget) -> Result<Self::Output, Stopped> {
        let latest = partial.latest.into_sorted_vec().into_iter().map(|key| key.0);
        Ok((partial.count, partial.users, latest.collect()))
    }
}
