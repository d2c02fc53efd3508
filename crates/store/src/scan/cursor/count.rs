//! Counting a part's hits, without laying them out.

use cairn_analysis::{GroupId, Kernel};

use super::Cursor;
use crate::{ints::BLOCK, scan::keys::GroupCache};

impl Cursor<'_, '_> {
    /// Counts the hits of the user in hand by group; then passes the user.
    pub(in crate::scan) fn count<K: Kernel>(&mut self, kernel: &K, partial: &mut K::Partial, groups: &mut GroupCache) {
        let end = self.starts[self.at + 1] as usize;
        let user = self.users[self.at];
        while self.row < end {
            let (base, stop) = self.piece(end, groups);
            self.count_piece(kernel, partial, groups, user, (self.row - base, stop - base));
            self.row = stop;
        }
    }

    /// Counts the hits of a user between two rows of the block.
    #[inline]
    pub(super) fn count_piece<K: Kernel>(
        &mut self,
        kernel: &K,
        partial: &mut K::Partial,
        groups: &mut GroupCache,
        user: u32,
        (from, to): (usize, usize),
    ) {
        if self.keys.of_users_only() {
            let count = self.block.count(from, to);
            if count > 0 {
                let mut values = Default::default();
                self.keys.add_user_values(user, &mut values);
                kernel.push_many(partial, groups.group(self.keys, values), count);
            }
        } else if self.in_runs {
            self.count_runs(kernel, partial, (from, to));
        } else {
            self.count_rows(kernel, partial, groups, user, (from, to));
        }
    }

    fn count_runs<K: Kernel>(&mut self, kernel: &K, partial: &mut K::Partial, (mut from, to): (usize, usize)) {
        while let Some((end, group)) = self.runs.get(self.run) {
            let stop = to.min(*end as usize);
            let count = self.block.count(from, stop);
            if count > 0 {
                kernel.push_many(partial, *group, count);
            }
            from = from.max(stop);
            if from >= to && (*end as usize) > to {
                break;
            }
            self.run += 1;
        }
    }

    fn count_rows<K: Kernel>(
        &self,
        kernel: &K,
        partial: &mut K::Partial,
        groups: &mut GroupCache,
        user: u32,
        (from, to): (usize, usize),
    ) {
        let base = self.block.number * BLOCK;
        let mut hit = self.block.next_hit(from);
        while let Some(row) = hit.filter(|row| *row < to) {
            let mut values = self.keys.event_values(&self.scan.columns.keys, base + row);
            self.keys.add_user_values(user, &mut values);
            kernel.push_many(partial, groups.group(self.keys, values), 1);
            hit = self.block.next_hit(row + 1);
        }
    }

    /// Tells `see` which users have hits of which group, each perhaps several times.
    pub(in crate::scan) fn members(&mut self, groups: &mut GroupCache, see: &mut impl FnMut(u32, GroupId)) {
        let of_users = self.keys.of_users_only();
        while self.row < self.rows.end {
            let (base, stop) = self.piece(self.rows.end, groups);
            if self.block.count(self.row - base, stop - base) > 0 {
                if of_users || self.in_runs {
                    self.members_of_runs(of_users, (base, stop), groups, see);
                } else {
                    self.members_of_rows((base, stop), groups, see);
                }
            }
            self.row = stop;
        }
    }

    /// In the block in hand, up to the row `stop`, by user and run of the key, if that is not `of_users`.
    fn members_of_runs(
        &mut self,
        of_users: bool,
        (base, stop): (usize, usize),
        groups: &mut GroupCache,
        see: &mut impl FnMut(u32, GroupId),
    ) {
        let mut row = self.row;
        while row < stop {
            let user = self.user_at(row);
            let mut end = stop.min(self.starts[self.at + 1] as usize);
            let mut of_run = None;
            if !of_users {
                while self.runs.get(self.run).is_some_and(|(end, _)| base + *end as usize <= row) {
                    self.run += 1;
                }
                let Some((run_end, group)) = self.runs.get(self.run) else { return };
                end = end.min(base + *run_end as usize);
                of_run = Some(*group);
            }
            if self.block.count(row - base, end - base) > 0 {
                let group = of_run.unwrap_or_else(|| {
                    let mut values = Default::default();
                    self.keys.add_user_values(user, &mut values);
                    groups.group(self.keys, values)
                });
                see(user, group);
            }
            row = end;
        }
    }

    /// The same where each row has to be looked at.
    fn members_of_rows(
        &mut self,
        (base, stop): (usize, usize),
        groups: &mut GroupCache,
        see: &mut impl FnMut(u32, GroupId),
    ) {
        let mut hit = self.block.next_hit(self.row - base);
        while let Some(row) = hit.filter(|row| base + row < stop) {
            let user = self.user_at(base + row);
            let mut values = self.keys.event_values(&self.scan.columns.keys, base + row);
            self.keys.add_user_values(user, &mut values);
            see(user, groups.group(self.keys, values));
            hit = self.block.next_hit(row + 1);
        }
    }

    /// The user of a row not before those asked for so far.
    #[inline]
    fn user_at(&mut self, row: usize) -> u32 {
        while self.starts[self.at + 1] as usize <= row {
            self.at += 1;
        }
        self.users[self.at]
    }
}
