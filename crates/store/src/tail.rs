//! The newest events, not yet in a part: columns in order of arrival.

use std::{hash::BuildHasher, ops::RangeInclusive};

use cairn_model::EventRow;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable, hash_table::Entry};

use crate::{
    column::{ColumnView, TailColumn},
    part::{ERASED, EXPIRED},
    project::RowHead,
    symbols::Symbols,
};

/// Events in memory, queried like a part. Row `i` is the `i`-th event that arrived.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Numbers of the users.
    pub(crate) users: Vec<u32>,
    pub(crate) times: Vec<i64>,
    pub(crate) event_ids: Vec<u64>,
    pub(crate) received: Vec<i64>,
    /// Tags of the events, or of ghosts.
    pub(crate) kinds: Vec<u8>,
    columns: Vec<(String, TailColumn)>,
    index: HashMap<String, usize>,
    /// Rows by (user, event id).
    seen: HashTable<u32>,
    hasher: FixedState,
    /// The least and the greatest event id: ids that grow with time are mostly beyond an older tail's.
    event_id_span: RangeInclusive<u64>,
}

/// What is kept of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    All,
    /// Its id: it is erased, but still counts once.
    Erased,
    /// Its id: it has expired.
    Expired,
}

/// Nothing lies in it.
const NO_SPAN: RangeInclusive<u64> = RangeInclusive::new(u64::MAX, 0);

impl Default for Tail {
    fn default() -> Self {
        let (users, times, event_ids, received, kinds) = Default::default();
        let (columns, index, seen, hasher) = Default::default();
        Self { users, times, event_ids, received, kinds, columns, index, seen, hasher, event_id_span: NO_SPAN }
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
        self.columns.retain_mut(|(_, column)| {
            let used = !column.is_empty();
            column.clear();
            used
        });
        self.index = self.columns.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Prepares an empty one for events: values of closed dictionaries stay in it.
    pub(crate) fn begin(&mut self, symbols: &Symbols) {
        for (_, column) in &mut self.columns {
            if symbols.at(column.dictionary).closed {
                column.keep_values();
            }
        }
    }

    /// Takes the next row for an event; false if it is there already. What holds for the row must be pushed next.
    pub(crate) fn claim(&mut self, user: u32, event_id: u64) -> bool {
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
    pub(crate) fn find(&self, user: u32, event_id: u64) -> Option<usize> {
        if !self.event_id_span.contains(&event_id) {
            return None;
        }
        let hash = self.hasher.hash_one((user, event_id));
        let same = |row: &u32| self.users[*row as usize] == user && self.event_ids[*row as usize] == event_id;
        self.seen.find(hash, same).map(|row| *row as usize)
    }

    /// Adds an event of the user with this number, whose row was claimed.
    pub(crate) fn push(
        &mut self,
        user: u32,
        event: &EventRow<'_>,
        names: &[&str],
        columns: &mut BatchColumns,
        symbols: &mut Symbols,
        keep: Keep,
    ) {
        let row = self.rows();
        let event_id = event.event_id.get();
        self.users.push(user);
        self.times.push(event.time.0);
        self.event_ids.push(event_id);
        self.received.push(event.received_at.0);
        self.kinds.push(match keep {
            Keep::All => event.kind as u8,
            Keep::Erased => ERASED,
            Keep::Expired => EXPIRED,
        });
        let (first, last) = self.event_id_span.clone().into_inner();
        self.event_id_span = first.min(event_id)..=last.max(event_id);
        if keep != Keep::All {
            return;
        }
        for property in &event.properties {
            let (at, code) = &mut columns.0[property.name as usize];
            let at = match *at {
                Some(at) => at,
                None => *at.insert(self.column_index(names[property.name as usize], symbols)),
            };
            let known = code.filter(|_| property.same);
            let column = &mut self.columns[at].1;
            let dictionary = symbols.at_mut(column.dictionary);
            dictionary.rows += u64::from(!dictionary.closed);
            *code = Some(column.push(row, property.value, known, &mut dictionary.values));
        }
    }

    fn column_index(&mut self, name: &str, symbols: &mut Symbols) -> usize {
        if let Some(at) = self.index.get(name) {
            return *at;
        }
        let at = self.columns.len();
        let dictionary = symbols.dictionary(name);
        let column = TailColumn::new(dictionary, symbols.at(dictionary).closed);
        self.columns.push((name.to_owned(), column));
        self.index.insert(name.to_owned(), at);
        at
    }

    pub(crate) fn column(&self, name: &str) -> Option<ColumnView<'_>> {
        self.index.get(name).map(|at| &self.columns[*at].1).filter(|column| !column.is_empty()).map(TailColumn::view)
    }

    /// All columns with their names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, ColumnView<'_>)> {
        self.columns
            .iter()
            .filter(|(_, column)| !column.is_empty())
            .map(|(name, column)| (name.as_str(), column.view()))
    }

    /// What says whether a row is in the answers.
    pub(crate) fn head(&self, row: usize) -> RowHead {
        let (user, time) = (self.users[row], self.times[row]);
        RowHead { user, time, received: self.received[row], kind: self.kinds[row] }
    }

    /// The rows in (user number, time, event id) order.
    pub(crate) fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.rows() as u32).collect();
        order.sort_unstable_by_key(|row| {
            let row = *row as usize;
            (self.users[row], self.times[row], self.event_ids[row])
        });
        order
    }
}
