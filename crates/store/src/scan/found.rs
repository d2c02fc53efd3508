//! The hits of one event in one part, where few rows are looked at: from a definition index, or from postings.

use cairn_analysis::StoreError;

use crate::{
    index::DefinitionIndex,
    ints::BLOCK,
    part::Part,
    predicate::{FewRows, Node, RowCodes},
};
use cairn_analysis::TimeRange;

/// Vectors of equal length, by row.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    /// The number of each row's user; empty if nobody asks.
    pub(super) users: Vec<u32>,
    pub(super) times: Vec<i64>,
    /// Each row's code in the column by which it was found; empty if that was not read.
    pub(super) codes: Vec<u32>,
}

impl Found {
    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * (self.rows.capacity() + self.users.capacity() + self.codes.capacity()) + 8 * self.times.capacity()
    }

    /// From the index of a definition; `rest` must hold, too. `with_users` says whether users are asked for.
    pub(super) fn of_index(
        index: &DefinitionIndex,
        rest: &Node<'_>,
        (part, range): (&Part, TimeRange),
        with_users: bool,
    ) -> Result<Self, StoreError> {
        let hits = index.rows()?;
        let (mut found, mut since) = (Self::default(), Vec::new());
        hits.rows.read(0..hits.rows.len(), &mut found.rows);
        if with_users || rest.asks_for_users() {
            hits.users.read(0..hits.rows.len(), &mut found.users);
        }
        hits.times.read(0..hits.rows.len(), &mut since);
        found.times = since.into_iter().map(|time| hits.since.wrapping_add(time as i64)).collect();
        if !matches!(rest, Node::Always(true)) {
            found.keep(|row, user| rest.holds(row as usize, user));
        }
        if !with_users {
            found.users.clear();
        }
        found.keep_within(range, part);
        Ok(found)
    }

    /// From rows that satisfy part of a predicate. `with_users` says whether users are asked for.
    pub(super) fn of_rows(
        few: FewRows<'_, '_>,
        part: &Part,
        range: TimeRange,
        with_users: bool,
    ) -> Result<Self, StoreError> {
        let mut found = Self { rows: few.rows, codes: few.codes, ..Self::default() };
        let (of_users, of_events): (Vec<_>, Vec<_>) = few.rest.into_iter().partition(|node| node.asks_for_users());
        for node in of_events {
            match node {
                Node::Codes(RowCodes::Part(codes), truth) if codes.map.is_none() => {
                    let block_of = |row: Option<&u32>| row.map_or(0, |row| *row as usize / BLOCK);
                    let blocks = block_of(found.rows.first())..block_of(found.rows.last()) + 1;
                    if codes.ints.constant_in(blocks).is_some_and(|code| truth.of(code)) {
                        continue;
                    }
                    let mut of_rows = Vec::with_capacity(found.rows.len());
                    codes.ints.gather(&found.rows, &mut of_rows);
                    let mut of_rows = of_rows.iter();
                    found.keep(|_, _| of_rows.next().is_some_and(|code| truth.of(*code)));
                }
                other => found.keep(|row, _| other.holds(row as usize, 0)),
            }
        }
        let times = part.times()?;
        let mut since = Vec::with_capacity(found.rows.len());
        times.ints.gather(&found.rows, &mut since);
        found.times = since.into_iter().map(|time| times.since.wrapping_add(time as i64)).collect();
        found.keep_within(range, part);
        if with_users || !of_users.is_empty() {
            found.users = part.users_of(&found.rows)?;
        }
        for node in of_users {
            found.keep(|row, user| node.holds(row as usize, user));
        }
        if !with_users {
            found.users.clear();
        }
        Ok(found)
    }

    /// Keeps those in the range.
    fn keep_within(&mut self, range: TimeRange, part: &Part) {
        let (first, last) = part.times_span();
        if range.from <= first && last < range.to {
            return;
        }
        let inside: Vec<bool> = self.times.iter().map(|time| range.from <= *time && *time < range.to).collect();
        self.keep_those(&inside);
    }

    /// Keeps those for which `holds` says so of row and user, if that is known; it is asked in turn.
    pub(super) fn keep(&mut self, mut holds: impl FnMut(u32, u32) -> bool) {
        let user = |at: usize| self.users.get(at).copied().unwrap_or(0);
        let held: Vec<bool> = self.rows.iter().enumerate().map(|(at, row)| holds(*row, user(at))).collect();
        self.keep_those(&held);
    }

    fn keep_those(&mut self, held: &[bool]) {
        keep(&mut self.rows, held);
        keep(&mut self.users, held);
        keep(&mut self.times, held);
        keep(&mut self.codes, held);
    }
}

/// Of as many values, keeps those that are `held`; of none, none.
fn keep<T: Copy>(values: &mut Vec<T>, held: &[bool]) {
    if values.is_empty() {
        return;
    }
    let mut kept = 0;
    for (at, held) in held.iter().enumerate() {
        // Without a branch: it cannot be foreseen.
        values[kept] = values[at];
        kept += usize::from(*held);
    }
    values.truncate(kept);
}
