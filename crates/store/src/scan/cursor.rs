//! Walking a part's hits, user by user, block by block.

use cairn_analysis::{GroupId, Kernel, Places, Rows, StoreError, ValueId};

use super::{
    KEYS,
    block::{Block, DENSE, clear_outside, each, lay_out, mask_of},
    keys::{BoundKey, GroupCache, Keys},
    snapshot::Range,
};
use crate::{
    ints::{BLOCK, Ints, lookup},
    part::{Part, PartCodes, Times, lower_bound},
    predicate::{Meaning, Node, RowCodes, Spans},
};

/// From so many hits in a block on, all its times are decoded.
const TIMES_WHOLE: u32 = 12;

/// A part, bound to a question.
pub(crate) struct PartScan<'a> {
    pub(super) source: u32,
    pub(super) part: &'a Part,
    pub(super) users: Ints<'a, u32>,
    pub(super) starts: Ints<'a, u32>,
    pub(super) times: Times<'a>,
    pub(super) nodes: Vec<Node<'a>>,
    /// Where all of the question's events look at one column only: its codes, and the events by code.
    fused: Option<(Ints<'a, u32>, Vec<u32>)>,
    pub(super) keys: Vec<BoundKey<'a>>,
    range: Range,
    /// The range holds all of the part.
    whole: bool,
}

