//! The kernel of graphs over the values of a property.

mod exact;
mod histogram;
mod lines;
mod portable;
mod stat;

use histogram::Bins;
use lines::Lines;
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

/// The values so far: 16 bytes each.
#[derive(Debug, Default)]
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

/// The values of a run that are numbers: see [`Numbers::sum_up`].
pub struct NumbersSums {
    seen: Vec<Seen>,
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
        let bins = self.place(&mut partial.seen, budget)?;
        let NumbersPartial { mut seen } = partial;
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
        Ok(NumbersSums { skipped: (all - left) as u64, seen, groups, bins })
    }

    /// The groups that have values, with the order of their totals.
    pub fn orders(&self, sums: &NumbersSums, budget: &Budget) -> Result<Vec<(GroupId, u64)>, Stopped> {
        let orders = Lines::of_groups(&sums.seen, sums.groups, budget)?.orders(self.stat, budget)?;
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
        let lines = Lines::new(&sums.seen, (buckets, own.len() + rest), |group| line_of[group as usize], budget)?;
        drop(sums.seen);
        let has_rest = rest > 0 && lines.has(own.len());
        let (of_lines, total) = lines.totals(self.stat, budget)?;
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

    /// In the end values are sorted, and those that may be a percentile of all are taken out.
    fn bytes(&self, partial: &NumbersPartial) -> usize {
        partial.seen.capacity() * size_of::<Seen>() + partial.seen.len() * 2 * size_of::<Key>()
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

#[cfg(test)]
mod tests {
    use cairn_model::{TimeMs, Value};

    use super::*;
    use crate::{Buckets, KeyPlan, Number};

    fn plan(measure: Measure, top: usize) -> GraphPlan {
        GraphPlan {
            event: None,
            users: None,
            measure,
            buckets: Buckets {
                starts: [0, 10].map(TimeMs).to_vec(),
                end: TimeMs(20),
                names: vec!["a".to_owned(), "b".to_owned()],
            },
            group_by: vec![KeyPlan::Event("key".to_owned())],
            top,
            segment: None,
            as_of: TimeMs(i64::MAX),
            sentence: String::new(),
        }
    }

    /// The answer to these (time, key, number), cut into partials there, which are merged in their order.
    fn answer(plan: &GraphPlan, events: &[(i64, f64, f64)], cut: usize) -> GraphAnswer {
        let groups = Groups::default();
        let kernel = Numbers::new(plan, &groups).unwrap();
        let partial = |events: &[(i64, f64, f64)]| {
            let mut partial = kernel.init();
            let groups: Vec<_> =
                events.iter().map(|(_, key, _)| groups.group_of(&[Some(Value::Number(*key))])).collect();
            kernel.push(
                &mut partial,
                &Rows {
                    times: &events.iter().map(|(time, ..)| *time).collect::<Vec<_>>(),
                    matches: &vec![1; events.len()],
                    groups: &groups,
                    numbers: &events.iter().map(|(.., number)| *number).collect::<Vec<_>>(),
                    ..Rows::default()
                },
            );
            partial
        };
        let (mut into, from) = (partial(&events[..cut]), partial(&events[cut..]));
        kernel.merge(&mut into, from);
        kernel.finish(into, &Budget::unlimited()).unwrap()
    }

    #[test]
    fn sums_and_their_order_do_not_depend_on_the_order_of_events() {
        let numbers = [0.1, 0.2, 0.3, 1e16, -1e16, 0.7];
        let events: Vec<_> =
            (0..4).flat_map(|key| numbers.map(|number| (3 * key, f64::from(key as i32), number))).collect();
        for measure in [Measure::Sum("x".to_owned()), Measure::Avg("x".to_owned()), Measure::Summary("x".to_owned())] {
            let plan = plan(measure, 2);
            let expected = answer(&plan, &events, events.len());
            // Equal sums are in the order of keys.
            let keys: Vec<_> = expected.series.iter().map(|series| series.group.clone()).collect();
            assert_eq!(keys, [Some(vec![Some(Value::Number(0.0))]), Some(vec![Some(Value::Number(1.0))]), None]);
            for step in [5, 7, 11, 23] {
                let others: Vec<_> = (0..events.len()).map(|at| events[(at * step + 5) % events.len()]).collect();
                assert_eq!(answer(&plan, &others, step), expected, "{step}");
            }
        }
        let plan = plan(Measure::Sum("x".to_owned()), 2);
        assert_eq!(answer(&plan, &events, 3).total.total, Number::Real(5.2));
    }

    #[test]
    fn groups_buckets_and_the_rest_have_their_own_numbers() {
        let plan = plan(Measure::Percentile { of: "x".to_owned(), p: 50.0 }, 1);
        let events: Vec<_> = (0..60).map(|at| (at % 20, f64::from(at as i32 % 3), f64::from(at as i32))).collect();
        let of = |wanted: &dyn Fn(i64, f64) -> bool| {
            let mut numbers: Vec<f64> =
                events.iter().filter(|(time, key, _)| wanted(*time, *key)).map(|(.., number)| *number).collect();
            numbers.sort_by(f64::total_cmp);
            Number::Real(numbers[numbers.len().div_ceil(2) - 1])
        };
        let answer = answer(&plan, &events, 17);
        let first = match &answer.series[0].group.as_deref() {
            Some([Some(Value::Number(key))]) => *key,
            other => panic!("{other:?}"),
        };
        let numbers = |totals: &crate::Totals| [&totals.values[0], &totals.values[1], &totals.total].map(Number::clone);
        let expected = |wanted: &dyn Fn(f64) -> bool| {
            [
                of(&|time, key| time < 10 && wanted(key)),
                of(&|time, key| time >= 10 && wanted(key)),
                of(&|_, key| wanted(key)),
            ]
        };
        assert_eq!(numbers(&answer.series[0].totals), expected(&|key| key == first));
        assert_eq!(numbers(&answer.series[1].totals), expected(&|key| key != first));
        assert_eq!(numbers(&answer.total), expected(&|_| true));
        assert_eq!(answer.series.len(), 2);
    }
}
