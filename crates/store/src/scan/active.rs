//! When users are active, where nothing else matters: sources are run one by one, and what is known of each user of a range
//! stands side by side.

use std::ops::{Range, RangeInclusive};

use cairn_analysis::{Active, Intervals, Kernel, Second, StoreError};

use super::{
    block::mask_of,
    bound::PartScan,
    cuts::PartCuts,
    keys::GroupCache,
    list::{List, ListWalk},
    person::group_of,
    run::Scans,
    share::merge_all,
};
use crate::{
    bits,
    ints::{BLOCK, lookup::Mask},
    part::lower_bound,
    predicate::Spans,
};

/// What is known of the users of one range takes no more, in bytes.
const BYTES_MAX: usize = 16 << 20;
/// After so many blocks the clock is looked at.
const LOOK_BLOCKS: usize = 64;

impl Scans<'_> {
    /// Whether a kernel that asks for no more can be run so.
    pub(super) fn can_run_active(&self, intervals: &Intervals, ranges: &[(u32, u32)]) -> bool {
        let widest = ranges.iter().map(|range| self.users_of(*range)).max().unwrap_or(0);
        let in_order = self.apart || intervals.second() != Second::Other;
        in_order && self.snapshot.columns.keys.of_users_only() && widest * size_of::<Active>() <= BYTES_MAX
    }

    /// How many user numbers a range has.
    fn users_of(&self, (first, last): (u32, u32)) -> usize {
        (last.min(self.snapshot.users.saturating_sub(1)) as usize + 1).saturating_sub(first as usize)
    }

    /// Tells `kernel` of each user when they are active.
    pub(super) fn run_active<K: Kernel>(
        &self,
        kernel: &K,
        intervals: &Intervals,
        ranges: &[(u32, u32)],
        persons: &[RangeInclusive<u32>],
    ) -> Result<K::Partial, StoreError> {
        let threads = rayon::current_num_threads();
        let cuts = self.parts.iter().map(|scan| PartCuts::of(self.snapshot, scan, intervals, threads));
        let cuts = cuts.collect::<Result<Vec<_>, _>>()?;
        merge_all((kernel, self.snapshot), ranges.len() + persons.len(), threads, |task, partial| {
            match ranges.get(task) {
                Some(range) => self.active(kernel, partial, (intervals, &cuts), *range),
                None => self.persons(kernel, partial, persons[task - ranges.len()].clone()),
            }
        })
    }

    fn active<K: Kernel>(
        &self,
        kernel: &K,
        mut partial: K::Partial,
        (intervals, cuts): (&Intervals, &[PartCuts]),
        (first, last): (u32, u32),
    ) -> Result<K::Partial, StoreError> {
        let (columns, special) = (&self.snapshot.columns, &self.snapshot.special);
        let mut known =
            Known { users: vec![Active::default(); self.users_of((first, last))], first, second: intervals.second() };
        let mut held = self.snapshot.budget.hold();
        held.set(size_of_val(&known.users[..]));
        for (scan, cuts) in self.parts.iter().zip(cuts) {
            known.add_part(scan, cuts, last)?;
        }
        let found = self.found.list((first, last), columns, &List::default(), &mut |_, _| {});
        for list in [&found, &self.snapshot.tails] {
            self.snapshot.budget.check()?;
            known.add_list(list, intervals, last);
        }
        let mut groups = GroupCache::default();
        for (user, active) in (first..).zip(&known.users).filter(|(_, active)| !active.is_empty()) {
            if !special.contains(user) {
                let group = group_of(&columns.keys, &mut groups, user, Default::default());
                kernel.push_active(&mut partial, active, group);
            }
        }
        Ok(partial)
    }
}

/// What is known of the users of a range.
struct Known {
    /// From `first` on.
    users: Vec<Active>,
    first: u32,
    second: Second,
}

impl Known {
    /// What more is known of a user. What was known before is of earlier events, or order does not matter.
    #[inline]
    fn add(&mut self, user: u32, new: &Active) {
        let Some(active) = self.users.get_mut((user - self.first) as usize) else { return };
        let seconds = if self.second == Second::Same { new.first } else { new.second };
        active.after |= new.after | active.first & seconds;
        active.first |= new.first;
        active.second |= new.second;
    }

