//! The newest events, not yet in a part: columns in order of arrival.

use std::{collections::BTreeSet, hash::BuildHasher, ops::RangeInclusive};

use cairn_model::EventRow;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable, hash_table::Entry};

use crate::column::{ColumnBuilder, ColumnView};

/// Events in memory, queried like a part. Row `i` is the `i`-th event that arrived.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) users: Vec<u64>,
    pub(crate) times: Vec<i64>,
    pub(crate) event_ids: Vec<u64>,
    pub(crate) received: Vec<i64>,
    pub(crate) kinds: Vec<u8>,
    columns: Vec<(String, ColumnBuilder)>,
    index: HashMap<String, usize>,
    /// Rows by (user, event id).
    seen: HashTable<u32>,
    hasher: FixedState,
    /// The least and the greatest event id: ids that grow with time are mostly beyond an older tail's.
    event_id_span: RangeInclusive<u64>,
    /// Users whose state changed since the tail began.
    pub(crate) touched: BTreeSet<u64>,
}

/// Nothing lies in it.
const NO_SPAN: RangeInclusive<u64> = RangeInclusive::new(u64::MAX, 0);

impl Default for Tail {
    fn default() -> Self {
        let (users, times, event_ids, received, kinds) = Default::default();
        let (columns, index, seen, hasher, touched) = Default::default();
        Self { users, times, event_ids, received, kinds, columns, index, seen, hasher, event_id_span: NO_SPAN, touched }
    }
}

/// Maps a batch's names to columns, found as they are first used, and to the codes that their values had last.
pub(crate) struct BatchColumns(Vec<(Option<usize>, Option<u32>)>);

impl BatchColumns {
    pub(crate) fn new(names: usize) -> Self {
        Self(vec![(None, None); names])
    }

    /// What comes next is compared with nothing.
    pub(crate) fn forget(&mut self) {
        self.0.iter_mut().for_each(|(_, code)| *code = None);
    }
}

impl Tail {
    pub(crate) fn rows(&self) -> usize {
        self.users.len()
    }

    /// Empties it for the next events, which need about the same memory. Columns that had no values go.
    pub(crate) fn clear(&mut self) {
        self.users.clear();
        self.times.clear();
        self.event_ids.clear();
        self.received.clear();
        self.kinds.clear();
        self.seen.clear();
        self.event_id_span = NO_SPAN;
        self.touched.clear();
        self.columns.retain_mut(|(_, column)| {
            let used = !column.is_empty();
            column.clear();
            used
        });
        self.index = self.columns.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.touched.is_empty()
    }

    /// Takes the next row for an event; false if it is there already. What holds for the row must be pushed next.
    pub(crate) fn claim(&mut self, user: u64, event_id: u64) -> bool {
        let (users, event_ids, hasher) = (&self.users, &self.event_ids, &self.hasher);
        let row = users.len() as u32;
        let hash = |row: &u32| hasher.hash_one((users[*row as usize], event_ids[*row as usize]));
        let same = |row: &u32| users[*row as usize] == user && event_ids[*row as usize] == event_id;
        match self.seen.entry(hasher.hash_one((user, event_id)), same, hash) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(row);
                true
            }
        }
    }

    /// The row of an event.
    pub(crate) fn find(&self, user: u64, event_id: u64) -> Option<usize> {
        if !self.event_id_span.contains(&event_id) {
            return None;
        }
        let hash = self.hasher.hash_one((user, event_id));
        let same = |row: &u32| self.users[*row as usize] == user && self.event_ids[*row as usize] == event_id;
        self.seen.find(hash, same).map(|row| *row as usize)
    }

    /// Adds an event whose row was claimed. Without `properties` only its id is kept: it is erased or expired, but still
    /// counts once.
    pub(crate) fn push(&mut self, event: &EventRow<'_>, names: &[&str], columns: &mut BatchColumns, properties: bool) {
        let row = self.rows();
        self.users.push(event.user_id.get());
        self.times.push(event.time.0);
        self.event_ids.push(event.event_id.get());
        self.received.push(event.received_at.0);
        self.kinds.push(event.kind as u8);
        let event_id = event.event_id.get();
        let (first, last) = self.event_id_span.clone().into_inner();
        self.event_id_span = first.min(event_id)..=last.max(event_id);
        if !properties {
            return;
        }
        for property in &event.properties {
            let (at, code) = &mut columns.0[property.name as usize];
            let at = match *at {
                Some(at) => at,
                None => *at.insert(self.column_index(names[property.name as usize])),
            };
            let known = code.filter(|_| property.same);
            *code = Some(self.columns[at].1.push(row, property.value, known));
        }
    }

    fn column_index(&mut self, name: &str) -> usize {
        if let Some(at) = self.index.get(name) {
            return *at;
        }
        let at = self.columns.len();
        self.columns.push((name.to_owned(), ColumnBuilder::default()));
        self.index.insert(name.to_owned(), at);
        at
    }

    pub(crate) fn column(&self, name: &str) -> Option<ColumnView<'_>> {
        self.index.get(name).map(|at| &self.columns[*at].1).filter(|column| !column.is_empty()).map(ColumnBuilder::view)
    }

    /// All columns with their names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, ColumnView<'_>)> {
        self.columns
            .iter()
            .filter(|(_, column)| !column.is_empty())
            .map(|(name, column)| (name.as_str(), column.view()))
    }

    /// The rows in (user, time, event id) order.
    pub(crate) fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.rows() as u32).collect();
        order.sort_unstable_by_key(|row| {
            let row = *row as usize;
            (self.users[row], self.times[row], self.event_ids[row])
        });
        order
    }
}
