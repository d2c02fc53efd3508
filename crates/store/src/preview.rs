//! What a predicate matches: how much, whose, and the latest of it.

use std::{cmp::Reverse, collections::BinaryHeap};

use cairn_analysis::{GroupId, Groups, Kernel, Preview, QueryError, Row};
use cairn_model::{EventId, Predicate, ProjectId, TimeMs, UserId};

use crate::{
    answer::store_error,
    inspect,
    scan::{Prepared, Scan},
    store::{EmbeddedStore, read},
};

pub(crate) fn preview(
    store: &EmbeddedStore,
    project: ProjectId,
    predicate: &Predicate,
    (from, to): (TimeMs, TimeMs),
    limit: usize,
) -> Result<Preview, QueryError> {
    let groups = Groups::default();
    let scan = Scan { predicate, from: from.0, to: to.0, keys: &[], groups: &groups };
    let snapshot = store.snapshot(project, &scan)?;
    let prepared = Prepared::new(&snapshot, &scan).map_err(|error| store_error(&error))?;
    let kernel = Latest { limit };
    let (count, users, latest) = kernel.finish(prepared.run(&kernel));
    let Some(project) = store.project(project) else {
        return Ok(Preview::default());
    };
    let project = read(&project);
    let latest =
        latest.into_iter().filter_map(|(_, event_id, user)| inspect::event(&project, user, event_id).transpose());
    let latest = latest.collect::<Result<_, _>>().map_err(|error| store_error(&error))?;
    Ok(Preview { count, users, latest })
}

/// Counts, and keeps the latest `limit` events.
struct Latest {
    limit: usize,
}

type Key = (TimeMs, EventId, UserId);

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

    fn push(&self, partial: &mut Found, row: &Row) {
        partial.count += 1;
        partial.keep(row.order(), self.limit);
    }

    fn close(&self, partial: &mut Found, _: GroupId) {
        partial.users += 1;
    }

    fn merge(&self, into: &mut Found, from: Found) {
        into.count += from.count;
        into.users += from.users;
        from.latest.into_iter().for_each(|key| into.keep(key.0, self.limit));
    }

    fn finish(&self, partial: Found) -> Self::Output {
        let latest = partial.latest.into_sorted_vec().into_iter().map(|key| key.0);
        (partial.count, partial.users, latest.collect())
    }
}
