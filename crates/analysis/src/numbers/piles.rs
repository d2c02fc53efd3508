//! Values that each worker has put in order as far as it pays, so that little is left to do for all of them together.
//!
//! A value's bin is given by the upper bits of its key. Bins are in the order of values, whoever made them: so the bin that a
//! percentile is in follows from counts, and only that bin's values are looked at.

use super::{
    Seen,
    exact::ExactSum,
    stat::{Key, Known, Stat, rank},
};
use crate::{Budget, Stopped, Totals};

/// With more cells than this, or more bins in all of them, values are left as they are.
const CELLS_MAX: usize = 4_096;
const ENDS_MAX: usize = 256 << 10;
/// Of so many keys, rising, one bin is made.
const BIN_BITS: u32 = 48;
/// After so many values the clock is looked at.
const STEP: usize = 4_096;
/// So many marks are looked at together.
const WORD: usize = 16;
/// There can be no more bins.
const BINS: usize = 1 << (64 - BIN_BITS);

/// Values by cell, and within each by bin. The cell of a group and a bucket is `group * buckets + bucket`.
#[derive(Debug)]
pub(super) struct Pile {
    values: Vec<Key>,
    /// The bins that there are values in, rising.
    bins: Vec<u16>,
    /// Of each cell, where the values of each bin end.
    ends: Vec<u32>,
    /// Of each cell.
    sums: Vec<ExactSum>,
    /// Values that are no numbers.
    skipped: u64,
}

impl Pile {
    /// Of some values, which are given back if they are of too many groups, buckets and bins.
    pub(super) fn new(
        (mut seen, mut marks): (Vec<Seen>, Marks),
        buckets: usize,
        budget: &Budget,
    ) -> Result<Result<Self, Vec<Seen>>, Stopped> {
        for at in (STEP..=seen.len().next_multiple_of(STEP)).step_by(STEP) {
            budget.check()?;
            marks.mark(&seen[..at.min(seen.len())]);
        }
        let cells = marks.groups.saturating_mul(buckets);
        let (bins, place_of) = marks.bins();
        let width = bins.len();
        if cells > CELLS_MAX || cells * width > ENDS_MAX || u32::try_from(seen.len()).is_err() {
            return Ok(Err(seen));
        }
        let all = seen.len();
        if marks.any_missing {
            seen.retain(|seen| !seen.number.is_nan());
        }
        let (mut places, mut next) = (vec![0_u32; seen.len()], vec![0_u32; cells * width + 1]);
        for (seen, places) in seen.chunks(STEP).zip(places.chunks_mut(STEP)) {
            budget.check()?;
            for (seen, place) in seen.iter().zip(places) {
                let cell = seen.group as usize * buckets + seen.bucket as usize;
                let at = cell * width + usize::from(place_of[bin(Key::of(seen.number))]);
                *place = at as u32;
                next[at + 1] += 1;
            }
        }
        (1..next.len()).for_each(|at| next[at] += next[at - 1]);
        let mut values = vec![Key::of(0.0); seen.len()];
        for (seen, places) in seen.chunks(STEP).zip(places.chunks(STEP)) {
            budget.check()?;
            for (seen, place) in seen.iter().zip(places) {
                let at = &mut next[*place as usize];
                values[*at as usize] = Key::of(seen.number);
                *at += 1;
            }
        }
        // Where the next value of a bin would be is its end.
        next.truncate(cells * width);
        let skipped = (all - seen.len()) as u64;
        Ok(Ok(Self { values, bins, ends: next, sums: vec![ExactSum::default(); cells], skipped }))
    }

    /// Adds up what is asked for.
    pub(super) fn sum_up(&mut self, stat: Stat, budget: &Budget) -> Result<(), Stopped> {
        if stat.sums() {
            for cell in 0..self.sums.len() {
                budget.check()?;
                let mut sum = ExactSum::default();
                // What is in one bin has one sign and one exponent.
                self.each_bin(cell, |_, range| sum.add_alike(self.values[range].iter().map(|value| value.number())));
                self.sums[cell] = sum;
            }
        }
        Ok(())
    }

