//! Counts of pairs of numbers, most of which are small.

mod strip;

use std::cmp::Reverse;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use strip::{FULL, LINES, Strip, WIDTH};

use crate::{Budget, Stopped};

/// How often each pair was met.
///
/// Pairs wait until there are many: then they are counted strip by strip of a large square, each of which fits into a processor's
/// cache, where pairs met one by one would each wait for memory.
#[derive(Debug, Default)]
pub(super) struct PairCounts {
    waiting: Vec<(u32, u32)>,
    /// By first number; of pairs of numbers below [`WIDTH`].
    strips: Vec<Strip>,
    /// The other pairs, and what a strip could not hold.
    rest: HashMap<(u32, u32), u64, FixedState>,
}

/// A pair, and how often it was met.
pub(super) type Counted = ((u32, u32), u64);

/// So many pairs wait.
const WAITING_MAX: usize = 4_096;

impl PairCounts {
    /// Counts a pair.
    #[inline]
    pub(super) fn add(&mut self, from: u32, to: u32) {
        self.waiting.push((from, to));
        if self.waiting.len() == WAITING_MAX {
            self.deal_out();
        }
    }

    /// Counts a pair that was met so often.
    pub(super) fn add_many(&mut self, pair: (u32, u32), count: u64) {
        if count > 0 {
            add_rest(&mut self.rest, pair, count);
        }
    }

    /// All pairs, each in one piece or several.
    pub(super) fn each(&self, mut see: impl FnMut((u32, u32), u64)) {
        self.waiting.iter().for_each(|pair| see(*pair, 1));
        self.rest.iter().for_each(|(pair, count)| see(*pair, *count));
        for (number, strip) in self.strips.iter().enumerate() {
            strip.each(|line, to, count| see(pair_of(number, line, to), count.into()));
        }
    }

    /// The memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let of_strips: usize = self.strips.iter().map(Strip::bytes).sum();
        of_strips + 8 * self.waiting.capacity() + self.rest.capacity() * (size_of::<Counted>() + 1)
    }

    /// Adds those of `from`.
    pub(super) fn merge(&mut self, mut from: Self) {
        if from.strips.len() > self.strips.len() {
            std::mem::swap(self, &mut from);
        }
        for (number, strip) in from.strips.into_iter().enumerate() {
            let rest = &mut self.rest;
            self.strips[number].merge(strip, |line, to| add_rest(rest, pair_of(number, line, to), FULL));
        }
        from.rest.into_iter().for_each(|(pair, count)| add_rest(&mut self.rest, pair, count));
        from.waiting.into_iter().for_each(|(from, to)| self.add(from, to));
    }

    /// How many pairs were met, and at least the `top` most frequent ones with all that tie with the last of them, in no order.
    pub(super) fn most_frequent(mut self, top: usize, budget: &Budget) -> Result<(u64, Vec<Counted>), Stopped> {
        if self.strips.is_empty() {
            std::mem::take(&mut self.waiting).into_iter().for_each(|pair| add_rest(&mut self.rest, pair, 1));
        } else {
            self.deal_out();
            self.count_all();
        }
        let mut most = Most { found: Vec::new(), least: 1, room: top.saturating_mul(2).max(WAITING_MAX), top };
        let mut total = 0;
        // A full count may have begun at nothing again.
        for (at, ((from, to), count)) in self.rest.iter().enumerate() {
            budget.check_at(at)?;
            let strip = self.strips.get(*from as usize / LINES);
            let more = strip.map_or(0, |strip| strip.get(*from as usize % LINES, *to));
            total += count;
            most.add((*from, *to), count + u64::from(more));
        }
        for (number, strip) in self.strips.iter().enumerate() {
            budget.check()?;
            total += strip.total(most.least.try_into().unwrap_or(u16::MAX), |line, to, count| {
                let pair = pair_of(number, line, to);
                if self.rest.is_empty() || !self.rest.contains_key(&pair) {
                    most.add(pair, count.into());
                }
            });
        }
        most.keep();
        Ok((total, most.found))
    }

    /// Deals the waiting pairs out to strips.
    fn deal_out(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        if self.strips.is_empty() {
            self.strips.resize_with(WIDTH / LINES, Strip::default);
        }
        for (from, to) in waiting.drain(..) {
            if from.max(to) as usize >= WIDTH {
                add_rest(&mut self.rest, (from, to), 1);
                continue;
            }
            let number = from as usize / LINES;
            if self.strips[number].add(from as usize % LINES, to) {
                self.count(number);
            }
        }
        self.waiting = waiting;
    }

    fn count_all(&mut self) {
        (0..self.strips.len()).for_each(|number| self.count(number));
    }

    /// Counts what waits in a strip.
    fn count(&mut self, number: usize) {
        let rest = &mut self.rest;
        self.strips[number].count(|line, to| add_rest(rest, pair_of(number, line, to), FULL));
    }
}

