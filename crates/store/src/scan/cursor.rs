//! Walking a part's hits, block by block: user by user, or whosever they are.

mod count;

use std::ops::Range;

use cairn_analysis::{GroupId, Kernel, Places, Rows, StoreError};

use super::{
    block::{Block, DENSE, clear_outside, each, lay_out, mask_of},
    bound::PartScan,
    columns::Columns,
    keys::{GroupCache, Keys},
    run::Worker,
};
use crate::{
    ints::{BLOCK, lookup},
    part::lower_bound,
    predicate::{RowCodes, Spans},
};

/// From so many hits in a block on, all its times are decoded.
const TIMES_WHOLE: u32 = 12;
/// After so many blocks the clock is looked at.
const LOOK_BLOCKS: usize = 16;

/// What matters of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// How many there are.
    Counts,
    /// Their order.
    Order,
    /// When they happened.
    Times,
}

/// A walk over a range of users of a part.
pub(super) struct Cursor<'a, 's> {
    pub(super) scan: &'s PartScan<'a>,
    columns: &'s Columns<'s>,
    keys: &'s Keys<'s>,
    need: Need,
    users: Vec<u32>,
    /// The first row of each, and the end of the last.
    starts: Vec<u32>,
    /// The rows that are looked at.
    rows: Range<usize>,
    /// The next user, and the next row.
    at: usize,
    row: usize,
    block: Box<Block>,
    /// Of the block in hand, which rows match each of the question's events.
    masks: Vec<lookup::Mask>,
    /// The single key of the block in hand comes in runs.
    in_runs: bool,
    /// The end of each of these within the block, and its group.
    runs: Vec<(u32, GroupId)>,
    /// The run of the next row.
    run: usize,
    run_codes: Vec<(u32, u32)>,
}

impl<'a, 's> Cursor<'a, 's> {
    /// Over the users `first..=last`.
    pub(super) fn new(scan: &'s PartScan<'a>, columns: &'s Columns<'s>, need: Need, (first, last): (u32, u32)) -> Self {
        let from = lower_bound(&scan.users, first);
        let to = if last == u32::MAX { scan.users.len() } else { lower_bound(&scan.users, last + 1) };
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        scan.users.read(from..to.max(from), &mut users);
        scan.starts.read(from..to.max(from) + 1, &mut starts);
        let rows = starts.first().copied().unwrap_or(0) as usize..starts.last().copied().unwrap_or(0) as usize;
        Self::over(scan, columns, need, users, starts, rows)
    }

    /// Over rows, whosever they are.
    pub(super) fn of_rows(scan: &'s PartScan<'a>, columns: &'s Columns<'s>, need: Need, rows: Range<usize>) -> Self {
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        if scan.asks_for_users {
            let from = lower_bound(&scan.starts, rows.start as u32 + 1).saturating_sub(1);
            let to = lower_bound(&scan.starts, rows.end as u32);
            scan.users.read(from..to, &mut users);
            scan.starts.read(from..to + 1, &mut starts);
        }
        Self::over(scan, columns, need, users, starts, rows)
    }

    fn over(
        scan: &'s PartScan<'a>,
        columns: &'s Columns<'s>,
        need: Need,
        users: Vec<u32>,
        starts: Vec<u32>,
        rows: Range<usize>,
    ) -> Self {
        let row = rows.start;
        let masks = vec![[0; BLOCK / 64]; scan.nodes.len()];
        Self {
            scan,
            columns,
            keys: &columns.keys,
            need,
            users,
            starts,
            rows,
            at: 0,
            row,
            block: Block::new(),
            masks,
            in_runs: false,
            runs: Vec::new(),
            run: 0,
            run_codes: Vec::new(),
        }
    }

    /// Goes to the next user with a hit.
    pub(super) fn user(&mut self, groups: &mut GroupCache) -> Option<u32> {
        let end = self.rows.end;
        while self.row < end {
            let (base, _) = self.piece(end, groups);
            match self.block.next_hit(self.row % BLOCK) {
                Some(hit) => {
                    self.row = base + hit;
                    while (self.starts[self.at + 1] as usize) <= self.row {
                        self.at += 1;
                    }
                    return Some(self.users[self.at]);
                }
                None => self.row = base + BLOCK,
            }
        }
        None
    }

