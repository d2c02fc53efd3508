//! The newest events, not yet in a part: columns in order of arrival.

use std::{hash::BuildHasher, ops::RangeInclusive, sync::Arc};

use cairn_model::{EncodedProperty, EventBlock, EventHead};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable, hash_table::Entry};

use crate::{
    column::{ColumnView, TailColumn},
    paged::Paged,
    part::{ERASED, EXPIRED},
    project::RowHead,
    symbols::Symbols,
};

/// Events in memory, queried like a part. Row `i` is the `i`-th event that arrived.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Numbers of the users.
    pub(crate) users: Paged<u32>,
    pub(crate) times: Paged<i64>,
    pub(crate) event_ids: Paged<u64>,
    pub(crate) received: Paged<i64>,
    /// Tags of the events, or of ghosts.
    pub(crate) kinds: Paged<u8>,
    columns: Vec<(Arc<str>, TailColumn)>,
    index: Arc<HashMap<Arc<str>, usize>>,
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

/// As it is at an instant, to be read alone: which events have come is not known in it.
impl Clone for Tail {
    fn clone(&self) -> Self {
        Self {
            users: self.users.clone(),
            times: self.times.clone(),
            event_ids: self.event_ids.clone(),
            received: self.received.clone(),
            kinds: self.kinds.clone(),
            columns: self.columns.clone(),
            index: self.index.clone(),
            event_id_span: self.event_id_span.clone(),
            ..Self::default()
        }
    }
}

/// Rows are dealt out by user where the users' numbers span at most so many for each row.
const SPAN_OF_ROWS: usize = 4;

/// Nothing lies in it.
const NO_SPAN: RangeInclusive<u64> = RangeInclusive::new(u64::MAX, 0);

impl Default for Tail {
    fn default() -> Self {
        let (users, times, event_ids, received, kinds) = Default::default();
        let (columns, index, seen, hasher) = Default::default();
        Self { users, times, event_ids, received, kinds, columns, index, seen, hasher, event_id_span: NO_SPAN }
    }
}

/// Maps a batch's names to columns, and its values to codes, as they are first used.
#[derive(Debug)]
pub(crate) struct BatchColumns {
    /// By name.
    columns: Vec<Option<usize>>,
    /// By value; 0: not used yet.
    codes: Vec<u32>,
}

impl BatchColumns {
    pub(crate) fn new(names: usize) -> Self {
        Self { columns: vec![None; names], codes: Vec::with_capacity(2 * names) }
    }
}

/// Which rows of a block the tail has taken.
#[derive(Debug)]
pub(crate) struct BlockRows {
    /// The tail's row of the first.
    first: usize,
    /// By row of the tail: the block's row; nothing of a ghost's properties is kept.
    taken: Vec<Option<u32>>,
}

impl BlockRows {
    /// The tail's next row is `first`.
    pub(crate) fn starting(first: usize) -> Self {
        Self { first, taken: Vec::new() }
    }

    /// The tail's next row is this one of the block, if its properties are kept.
    pub(crate) fn push(&mut self, row: Option<usize>) {
        self.taken.push(row.map(|row| row as u32));
    }

    /// Makes codes of all rows of the block those of the rows that were taken. `scratch` is anything.
    fn keep(&self, codes: &mut Vec<u32>, scratch: &mut Vec<u32>) {
        let all = self.taken.len() == codes.len() && self.taken.iter().all(Option::is_some);
        if !all {
            scratch.clear();
            scratch.extend(self.taken.iter().map(|row| row.map_or(0, |row| codes[row as usize])));
            std::mem::swap(codes, scratch);
        }
    }
}

impl Tail {
    pub(crate) fn rows(&self) -> usize {
        self.users.len()
    }