    /// Back to what it was made of, but for the group and the bucket of what is no number.
    pub(super) fn spread(&self, buckets: usize) -> impl Iterator<Item = Seen> {
        let skipped = Seen { group: 0, bucket: 0, number: f64::NAN };
        let skipped = std::iter::repeat_n(skipped, self.skipped as usize);
        let numbers = (0..self.sums.len()).flat_map(move |cell| {
            let (group, bucket) = ((cell / buckets) as u32, (cell % buckets) as u32);
            self.values[self.range(cell)].iter().map(move |value| Seen { group, bucket, number: value.number() })
        });
        numbers.chain(skipped)
    }

    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many values it was made of.
    pub(super) fn len(&self) -> usize {
        self.values.len() + self.skipped as usize
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        8 * self.values.len() + 4 * self.ends.len() + size_of::<ExactSum>() * self.sums.len()
    }

    /// The places of a cell's values.
    fn range(&self, cell: usize) -> std::ops::Range<usize> {
        let end = |cell: usize| (cell * self.bins.len()).checked_sub(1).map_or(0, |last| self.ends[last] as usize);
        end(cell)..end(cell + 1)
    }

    /// Calls `see` with each bin of a cell, by its number, and the places of its values.
    fn each_bin(&self, cell: usize, mut see: impl FnMut(u16, std::ops::Range<usize>)) {
        let mut start = self.range(cell).start;
        let ends = &self.ends[cell * self.bins.len()..(cell + 1) * self.bins.len()];
        for (bin, end) in self.bins.iter().zip(ends) {
            see(*bin, start..*end as usize);
            start = *end as usize;
        }
    }
}

#[inline(always)]
fn bin(key: Key) -> usize {
    (key.upper(BIN_BITS) + (BINS / 2) as i64) as usize
}

/// Which groups and bins some values are in.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// How many values have been looked at.
    marked: usize,
    /// Groups have numbers below this.
    groups: usize,
    /// Of each bin, whether a value is in it; empty before the first.
    bins: Vec<u8>,
    /// Some values are no numbers.
    any_missing: bool,
}

impl Marks {
    /// Looks at those values that are new.
    pub(super) fn mark(&mut self, seen: &[Seen]) {
        let new = &seen[self.marked.min(seen.len())..];
        self.bins.resize(BINS, 0);
        let (mut groups, mut any_missing) = (0, false);
        for seen in new {
            // That of what is no number is as good as any.
            self.bins[bin(Key::of(seen.number))] = 1;
            groups = groups.max(seen.group + 1);
            any_missing |= seen.number.is_nan();
        }
        self.marked = self.marked.max(seen.len());
        self.groups = self.groups.max(groups as usize);
        self.any_missing |= any_missing;
    }

    /// The bins that values are in, rising, and of each bin its place among them.
    fn bins(&self) -> (Vec<u16>, Vec<u16>) {
        let mut places = vec![0; BINS];
        let mut bins = Vec::new();
        for (word, marks) in self.bins.chunks(WORD).enumerate().filter(|(_, marks)| **marks != [0; WORD]) {
            for (at, _) in marks.iter().enumerate().filter(|(_, mark)| **mark != 0) {
                let bin = word * WORD + at;
                places[bin] = bins.len() as u16;
                bins.push(bin as u16);
            }
        }
        (bins, places)
    }
}

/// The values of all workers.
pub(super) struct Piles {
    piles: Vec<Pile>,
    buckets: usize,
    groups: usize,
}

/// Space to find percentiles in.
#[derive(Default)]
struct Space {
    /// How many values each bin has, and the bins that have any, rising.
    counts: Vec<u32>,
    bins: Vec<u16>,
    values: Vec<Key>,
}

impl Piles {
    pub(super) fn new(piles: Vec<Pile>, buckets: usize) -> Self {
        let cells = piles.iter().map(|pile| pile.sums.len()).max().unwrap_or(0);
        Self { piles, buckets, groups: cells / buckets }
    }

    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// Whether a line has values.
    pub(super) fn has(&self, line: usize, line_of: &[usize]) -> bool {
        let groups = (0..self.groups).filter(|group| line_of[*group] == line);
        let mut cells = groups.flat_map(|group| group * self.buckets..(group + 1) * self.buckets);
        cells.any(|cell| self.cells(std::iter::once(cell)).any(|(pile, cell)| !pile.range(cell).is_empty()))
    }

    /// The groups that have values, with the order of what `stat` makes of all of them.
    pub(super) fn orders(&self, stat: Stat, budget: &Budget) -> Result<Vec<(u32, u64)>, Stopped> {
        let mut space = self.space();
        let mut orders = Vec::new();
        for group in 0..self.groups {
            budget.check()?;
            let known = self.known(stat, group * self.buckets..(group + 1) * self.buckets, &mut space);
            if known.count > 0 {
                orders.push((group as u32, stat.number(&known).order()));
            }
        }
        Ok(orders)
    }

