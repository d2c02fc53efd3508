//! Which parts to merge.

use crate::part::Part;

/// Parts of a large project cover one such stretch of time each: four weeks, which start on Thursdays, as 1970 did.
const BUCKET_MS: i64 = 28 * 86_400_000;
/// So many parts of like size are merged; a row is written again once for every such factor.
const FANOUT: usize = 4;
/// While much comes in, and all will be merged in the end.
const FANOUT_BULK: usize = 16;
/// So many parts of later buckets say that an import has left a bucket behind.
const LATER_PARTS: usize = 2;
/// A merge takes no more than so many bytes for each row that it may take: longer rows are fewer.
const ROW_BYTES: u64 = 48;
/// A merge of at least so many rows of several buckets gives one part for each.
const SPLIT_ROWS: u64 = 2 << 20;

/// How much merging is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eagerness {
    /// As new parts come: each row is written again a few times at most.
    Lazy,
    /// During an import: only so much that parts stay few, and what will not have to be merged again.
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

    /// How many buckets it lies in.
    fn buckets(&self) -> i64 {
        bucket_of(self.last_ms) - bucket_of(self.first_ms) + 1
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
///
/// One merge takes at most `rows_max` rows, which bounds its memory.
pub(crate) fn pick(parts: &[Size], eagerness: Eagerness, rows_max: u64) -> Option<Job> {
    // A small project is one bucket.
    let small = parts.iter().map(|part| part.rows).sum::<u64>() < SPLIT_ROWS;
    let bucket_at = |at: usize| parts[at].bucket().filter(|_| !small);
    let mut buckets: Vec<Option<i64>> = (0..parts.len()).map(bucket_at).collect();
    buckets.sort_unstable();
    buckets.dedup();
    // Those of several buckets come first: what comes out of them goes on in its own.
    buckets.into_iter().find_map(|bucket| {
        // Neighbours in time are merged, so that parts stay apart: questions need not put their events in order.
        let mut group: Vec<usize> = (0..parts.len()).filter(|at| bucket_at(*at) == bucket).collect();
        group.sort_by_key(|at| parts[*at].first_ms);
        let chosen = match eagerness {
            Eagerness::Lazy => of_one_tier(parts, &group, FANOUT, rows_max),
            Eagerness::Bulk => {
                of_one_tier(parts, &group, FANOUT_BULK, rows_max).or_else(|| past(parts, &group, bucket?, rows_max))
            }
            Eagerness::Full => neighbours(parts, &group, rows_max),
        };
        let of_several = bucket.is_none() && !small;
        let full = eagerness == Eagerness::Full;
        let bulk = eagerness == Eagerness::Bulk;
        if let Some(chosen) = chosen {
            let rows: u64 = chosen.iter().map(|at| parts[*at].rows).sum();
            return Some(Job { split: of_several && (full || rows >= SPLIT_ROWS), parts: chosen });
        }
        // One on the border of two buckets is divided before they are merged, or they would be merged again.
        let to_split = group.iter().find(|at| full || bulk && parts[**at].buckets() == 2);
        to_split.filter(|_| of_several).map(|at| Job { parts: vec![*at], split: true })
    })
}

/// Parts of like size, if there are enough of them.
fn of_one_tier(parts: &[Size], group: &[usize], fanout: usize, rows_max: u64) -> Option<Vec<usize>> {
    let mut tiers: Vec<u32> = group.iter().map(|at| parts[*at].tier()).collect();
    tiers.sort_unstable();
    tiers.dedup();
    tiers.into_iter().find_map(|tier| {
        let same: Vec<usize> = group.iter().copied().filter(|at| parts[*at].tier() == tier).collect();
        let fitting = fitting(parts, &same, rows_max);
        (fitting.len() >= fanout).then_some(fitting)
    })
}

/// Parts of a bucket for which nothing more seems to come, as files mostly are in order of time. None if the greatest of them
/// would be written again for little.
fn past(parts: &[Size], by_time: &[usize], bucket: i64, rows_max: u64) -> Option<Vec<usize>> {
    let later = parts.iter().filter(|part| part.bucket().is_some_and(|other| other > bucket)).count();
    let rows = |at: &usize| parts[*at].rows;
    let is_worth_it =
        |chosen: &Vec<usize>| chosen.iter().map(rows).sum::<u64>() >= 2 * chosen.iter().map(rows).max().unwrap_or(0);
    neighbours(parts, by_time, rows_max).filter(is_worth_it).filter(|_| later >= LATER_PARTS)
}

/// The first neighbours in time that can be merged.
fn neighbours(parts: &[Size], by_time: &[usize], rows_max: u64) -> Option<Vec<usize>> {
    (0..by_time.len()).map(|from| fitting(parts, &by_time[from..], rows_max)).find(|fitting| fitting.len() > 1)
}

/// As many as one merge may take, from the first on.
fn fitting(parts: &[Size], group: &[usize], rows_max: u64) -> Vec<usize> {
    let (mut rows, mut bytes) = (0, 0);
    let fits = group.iter().take_while(|at| {
        rows += parts[**at].rows;
        bytes += parts[**at].bytes;
        rows <= rows_max && bytes <= rows_max.saturating_mul(ROW_BYTES)
    });
    fits.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const ROWS_MAX: u64 = 16 << 20;

    fn part(rows: u64, first_day: i64, last_day: i64) -> Size {
        Size { rows, bytes: rows * 25, first_ms: first_day * DAY, last_ms: last_day * DAY }
    }

    fn run_once(parts: &[Size], job: &Job) -> Vec<Size> {
        let taken: Vec<Size> = job.parts.iter().map(|at| parts[*at]).collect();
        let (first, last) = (taken.iter().map(|p| p.first_ms).min(), taken.iter().map(|p| p.last_ms).max());
        let rows: u64 = taken.iter().map(|part| part.rows).sum();
        let others = parts.iter().enumerate().filter(|(at, _)| !job.parts.contains(at));
        let mut parts: Vec<Size> = others.map(|(_, part)| *part).collect();
        let (first, last) = (first.unwrap() / DAY, last.unwrap() / DAY);
        let buckets = bucket_of(first * DAY)..=bucket_of(last * DAY);
        let count = buckets.clone().count() as u64;
        match job.split {
            true => parts.extend(buckets.map(|b| part(rows / count, first.max(b * 28), last.min(b * 28 + 27)))),
            false => parts.push(part(rows, first, last)),
        }
        parts
    }

    fn run(mut parts: Vec<Size>, eagerness: Eagerness) -> Vec<(u64, i64, i64)> {
        for _ in 0..1_000 {
            let Some(job) = pick(&parts, eagerness, ROWS_MAX) else {
                return parts.iter().map(|part| (part.rows, part.first_ms / DAY, part.last_ms / DAY)).collect();
            };
            parts = run_once(&parts, &job);
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
    fn an_import_in_order_of_time_merges_each_bucket_once() {
        let (mut parts, mut written): (Vec<Size>, u64) = (Vec::new(), 0);
        for at in 0..28 {
            parts.push(part(1_000_000, at * 4 + 1, at * 4 + 5));
            while let Some(job) = pick(&parts, Eagerness::Bulk, ROWS_MAX) {
                written += job.parts.iter().map(|at| parts[*at].rows).sum::<u64>();
                parts = run_once(&parts, &job);
            }
        }
        let in_past = parts.iter().filter(|part| part.first_ms < 84 * DAY).count();
        assert_eq!(in_past, 3, "{parts:?}");
        assert!(written <= 28_000_000, "{written} rows were written");
    }

    /// A bucket of more rows than one merge takes.
    #[test]
    fn an_import_in_order_of_time_ends_with_parts_that_are_apart() {
        let mut parts: Vec<Size> = Vec::new();
        for at in 0..120 {
            parts.push(Size { rows: 1_000_000, bytes: 25_000_000, first_ms: at * DAY, last_ms: (at + 1) * DAY - 1 });
            while let Some(job) = pick(&parts, Eagerness::Bulk, ROWS_MAX) {
                parts = apart(&parts, &job);
            }
        }
        while let Some(job) = pick(&parts, Eagerness::Full, ROWS_MAX) {
            parts = apart(&parts, &job);
        }
        parts.sort_by_key(|part| part.first_ms);
        assert!(parts.windows(2).all(|pair| pair[0].last_ms < pair[1].first_ms), "{parts:?}");
        assert_eq!(parts.len(), 9, "{parts:?}");
    }

    /// What a merge of parts of days makes.
    fn apart(parts: &[Size], job: &Job) -> Vec<Size> {
        assert!(!job.split, "no part is on a border");
        let taken = || job.parts.iter().map(|at| parts[*at]);
        let merged = Size {
            rows: taken().map(|part| part.rows).sum(),
            bytes: taken().map(|part| part.bytes).sum(),
            first_ms: taken().map(|part| part.first_ms).min().unwrap(),
            last_ms: taken().map(|part| part.last_ms).max().unwrap(),
        };
        let others = parts.iter().enumerate().filter(|(at, _)| !job.parts.contains(at));
        others.map(|(_, part)| *part).chain([merged]).collect()
    }

    #[test]
    fn an_import_in_any_order_writes_a_row_a_few_times() {
        let (mut parts, mut written): (Vec<Size>, u64) = (Vec::new(), 0);
        for at in 0..200 {
            let bucket = at * 7 % 5;
            parts.push(part(1_000_000, bucket * 28, bucket * 28 + 27));
            while let Some(job) = pick(&parts, Eagerness::Bulk, ROWS_MAX) {
                written += job.parts.iter().map(|at| parts[*at].rows).sum::<u64>();
                parts = run_once(&parts, &job);
            }
        }
        assert!(parts.len() < 60 && written < 1_200_000_000, "{} parts, {written} rows", parts.len());
    }

    #[test]
    fn a_merge_is_bounded() {
        let parts: Vec<Size> = (0..10).map(|at| part(6 << 20, at, at + 1)).collect();
        let job = pick(&parts, Eagerness::Full, ROWS_MAX).unwrap();
        assert_eq!(job.parts, [0, 1]);
    }
}
