//! The funnel kernel: how far users come, step by step.

mod assignment;
mod attempts;
mod course;
mod finish;
mod followed;
mod histogram;
mod lap;
mod portable;

pub(crate) use histogram::Bins;

use attempts::Attempts;
use cairn_model::TimeMs;
use foldhash::fast::FixedState;
use followed::Followed;
use hashbrown::HashMap;
use lap::Lap;

use crate::{Anchor, Budget, FunnelAnswer, FunnelOrder, FunnelPer, FunnelPlan, GroupId, Groups, Kernel, Rows, Stopped};

/// Counts each user or session once, with the attempt that counts; specified in docs/semantics.md.
///
/// The events of the rows are those of [`FunnelPlan::events`], and their times lie in [`FunnelPlan::range`].
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
    tally: Tally,
    current: Attempts,
    /// Used in the place of `current`, where that is not for the funnel.
    followed: Option<Followed>,
}

/// The users so far.
#[derive(Debug)]
struct Tally {
    /// By group, furthest step and whether the user is still open: how many users.
    counts: Vec<u64>,
    /// Where starts are told apart by time: the same by bucket, and place in `counts`.
    over_time: HashMap<(usize, usize), u64, FixedState>,
    /// By step, from the second on: the time from the step before, of each user who reached it. The last one is the time from the
    /// first step to the last; of two steps it is left out, as it is the same.
    laps: Vec<Vec<Lap>>,
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

    /// Counts a user whose attempt took its steps at these times.
    #[inline]
    fn count_attempt(&self, tally: &mut Tally, group: GroupId, times: &[i64], open: bool) {
        let Tally { counts, over_time, laps } = tally;
        self.count(counts, group, times.len(), open);
        if let Some(buckets) = &self.plan.over_time {
            let bucket = buckets.of(TimeMs(times[0]));
            *over_time.entry((bucket, self.cell(group, times.len(), open))).or_default() += 1;
        }
        for (laps, step) in laps.iter_mut().zip(times.windows(2)) {
            laps.push(Lap::new(group, step[1] - step[0]));
        }
        if times.len() == self.steps()
            && let Some(whole) = laps.get_mut(self.steps() - 1)
        {
            whole.push(Lap::new(group, times[times.len() - 1] - times[0]));
        }
    }

    /// Whether [`Attempts`] are for it.
    fn is_plain(&self) -> bool {
        let FunnelPlan { order, exclude, per, hold, .. } = self.plan;
        *order == FunnelOrder::Sequential && exclude.is_empty() && *per == FunnelPer::User && hold.is_empty()
    }
}

impl Kernel for Funnel<'_> {
    type Partial = FunnelPartial;
    type Output = FunnelAnswer;

    fn init(&self) -> FunnelPartial {
        let window_ms = self.plan.window_ms - i64::from(self.faulty);
        let steps = self.steps();
        let laps = vec![Vec::new(); if steps == 2 { 1 } else { steps }];
        FunnelPartial {
            tally: Tally { counts: Vec::new(), over_time: HashMap::default(), laps },
            current: Attempts::new(self.plan, window_ms),
            followed: (!self.is_plain()).then(|| Followed::new(self.plan, window_ms)),
        }
    }

    /// Attempts start with step 1. Where only the last one is known, it is not known when the first one started, in how many sessions, and with which
    /// properties; and in strict order one may have been ended by an event of step 1 that starts none any more.
    fn anchor(&self) -> Option<Anchor> {
        let FunnelPlan { order, per, hold, over_time, .. } = self.plan;
        let of_last = *order != FunnelOrder::Strict && *per == FunnelPer::User && hold.is_empty();
        let lone = of_last && over_time.is_none();
        Some(Anchor { event: 0, before: self.plan.to.0, window_ms: self.plan.window_ms, lone })
    }

    /// The first attempt counts, and the last one may be open.
    #[inline]
    fn push_lone(&self, partial: &mut FunnelPartial, until: i64) {
        self.count(&mut partial.tally.counts, GroupId(0), 1, until > self.plan.as_of.0);
    }

    #[inline]
    fn push(&self, partial: &mut FunnelPartial, rows: &Rows<'_>) {
        match &mut partial.followed {
            None => partial.current.push(rows),
            Some(followed) => followed.push(rows),
        }
    }

    /// Who has converted can do no more.
    #[inline]
    fn is_settled(&self, partial: &FunnelPartial) -> bool {
        match &partial.followed {
            None => partial.current.has_converted(),
            Some(followed) => followed.is_settled(),
        }
    }

    fn close(&self, partial: &mut FunnelPartial, _: u32, _: GroupId) {
        let FunnelPartial { tally, current, followed } = partial;
        let as_of = self.plan.as_of.0;
        if let Some(followed) = followed {
            followed.close(as_of, |counted, open| self.count_attempt(tally, counted.group, &counted.times, open));
            return;
        }
        if let Some(counted) = current.counted() {
            self.count_attempt(tally, counted.group, counted.times(), current.is_open(as_of));
        }
        current.clear();
    }

    fn bytes(&self, partial: &FunnelPartial) -> usize {
        let Tally { counts, over_time, laps } = &partial.tally;
        let laps: usize = laps.iter().map(Vec::capacity).sum();
        8 * counts.capacity() + size_of::<((usize, usize), u64)>() * over_time.capacity() + size_of::<Lap>() * laps
    }

    fn merge(&self, into: &mut FunnelPartial, from: FunnelPartial) {
        let (into, mut from) = (&mut into.tally, from.tally);
        if from.counts.len() > into.counts.len() {
            into.counts.resize(from.counts.len(), 0);
        }
        into.counts.iter_mut().zip(&from.counts).for_each(|(into, from)| *into += from);
        from.over_time.into_iter().for_each(|(at, count)| *into.over_time.entry(at).or_default() += count);
        for (into, from) in into.laps.iter_mut().zip(&mut from.laps) {
            // The longer one is kept in place.
            if from.len() > into.len() {
                std::mem::swap(into, from);
            }
            into.append(from);
        }
    }

    fn finish(&self, partial: FunnelPartial, budget: &Budget) -> Result<FunnelAnswer, Stopped> {
        finish::answer(self, partial.tally, budget)
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
