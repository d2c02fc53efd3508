//! The kernel of graphs over the values of a property.

mod exact;
mod histogram;
mod lines;
mod piles;
mod portable;
mod stat;
#[cfg(test)]
mod tests;

use histogram::Bins;
use lines::Lines;
use piles::{Marks, Pile, Piles};
use stat::{Key, Known, Stat};

use crate::{
    Budget, GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Measure, Rows, Series, Stopped, buckets::Locator, rank,
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

/// Fewer values than this are put in order in the end.
const PILE_MIN: usize = 4_096;

/// The values so far: 16 bytes each, or 8 in piles.
#[derive(Debug, Default)]
pub struct NumbersPartial {
    seen: Vec<Seen>,
    /// Of what was seen, if that is much.
    marks: Marks,
    piles: Vec<Pile>,
}

impl NumbersPartial {
    /// The values as they were seen, but for the group and the bucket of those in piles that are no numbers.
    fn all(&self, buckets: usize) -> impl Iterator<Item = Seen> {
        self.seen.iter().copied().chain(self.piles.iter().flat_map(move |pile| pile.spread(buckets)))
    }

    fn len(&self) -> usize {
        self.seen.len() + self.piles.iter().map(Pile::len).sum::<usize>()
    }
}

/// A value.
#[derive(Clone, Copy, Debug)]
struct Seen {
    group: u32,
    bucket: u32,
    number: f64,
}

/// The values of a run that are numbers: see [`Numbers::sum_up`].
pub struct NumbersSums {
    seen: Vec<Seen>,
    /// Where the values are in piles, those; then none are seen.
    piles: Option<Piles>,
    /// Groups have numbers below this.
    groups: usize,
    skipped: u64,
    bins: Option<Bins>,
}

impl<'a> Numbers<'a> {
    /// The kernel of `plan`; `None` if its measure is not of a property. The rows' groups and values are numbered by `groups`.
    pub fn new(plan: &'a GraphPlan, groups: &'a Groups) -> Option<Self> {
        Some(Self::with(plan, groups, Stat::of(&plan.measure)?))
    }

    /// One that collects numbers, whatever is made of them in the end.
    pub(crate) fn collecting(plan: &'a GraphPlan, groups: &'a Groups) -> Self {
        Self::with(plan, groups, Stat::Count)
    }

    fn with(plan: &'a GraphPlan, groups: &'a Groups, stat: Stat) -> Self {
        Self { plan, groups, locator: Locator::new(&plan.buckets), stat, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
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

    /// Leaves what are numbers, for [`Numbers::orders`] and [`Numbers::finish_with`].
    pub fn sum_up(&self, mut partial: NumbersPartial, budget: &Budget) -> Result<NumbersSums, Stopped> {
        if !partial.piles.is_empty() && self.pile_up(&mut partial, budget)? {
            let skipped = partial.piles.iter().map(Pile::skipped).sum();
            let piles = Piles::new(partial.piles, self.plan.buckets.len());
            let groups = piles.groups();
            return Ok(NumbersSums { seen: Vec::new(), piles: Some(piles), groups, skipped, bins: None });
        }
        let mut seen: Vec<Seen> = match partial.piles.is_empty() {
            true => partial.seen,
            false => partial.all(self.plan.buckets.len()).collect(),
        };
        let bins = self.place(&mut seen, budget)?;
        let (all, mut left, mut groups) = (seen.len(), 0, 0);
        for at in 0..all {
            budget.check_at(at)?;
            let one = seen[at];
            if !one.number.is_nan() {
                groups = groups.max(one.group as usize + 1);
                seen[left] = one;
                left += 1;
            }
        }
        seen.truncate(left);
        Ok(NumbersSums { skipped: (all - left) as u64, seen, piles: None, groups, bins })
    }

    /// Puts what was seen into a pile; false if it is not for one.
    fn pile_up(&self, partial: &mut NumbersPartial, budget: &Budget) -> Result<bool, Stopped> {
        if partial.seen.is_empty() {
            return Ok(true);
        }
        let seen = (std::mem::take(&mut partial.seen), std::mem::take(&mut partial.marks));
        let mut pile = match Pile::new(seen, self.plan.buckets.len(), budget)? {
            Ok(pile) => pile,
            Err(seen) => {
                partial.seen = seen;
                return Ok(false);
            }
        };
        pile.sum_up(self.stat, budget)?;
        partial.piles.push(pile);
        Ok(true)
    }

    /// The groups that have values, with the order of their totals.
    pub fn orders(&self, sums: &NumbersSums, budget: &Budget) -> Result<Vec<(GroupId, u64)>, Stopped> {
        let orders = match &sums.piles {
            Some(piles) => piles.orders(self.stat, budget)?,
            None => Lines::of_groups(&sums.seen, sums.groups, budget)?.orders(self.stat, budget)?,
        };
        Ok(orders.into_iter().map(|(group, order)| (GroupId(group), order)).collect())
    }

    /// The order of the total of a group without values.
    pub fn order_of_nothing(&self) -> u64 {
        self.stat.number(&Known::default()).order()
    }

    /// The memory that it takes to finish, all that is there then, in bytes.
    pub fn finish_bytes(&self, partial: &NumbersPartial) -> usize {
        self.bytes(partial) + self.groups.bytes() + self.plan.answer_bytes(self.groups.len())
    }

    /// The groups that stand on their own in the answer.
    pub fn own(&self, sums: &NumbersSums, budget: &Budget) -> Result<Vec<GroupId>, Stopped> {
        // One alone is first anyway.
        match sums.groups {
            1 => Ok(vec![GroupId(0)]),
            _ => rank::first(self.groups, self.orders(sums, budget)?, self.plan.top, budget),
        }
    }

    /// The answer in which these groups stand on their own, with values or without.
    pub fn finish_with(&self, sums: NumbersSums, own: &[GroupId], budget: &Budget) -> Result<GraphAnswer, Stopped> {
        let buckets = sums.bins.as_ref().map_or(self.plan.buckets.len(), Bins::len);
        let mut line_of = vec![own.len(); sums.groups];
        for (line, group) in own.iter().enumerate() {
            if let Some(line_of) = line_of.get_mut(group.0 as usize) {
                *line_of = line;
            }
        }
        let rest = usize::from(line_of.contains(&own.len()));
        let lines = own.len() + rest;
        let (has_rest, (of_lines, total)) = match &sums.piles {
            Some(piles) => (piles.has(own.len(), &line_of), piles.totals(self.stat, (lines, &line_of), budget)?),
            None => {
                let of_lines = Lines::new(&sums.seen, (buckets, lines), |group| line_of[group as usize], budget)?;
                drop(sums.seen);
                (rest > 0 && of_lines.has(own.len()), of_lines.totals(self.stat, budget)?)
            }
        };
        let groups = own.iter().map(|group| Some(self.groups.values(*group))).chain(has_rest.then_some(None));
        let series = groups.zip(of_lines).map(|(group, totals)| Series { other: group.is_none(), group, totals });
        let mut series: Vec<Series> = series.collect();
        if series.is_empty() && self.plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: total.clone() });
        }
        let (buckets, skipped) = (self.plan.buckets.names.clone(), Some(sums.skipped));
        let mut answer = GraphAnswer { buckets, series, total, skipped, ..GraphAnswer::default() };
        sums.bins.into_iter().for_each(|bins| bins.name(&mut answer));
        Ok(answer)
    }
}