    /// Between which instants the hits of the user in hand lie: the first one's time, and the last row's.
    pub(super) fn span(&self) -> (i64, i64) {
        let last = self.starts[self.at + 1] as usize - 1;
        (self.scan.times.get(self.row), self.scan.times.get(last))
    }

    /// Passes the user in hand.
    pub(super) fn skip(&mut self) {
        self.row = self.starts[self.at + 1] as usize;
    }

    /// Hands the rows of the user in hand to `see`, piece by piece, until it wants no more; then passes the user.
    pub(super) fn take(&mut self, groups: &mut GroupCache, see: &mut dyn FnMut(&Rows<'_>) -> bool) {
        let end = self.starts[self.at + 1] as usize;
        let user = self.users[self.at];
        while self.row < end {
            let (base, stop) = self.piece(end, groups);
            let entries = self.block.take(self.row - base, stop - base);
            let more = self.hand(entries, user, groups, see);
            self.row = if more { stop } else { end };
        }
    }

    /// Hands all rows to the kernel, whosever they are; keys are on events.
    pub(super) fn take_all<K: Kernel>(&mut self, worker: &mut Worker<'_, K>) -> Result<(), StoreError> {
        let Worker { kernel, partial, groups, watch, .. } = worker;
        let kernel = *kernel;
        while self.row < self.rows.end {
            let (base, stop) = self.piece(self.rows.end, groups);
            if self.need == Need::Counts {
                self.count_piece(kernel, partial, groups, 0, (self.row - base, stop - base));
            } else {
                let entries = 0..self.block.entries;
                self.hand(entries, 0, groups, &mut |rows| {
                    kernel.push(partial, rows);
                    true
                });
            }
            self.row = stop;
            watch.step(|| kernel.bytes(partial))?;
        }
        Ok(())
    }

    /// Loads the block of the next row; gives its first row, and where the rows in it up to `end` end.
    #[inline]
    fn piece(&mut self, end: usize, groups: &mut GroupCache) -> (usize, usize) {
        let number = self.row / BLOCK;
        if number != self.block.number {
            self.load(number, groups);
        }
        (number * BLOCK, end.min((number + 1) * BLOCK))
    }

    /// Hands entries of the block to `see`. Whether it wants more.
    #[inline]
    fn hand(
        &self,
        entries: Range<usize>,
        user: u32,
        groups: &mut GroupCache,
        see: &mut dyn FnMut(&Rows<'_>) -> bool,
    ) -> bool {
        if entries.is_empty() {
            return true;
        }
        let mut of_entries: Vec<GroupId> = Vec::new();
        if !self.keys.of_events_only() {
            let values = &self.block.details.values;
            of_entries.extend(entries.clone().map(|entry| {
                let mut of_entry = values.get(entry).copied().unwrap_or_default();
                self.keys.add_user_values(user, &mut of_entry);
                groups.group(self.keys, of_entry)
            }));
        }
        let (block, base) = (&self.block, self.block.number * BLOCK);
        let details = &block.details;
        see(&Rows {
            times: &block.times[entries.clone()],
            matches: &block.matches[entries.clone()],
            groups: block.groups.get(entries.clone()).unwrap_or(&of_entries),
            numbers: details.numbers.get(entries.clone()).unwrap_or_default(),
            sessions: details.sessions.get(entries.clone()).unwrap_or_default(),
            holds: details.holds.get(entries.clone()).unwrap_or_default(),
            places: match block.dense {
                true => Places::From(self.scan.source, (base + entries.start) as u32),
                false => Places::Of(self.scan.source, base as u32, &block.rows[entries]),
            },
        })
    }

    /// Finds the hits of a block: none if the question's budget is over.
    fn load(&mut self, number: usize, groups: &mut GroupCache) {
        let base = number * BLOCK;
        let (block, budget) = (&mut *self.block, self.scan.budget);
        let stop = if number.is_multiple_of(LOOK_BLOCKS) { budget.look(0) } else { budget.is_over() };
        if stop {
            return block.clear(number);
        }
        let (first, last) = (self.rows.start, self.rows.end);
        let active = mask_of(first.clamp(base, base + BLOCK) - base, last.clamp(base, base + BLOCK) - base);
        (block.number, block.next) = (number, 0);
        if let Some((codes, table)) = &self.scan.fused {
            let rows = codes.block(number, &mut block.codes);
            lookup::map(&block.codes[..rows], table, &mut block.matches[..rows]);
            block.matches[rows..].fill(0);
            lookup::mask_is(&block.matches, 0, &mut block.any);
            block.any.iter_mut().zip(&active).for_each(|(any, active)| *any = active & !*any);
        } else {
            let spans = Spans { users: &self.users, starts: &self.starts };
            block.any = [0; BLOCK / 64];
            for (mask, node) in self.masks.iter_mut().zip(&self.scan.nodes) {
                node.mask(number, spans, &active, mask);
                block.any.iter_mut().zip(&*mask).for_each(|(any, mask)| *any |= mask);
            }
        }
        self.finish(number, groups);
    }

    /// Finds the runs of the only key, if it comes in runs.
    fn find_runs(&mut self, number: usize, groups: &mut GroupCache) {
        self.run = 0;
        self.runs.clear();
        self.in_runs = false;
        if !self.keys.single_event() {
            return;
        }
        let codes = &mut self.run_codes;
        codes.clear();
        let own = match &self.scan.columns.keys[0] {
            None => {
                codes.push((BLOCK as u32, 0));
                None
            }
            Some((RowCodes::Part(column), own)) if column.runs(number, codes) => own.as_ref(),
            Some(_) => return,
        };
        self.in_runs = true;
        let known = (self.keys.groups_of_codes(own), own);
        for (end, code) in codes {
            self.runs.push((*end, self.keys.group_of_code(known, *code, groups)));
        }
    }

    /// Finds the groups of the block's entries, where they do not depend on users.
    fn find_groups(&mut self, groups: &mut GroupCache) {
        let (block, keys) = (&mut *self.block, self.keys);
        let mut of_entries = std::mem::take(&mut block.groups);
        of_entries.clear();
        if !keys.is_empty() && keys.single_event() {
            let missing = keys.group_of_code((keys.groups_of_codes(None), None), 0, groups);
            of_entries.resize(block.entries, missing);
            if let Some((codes, own)) = &self.scan.columns.keys[0] {
                let (known, out) = ((keys.groups_of_codes(own.as_ref()), own.as_ref()), &mut of_entries[..]);
                block.each_code(codes, |entry, code| out[entry] = keys.group_of_code(known, code, groups));
            }
        } else if !keys.is_empty() && keys.of_events_only() {
            of_entries.extend(block.details.values.iter().map(|values| groups.group(keys, *values)));
        }
        block.groups = of_entries;
    }

    /// Leaves out what is not in the range, and lays out the entries.
    fn finish(&mut self, number: usize, groups: &mut GroupCache) {
        let (scan, block) = (self.scan, &mut *self.block);
        let hits: u32 = block.any.iter().map(|word| word.count_ones()).sum();
        block.entries = 0;
        if hits == 0 {
            return;
        }
        let base = number * BLOCK;
        if self.need == Need::Counts && scan.whole {
            return self.find_runs(number, groups);
        }
        if self.need == Need::Order && scan.whole {
            // Nobody asks when they happened.
        } else if hits > TIMES_WHOLE {
            scan.times.ints.block(number, &mut block.since);
            let start = scan.times.since;
            block
                .times
                .iter_mut()
                .zip(&block.since)
                .for_each(|(time, since)| *time = start.wrapping_add(*since as i64));
        } else {
            let (mut rows, mut since) = (Vec::with_capacity(hits as usize), Vec::new());
            each(&block.any, |row| rows.push((base + row) as u32));
            scan.times.ints.gather_apart(&rows, &mut since);
            for (row, since) in rows.iter().zip(&since) {
                block.times[*row as usize - base] = scan.times.since.wrapping_add(*since as i64);
            }
        }
        if !scan.whole {
            let (range, times) = (scan.range, &block.times);
            let mut inside = block.any;
            each(&block.any, |row| {
                if times[row] < range.from || times[row] >= range.to {
                    inside[row / 64] &= !(1 << (row % 64));
                }
            });
            block.any = inside;
        }
        if self.need == Need::Counts {
            return self.find_runs(number, groups);
        }
        let hits: u32 = block.any.iter().map(|word| word.count_ones()).sum();
        block.dense = scan.fused.is_some() || hits >= DENSE;
        match scan.fused {
            Some(_) => clear_outside(block, scan.whole),
            None => lay_out(block, &self.masks, self.need == Need::Times || !scan.whole),
        }
        self.columns.of_block(&scan.columns, block, groups);
        self.find_groups(groups);
    }
}