/// The most frequent pairs of those seen so far.
struct Most {
    found: Vec<Counted>,
    /// Less frequent ones are not among them.
    least: u64,
    /// So many fit before some are dropped.
    room: usize,
    top: usize,
}

impl Most {
    #[inline]
    fn add(&mut self, pair: (u32, u32), count: u64) {
        if count < self.least {
            return;
        }
        self.found.push((pair, count));
        if self.found.len() == self.room {
            self.keep();
            self.room = self.room.max(self.found.len().saturating_mul(2));
        }
    }

    /// Leaves the `top` most frequent ones and all that tie with the last of them.
    fn keep(&mut self) {
        let Some(last) = self.top.checked_sub(1).filter(|last| *last < self.found.len()) else { return };
        let (_, (_, least), _) = self.found.select_nth_unstable_by_key(last, |(_, count)| Reverse(*count));
        self.least = *least;
        self.found.retain(|(_, count)| *count >= self.least);
    }
}

fn pair_of(strip: usize, line: usize, to: u32) -> (u32, u32) {
    ((strip * LINES + line) as u32, to)
}

fn add_rest(rest: &mut HashMap<(u32, u32), u64, FixedState>, pair: (u32, u32), count: u64) {
    *rest.entry(pair).or_default() += count;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn all(counts: PairCounts) -> BTreeMap<(u32, u32), u64> {
        let (total, all) = counts.most_frequent(usize::MAX, &Budget::unlimited()).unwrap();
        assert_eq!(all.iter().map(|(_, count)| count).sum::<u64>(), total);
        all.into_iter().collect()
    }

    #[test]
    fn small_and_great_numbers_are_counted_and_merged() {
        let few = [(0, 1), (1, 0), (31, 32), (40, 3), (2_047, 5), (2_048, 0), (7, 4_000_000_000), (0, 1)];
        let many = (0..20_000_u32).map(|at| (at * 7 % 2_100, at % 13)).chain(few);
        for pairs in [few.to_vec(), many.collect()] {
            for split in [0, 1, pairs.len() / 3, pairs.len()] {
                let mut halves = [PairCounts::default(), PairCounts::default()];
                for (at, (from, to)) in pairs.iter().enumerate() {
                    halves[usize::from(at >= split)].add(*from, *to);
                }
                let [mut both, second] = halves;
                both.merge(second);
                let mut expected = BTreeMap::new();
                pairs.iter().for_each(|pair| *expected.entry(*pair).or_insert(0) += 1);
                assert_eq!(all(both), expected, "{split}");
            }
        }
        assert_eq!(all(PairCounts::default()), BTreeMap::new());
    }

    #[test]
    fn a_count_that_is_full_goes_on_in_the_rest() {
        let full = |more: usize| {
            let mut counts = PairCounts::default();
            counts.add(3, 4);
            counts.deal_out();
            counts.count_all();
            counts.strips[0].fill(3, 4);
            (0..more).for_each(|_| counts.add(3, 4));
            counts.deal_out();
            counts
        };
        assert_eq!(all(full(1)), BTreeMap::from([((3, 4), FULL)]));
        assert_eq!(all(full(2)), BTreeMap::from([((3, 4), FULL + 1)]));
        let mut both = full(0);
        both.merge(full(1));
        assert_eq!(all(both), BTreeMap::from([((3, 4), FULL + u64::from(u16::MAX))]));
    }

    #[test]
    fn the_most_frequent_come_with_all_that_tie() {
        let mut counts = PairCounts::default();
        for (pair, times) in [((1, 1), 5), ((1, 2), 3), ((2, 1), 3), ((9, 9), 1)] {
            (0..times).for_each(|_| counts.add(pair.0, pair.1));
        }
        let (total, mut most) = counts.most_frequent(2, &Budget::unlimited()).unwrap();
        most.sort_unstable();
        assert_eq!((total, most), (12, vec![((1, 1), 5), ((1, 2), 3), ((2, 1), 3)]));
    }
}
