//! Which parts to merge.

use crate::part::Part;

/// Parts of a large project cover one such stretch of time each: four weeks, which start on Thursdays, as 1970 did.
const BUCKET_MS: i64 = 28 * 86_400_000;
/// So many parts of like size are merged; a row is written again once for every such factor.
const FANOUT: usize = 4;
/// While much comes in, and all will be merged in the end.
const FANOUT_BULK: usize = 16;
/// Rows and bytes that one merge takes, to bound its memory.
const ROWS_MAX: u64 = 16 << 20;
const BYTES_MAX: u64 = 768 << 20;
/// A merge of at least so many rows of several buckets gives one part for each.
const SPLIT_ROWS: u64 = 2 << 20;

/// How much merging is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eagerness {
    /// As new parts come: each row is written again a few times at most.
    Lazy,
    /// The same during an import: only so much that parts stay few.
    Bulk,
    /// Whatever can be merged, as after an import.
    Full,
}

impl Eagerness {
    /// How many files may stand side by side.
    pub(crate) fn files_max(self, lazy: usize) -> usize {
        if self == Eagerness::Full { 1 } else { lazy }
    }
}

/// What matters of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
}

/// Parts to be merged, by their places in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) parts: Vec<usize>,
    /// One part for each bucket comes out.
    pub(crate) split: bool,
}

impl Size {
    pub(crate) fn of(part: &Part) -> Self {
        let (first_ms, last_ms) = part.times_span();
        Self { rows: part.rows() as u64, bytes: part.bytes(), first_ms, last_ms }
    }

    /// The bucket that it lies in; `None` if there are several.
    fn bucket(&self) -> Option<i64> {
        (bucket_of(self.first_ms) == bucket_of(self.last_ms)).then(|| bucket_of(self.first_ms))
    }

    fn tier(&self) -> u32 {
        self.rows.max(1).ilog(FANOUT as u64)
    }
}

/// The bucket of a time.
pub(super) fn bucket_of(time_ms: i64) -> i64 {
    time_ms.div_euclid(BUCKET_MS)
}

/// The parts that should be merged next.
pub(crate) fn pick(parts: &[Size], eagerness: Eagerness) -> Option<Job> {
    // A small project is one bucket.
    let small = parts.iter().map(|part| part.rows).sum::<u64>() < SPLIT_ROWS;
    let bucket_at = |at: usize| parts[at].bucket().filter(|_| !small);
    let mut buckets: Vec<Option<i64>> = (0..parts.len()).map(bucket_at).collect();
    buckets.sort_unstable();
    buckets.dedup();
    // Those of several buckets come first: what comes out of them goes on in its own.
    buckets.into_iter().find_map(|bucket| {
        let mut group: Vec<usize> = (0..parts.len()).filter(|at| bucket_at(*at) == bucket).collect();
        let chosen = match eagerness {
            Eagerness::Lazy => of_one_tier(parts, &group, FANOUT),
            Eagerness::Bulk => of_one_tier(parts, &group, FANOUT_BULK),
            Eagerness::Full => {
                group.sort_by_key(|at| parts[*at].first_ms);
                neighbours(parts, &group)
            }
        };
        let of_several = bucket.is_none() && !small;
        let full = eagerness == Eagerness::Full;
        if let Some(chosen) = chosen {
            let rows: u64 = chosen.iter().map(|at| parts[*at].rows).sum();
            return Some(Job { split: of_several && (full || rows >= SPLIT_ROWS), parts: chosen });
        }
        group.first().filter(|_| of_several && full).map(|at| Job { parts: vec![*at], split: true })
    })
}

/// Parts of like size, if there are enough of them.
fn of_one_tier(parts: &[Size], group: &[usize], fanout: usize) -> Option<Vec<usize>> {
    let mut tiers: Vec<u32> = group.iter().map(|at| parts[*at].tier()).collect();
    tiers.sort_unstable();
    tiers.dedup();
    tiers.into_iter().find_map(|tier| {
        let mut same: Vec<usize> = group.iter().copied().filter(|at| parts[*at].tier() == tier).collect();
        same.sort_by_key(|at| parts[*at].first_ms);
        let fitting = fitting(parts, &same);
        (fitting.len() >= fanout).then_some(fitting)
    })
}

/// The first neighbours in time that can be merged.
fn neighbours(parts: &[Size], by_time: &[usize]) -> Option<Vec<usize>> {
    (0..by_time.len()).map(|from| fitting(parts, &by_time[from..])).find(|fitting| fitting.len() > 1)
}

/// As many as one merge may take, from the first on.
fn fitting(parts: &[Size], group: &[usize]) -> Vec<usize> {
    let (mut rows, mut bytes) = (0, 0);
    let fits = group.iter().take_while(|at| {
        rows += parts[**at].rows;
        bytes += parts[**at].bytes;
        rows <= ROWS_MAX && bytes <= BYTES_MAX
    });
    fits.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn part(rows: u64, first_day: i64, last_day: i64) -> Size {
        Size { rows, bytes: rows * 25, first_ms: first_day * DAY, last_ms: last_day * DAY }
    }

    fn run(mut parts: Vec<Size>, eagerness: Eagerness) -> Vec<(u64, i64, i64)> {
        for _ in 0..1_000 {
            let Some(job) = pick(&parts, eagerness) else {
                return parts.iter().map(|part| (part.rows, part.first_ms / DAY, part.last_ms / DAY)).collect();
            };
            let taken: Vec<Size> = job.parts.iter().map(|at| parts[*at]).collect();
            let (first, last) = (taken.iter().map(|p| p.first_ms).min(), taken.iter().map(|p| p.last_ms).max());
            let rows: u64 = taken.iter().map(|part| part.rows).sum();
            let mut at = 0;
            parts.retain(|_| {
                at += 1;
                !job.parts.contains(&(at - 1))
            });
            let (first, last) = (first.unwrap() / DAY, last.unwrap() / DAY);
            let buckets = bucket_of(first * DAY)..=bucket_of(last * DAY);
            let count = buckets.clone().count() as u64;
            match job.split {
                true => parts.extend(buckets.map(|b| part(rows / count, first.max(b * 28), last.min(b * 28 + 27)))),
                false => parts.push(part(rows, first, last)),
            }
        }
        panic!("merging does not end");
    }

    #[test]
    fn small_projects_end_with_one_part() {
        let parts = (0..9).map(|at| part(1_000, at * 40, at * 40 + 3)).collect();
        assert_eq!(run(parts, Eagerness::Full), [(9_000, 0, 323)]);
    }

    #[test]
    fn large_projects_end_with_a_part_for_each_bucket() {
        let parts = (0..20).map(|at| part(1_000_000, at * 4, at * 4 + 5)).collect();
        let mut parts = run(parts, Eagerness::Full);
        parts.sort_by_key(|part| part.1);
        assert_eq!(parts.len(), 3, "{parts:?}");
    }

    #[test]
    fn parts_of_like_size_are_merged_as_they_come() {
        let mut parts: Vec<Size> = Vec::new();
        for at in 0..300 {
            parts.push(part(1_000, at, at));
            parts =
                run(parts, Eagerness::Lazy).into_iter().map(|(rows, first, last)| part(rows, first, last)).collect();
            assert!(parts.len() <= 60, "{} parts", parts.len());
        }
    }

    #[test]
    fn a_merge_is_bounded() {
        let parts: Vec<Size> = (0..10).map(|at| part(6 << 20, at, at + 1)).collect();
        let job = pick(&parts, Eagerness::Full).unwrap();
        assert_eq!(job.parts, [0, 1]);
    }
}