impl Kernel for Numbers<'_> {
    type Partial = NumbersPartial;
    type Output = GraphAnswer;

    fn init(&self) -> NumbersPartial {
        NumbersPartial::default()
    }

    fn needs_users(&self) -> bool {
        false
    }

    fn push(&self, partial: &mut NumbersPartial, rows: &Rows<'_>) {
        let skip = usize::from(self.faulty);
        let bucket = |time: i64| self.locator.of(time) as u32;
        if rows.groups.is_empty() && rows.numbers.len() == rows.len() && !rows.matches.contains(&0) {
            let all = rows.times.iter().zip(rows.numbers).skip(skip);
            partial.seen.extend(all.map(|(time, number)| Seen { group: 0, bucket: bucket(*time), number: *number }));
        } else {
            partial.seen.extend(rows.relevant().skip(skip).map(|at| Seen {
                group: rows.group(at).0,
                bucket: bucket(rows.times[at]),
                number: rows.number(at),
            }));
        }
        if partial.seen.len() >= PILE_MIN && self.stat != Stat::Count {
            // While they are at hand.
            partial.marks.mark(&partial.seen);
        }
    }

    fn close(&self, _: &mut NumbersPartial, _: u32, _: GroupId) {}

    /// In the end values are sorted, and those that may be a percentile of all are taken out.
    fn bytes(&self, partial: &NumbersPartial) -> usize {
        let piles: usize = partial.piles.iter().map(Pile::bytes).sum();
        partial.seen.capacity() * size_of::<Seen>() + partial.seen.len() * 2 * size_of::<Key>() + piles
    }

    fn end(&self, partial: &mut NumbersPartial, budget: &Budget) -> Result<(), Stopped> {
        if partial.seen.len() >= PILE_MIN && self.stat != Stat::Count {
            self.pile_up(partial, budget)?;
        }
        Ok(())
    }

    fn merge(&self, into: &mut NumbersPartial, mut from: NumbersPartial) {
        if from.seen.len() > into.seen.len() {
            std::mem::swap(&mut into.seen, &mut from.seen);
        }
        into.seen.append(&mut from.seen);
        into.marks = Marks::default();
        into.piles.append(&mut from.piles);
    }

    fn finish(&self, partial: NumbersPartial, budget: &Budget) -> Result<GraphAnswer, Stopped> {
        let sums = self.sum_up(partial, budget)?;
        let own = self.own(&sums, budget)?;
        self.finish_with(sums, &own, budget)
    }
}
