//! The hits of one event in one part, where few rows are looked at: from a definition index, or from postings.

use std::ops::Range;

use cairn_analysis::{StoreError, TimeRange};

use super::filled::Filled;
use crate::{
    index::DefinitionIndex,
    ints::BLOCK,
    part::Part,
    predicate::{FewRows, Node, RowCodes, Sparse},
};

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
        found.keep_events(of_events);
        let times = part.times()?;
        let mut since = Vec::with_capacity(found.rows.len());
        times.ints.gather(&found.rows, &mut since);
        found.times = since.into_iter().map(|time| times.since.wrapping_add(time as i64)).collect();
        found.keep_within(range, part);
        if with_users || !of_users.is_empty() {
            found.users = part.users_of(&found.rows)?;
        }
        found.keep_users(of_users, with_users);
        Ok(found)
    }

    /// From the rows at some places of those that have a value in the column of `sparse`; the rest of the predicate must hold, too.
    /// `with_users` says whether users are asked for.
    pub(super) fn of_filled(
        (filled, places): (&Filled, Range<usize>),
        sparse: &Sparse<'_, '_>,
        (part, range): (&Part, TimeRange),
        with_users: bool,
    ) -> Result<Self, StoreError> {
        let (of_users, of_events): (Vec<_>, Vec<_>) = sparse.rest().into_iter().partition(|node| node.asks_for_users());
        let users = match with_users || !of_users.is_empty() {
            true => &filled.users(part)?[places.clone()],
            false => &[],
        };
        let (rows, codes, times) = (&filled.rows, &filled.codes[places.clone()], &filled.times[places.clone()]);
        let mut found =
            Self { rows: rows[places].to_vec(), users: users.to_vec(), times: times.to_vec(), codes: codes.to_vec() };
        if let Some(wanted) = sparse.wanted() {
            let held: Vec<bool> = codes.iter().map(|code| wanted.of(*code)).collect();
            found.keep_those(&held);
        }
        found.keep_events(of_events);
        found.keep_within(range, part);
        found.keep_users(of_users, with_users);
        Ok(found)
    }

    /// Keeps rows for which conditions hold that ask for no users.
    fn keep_events(&mut self, nodes: Vec<&Node<'_>>) {
        for node in nodes {
            match node {
                Node::Codes(RowCodes::Part(codes), truth) if codes.map.is_none() => {
                    let block_of = |row: Option<&u32>| row.map_or(0, |row| *row as usize / BLOCK);
                    let blocks = block_of(self.rows.first())..block_of(self.rows.last()) + 1;
                    if codes.ints.constant_in(blocks).is_some_and(|code| truth.of(code)) {
                        continue;
                    }
                    let mut of_rows = Vec::with_capacity(self.rows.len());
                    codes.ints.gather(&self.rows, &mut of_rows);
                    let mut of_rows = of_rows.iter();
                    self.keep(|_, _| of_rows.next().is_some_and(|code| truth.of(*code)));
                }
                other => self.keep(|row, _| other.holds(row as usize, 0)),
            }
        }
    }

    /// The same for those that ask for users; whether users are asked for after that is `with_users`.
    fn keep_users(&mut self, nodes: Vec<&Node<'_>>, with_users: bool) {
        for node in nodes {
            self.keep(|row, user| node.holds(row as usize, user));
        }
        if !with_users {
            self.users.clear();
        }
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
