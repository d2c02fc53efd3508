//! The kernel of graphs over the values of a property.

mod histogram;
mod stat;

use histogram::Bins;
use stat::Stat;

use crate::{
    Budget, GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Measure, Number, Rows, Series, Stopped, Totals,
    buckets::Locator, rank,
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

/// The values of a run, group after group: see [`Numbers::sum_up`].
pub struct NumbersSums {
    values: Vec<(u32, f64)>,
    /// Where each group's values end.
    ends: Vec<usize>,
    skipped: u64,
    bins: Option<Bins>,
}

impl NumbersSums {
    /// The values of a group.
    fn line(&self, group: GroupId) -> &Line {
        let at = group.0 as usize;
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(0) };
        self.ends.get(at).map_or(&[], |end| &self.values[start..*end])
    }

    /// The groups that have values.
    fn groups(&self) -> impl Iterator<Item = GroupId> {
        (0..self.ends.len() as u32).map(GroupId).filter(|group| !self.line(*group).is_empty())
    }
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

    /// The values that are numbers, group after group.
    fn by_group(seen: &[Seen], bins: Option<Bins>, budget: &Budget) -> Result<NumbersSums, Stopped> {
        let groups = seen.iter().map(|seen| seen.group as usize + 1).max().unwrap_or(0);
        let mut next = vec![0; groups + 1];
        for (at, seen) in seen.iter().enumerate() {
            budget.check_at(at)?;
            next[seen.group as usize + 1] += usize::from(!seen.number.is_nan());
        }
        (1..next.len()).for_each(|at| next[at] += next[at - 1]);
        let mut values = vec![(0, 0.0); next[groups]];
        for (at, seen) in seen.iter().enumerate() {
            budget.check_at(at)?;
            if !seen.number.is_nan() {
                let place = &mut next[seen.group as usize];
                values[*place] = (seen.bucket, seen.number);
                *place += 1;
            }
        }
        // Where the next value of a group would be is its end.
        next.truncate(groups);
        Ok(NumbersSums { skipped: (seen.len() - values.len()) as u64, values, ends: next, bins })
    }

    /// Where a histogram is asked for, its bins; each number is then in one of them.
    fn place(&self, seen: &mut Vec<Seen>, budget: &Budget) -> Result<Option<Bins>, Stopped> {
        let Measure::Histogram(histogram) = &self.plan.measure else {
            return Ok(None);
        };
        let mut bins = Bins::new(histogram, seen);
        bins.place(seen, budget)?;
        Ok(Some(bins))
    }

    /// Sorts what was seen by group, for [`Numbers::orders`] and [`Numbers::finish_with`].
    pub fn sum_up(&self, mut partial: NumbersPartial, budget: &Budget) -> Result<NumbersSums, Stopped> {
        let bins = self.place(&mut partial.seen, budget)?;
        Self::by_group(&partial.seen, bins, budget)
    }

    /// The groups that have values, with the order of their totals.
    pub fn orders(&self, sums: &NumbersSums, budget: &Budget) -> Result<Vec<(GroupId, u64)>, Stopped> {
        let order = |group| {
            budget.check()?;
            Ok((group, self.whole(sums.line(group)).order()))
        };
        sums.groups().map(order).collect()
    }

    /// The order of the total of a group without values.
    pub fn order_of_nothing(&self) -> u64 {
        self.whole(&[]).order()
    }

    /// The groups that stand on their own in the answer.
    pub fn own(&self, sums: &NumbersSums, budget: &Budget) -> Result<Vec<GroupId>, Stopped> {
        // One alone is first anyway.
        match &sums.groups().take(2).collect::<Vec<_>>()[..] {
            [only] => Ok(vec![*only]),
            _ => rank::first(self.groups, self.orders(sums, budget)?, self.plan.top, budget),
        }
    }

    /// The answer in which these groups stand on their own, with values or without.
    pub fn finish_with(&self, sums: NumbersSums, own: &[GroupId], budget: &Budget) -> Result<GraphAnswer, Stopped> {
        let buckets = sums.bins.as_ref().map_or(self.plan.buckets.len(), Bins::len);
        let of_group = |group: &GroupId| {
            let totals = self.totals(&[sums.line(*group)], buckets, budget)?;
            Ok(Series { group: Some(self.groups.values(*group)), other: false, totals })
        };
        let mut series = own.iter().map(of_group).collect::<Result<Vec<Series>, _>>()?;
        let mut is_own = vec![false; sums.ends.len()];
        for group in own {
            if let Some(is_own) = is_own.get_mut(group.0 as usize) {
                *is_own = true;
            }
        }
        let rest = sums.groups().filter(|group| !is_own[group.0 as usize]);
        let rest: Vec<&Line> = rest.map(|group| sums.line(group)).collect();
        if !rest.is_empty() {
            series.push(Series { group: None, other: true, totals: self.totals(&rest, buckets, budget)? });
        }
        let total = match &series[..] {
            [only] => only.totals.clone(),
            _ => self.totals(&[&sums.values], buckets, budget)?,
        };
        if series.is_empty() && self.plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: total.clone() });
        }
        let (buckets, skipped) = (self.plan.buckets.names.clone(), Some(sums.skipped));
        let mut answer = GraphAnswer { buckets, series, total, skipped, ..GraphAnswer::default() };
        sums.bins.into_iter().for_each(|bins| bins.name(&mut answer));
        Ok(answer)
    }

    /// What is made of all values of a line.
    fn whole(&self, line: &Line) -> Number {
        self.stat.of_values(&mut line.iter().map(|(_, value)| *value).collect::<Vec<_>>())
    }

    /// The totals of some lines together.
    fn totals(&self, lines: &[&Line], buckets: usize, budget: &Budget) -> Result<Totals, Stopped> {
        let mut ends = vec![0_usize; buckets + 1];
        let all = || lines.iter().flat_map(|line| line.iter().copied());
        for (at, (bucket, _)) in all().enumerate() {
            budget.check_at(at)?;
            ends[bucket as usize + 1] += 1;
        }
        (1..ends.len()).for_each(|at| ends[at] += ends[at - 1]);
        let (mut values, mut next) = (vec![0.0; ends[ends.len() - 1]], ends.clone());
        for (at, (bucket, value)) in all().enumerate() {
            budget.check_at(at)?;
            values[next[bucket as usize]] = value;
            next[bucket as usize] += 1;
        }
        let mut number = |range: std::ops::Range<usize>| {
            budget.check()?;
            Ok(self.stat.of_values(&mut values[range]))
        };
        let of_buckets = ends.windows(2).map(|range| number(range[0]..range[1]));
        let of_buckets = of_buckets.collect::<Result<Vec<Number>, Stopped>>()?;
        let total = if let [only] = of_buckets[..] { only } else { number(0..ends[ends.len() - 1])? };
        Ok(Totals { values: of_buckets, total, trailing: Vec::new() })
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

    /// In the end values stand group after group, and then bucket after bucket.
    fn bytes(&self, partial: &NumbersPartial) -> usize {
        partial.seen.capacity() * size_of::<Seen>() + partial.seen.len() * (size_of::<(u32, f64)>() + size_of::<f64>())
    }

    fn merge(&self, into: &mut NumbersPartial, mut from: NumbersPartial) {
        if from.seen.len() > into.seen.len() {
            std::mem::swap(&mut into.seen, &mut from.seen);
        }
        into.seen.append(&mut from.seen);
    }

    fn finish(&self, partial: NumbersPartial, budget: &Budget) -> Result<GraphAnswer, Stopped> {
        let sums = self.sum_up(partial, budget)?;
        let own = self.own(&sums, budget)?;
        self.finish_with(sums, &own, budget)
    }
}
