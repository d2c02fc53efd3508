//! The stickiness kernel.

use crate::{
    Active, Budget, GroupId, Intervals, Kernel, Rows, Second, StickinessAnswer, StickinessInterval, StickinessPlan,
    Stopped, active, buckets::Locator,
};

/// Counts each user once in each interval, by the number of its days with an event; specified in docs/semantics.md.
pub struct Stickiness<'a> {
    pub(super) plan: &'a StickinessPlan,
    days: Locator,
    /// The days as intervals, if they are few.
    spans: Option<Intervals>,
    /// The interval of each day.
    intervals: Vec<usize>,
    pub(super) faulty: bool,
}

/// The users so far, and the current one.
#[derive(Debug)]
pub struct StickinessPartial {
    /// By interval and number of days, from 1.
    pub(super) counts: Vec<u64>,
    /// The current user's last day with an event, and how many its interval has had.
    current: Option<(usize, usize)>,
}

/// No interval has more days.
const DAYS_MAX: usize = 31;

impl<'a> Stickiness<'a> {
    /// The kernel of `plan`.
    pub fn new(plan: &'a StickinessPlan) -> Self {
        let intervals = plan.days.starts.iter().map(|start| plan.buckets.of(*start)).collect();
        let spans = Intervals::new(plan.days.starts.iter().map(|start| start.0).collect(), Second::None);
        Self { plan, days: Locator::new(&plan.days), spans, intervals, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// The current user has an event on a day, not before the last one.
    fn day(&self, partial: &mut StickinessPartial, day: usize) {
        partial.current = match partial.current {
            Some((last, days)) if last == day => Some((day, days)),
            Some((last, days)) if self.intervals[last] == self.intervals[day] => {
                Some((day, if self.faulty { 1 } else { days + 1 }))
            }
            before => {
                before.into_iter().for_each(|before| self.count(&mut partial.counts, before));
                Some((day, 1))
            }
        };
    }

    fn count(&self, counts: &mut [u64], (day, days): (usize, usize)) {
        counts[self.intervals[day] * DAYS_MAX + days - 1] += 1;
    }
}

impl Kernel for Stickiness<'_> {
    type Partial = StickinessPartial;
    type Output = StickinessAnswer;

    fn init(&self) -> StickinessPartial {
        StickinessPartial { counts: vec![0; self.plan.buckets.len() * DAYS_MAX], current: None }
    }

    fn push(&self, partial: &mut StickinessPartial, rows: &Rows<'_>) {
        rows.relevant().for_each(|at| self.day(partial, self.days.of(rows.times[at])));
    }

    fn intervals(&self) -> Option<&Intervals> {
        self.spans.as_ref()
    }

    fn push_active(&self, partial: &mut StickinessPartial, active: &Active, group: GroupId) {
        active::each(active.first & !1).for_each(|interval| self.day(partial, interval - 1));
        self.close(partial, 0, group);
    }

    fn close(&self, partial: &mut StickinessPartial, _: u32, _: GroupId) {
        partial.current.take().into_iter().for_each(|last| self.count(&mut partial.counts, last));
    }

    fn merge(&self, into: &mut StickinessPartial, from: StickinessPartial) {
        into.counts.iter_mut().zip(&from.counts).for_each(|(into, from)| *into += from);
    }

    fn finish(&self, partial: StickinessPartial, budget: &Budget) -> Result<StickinessAnswer, Stopped> {
        let lines = partial.counts.chunks(DAYS_MAX).zip(&self.plan.buckets.names).enumerate();
        let lines = lines.map(|(interval, (counts, from))| {
            budget.check()?;
            let days = self.intervals.iter().filter(|of_day| **of_day == interval).count();
            let (users, days) = (counts.iter().sum(), counts[..days].to_vec());
            Ok(StickinessInterval { from: from.clone(), users, days })
        });
        Ok(StickinessAnswer { intervals: lines.collect::<Result<_, Stopped>>()? })
    }
}