impl<'a> PartScan<'a> {
    /// `None` where the part has nothing for the question.
    pub(super) fn new(
        (source, part): (u32, &'a Part),
        meanings: &'a [Meaning],
        keys: &Keys<'_>,
        range: Range,
    ) -> Result<Option<Self>, StoreError> {
        let (first, last) = part.times_span();
        if first >= range.to || last < range.from {
            return Ok(None);
        }
        let nodes = meanings.iter().map(|meaning| Node::of_part(meaning, part)).collect::<Result<Vec<_>, _>>()?;
        if nodes.iter().all(|node| matches!(node, Node::Always(false))) {
            return Ok(None);
        }
        Ok(Some(Self {
            source,
            part,
            users: part.users()?,
            starts: part.starts()?,
            times: part.times()?,
            fused: fused(&nodes),
            nodes,
            keys: keys.of_part(part)?,
            range,
            whole: range.from <= first && last < range.to,
        }))
    }

    /// Whether a row is a hit, and of which of the question's events.
    pub(super) fn matches(&self, row: usize, user: u32) -> u32 {
        let time = self.times.get(row);
        if time < self.range.from || time >= self.range.to {
            return 0;
        }
        self.nodes.iter().enumerate().fold(0, |bits, (at, node)| bits | u32::from(node.holds(row, user)) << at)
    }
}

/// The table of a question that looks at one column only.
fn fused<'a>(nodes: &[Node<'a>]) -> Option<(Ints<'a, u32>, Vec<u32>)> {
    let mut found: Option<(Ints<'a, u32>, Vec<u32>)> = None;
    for (at, node) in nodes.iter().enumerate() {
        let Node::Codes(RowCodes::Part(PartCodes { ints, .. }), truth) = node else {
            return None;
        };
        let (known, table) = found.get_or_insert_with(|| (*ints, Vec::new()));
        if !known.same_as(ints) || truth.codes > BLOCK {
            return None;
        }
        table.resize(table.len().max(truth.codes), 0);
        (0..truth.codes).for_each(|code| table[code] |= u32::from(truth.of(code as u32)) << at);
    }
    found.filter(|_| nodes.len() > 1)
}

/// A walk over a range of users of a part.
pub(super) struct Cursor<'a, 's> {
    pub(super) scan: &'s PartScan<'a>,
    keys: &'s Keys<'s>,
    /// Only the number of hits matters.
    counts: bool,
    users: Vec<u32>,
    /// The first row of each, and the end of the last.
    starts: Vec<u32>,
    /// The next user, and the next row.
    at: usize,
    row: usize,
    block: Box<Block>,
    /// Of the block in hand, which rows match each of the question's events.
    masks: Vec<lookup::Mask>,
    /// Of the block in hand, if its single key comes in runs: the end of each within the block, and its group.
    runs: Option<Vec<(u32, GroupId)>>,
    /// The run of the next row.
    run: usize,
    run_space: Vec<(u32, u32)>,
}

impl<'a, 's> Cursor<'a, 's> {
    /// Over the users `first..=last`.
    pub(super) fn new(scan: &'s PartScan<'a>, keys: &'s Keys<'s>, counts: bool, (first, last): (u32, u32)) -> Self {
        let from = lower_bound(&scan.users, first);
        let to = if last == u32::MAX { scan.users.len() } else { lower_bound(&scan.users, last + 1) };
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        scan.users.read(from..to.max(from), &mut users);
        scan.starts.read(from..to.max(from) + 1, &mut starts);
        let row = starts.first().copied().unwrap_or(0) as usize;
        let masks = vec![[0; BLOCK / 64]; scan.nodes.len()];
        let (block, run_space) = (Block::new(), Vec::new());
        Self { scan, keys, counts, users, starts, at: 0, row, block, masks, runs: None, run: 0, run_space }
    }

    /// Goes to the next user with a hit.
    pub(super) fn user(&mut self, groups: &mut GroupCache) -> Option<u32> {
        let end = *self.starts.last()? as usize;
        while self.row < end {
            let number = self.row / BLOCK;
            if number != self.block.number {
                self.load(number, groups);
            }
            match self.block.next_hit(self.row % BLOCK) {
                Some(hit) => {
                    self.row = number * BLOCK + hit;
                    while (self.starts[self.at + 1] as usize) <= self.row {
                        self.at += 1;
                    }
                    return Some(self.users[self.at]);
                }
                None => self.row = (number + 1) * BLOCK,
            }
        }
        None
    }

    /// Passes the user in hand.
    pub(super) fn skip(&mut self) {
        self.row = self.starts[self.at + 1] as usize;
    }

    /// Hands the rows of the user in hand to `see`, piece by piece; then passes the user.
    pub(super) fn take(&mut self, groups: &mut GroupCache, see: &mut dyn FnMut(&Rows<'_>)) {
        let end = self.starts[self.at + 1] as usize;
        let user = self.users[self.at];
        let mut of_entries: Vec<GroupId> = Vec::new();
        while self.row < end {
            let number = self.row / BLOCK;
            if number != self.block.number {
                self.load(number, groups);
            }
            let base = number * BLOCK;
            let stop = end.min(base + BLOCK);
            let entries = self.block.take(self.row - base, stop - base);
            if !entries.is_empty() {
                of_entries.clear();
                if !self.keys.is_empty() {
                    let values = &self.block.values;
                    of_entries.extend(entries.clone().map(|entry| {
                        let mut of_entry = values.get(entry).copied().unwrap_or_default();
                        self.keys.add_user_values(user, &mut of_entry);
                        groups.group(self.keys, of_entry)
                    }));
                }
                let block = &self.block;
                let mut places = Vec::new();
                if !block.dense {
                    let rows = block.rows[entries.clone()].iter();
                    places.extend(rows.map(|row| (self.scan.source, base as u32 + row)));
                }
                see(&Rows {
                    times: &block.times[entries.clone()],
                    matches: &block.matches[entries.clone()],
                    groups: &of_entries,
                    places: match block.dense {
                        true => Places::From(self.scan.source, (base + entries.start) as u32),
                        false => Places::Each(&places),
                    },
                });
            }
            self.row = stop;
        }
    }

    /// Counts the hits of the user in hand by group; then passes the user.
    pub(super) fn count<K: Kernel>(&mut self, kernel: &K, partial: &mut K::Partial, groups: &mut GroupCache) {
        let end = self.starts[self.at + 1] as usize;
        let user = self.users[self.at];
        let of_user = self.keys.of_users_only().then(|| {
            let mut values = Default::default();
            self.keys.add_user_values(user, &mut values);
            groups.group(self.keys, values)
        });
        while self.row < end {
            let number = self.row / BLOCK;
            if number != self.block.number {
                self.load(number, groups);
            }
            let base = number * BLOCK;
            let stop = end.min(base + BLOCK);
            let (from, to) = (self.row - base, stop - base);
            match (of_user, &self.runs) {
                (Some(group), _) => {
                    let count = self.block.count(from, to);
                    if count > 0 {
                        kernel.push_many(partial, group, count);
                    }
                }
                (None, Some(_)) => self.count_runs(kernel, partial, (from, to)),
                (None, None) => self.count_rows(kernel, partial, groups, (from, to)),
            }
            self.row = stop;
        }
    }

    fn count_runs<K: Kernel>(&mut self, kernel: &K, partial: &mut K::Partial, (mut from, to): (usize, usize)) {
        let runs = self.runs.as_deref().unwrap_or_default();
        while let Some((end, group)) = runs.get(self.run) {
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
        (from, to): (usize, usize),
    ) {
        let (user, base) = (self.users[self.at], self.block.number * BLOCK);
        let mut hit = self.block.next_hit(from);
        while let Some(row) = hit.filter(|row| *row < to) {
            let mut values = self.keys.event_values(&self.scan.keys, base + row);
            self.keys.add_user_values(user, &mut values);
            kernel.push_many(partial, groups.group(self.keys, values), 1);
            hit = self.block.next_hit(row + 1);
        }
    }

    /// Finds the hits of a block.
    fn load(&mut self, number: usize, groups: &mut GroupCache) {
        let base = number * BLOCK;
        let first = self.starts.first().copied().unwrap_or(0) as usize;
        let last = self.starts.last().copied().unwrap_or(0) as usize;
        let block = &mut *self.block;
        let active = mask_of(first.clamp(base, base + BLOCK) - base, last.clamp(base, base + BLOCK) - base);
        (block.number, block.next) = (number, 0);
        if let Some((codes, table)) = &self.scan.fused {
            let mut decoded = [0; BLOCK];
            let rows = codes.block(number, &mut decoded);
            lookup::map(&decoded[..rows], table, &mut block.matches[..rows]);
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
        (self.runs, self.run) = (None, 0);
        if !self.keys.single_event() {
            return;
        }
        let space = &mut self.run_space;
        space.clear();
        let (in_runs, own) = match &self.scan.keys[0] {
            None => {
                space.push((BLOCK as u32, 0));
                (true, None)
            }
            Some((RowCodes::Part(codes), own)) => (codes.runs(number, space), own.as_ref()),
            Some((RowCodes::Tail(_), _)) => (false, None),
        };
        if in_runs {
            let group = |code: u32| {
                let mut values = [ValueId(0); KEYS];
                values[0] = self.keys.value(0, own, code);
                groups.group(self.keys, values)
            };
            let mut group = group;
            self.runs = Some(space.iter().map(|(end, code)| (*end, group(*code))).collect());
        }
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
        if self.counts && scan.whole {
            return self.find_runs(number, groups);
        }
        if hits > TIMES_WHOLE {
            let mut since = [0_u64; BLOCK];
            scan.times.ints.block(number, &mut since);
            let start = scan.times.since;
            block.times.iter_mut().zip(&since).for_each(|(time, since)| *time = start.wrapping_add(*since as i64));
        } else {
            let (any, times) = (block.any, &mut block.times);
            each(&any, |row| times[row] = scan.times.get(base + row));
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
        if self.counts {
            return self.find_runs(number, groups);
        }
        let hits: u32 = block.any.iter().map(|word| word.count_ones()).sum();
        block.dense = scan.fused.is_some() || hits >= DENSE;
        match scan.fused {
            Some(_) => clear_outside(block, scan.whole),
            None => lay_out(block, &self.masks),
        }
        block.values.clear();
        if !self.keys.is_empty() && !self.keys.of_users_only() {
            let row_of = |entry: usize| base + if block.dense { entry } else { block.rows[entry] as usize };
            let values = (0..block.entries).map(|entry| match block.matches[entry] {
                0 => Default::default(),
                _ => self.keys.event_values(&scan.keys, row_of(entry)),
            });
            block.values = values.collect();
        }
    }
}
