//! The kernel of graphs over the values of a property.

mod stat;

use stat::Stat;

use crate::{GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Number, Rows, Series, Totals, buckets::Locator, rank};

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

/// The numbers of one group: bucket after bucket.
struct Line {
    values: Vec<f64>,
    /// Where each bucket ends.
    ends: Vec<usize>,
}

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

    /// The numbers of each group that has any, by its number; and how many values are none.
    fn lines(&self, seen: &[Seen]) -> (Vec<Line>, u64) {
        let width = self.plan.buckets.len();
        let groups = seen.iter().map(|seen| seen.group as usize + 1).max().unwrap_or(0);
        // By counting: where the values of each group and bucket begin.
        let mut next = vec![0; groups * width + 1];
        let cell = |seen: &Seen| seen.group as usize * width + seen.bucket as usize;
        let mut skipped = 0;
        for one in seen {
            next[cell(one) + 1] += usize::from(!one.number.is_nan());
            skipped += u64::from(one.number.is_nan());
        }
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let starts = next.clone();
        let mut values = vec![0.0; seen.len() - skipped as usize];
        for one in seen.iter().filter(|one| !one.number.is_nan()) {
            values[next[cell(one)]] = one.number;
            next[cell(one)] += 1;
        }
        let line = |group: usize| {
            let (first, ends) = (starts[group * width], &starts[group * width + 1..=(group + 1) * width]);
            let last = ends.last().copied().unwrap_or(first);
            Line { values: values[first..last].to_vec(), ends: ends.iter().map(|end| end - first).collect() }
        };
        ((0..groups).map(line).collect(), skipped)
    }

    /// The totals of some lines together.
    fn totals(&self, lines: &[&Line]) -> Totals {
        let mut space = Vec::new();
        let mut of = |bucket: Option<usize>| {
            space.clear();
            lines.iter().for_each(|line| space.extend_from_slice(line.of(bucket)));
            self.stat.of_values(&mut space)
        };
        let values: Vec<Number> = (0..self.plan.buckets.len()).map(|bucket| of(Some(bucket))).collect();
        let total = if let [only] = values[..] { only } else { of(None) };
        Totals { values, total }
    }
}

impl Line {
    /// The values of a bucket, or of all.
    fn of(&self, bucket: Option<usize>) -> &[f64] {
        match bucket {
            Some(0) => &self.values[..self.ends[0]],
            Some(bucket) => &self.values[self.ends[bucket - 1]..self.ends[bucket]],
            None => &self.values,
        }
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

    fn finish(&self, partial: NumbersPartial) -> GraphAnswer {
        let (lines, skipped) = self.lines(&partial.seen);
        let some = lines.iter().zip(0..).filter(|(line, _)| !line.values.is_empty());
        let of_lines: Vec<_> = some.map(|(line, group)| (GroupId(group), line, self.totals(&[line]))).collect();
        let orders = of_lines.iter().map(|(group, _, totals)| (*group, totals.total.order()));
        let own = rank::first(self.groups, orders.collect(), self.plan.top);
        let place = |group: &GroupId| own.iter().position(|other| other == group);
        let mut series: Vec<(usize, Series)> = of_lines
            .iter()
            .filter_map(|(group, _, totals)| {
                let group_values = Some(self.groups.values(*group));
                Some((place(group)?, Series { group: group_values, other: false, totals: totals.clone() }))
            })
            .collect();
        series.sort_by_key(|(place, _)| *place);
        let mut series: Vec<Series> = series.into_iter().map(|(_, series)| series).collect();
        let rest: Vec<&Line> =
            of_lines.iter().filter(|(group, ..)| place(group).is_none()).map(|(_, line, _)| *line).collect();
        if !rest.is_empty() {
            series.push(Series { group: None, other: true, totals: self.totals(&rest) });
        }
        let total = match &of_lines[..] {
            [(_, _, only)] => only.clone(),
            _ => self.totals(&lines.iter().collect::<Vec<_>>()),
        };
        if series.is_empty() && self.plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: total.clone() });
        }
        GraphAnswer { buckets: self.plan.buckets.names.clone(), series, total, skipped: Some(skipped) }
    }
}
