//! How many took how long.

use super::lap::Lap;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Where bins begin, in milliseconds: each but the first at no less than twice the one before.
const EDGES_MS: [u64; 23] = [
    0,
    SECOND_MS,
    2 * SECOND_MS,
    5 * SECOND_MS,
    10 * SECOND_MS,
    30 * SECOND_MS,
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    30 * DAY_MS,
    60 * DAY_MS,
    120 * DAY_MS,
    240 * DAY_MS,
];

/// The bins of times up to a window.
#[derive(Debug)]
pub(crate) struct Bins {
    edges_ms: Vec<u64>,
    /// By the binary digits of a time: the bin of the least such time. At most one bin begins among the others of as many digits.
    by_digits: [u8; u64::BITS as usize + 1],
}

impl Bins {
    pub(crate) fn new(window_ms: i64) -> Self {
        let window_ms = window_ms.max(1) as u64;
        let begins = EDGES_MS.into_iter().filter(|edge| *edge < window_ms);
        let edges_ms: Vec<u64> = begins.chain([window_ms]).collect();
        let last = edges_ms.len() - 2;
        let by_digits = std::array::from_fn(|digits| {
            let least = if digits == 0 { 0 } else { 1 << (digits - 1) };
            edges_ms[..=last].partition_point(|edge| *edge <= least) as u8 - 1
        });
        Self { edges_ms, by_digits }
    }

    /// Where each bin begins, and the end of the last one.
    pub(super) fn edges_ms(&self) -> &[u64] {
        &self.edges_ms
    }

    /// How many bins there are.
    pub(crate) fn len(&self) -> usize {
        self.edges_ms.len() - 1
    }

    #[inline]
    fn of(&self, ms: u64) -> usize {
        let bin = usize::from(self.by_digits[(u64::BITS - ms.leading_zeros()) as usize]);
        (bin + usize::from(self.edges_ms[bin + 1] <= ms)).min(self.len() - 1)
    }

    /// How many of the laps fall into each bin.
    pub(super) fn count(&self, laps: &[Lap]) -> Vec<u64> {
        let mut counts = vec![0; self.len()];
        laps.iter().for_each(|lap| counts[self.of(lap.ms())] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_the_bins_of_any_window() {
        for window_ms in [1, 7, 999, 1_000, 1_001, 60_000, 61_000, 3_600_000, 604_800_000, 366 * DAY_MS as i64] {
            let bins = Bins::new(window_ms);
            let window_ms = window_ms as u64;
            let edges = bins.edges_ms();
            assert_eq!((edges[0], edges[bins.len()]), (0, window_ms));
            let near = EDGES_MS.iter().chain([&window_ms]).flat_map(|edge| [edge.saturating_sub(1), *edge, edge + 1]);
            let powers = (0..35).map(|bit| 1 << bit);
            for ms in near.chain(powers).filter(|ms| *ms <= window_ms) {
                let expected = (0..bins.len()).rev().find(|bin| edges[*bin] <= ms).unwrap();
                assert_eq!(bins.of(ms), expected, "{ms} of {window_ms}");
            }
        }
    }
}
