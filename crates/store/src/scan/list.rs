//! Hits in a list: of tails, or from definition indexes and postings. Sorted by user and order.

use cairn_analysis::{Budget, StoreError};

use super::{
    bound::PartScan,
    columns::{Columns, Details, permuted},
    found::Found,
    keys::GroupCache,
};
use crate::{
    ints::{BLOCK, Ints},
    predicate::Node,
    project::Project,
    tail::Tail,
};

/// Relevant events, in (user number, time, event id) order.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// The users that have any, rising; empty in a list of parts, where nobody asks.
    pub(super) users: Vec<u32>,
    /// Of each user, the place after the last event.
    pub(super) ends: Vec<u32>,
    /// Of each event, like all that follows.
    pub(super) times: Vec<i64>,
    /// Bit `i`: it matches the question's event `i`.
    pub(super) matches: Vec<u32>,
    /// Source and row: the row of the part, or the place in this list.
    pub(super) places: Vec<(u32, u32)>,
    /// Of hits of tails; empty in the list of parts.
    pub(super) event_ids: Vec<u64>,
    /// Of hits of tails.
    pub(super) received: Vec<i64>,
    pub(super) details: Details,
}

impl List {
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// The memory that it takes, in bytes, more or less.
    pub(super) fn bytes(&self) -> usize {
        let of_event = 8 + 4 + 8 + if self.event_ids.is_empty() { 0 } else { 16 };
        self.len() * of_event + 8 * self.users.len() + self.details.bytes()
    }

    /// The place of the first event of this user, or of the next one who has any.
    pub(super) fn place_of(&self, user: u32) -> usize {
        self.first_of(self.users.partition_point(|other| *other < user))
    }

    /// The user of an event.
    pub(super) fn user_of(&self, place: usize) -> u32 {
        self.users.get(self.ends.partition_point(|end| *end as usize <= place)).copied().unwrap_or(u32::MAX)
    }

    /// The place of the first event of the user at `at`, or the end.
    fn first_of(&self, at: usize) -> usize {
        if at == 0 { 0 } else { self.ends[at - 1] as usize }
    }

    /// Sets whose the events are.
    pub(super) fn set_users(&mut self, of_events: &[u32]) {
        (self.users, self.ends) = (Vec::new(), Vec::new());
        let mut end = 0;
        for run in of_events.chunk_by(|a, b| a == b) {
            end += run.len() as u32;
            self.users.push(run[0]);
            self.ends.push(end);
        }
    }

    /// The least and greatest time; `None` if it is empty.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        Some((*self.times.iter().min()?, *self.times.iter().max()?))
    }

    /// The hits of one event in a part, where nobody asks whose they are.
    pub(super) fn of_found(
        (found, column): (Found, Ints<'_, u32>),
        (scan, columns): (&PartScan<'_>, &Columns<'_>),
        groups: &mut GroupCache,
    ) -> Self {
        let mut details = Details::default();
        columns.of_rows(&scan.columns, &found.rows, (&column, &found.codes), &mut details, groups);
        Self {
            matches: vec![1; found.rows.len()],
            places: found.rows.iter().map(|row| (scan.source, *row)).collect(),
            times: found.times,
            details,
            ..Self::default()
        }
    }

    /// The relevant events of the project's tails, those of erased users among them. `source` is their number.
    pub(super) fn of_tails(
        project: &Project,
        meanings: &[crate::predicate::Meaning],
        columns: &Columns<'_>,
        (from, to): (i64, i64),
        (source, budget): (u32, &Budget),
    ) -> Result<Self, StoreError> {
        let (mut list, mut users) = (List::default(), Vec::new());
        for tail in project.tails() {
            let nodes = meanings.iter().map(|meaning| Node::of_tail(meaning, tail)).collect::<Result<Vec<_>, _>>()?;
            list.add_tail(tail, &mut users, &nodes, columns, (from, to), budget)?;
        }
        let mut order: Vec<u32> = (0..list.len() as u32).collect();
        order.sort_unstable_by_key(|at| {
            let at = *at as usize;
            (users[at], list.times[at], list.event_ids[at])
        });
        list.permute(&order);
        list.set_users(&order.iter().map(|at| users[*at as usize]).collect::<Vec<_>>());
        list.places = (0..list.len() as u32).map(|at| (source, at)).collect();
        Ok(list)
    }

    fn add_tail(
        &mut self,
        tail: &Tail,
        users: &mut Vec<u32>,
        nodes: &[Node<'_>],
        columns: &Columns<'_>,
        (from, to): (i64, i64),
        budget: &Budget,
    ) -> Result<(), StoreError> {
        let (bound, mut groups) = (columns.of_tail(tail)?, GroupCache::default());
        for row in 0..tail.rows() {
            if row.is_multiple_of(BLOCK) {
                budget.check()?;
            }
            let (user, time) = (tail.users[row], tail.times[row]);
            if time < from || time >= to {
                continue;
            }
            let matches =
                nodes.iter().enumerate().fold(0, |bits, (at, node)| bits | u32::from(node.holds(row, user)) << at);
            if matches == 0 {
                continue;
            }
            users.push(user);
            self.times.push(time);
            self.matches.push(matches);
            self.event_ids.push(tail.event_ids[row]);
            self.received.push(tail.received[row]);
            columns.add(&mut self.details, &bound, row, &mut groups);
        }
        Ok(())
    }

    /// Keeps the events of some users only.
    pub(super) fn retain(&mut self, wanted: impl Fn(u32) -> bool) {
        let (mut kept, mut users) = (Vec::new(), Vec::new());
        for (at, user) in self.users.iter().enumerate().filter(|(_, user)| wanted(**user)) {
            let events = self.first_of(at) as u32..self.ends[at];
            users.extend(events.clone().map(|_| *user));
            kept.extend(events);
        }
        self.permute(&kept);
        self.set_users(&users);
        // A place is that in this list.
        self.places.truncate(kept.len());
    }

    fn permute(&mut self, order: &[u32]) {
        self.times = permuted(&self.times, order);
        self.matches = permuted(&self.matches, order);
        self.event_ids = permuted(&self.event_ids, order);
        self.received = permuted(&self.received, order);
        self.details.permute(order);
    }
}

/// A walk over a range of users of a list.
pub(super) struct ListWalk<'a> {
    pub(super) list: &'a List,
    /// The next user, and the end of users.
    at: usize,
    end: usize,
}

impl<'a> ListWalk<'a> {
    /// Over the users `first..=last`.
    pub(super) fn new(list: &'a List, first: u32, last: u32) -> Self {
        let at = list.users.partition_point(|user| *user < first);
        let end = list.users.partition_point(|user| *user <= last);
        Self { list, at, end }
    }

    /// The next user with hits.
    #[inline]
    pub(super) fn user(&self) -> Option<u32> {
        if self.at < self.end { Some(self.list.users[self.at]) } else { None }
    }

    /// The first and last time of the next user's hits; `None` if they are not in order of time, each later than the one before.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let times = &self.list.times[self.list.first_of(self.at)..self.list.ends[self.at] as usize];
        times.is_sorted_by(|a, b| a < b).then_some((*times.first()?, *times.last()?))
    }

    /// The hits of the next user, who is then passed.
    #[inline]
    pub(super) fn take(&mut self) -> std::ops::Range<usize> {
        self.at += 1;
        self.list.first_of(self.at - 1)..self.list.ends[self.at - 1] as usize
    }
}
