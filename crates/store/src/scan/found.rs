//! The hits of one event in one part, where few rows are looked at: from a definition index, or from postings.

use cairn_analysis::StoreError;

use super::snapshot::Range;
use crate::{
    index::DefinitionIndex,
    part::Part,
    predicate::{FewRows, Node, RowCodes},
};

/// Vectors of equal length, by row.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<u32>,
    /// The number of each row's user; empty if nobody asks.
    pub(super) users: Vec<u32>,
    pub(super) times: Vec<i64>,
}

impl Found {
    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        4 * (self.rows.capacity() + self.users.capacity()) + 8 * self.times.capacity()
    }

    /// From the index of a definition; `rest` must hold, too. `with_users` says whether users are asked for.
    pub(super) fn of_index(
        index: &DefinitionIndex,
        rest: &Node<'_>,
        (part, range): (&Part, Range),
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
        Ok(found.within(range, part, with_users))
    }

    /// From rows that satisfy part of a predicate. `with_users` says whether users are asked for.
    pub(super) fn of_rows(
        few: FewRows<'_, '_>,
        part: &Part,
        range: Range,
        with_users: bool,
    ) -> Result<Self, StoreError> {
        let mut found = Self { rows: few.rows, ..Self::default() };
        let (of_users, of_events): (Vec<_>, Vec<_>) = few.rest.into_iter().partition(|node| node.asks_for_users());
        for node in of_events {
            match node {
                Node::Codes(RowCodes::Part(codes), truth) if codes.map.is_none() => {
                    let mut of_rows = Vec::with_capacity(found.rows.len());
                    codes.ints.gather(&found.rows, &mut of_rows);
                    let mut of_rows = of_rows.iter();
                    found.rows.retain(|_| of_rows.next().is_some_and(|code| truth.of(*code)));
                }
                other => found.rows.retain(|row| other.holds(*row as usize, 0)),
            }
        }
        let times = part.times()?;
        let mut since = Vec::with_capacity(found.rows.len());
        times.ints.gather(&found.rows, &mut since);
        found.times = since.into_iter().map(|time| times.since.wrapping_add(time as i64)).collect();
        if with_users || !of_users.is_empty() {
            found.users = part.users_of(&found.rows)?;
        }
        for node in of_users {
            found.keep(|row, user| node.holds(row as usize, user));
        }
        Ok(found.within(range, part, with_users))
    }

    /// Those in the range; without their users, if nobody asks.
    fn within(mut self, range: Range, part: &Part, with_users: bool) -> Self {
        if !with_users {
            self.users.clear();
        }
        let (first, last) = part.times_span();
        if range.from <= first && last < range.to {
            return self;
        }
        let mut at = 0;
        let inside: Vec<bool> = self.times.iter().map(|time| range.from <= *time && *time < range.to).collect();
        self.keep(|_, _| {
            at += 1;
            inside[at - 1]
        });
        self
    }

    /// Keeps those for which `holds` says so of row and user; it is asked in turn.
    pub(super) fn keep(&mut self, mut holds: impl FnMut(u32, u32) -> bool) {
        let (with_users, mut kept) = (!self.users.is_empty(), 0);
        for at in 0..self.rows.len() {
            let user = if with_users { self.users[at] } else { 0 };
            let held = holds(self.rows[at], user);
            (self.rows[kept], self.times[kept]) = (self.rows[at], self.times[at]);
            if with_users {
                self.users[kept] = user;
            }
            kept += usize::from(held);
        }
        self.rows.truncate(kept);
        self.users.truncate(kept);
        self.times.truncate(kept);
    }
}
