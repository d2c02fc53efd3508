//! Values by line and bucket. A line is a group, or the rest of the groups.

use super::{
    Seen,
    stat::{Key, Known, Stat},
};
use crate::{Budget, Stopped, Totals};

/// Values in the order of buckets, and within each of lines.
pub(super) struct Lines {
    values: Vec<Key>,
    /// Where those of each bucket and line end.
    ends: Vec<usize>,
    buckets: usize,
    lines: usize,
}

impl Lines {
    /// Sorts values by bucket, and by the line that `line_of` gives to each group. Fails if the budget is over.
    pub(super) fn new(
        seen: &[Seen],
        (buckets, lines): (usize, usize),
        line_of: impl Fn(u32) -> usize,
        budget: &Budget,
    ) -> Result<Self, Stopped> {
        let cell = |seen: &Seen| seen.bucket as usize * lines + line_of(seen.group);
        let (values, ends) = sort(seen, buckets * lines, cell, budget)?;
        Ok(Self { values, ends, buckets, lines })
    }

    /// Sorts values by group. Fails if the budget is over.
    pub(super) fn of_groups(seen: &[Seen], groups: usize, budget: &Budget) -> Result<Self, Stopped> {
        let (values, ends) = sort(seen, groups, |seen| seen.group as usize, budget)?;
        Ok(Self { values, ends, buckets: 1, lines: groups })
    }

    /// The lines that have values, with the order of what `stat` makes of all of them, where there is one bucket.
    pub(super) fn orders(mut self, stat: Stat, budget: &Budget) -> Result<Vec<(u32, u64)>, Stopped> {
        let mut known = Known::default();
        let mut orders = Vec::new();
        for line in 0..self.lines {
            let range = self.range(0, line);
            if !range.is_empty() {
                budget.check()?;
                stat.learn(&mut self.values[range], &mut known);
                orders.push((line as u32, stat.number(&known).order()));
            }
        }
        Ok(orders)
    }

    /// Whether a line has values.
    pub(super) fn has(&self, line: usize) -> bool {
        (0..self.buckets).any(|bucket| !self.range(bucket, line).is_empty())
    }

    /// What `stat` makes of each line, and of all together.
    pub(super) fn totals(mut self, stat: Stat, budget: &Budget) -> Result<(Vec<Totals>, Totals), Stopped> {
        let buckets = self.buckets;
        let nothing = stat.number(&Known::default());
        let empty = Totals { values: vec![nothing.clone(); buckets], total: nothing, trailing: Vec::new() };
        let (mut of_lines, mut all) = (vec![empty.clone(); self.lines], empty);
        let (mut line_sums, mut known) = (vec![Known::default(); self.lines], Known::default());
        let mut scratch = Vec::new();
        for bucket in 0..buckets {
            let mut of_bucket = Known::default();
            for line in 0..self.lines {
                let range = self.range(bucket, line);
                if !range.is_empty() {
                    budget.check()?;
                    stat.learn(&mut self.values[range], &mut known);
                    of_lines[line].values[bucket] = stat.number(&known);
                    line_sums[line].add(&known);
                    of_bucket.add(&known);
                }
            }
            stat.settle(&mut of_bucket, std::iter::once(self.bucket(bucket)), &mut scratch, budget)?;
            all.values[bucket] = stat.number(&of_bucket);
        }
        let mut whole = Known::default();
        for (line, sums) in line_sums.iter_mut().enumerate() {
            let pieces = (0..buckets).map(|bucket| &self.values[self.range(bucket, line)]);
            stat.settle(sums, pieces, &mut scratch, budget)?;
            of_lines[line].total = stat.number(sums);
            whole.add(sums);
        }
        stat.settle(&mut whole, std::iter::once(&self.values[..]), &mut scratch, budget)?;
        all.total = stat.number(&whole);
        Ok((of_lines, all))
    }

    fn bucket(&self, bucket: usize) -> &[Key] {
        &self.values[self.end_before(bucket * self.lines)..self.end_before((bucket + 1) * self.lines)]
    }

    /// Where the values before those of a cell end.
    fn end_before(&self, cell: usize) -> usize {
        cell.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// The places of the values of a bucket and line.
    fn range(&self, bucket: usize, line: usize) -> std::ops::Range<usize> {
        let cell = bucket * self.lines + line;
        self.end_before(cell)..self.ends[cell]
    }
}

/// The values, cell after cell, and where each cell's end.
fn sort(
    seen: &[Seen],
    cells: usize,
    cell: impl Fn(&Seen) -> usize,
    budget: &Budget,
) -> Result<(Vec<Key>, Vec<usize>), Stopped> {
    let mut next = vec![0; cells + 1];
    for (step, seen) in seen.iter().enumerate() {
        budget.check_at(step)?;
        next[cell(seen) + 1] += 1;
    }
    (1..next.len()).for_each(|at| next[at] += next[at - 1]);
    let mut values = vec![Key::of(0.0); seen.len()];
    for (step, seen) in seen.iter().enumerate() {
        budget.check_at(step)?;
        let at = &mut next[cell(seen)];
        values[*at] = Key::of(seen.number);
        *at += 1;
    }
    // Where the next value of a cell would be is its end.
    next.truncate(cells);
    Ok((values, next))
}