    /// Empties it for the next events, of which there will be as many. Columns that had no values go.
    pub(crate) fn clear(&mut self) {
        self.users = Paged::default();
        self.times = Paged::default();
        self.event_ids = Paged::default();
        self.received = Paged::default();
        self.kinds = Paged::default();
        self.seen.clear();
        self.event_id_span = NO_SPAN;
        self.columns.retain_mut(|(_, column)| {
            let used = !column.is_empty();
            column.clear();
            used
        });
        self.index = Arc::new(self.columns.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect());
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

    /// The same in a clone: rows are looked at one by one, those that came last first.
    pub(crate) fn search(&self, user: u32, event_id: u64) -> Option<usize> {
        let rows = if self.event_id_span.contains(&event_id) { self.rows() } else { 0 };
        (0..rows).rev().find(|row| self.event_ids[*row] == event_id && self.users[*row] == user)
    }

    /// Adds an event of the user with this number, whose row was claimed. Its properties follow, if it is kept.
    pub(crate) fn push(&mut self, user: u32, event: &EventHead, keep: Keep) {
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
    }

    /// Adds the properties of the last row.
    pub(crate) fn push_row(
        &mut self,
        properties: &[EncodedProperty<'_>],
        names: &[&str],
        columns: &mut BatchColumns,
        symbols: &mut Symbols,
    ) {
        let row = self.rows() - 1;
        for property in properties {
            let at = &mut columns.columns[property.name as usize];
            let at = match *at {
                Some(at) => at,
                None => *at.insert(self.column_index(names[property.name as usize], symbols)),
            };
            let value = property.number as usize;
            if value >= columns.codes.len() {
                columns.codes.resize(value + 1, 0);
            }
            let code = &mut columns.codes[value];
            let column = &mut self.columns[at].1;
            let dictionary = symbols.at_mut(column.dictionary);
            dictionary.rows += u64::from(!dictionary.closed);
            if *code == 0 {
                *code = column.code(property.value, &mut dictionary.values);
            }
            column.set(row, *code);
        }
    }

    /// Adds the properties of the rows that were pushed for a block.
    pub(crate) fn push_columns(
        &mut self,
        block: &EventBlock<'_>,
        rows: &BlockRows,
        names: &[&str],
        symbols: &mut Symbols,
    ) {
        let (mut codes, mut kept, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for values in &block.columns {
            values.codes(block.heads.len(), &mut codes);
            rows.keep(&mut codes, &mut kept);
            if codes.iter().all(|code| *code == 0) {
                continue;
            }
            let at = self.column_index(names[values.name as usize], symbols);
            let column = &mut self.columns[at].1;
            let dictionary = symbols.at_mut(column.dictionary);
            known.clear();
            known.resize(values.values.len() + 1, 0);
            // Only what a row has enters the dictionary.
            let mut valued = 0;
            for code in codes.iter_mut().filter(|code| **code > 0) {
                valued += 1;
                let value = *code as usize;
                if known[value] == 0 {
                    known[value] = column.code(values.values[value - 1], &mut dictionary.values);
                }
                *code = known[value];
            }
            if !dictionary.closed {
                dictionary.rows += valued;
            }
            column.extend(rows.first, &codes);
        }
    }

    fn column_index(&mut self, name: &str, symbols: &mut Symbols) -> usize {
        if let Some(at) = self.index.get(name) {
            return *at;
        }
        let at = self.columns.len();
        let dictionary = symbols.dictionary(name);
        let column = TailColumn::new(dictionary, symbols.at(dictionary).closed);
        let name: Arc<str> = name.into();
        self.columns.push((name.clone(), column));
        Arc::make_mut(&mut self.index).insert(name, at);
        at
    }

    pub(crate) fn column(&self, name: &str) -> Option<ColumnView<'_>> {
        self.index.get(name).map(|at| &self.columns[*at].1).filter(|column| !column.is_empty()).map(TailColumn::view)
    }

    /// All columns with their names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, ColumnView<'_>)> {
        self.columns.iter().filter(|(_, column)| !column.is_empty()).map(|(name, column)| (&**name, column.view()))
    }

    /// What says whether a row is in the answers.
    pub(crate) fn head(&self, row: usize) -> RowHead {
        let (user, time) = (self.users[row], self.times[row]);
        RowHead { user, time, received: self.received[row], kind: self.kinds[row] }
    }

    /// The rows in (user number, time, event id) order.
    pub(crate) fn order(&self) -> Vec<u32> {
        let key = |row: &u32| (self.times[*row as usize], self.event_ids[*row as usize]);
        let (mut order, starts) = self.by_user();
        for pair in starts.windows(2) {
            let rows = &mut order[pair[0] as usize..pair[1] as usize];
            // Mostly a user's events come as they happen.
            if !rows.is_sorted_by_key(key) {
                rows.sort_unstable_by_key(key);
            }
        }
        order
    }

    /// The rows by user, else in order of arrival, and where those of each user begin, and the end.
    fn by_user(&self) -> (Vec<u32>, Vec<u32>) {
        let (rows, users) = (self.rows(), self.users.iter());
        let (first, last) = users.fold((u32::MAX, 0), |(first, last), user| (first.min(*user), last.max(*user)));
        let span = last.saturating_sub(first) as usize + 1;
        if span > SPAN_OF_ROWS * rows {
            let mut order: Vec<u32> = (0..rows as u32).collect();
            order.sort_by_key(|row| self.users[*row as usize]);
            let user = |at: usize| self.users[order[at] as usize];
            let mut starts: Vec<u32> =
                (0..rows).filter(|at| *at == 0 || user(*at) != user(at - 1)).map(|at| at as u32).collect();
            starts.push(rows as u32);
            return (order, starts);
        }
        // Counted, then dealt out: each user's place moves on to where the next one's begin.
        let mut next = vec![0; span + 1];
        self.users.iter().for_each(|user| next[(user - first) as usize + 1] += 1);
        (1..=span).for_each(|at| next[at] += next[at - 1]);
        let starts = next.clone();
        let mut order = vec![0; rows];
        for (row, user) in (0..).zip(self.users.iter()) {
            let place = &mut next[(user - first) as usize];
            order[*place as usize] = row;
            *place += 1;
        }
        (order, starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_user_time_and_id() {
        // Users near each other are counted, others sorted.
        for apart in [1, 1_000] {
            let mut tail = Tail::default();
            for row in 0..5_000_u64 {
                tail.users.push((row * 7_919 % 300) as u32 * apart);
                tail.times.push((row * 31 % 977) as i64 - 40);
                tail.event_ids.push(row * 17 % 4_001);
            }
            let mut expected: Vec<u32> = (0..5_000).collect();
            let at = |row: &u32| *row as usize;
            expected.sort_by_key(|row| (tail.users[at(row)], tail.times[at(row)], tail.event_ids[at(row)]));
            let keys = |rows: &[u32]| -> Vec<_> {
                rows.iter().map(|row| (tail.users[at(row)], tail.times[at(row)], tail.event_ids[at(row)])).collect()
            };
            let order = tail.order();
            assert_eq!(keys(&order), keys(&expected));
            assert!({
                let mut rows = order.clone();
                rows.sort_unstable();
                rows.into_iter().eq(0..5_000)
            });
        }
        assert!(Tail::default().order().is_empty());
    }
}
