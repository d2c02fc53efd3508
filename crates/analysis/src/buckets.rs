//! Stretches of time, and which of them an instant falls into.

use cairn_model::TimeMs;

/// A [`Locator`] has no more cells than this.
const CELLS_MAX: u64 = 1 << 17;

/// The buckets of a range: bucket `i` is `[starts[i], starts[i + 1])`, the last one ends at `end`.
///
/// The first and last buckets are cut to the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// The first instant of each bucket, increasing; never empty.
    pub starts: Vec<TimeMs>,
    /// The first instant after the last bucket.
    pub end: TimeMs,
    /// Each bucket's first instant in the zone, with its offset.
    pub names: Vec<String>,
}

impl Buckets {
    /// The bucket of `time`, which must lie in the range.
    pub fn of(&self, time: TimeMs) -> usize {
        self.starts.partition_point(|start| *start <= time).saturating_sub(1)
    }

    /// Bucket `at` between what comes before and after it, as one bucket each, if anything does; and the place of the former. Without
    /// `at`, all as one. They have no names.
    pub(crate) fn around(&self, at: Option<usize>) -> (Self, usize) {
        let first = self.starts.first().into_iter().copied();
        let starts = match at {
            None => first.collect(),
            Some(at) => {
                let own = self.starts.iter().skip(at).take(2).copied();
                first.take(at.min(1)).chain(own).collect()
            }
        };
        (Self { starts, end: self.end, names: Vec::new() }, at.unwrap_or(0).min(1))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never true; here because `len` is.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

/// Finds buckets of very many instants: the range is cut into cells of `2^shift` ms, so short that mostly no two buckets
/// begin in one.
#[derive(Debug)]
pub(crate) struct Locator {
    first: i64,
    shift: u32,
    /// The bucket of each cell's first instant.
    cells: Vec<u32>,
    /// Where the bucket after each begins; nothing comes after the last.
    nexts: Vec<i64>,
}

impl Locator {
    pub(crate) fn new(buckets: &Buckets) -> Self {
        let first = buckets.starts.first().map_or(0, |start| start.0);
        let last = buckets.end.0.saturating_sub(1);
        let nexts: Vec<i64> = buckets.starts.iter().skip(1).map(|start| start.0).chain([i64::MAX]).collect();
        // The first bucket may be cut short, but nothing begins before it.
        let between = nexts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let shortest = between.min().unwrap_or(i64::MAX).max(1);
        let span = last.saturating_sub(first).max(0) as u64;
        let mut shift = shortest.ilog2();
        while span >> shift >= CELLS_MAX {
            shift += 1;
        }
        let mut cells = Vec::with_capacity((span >> shift) as usize + 1);
        let mut bucket = 0;
        for cell in 0..=span >> shift {
            let start = first.saturating_add((cell << shift) as i64);
            while nexts[bucket] <= start {
                bucket += 1;
            }
            cells.push(bucket as u32);
        }
        Self { first, shift, cells, nexts }
    }

    /// The bucket of `time`; outside the range, any.
    #[inline]
    pub(crate) fn of(&self, time: i64) -> usize {
        let cell = time.wrapping_sub(self.first) as u64 >> self.shift;
        let mut at = self.cells.get(cell as usize).map_or(self.nexts.len() - 1, |bucket| *bucket as usize);
        // Without a branch: whether one begins in the cell before `time` cannot be foreseen. That a second one does is rare.
        at += usize::from(self.nexts[at] <= time);
        while self.nexts[at] <= time {
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_between_what_is_before_and_after() {
        let buckets = Buckets { starts: [0, 10, 20].map(TimeMs).to_vec(), end: TimeMs(30), names: Vec::new() };
        let around = |at| {
            let (around, place) = buckets.around(at);
            (around.starts.iter().map(|start| start.0).collect::<Vec<_>>(), around.end.0, place)
        };
        assert_eq!(around(None), (vec![0], 30, 0));
        assert_eq!(around(Some(0)), (vec![0, 10], 30, 0));
        assert_eq!(around(Some(1)), (vec![0, 10, 20], 30, 1));
        assert_eq!(around(Some(2)), (vec![0, 20], 30, 1));
    }

    #[test]
    fn instants_are_found_in_buckets_of_any_length() {
        let day = 86_400_000;
        for lengths in [
            vec![day; 91],
            vec![5, day, day - 3_600_000, day + 1_800_000, 7],
            vec![1, 1, 2, 900_000_000_000, 1, 3],
            vec![10],
        ] {
            for first in [-1_000, 0, 1_785_715_200_000] {
                let mut starts = vec![first];
                for length in &lengths[1..] {
                    starts.push(starts[starts.len() - 1] + length);
                }
                let end = starts[starts.len() - 1] + lengths[0];
                let starts: Vec<_> = starts.into_iter().map(TimeMs).collect();
                let names = vec![String::new(); starts.len()];
                let buckets = Buckets { starts, end: TimeMs(end), names };
                let locator = Locator::new(&buckets);
                let near = buckets.starts.iter().flat_map(|start| (-2..=2).map(|off| start.0 + off));
                let spread = (0..5_000).map(|step| first + (end - first) / 5_000 * step);
                for time in near.chain(spread).chain([end - 1]).filter(|time| (first..end).contains(time)) {
                    assert_eq!(locator.of(time), buckets.of(TimeMs(time)), "{time} of {lengths:?} from {first}");
                }
            }
        }
    }
}
