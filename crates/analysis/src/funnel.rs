//! The funnel kernel: how far users come, step by step.

mod attempts;
mod finish;
mod lap;

use attempts::Attempts;
use lap::Lap;

use crate::{Anchor, FunnelAnswer, FunnelPlan, GroupId, Groups, Kernel, Rows};

/// Counts each user once, with the attempt that counts; specified in docs/semantics.md.
///
/// Event `i` of the rows is step `i`, and their times lie in [`FunnelPlan::range`].
pub struct Funnel<'a> {
    plan: &'a FunnelPlan,
    groups: &'a Groups,
    faulty: bool,
}

/// The users so far, and the attempts of the current one.
///
/// Besides a few counts per group, it takes 8 bytes for each user and step reached from the second on, because percentiles
/// are exact: 50 million of those are 400 MB.
#[derive(Debug)]
pub struct FunnelPartial {
    /// By group, furthest step and whether the user is still open: how many users.
    counts: Vec<u64>,
    /// By step, from the second on: the time from the step before, of each user who reached it.
    laps: Vec<Vec<Lap>>,
    current: Attempts,
}

impl<'a> Funnel<'a> {
    /// The kernel of `plan`, which has 2 to 16 steps; the rows' groups are numbered by `groups`.
    pub fn new(plan: &'a FunnelPlan, groups: &'a Groups) -> Self {
        Self { plan, groups, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    fn steps(&self) -> usize {
        self.plan.steps.len()
    }

    /// Where the users of a group are counted who came `level` steps far, and are open or not.
    fn cell(&self, group: GroupId, level: usize, open: bool) -> usize {
        (group.0 as usize * self.steps() + level - 1) * 2 + usize::from(open)
    }

    /// Counts a user.
    #[inline]
    fn count(&self, counts: &mut Vec<u64>, group: GroupId, level: usize, open: bool) {
        let at = self.cell(group, level, open);
        if at >= counts.len() {
            counts.resize(self.cell(group, self.steps(), true) + 1, 0);
        }
        counts[at] += 1;
    }
}

impl Kernel for Funnel<'_> {
    type Partial = FunnelPartial;
    type Output = FunnelAnswer;

    fn init(&self) -> FunnelPartial {
        FunnelPartial {
            counts: Vec::new(),
            laps: vec![Vec::new(); self.steps() - 1],
            current: Attempts::new(self.plan, self.plan.window_ms - i64::from(self.faulty)),
        }
    }

    /// Attempts start with step 1.
    fn anchor(&self) -> Option<Anchor> {
        Some(Anchor { event: 0, before: self.plan.to.0, window_ms: self.plan.window_ms })
    }

    /// The first attempt counts, and the last one may be open.
    #[inline]
    fn push_lone(&self, partial: &mut FunnelPartial, until: i64) {
        self.count(&mut partial.counts, GroupId(0), 1, until > self.plan.as_of.0);
    }

    fn push(&self, partial: &mut FunnelPartial, rows: &Rows<'_>) {
        partial.current.push(rows);
    }

    /// Who has converted can do no more.
    #[inline]
    fn is_settled(&self, partial: &FunnelPartial) -> bool {
        partial.current.has_converted()
    }

    fn close(&self, partial: &mut FunnelPartial, _: u32, _: GroupId) {
        let FunnelPartial { counts, laps, current } = partial;
        if let Some(counted) = current.counted() {
            self.count(counts, counted.group, counted.level, current.is_open(self.plan.as_of.0));
            for (laps, step) in laps.iter_mut().zip(counted.times().windows(2)) {
                laps.push(Lap::new(counted.group, step[1] - step[0]));
            }
        }
        current.clear();
    }

    fn merge(&self, into: &mut FunnelPartial, mut from: FunnelPartial) {
        if from.counts.len() > into.counts.len() {
            into.counts.resize(from.counts.len(), 0);
        }
        into.counts.iter_mut().zip(&from.counts).for_each(|(into, from)| *into += from);
        for (into, from) in into.laps.iter_mut().zip(&mut from.laps) {
            // The longer one is kept in place.
            if from.len() > into.len() {
                std::mem::swap(into, from);
            }
            into.append(from);
        }
    }

    fn finish(&self, partial: FunnelPartial) -> FunnelAnswer {
        finish::answer(self, partial)
    }
}

/// How far an array of events gets through the steps `1..=n`: position `i`, counted from 1, of the `n` is 1 if `1..=i` occur
/// in `events` as a subsequence, else 0.
///
/// ```
/// assert_eq!(cairn_analysis::funnel_events(&[2, 1, 7, 2, 1], 3), [1, 1, 0]);
/// ```
pub fn funnel_events(events: &[i32], n: usize) -> Vec<i32> {
    let mut reached = vec![0; n];
    let mut steps = (1..=i32::MAX).zip(&mut reached);
    let mut next = steps.next();
    for event in events {
        if let Some((step, reached)) = &mut next
            && step == event
        {
            **reached = 1;
            next = steps.next();
        }
    }
    reached
}
