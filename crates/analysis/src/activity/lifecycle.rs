//! The lifecycle kernel.

use cairn_model::TimeMs;

use crate::{
    Active, Buckets, Budget, GroupId, Intervals, Kernel, LifecycleAnswer, LifecycleInterval, LifecyclePlan, Rows,
    Second, Stopped, active, buckets::Locator,
};

/// Counts each user once in each interval; specified in docs/semantics.md. Rows come from the beginning of time.
pub struct Lifecycle<'a> {
    pub(super) plan: &'a LifecyclePlan,
    /// The interval before the first, and those of the plan.
    intervals: Locator,
    /// The same as intervals, if they are few.
    spans: Option<Intervals>,
    pub(super) faulty: bool,
}

/// The users so far, and the current one.
#[derive(Debug)]
pub struct LifecyclePartial {
    pub(super) lines: Vec<LifecycleInterval>,
    /// The current user's last interval with an event, from 1; 0 for the one before the first.
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Before the interval that comes before the first.
    Long,
    At(usize),
}

impl<'a> Lifecycle<'a> {
    /// The kernel of `plan`.
    pub fn new(plan: &'a LifecyclePlan) -> Self {
        let starts: Vec<TimeMs> = std::iter::once(plan.before).chain(plan.buckets.starts.iter().copied()).collect();
        let spans = Intervals::new(starts.iter().map(|start| start.0).collect(), Second::None);
        let buckets = Buckets { starts, end: plan.buckets.end, names: Vec::new() };
        Self { plan, intervals: Locator::new(&buckets), spans, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// The line of an interval, if it has one: numbers are from 1, and what has not begun says nothing.
    fn line<'p>(&self, lines: &'p mut [LifecycleInterval], interval: usize) -> Option<&'p mut LifecycleInterval> {
        let at = interval.checked_sub(1).filter(|at| *at < lines.len())?;
        (self.plan.buckets.starts[at] <= self.plan.as_of).then(|| &mut lines[at])
    }

    /// The current user is active in an interval, not before the last one.
    fn active(&self, partial: &mut LifecyclePartial, now: Last) {
        if partial.last != Some(now) && !(self.faulty && now == Last::Long) {
            if let Last::At(now) = now {
                self.move_on(&mut partial.lines, partial.last, now);
            }
            partial.last = Some(now);
        }
    }

    /// The user, last active in `last`, is so again in `now`.
    fn move_on(&self, lines: &mut [LifecycleInterval], last: Option<Last>, now: usize) {
        if let Some(Last::At(last)) = last
            && last + 1 < now
        {
            self.rest(lines, last);
        }
        let Some(line) = self.line(lines, now) else { return };
        match last {
            None => line.new += 1,
            Some(Last::At(last)) if last + 1 == now => line.returning += 1,
            Some(_) => line.resurrecting += 1,
        }
    }

    /// The user was active in `last`, and is not in the one after.
    fn rest(&self, lines: &mut [LifecycleInterval], last: usize) {
        self.line(lines, last + 1).into_iter().for_each(|line| line.dormant += 1);
    }
}

impl Kernel for Lifecycle<'_> {
    type Partial = LifecyclePartial;
    type Output = LifecycleAnswer;

    fn init(&self) -> LifecyclePartial {
        LifecyclePartial { lines: vec![LifecycleInterval::default(); self.plan.buckets.len()], last: None }
    }

    fn push(&self, partial: &mut LifecyclePartial, rows: &Rows<'_>) {
        for at in rows.relevant() {
            let time = rows.times[at];
            let now = if time < self.plan.before.0 { Last::Long } else { Last::At(self.intervals.of(time)) };
            self.active(partial, now);
        }
    }

    fn intervals(&self) -> Option<&Intervals> {
        self.spans.as_ref()
    }

    fn push_active(&self, partial: &mut LifecyclePartial, active: &Active, group: GroupId) {
        for interval in active::each(active.first) {
            self.active(partial, interval.checked_sub(1).map_or(Last::Long, Last::At));
        }
        self.close(partial, 0, group);
    }

    fn close(&self, partial: &mut LifecyclePartial, _: u32, _: GroupId) {
        if let Some(Last::At(last)) = partial.last.take() {
            self.rest(&mut partial.lines, last);
        }
    }

    fn merge(&self, into: &mut LifecyclePartial, from: LifecyclePartial) {
        for (into, from) in into.lines.iter_mut().zip(&from.lines) {
            into.new += from.new;
            into.returning += from.returning;
            into.resurrecting += from.resurrecting;
            into.dormant += from.dormant;
        }
    }

    fn finish(&self, partial: LifecyclePartial, _: &Budget) -> Result<LifecycleAnswer, Stopped> {
        let lines = partial.lines.into_iter().zip(&self.plan.buckets.names);
        let intervals = lines.map(|(line, from)| LifecycleInterval { from: from.clone(), ..line }).collect();
        Ok(LifecycleAnswer { intervals })
    }
}
