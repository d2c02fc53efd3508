//! Counts of pairs of numbers, most of which are small.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// How often each pair was met.
#[derive(Debug, Default)]
pub(super) struct PairCounts {
    /// Numbers below this are counted in `cells`, line by line.
    side: usize,
    cells: Vec<u64>,
    /// The others.
    rest: HashMap<(u32, u32), u64, FixedState>,
}

/// The most cells in a line: 8 MiB of them.
const SIDE_MAX: usize = 1 << 10;
/// The fewest.
const SIDE_MIN: usize = 1 << 5;

impl PairCounts {
    /// Counts a pair.
    #[inline]
    pub(super) fn add(&mut self, from: u32, to: u32) {
        self.add_many((from, to), 1);
    }

    #[inline]
    fn add_many(&mut self, (from, to): (u32, u32), count: u64) {
        let (line, cell) = (from as usize, to as usize);
        if line.max(cell) < self.side {
            self.cells[line * self.side + cell] += count;
        } else {
            self.add_beyond((from, to), count);
        }
    }

    #[cold]
    fn add_beyond(&mut self, pair: (u32, u32), count: u64) {
        let greatest = pair.0.max(pair.1) as usize;
        if greatest >= SIDE_MAX {
            *self.rest.entry(pair).or_default() += count;
            return;
        }
        self.grow((greatest + 1).next_power_of_two().max(SIDE_MIN));
        self.add_many(pair, count);
    }

    fn grow(&mut self, side: usize) {
        let mut cells = vec![0; side * side];
        for (line, counts) in self.cells.chunks_exact(self.side.max(1)).enumerate() {
            cells[line * side..line * side + self.side].copy_from_slice(counts);
        }
        (self.side, self.cells) = (side, cells);
    }

    /// Adds those of `from`.
    pub(super) fn merge(&mut self, mut from: Self) {
        if from.side > self.side {
            std::mem::swap(self, &mut from);
        }
        for (line, counts) in from.cells.chunks_exact(from.side.max(1)).enumerate() {
            let own = &mut self.cells[line * self.side..line * self.side + from.side];
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
        }
        from.rest.into_iter().for_each(|(pair, count)| *self.rest.entry(pair).or_default() += count);
    }

    /// The pairs that were met, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = ((u32, u32), u64)> {
        let pair = |at: usize| ((at / self.side) as u32, (at % self.side) as u32);
        let cells =
            self.cells.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(at, count)| (pair(at), *count));
        cells.chain(self.rest.iter().map(|(pair, count)| (*pair, *count)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn small_and_great_numbers_are_counted_and_merged() {
        let pairs = [(0, 1), (1, 0), (31, 32), (40, 3), (1_023, 5), (1_024, 0), (7, 4_000_000_000), (0, 1)];
        for split in 0..pairs.len() {
            let mut halves = [PairCounts::default(), PairCounts::default()];
            for (at, (from, to)) in pairs.iter().enumerate() {
                halves[usize::from(at >= split)].add(*from, *to);
            }
            let [mut all, second] = halves;
            all.merge(second);
            let mut expected = BTreeMap::new();
            pairs.iter().for_each(|pair| *expected.entry(*pair).or_insert(0) += 1);
            assert_eq!(all.all().collect::<BTreeMap<_, _>>(), expected, "{split}");
        }
        assert_eq!(PairCounts::default().all().count(), 0);
    }
}
