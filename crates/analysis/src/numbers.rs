//! The kernel of graphs over the values of a property.

mod histogram;
mod stat;

use histogram::Bins;
use stat::Stat;

use crate::{
    GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Measure, Number, Rows, Series, Totals, buckets::Locator, rank,
};

/// Sums up the numbers that a property has, per group and bucket; specified in docs/semantics.md.
///
/// The rows' numbers are those of the property.
pub struct Numbers<'a> {
    plan: &'a GraphPlan,
    groups: &'a Groups,
    locator: Locator,
    stat: Stat,
    faulty: bool,
}

/// The values so far: 16 bytes each.
#[derive(Debug)]
pub struct NumbersPartial {
    seen: Vec<Seen>,
}

/// A value.
#[derive(Clone, Copy, Debug)]
struct Seen {
    group: u32,
    bucket: u32,
    number: f64,
}

/// The values of one group, each with its bucket.
type Line = [(u32, f64)];

impl<'a> Numbers<'a> {
    /// The kernel of `plan`; `None` if its measure is not of a property. The rows' groups and values are numbered by `groups`.
    pub fn new(plan: &'a GraphPlan, groups: &'a Groups) -> Option<Self> {
        let stat = Stat::of(&plan.measure)?;
        Some(Self { plan, groups, locator: Locator::new(&plan.buckets), stat, faulty: false })
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// The values that are numbers, group after group, and where each group's end.
    fn by_group(seen: &[Seen]) -> (Vec<(u32, f64)>, Vec<usize>) {
        let groups = seen.iter().map(|seen| seen.group as usize + 1).max().unwrap_or(0);
        let numbers = || seen.iter().filter(|seen| !seen.number.is_nan());
        let mut next = vec![0; groups + 1];
        numbers().for_each(|seen| next[seen.group as usize + 1] += 1);
        (1..next.len()).for_each(|at| next[at] += next[at - 1]);
        let mut values = vec![(0, 0.0); next[groups]];
        for seen in numbers() {
            let at = &mut next[seen.group as usize];
            values[*at] = (seen.bucket, seen.number);
            *at += 1;
        }
        // Where the next value of a group would be is its end.
        next.truncate(groups);
        (values, next)
    }

    /// Where a histogram is asked for, its bins; each number is then in one of them.
    fn place(&self, seen: &mut Vec<Seen>) -> Option<Bins> {
        let Measure::Histogram(histogram) = &self.plan.measure else {
            return None;
        };
        let mut bins = Bins::new(histogram, seen);
        bins.place(seen);
        Some(bins)
    }

    /// What is made of all values of a line.
    fn whole(&self, line: &Line) -> Number {
        self.stat.of_values(&mut line.iter().map(|(_, value)| *value).collect::<Vec<_>>())
    }

    /// The totals of some lines together.
    fn totals(&self, lines: &[&Line], buckets: usize) -> Totals {
        let mut ends = vec![0_usize; buckets + 1];
        let all = || lines.iter().flat_map(|line| line.iter().copied());
        all().for_each(|(bucket, _)| ends[bucket as usize + 1] += 1);
        (1..ends.len()).for_each(|at| ends[at] += ends[at - 1]);
        let (mut values, mut next) = (vec![0.0; ends[ends.len() - 1]], ends.clone());
        for (bucket, value) in all() {
            values[next[bucket as usize]] = value;
            next[bucket as usize] += 1;
        }
        let of_buckets = ends.windows(2).map(|range| self.stat.of_values(&mut values[range[0]..range[1]]));
        let of_buckets: Vec<Number> = of_buckets.collect();
        let total = if let [only] = of_buckets[..] { only } else { self.stat.of_values(&mut values) };
        Totals { values: of_buckets, total }
    }
}

impl Kernel for Numbers<'_> {
    type Partial = NumbersPartial;
    type Output = GraphAnswer;

    fn init(&self) -> NumbersPartial {
        NumbersPartial { seen: Vec::new() }
    }

    fn needs_users(&self) -> bool {
        false
    }

    fn push(&self, partial: &mut NumbersPartial, rows: &Rows<'_>) {
        partial.seen.extend(rows.relevant().skip(usize::from(self.faulty)).map(|at| Seen {
            group: rows.group(at).0,
            bucket: self.locator.of(rows.times[at]) as u32,
            number: rows.number(at),
        }));
    }

    fn close(&self, _: &mut NumbersPartial, _: u32, _: GroupId) {}

    fn merge(&self, into: &mut NumbersPartial, mut from: NumbersPartial) {
        if from.seen.len() > into.seen.len() {
            std::mem::swap(&mut into.seen, &mut from.seen);
        }
        into.seen.append(&mut from.seen);
    }

    fn finish(&self, mut partial: NumbersPartial) -> GraphAnswer {
        let bins = self.place(&mut partial.seen);
        let buckets = bins.as_ref().map_or(self.plan.buckets.len(), Bins::len);
        let (values, ends) = Self::by_group(&partial.seen);
        let skipped = (partial.seen.len() - values.len()) as u64;
        drop(partial);
        let starts = std::iter::once(&0).chain(&ends);
        let lines: Vec<&Line> = starts.zip(&ends).map(|(start, end)| &values[*start..*end]).collect();
        let some = || lines.iter().zip(0..).filter(|(line, _)| !line.is_empty());
        // One alone is first anyway.
        let alone = some().count() < 2;
        let order = |line: &Line| if alone { 0 } else { self.whole(line).order() };
        let orders = some().map(|(line, group)| (GroupId(group), order(line)));
        let own = rank::first(self.groups, orders.collect(), self.plan.top);
        let mut series: Vec<Series> = own
            .iter()
            .map(|group| Series {
                group: Some(self.groups.values(*group)),
                other: false,
                totals: self.totals(&[lines[group.0 as usize]], buckets),
            })
            .collect();
        let mut is_own = vec![false; lines.len()];
        own.iter().for_each(|group| is_own[group.0 as usize] = true);
        let rest = lines.iter().zip(&is_own).filter(|(line, own)| !line.is_empty() && !**own);
        let rest: Vec<&Line> = rest.map(|(line, _)| *line).collect();
        if !rest.is_empty() {
            series.push(Series { group: None, other: true, totals: self.totals(&rest, buckets) });
        }
        let total = match &series[..] {
            [only] => only.totals.clone(),
            _ => self.totals(&lines, buckets),
        };
        if series.is_empty() && self.plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: total.clone() });
        }
        let buckets = self.plan.buckets.names.clone();
        let mut answer = GraphAnswer { buckets, series, total, skipped: Some(skipped), ..GraphAnswer::default() };
        bins.into_iter().for_each(|bins| bins.name(&mut answer));
        answer
    }
}
