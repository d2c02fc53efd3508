//! The graph kernel: how many events or users, by bucket and group.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use crate::{GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Measure, Row, Series, Totals};

/// Counts per group and bucket.
///
/// Users of several groups must be counted once in `other`, which can only be done once it is known which groups fall into
/// it: where there are more groups than the query keeps, [`Graph::finish`] asks for a second run that knows them.
pub struct Graph<'a> {
    plan: &'a GraphPlan,
    groups: &'a Groups,
    /// In a second run: the groups that stand on their own.
    kept: Option<HashSet<GroupId, FixedState>>,
}

/// The counts so far, and what the current user did.
#[derive(Debug, Default)]
pub struct GraphPartial {
    groups: HashMap<Slot, Totals, FixedState>,
    total: Totals,
    seen: Vec<(Slot, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Slot {
    Group(GroupId),
    Other,
}

impl<'a> Graph<'a> {
    /// The kernel of `plan`; the rows' groups are numbered by `groups`.
    pub fn new(plan: &'a GraphPlan, groups: &'a Groups) -> Self {
        Self { plan, groups, kept: None }
    }

    fn slot(&self, group: GroupId) -> Slot {
        match &self.kept {
            Some(kept) if !kept.contains(&group) => Slot::Other,
            _ => Slot::Group(group),
        }
    }

    fn empty(&self) -> Totals {
        Totals { values: vec![0; self.plan.buckets.len()], total: 0 }
    }

    fn series(&self, slot: Slot, totals: Totals) -> Series {
        match slot {
            Slot::Group(group) => Series { group: Some(self.groups.values(group)), other: false, totals },
            Slot::Other => Series { group: None, other: true, totals },
        }
    }
}

impl<'a> Kernel for Graph<'a> {
    type Partial = GraphPartial;
    /// The answer, or the kernel of the second run.
    type Output = Result<GraphAnswer, Graph<'a>>;

    fn init(&self) -> GraphPartial {
        GraphPartial { total: self.empty(), ..GraphPartial::default() }
    }

    fn push(&self, partial: &mut GraphPartial, row: &Row) {
        let bucket = self.plan.buckets.of(row.time);
        let slot = self.slot(row.group);
        match self.plan.measure {
            Measure::Count => {
                let totals = partial.groups.entry(slot).or_insert_with(|| self.empty());
                for totals in [totals, &mut partial.total] {
                    totals.values[bucket] += 1;
                    totals.total += 1;
                }
            }
            // A user's events come in order of time, so repeats of a bucket are mostly neighbours.
            Measure::Users => {
                let seen = (slot, bucket as u32);
                if partial.seen.last() != Some(&seen) {
                    partial.seen.push(seen);
                }
            }
        }
    }

    fn close(&self, partial: &mut GraphPartial, group: GroupId) {
        if self.plan.event.is_none() {
            partial.seen.push((self.slot(group), 0));
        }
        if partial.seen.is_empty() {
            return;
        }
        let mut seen = std::mem::take(&mut partial.seen);
        seen.sort_unstable();
        seen.dedup();
        for run in seen.chunk_by(|a, b| a.0 == b.0) {
            let totals = partial.groups.entry(run[0].0).or_insert_with(|| self.empty());
            totals.total += 1;
            run.iter().for_each(|(_, bucket)| totals.values[*bucket as usize] += 1);
        }
        seen.sort_unstable_by_key(|(_, bucket)| *bucket);
        seen.dedup_by_key(|(_, bucket)| *bucket);
        partial.total.total += 1;
        seen.iter().for_each(|(_, bucket)| partial.total.values[*bucket as usize] += 1);
        seen.clear();
        partial.seen = seen;
    }

    fn merge(&self, into: &mut GraphPartial, from: GraphPartial) {
        add(&mut into.total, &from.total);
        for (slot, totals) in from.groups {
            match into.groups.get_mut(&slot) {
                Some(known) => add(known, &totals),
                None => drop(into.groups.insert(slot, totals)),
            }
        }
    }

    fn finish(&self, partial: GraphPartial) -> Self::Output {
        let mut series: Vec<_> = partial.groups.into_iter().collect();
        series.sort_by_cached_key(|(slot, totals)| {
            let values = match slot {
                Slot::Group(group) => self.groups.values(*group),
                Slot::Other => Vec::new(),
            };
            (*slot == Slot::Other, std::cmp::Reverse(totals.total), values)
        });
        let own = series.iter().filter(|(slot, _)| *slot != Slot::Other).count();
        if own > self.plan.top {
            if self.plan.measure == Measure::Users {
                let kept = series.iter().take(self.plan.top).filter_map(|(slot, _)| match slot {
                    Slot::Group(group) => Some(*group),
                    Slot::Other => None,
                });
                return Err(Graph { kept: Some(kept.collect()), ..*self });
            }
            let mut other = self.empty();
            series.drain(self.plan.top..).for_each(|(_, totals)| add(&mut other, &totals));
            series.push((Slot::Other, other));
        }
        if series.is_empty() && self.plan.group_by.is_empty() {
            series.push((Slot::Group(self.groups.group(&[])), self.empty()));
        }
        let series = series.into_iter().map(|(slot, totals)| self.series(slot, totals)).collect();
        Ok(GraphAnswer { buckets: self.plan.buckets.names.clone(), series, total: partial.total })
    }
}

fn add(into: &mut Totals, from: &Totals) {
    into.total += from.total;
    into.values.iter_mut().zip(&from.values).for_each(|(a, b)| *a += b);
}