    /// What `stat` makes of each line, and of all together; `line_of` tells the line of each group.
    pub(super) fn totals(
        &self,
        stat: Stat,
        (lines, line_of): (usize, &[usize]),
        budget: &Budget,
    ) -> Result<(Vec<Totals>, Totals), Stopped> {
        let mut space = self.space();
        let mut totals = |groups: &[usize]| {
            let cells = |buckets: std::ops::Range<usize>| {
                let of_group = move |group: &usize| group * self.buckets..(group + 1) * self.buckets;
                let inside = move |all: std::ops::Range<usize>| all.start + buckets.start..all.start + buckets.end;
                groups.iter().map(of_group).flat_map(inside)
            };
            let mut values = Vec::with_capacity(self.buckets);
            for bucket in 0..self.buckets {
                budget.check()?;
                values.push(stat.number(&self.known(stat, cells(bucket..bucket + 1), &mut space)));
            }
            let total = stat.number(&self.known(stat, cells(0..self.buckets), &mut space));
            Ok(Totals { values, total, trailing: Vec::new() })
        };
        let all: Vec<usize> = (0..self.groups).collect();
        if lines == 1 && self.groups == 1 {
            let total: Totals = totals(&all)?;
            return Ok((vec![total.clone()], total));
        }
        let of_line = |line: usize| all.iter().copied().filter(|group| line_of[*group] == line).collect::<Vec<_>>();
        let of_lines = (0..lines).map(|line| totals(&of_line(line))).collect::<Result<_, Stopped>>()?;
        Ok((of_lines, totals(&all)?))
    }

    fn space(&self) -> Space {
        let mut bins: Vec<u16> = self.piles.iter().flat_map(|pile| pile.bins.iter().copied()).collect();
        bins.sort_unstable();
        bins.dedup();
        Space { counts: vec![0; BINS], bins, values: Vec::new() }
    }

    /// Of each pile that has them, some cells.
    fn cells(&self, cells: impl Iterator<Item = usize> + Clone) -> impl Iterator<Item = (&Pile, usize)> {
        self.piles.iter().flat_map(move |pile| {
            let cells = cells.clone().filter(|cell| *cell < pile.sums.len());
            cells.map(move |cell| (pile, cell))
        })
    }

    /// What `stat` asks for of some cells.
    fn known(&self, stat: Stat, cells: impl Iterator<Item = usize> + Clone, space: &mut Space) -> Known {
        let mut known = Known::default();
        let counted = space.bins.iter().map(|bin| usize::from(*bin));
        counted.for_each(|bin| space.counts[bin] = 0);
        for (pile, cell) in self.cells(cells.clone()) {
            known.count += pile.range(cell).len() as u64;
            known.add_sum(&pile.sums[cell]);
            pile.each_bin(cell, |bin, range| space.counts[usize::from(bin)] += range.len() as u32);
        }
        if known.count > 0 {
            let count = known.count as usize;
            let mut at = |place: usize| self.value_at(place, cells.clone(), space);
            known.set_percentiles(stat.percentiles().iter().map(|p| at(rank(count, *p))));
            if stat.asks_for_extremes() {
                known.set_extremes(at(0), at(count - 1));
            }
        }
        known
    }

    /// The value that has so many before it, in order, of some cells whose bins are counted.
    fn value_at(&self, mut place: usize, cells: impl Iterator<Item = usize> + Clone, space: &mut Space) -> Key {
        let Space { counts, bins, values } = space;
        let found = bins.iter().find(|bin| {
            let count = counts[usize::from(**bin)] as usize;
            let inside = place < count;
            place -= if inside { 0 } else { count };
            inside
        });
        let Some(found) = found else { return Key::of(0.0) };
        values.clear();
        for (pile, cell) in self.cells(cells) {
            if let Ok(at) = pile.bins.binary_search(found) {
                let end = |at: usize| pile.ends[cell * pile.bins.len() + at] as usize;
                let start = if at == 0 { pile.range(cell).start } else { end(at - 1) };
                values.extend_from_slice(&pile.values[start..end(at)]);
            }
        }
        *values.select_nth_unstable(place).1
    }
}