    fn add_part(&mut self, scan: &PartScan<'_>, part: &PartCuts, last: u32) -> Result<(), StoreError> {
        let from = lower_bound(&scan.users, self.first);
        let to = if last == u32::MAX { scan.users.len() } else { lower_bound(&scan.users, last + 1) };
        if from >= to {
            return Ok(());
        }
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        scan.users.read(from..to, &mut users);
        scan.starts.read(from..to + 1, &mut starts);
        let rows = starts[0] as usize..starts[to - from] as usize;
        let spans = Spans { users: &users, starts: &starts };
        let hits = Hits::of(scan, 0, rows.clone(), spans)?;
        let seconds = (self.second == Second::Other).then(|| Hits::of(scan, 1, rows.clone(), spans)).transpose()?;
        let first = part.cuts.at(rows.start);
        let mut pieces = part.cuts.ends[first..].iter().zip(&part.cuts.after[first..]);
        let mut from = hits.rank(rows.start);
        for (user, rows) in users.iter().zip(starts.windows(2)) {
            let (mut row, mut active) = (rows[0], Active::default());
            while row < rows[1] {
                let Some((stop, after)) = pieces.next() else { break };
                let bit = part.bits[usize::from(*after)];
                let to = hits.rank(*stop as usize);
                let (any, more) = (to - from > 0, to - from > 1);
                active.first |= if any { bit } else { 0 };
                match &seconds {
                    None => active.after |= if more { bit } else { 0 },
                    Some(seconds) => {
                        let of_second = |from: usize| seconds.rank(from) < seconds.rank(*stop as usize);
                        active.second |= if of_second(row as usize) { bit } else { 0 };
                        let after = any && of_second(hits.first(row as usize) + 1);
                        active.after |= if after { bit } else { 0 };
                    }
                }
                (row, from) = (*stop, to);
            }
            self.add(*user, &active);
        }
        Ok(())
    }

    fn add_list(&mut self, list: &List, intervals: &Intervals, last: u32) {
        let mut walk = ListWalk::new(list, self.first, last);
        while let Some(user) = walk.user() {
            for at in walk.take() {
                let bit = 1 << intervals.of(list.times[at]);
                let of = |event: u32| if list.matches[at] >> event & 1 == 1 { bit } else { 0 };
                let second = if self.second == Second::Other { of(1) } else { 0 };
                self.add(user, &Active { first: of(0), second, after: 0 });
            }
        }
    }
}

/// Which rows match one of the question's events, from a block on.
struct Hits {
    words: Vec<u64>,
    /// How many there are before each word.
    before: Vec<u32>,
    base: usize,
}

impl Hits {
    fn of(scan: &PartScan<'_>, event: usize, rows: Range<usize>, spans: Spans<'_>) -> Result<Self, StoreError> {
        let (first, last) = (rows.start / BLOCK, rows.end.div_ceil(BLOCK));
        let count = (last - first) * BLOCK / 64;
        let mut words = Vec::with_capacity(count + 1);
        let mut mask: Mask = [0; BLOCK / 64];
        for number in first..last {
            if number.is_multiple_of(LOOK_BLOCKS) {
                scan.budget.look(0);
                scan.budget.check()?;
            }
            let base = number * BLOCK;
            let within = |row: usize| row.clamp(base, base + BLOCK) - base;
            scan.nodes[event].mask(number, spans, &mask_of(within(rows.start), within(rows.end)), &mut mask);
            words.extend_from_slice(&mask);
        }
        words.push(0);
        Ok(Self { before: bits::before(&words).collect(), words, base: first * BLOCK })
    }

    /// How many there are before a row, which is one of the rows or the one after them.
    #[inline]
    fn rank(&self, row: usize) -> u32 {
        let at = row - self.base;
        self.before[at / 64] + bits::below(self.words[at / 64], at % 64)
    }

    /// The first from a row on; there is one.
    fn first(&self, row: usize) -> usize {
        let at = row - self.base;
        let mut word = at / 64;
        let mut bits = self.words[word] & (u64::MAX << (at % 64));
        while bits == 0 && word + 1 < self.words.len() {
            word += 1;
            bits = self.words[word];
        }
        self.base + word * 64 + bits.trailing_zeros() as usize
    }
}
