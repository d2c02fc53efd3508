//! The retention kernel: who comes back, period by period.

mod finish;
mod portable;

use crate::{
    Active, Budget, GroupId, Groups, Intervals, Kernel, RetentionAnswer, RetentionPlan, Returned, Rows, Second,
    Stopped, active, buckets::Locator, plan::Periods,
};

/// Counts each user once in a cohort, and once in each period; specified in docs/semantics.md.
///
/// Event 0 of the rows is the start, event 1 the return, and their times lie in [`RetentionPlan::range`].
pub struct Retention<'a> {
    plan: &'a RetentionPlan,
    groups: &'a Groups,
    by: By,
    cohorts: Locator,
    /// Of calendar periods.
    periods: Option<Locator>,
    /// The first instant after each of them.
    ends: Vec<i64>,
    /// Calendar periods, if they are few.
    spans: Option<Spans>,
    faulty: bool,
}

/// What a line of counts is.
#[derive(Clone, Copy, Debug)]
enum By {
    /// A cohort by date.
    Date,
    /// A group.
    Group,
    /// The cohort by date that is asked for, or all; then all others.
    Side(Option<usize>),
}

/// Calendar periods, and where starts end, as intervals.
#[derive(Debug)]
struct Spans {
    intervals: Intervals,
    /// The intervals in which starts lie.
    starts: u128,
    /// Intervals before that in which a period goes on after starts have ended, if there is one.
    low: u128,
}

impl Spans {
    fn of(plan: &RetentionPlan) -> Option<Self> {
        let Periods::Calendar(periods) = &plan.periods else { return None };
        let mut starts: Vec<i64> = periods.starts.iter().map(|start| start.0).collect();
        let end = plan.cohorts.end;
        let cut = starts.binary_search(&end.0).err();
        cut.iter().for_each(|at| starts.insert(*at, end.0));
        let with_starts = starts.iter().filter(|start| **start < end.0).count();
        let second = if plan.start == plan.returns { Second::Same } else { Second::Other };
        let intervals = Intervals::new(starts, second)?;
        let (starts, low) = (up_to(with_starts) & !1, cut.map_or(u128::MAX, up_to));
        Some(Self { intervals, starts, low })
    }

    /// The buckets, counted from 1, that these intervals are of.
    #[inline]
    fn buckets(&self, intervals: u128) -> u128 {
        intervals & self.low | (intervals & !self.low) >> 1
    }
}

/// The intervals from 0 to `last`.
fn up_to(last: usize) -> u128 {
    u128::MAX >> (u128::BITS as usize - 1 - last)
}

/// The users so far, and the current one.
#[derive(Debug)]
pub struct RetentionPartial {
    /// By line, that is cohort: how many users, and how many of them count in each period.
    counts: Vec<u64>,
    current: Option<Current>,
}

/// The current user, once started.
#[derive(Debug)]
struct Current {
    line: usize,
    cohort: usize,
    start: i64,
    /// Bit `k`: came back in period `k`.
    periods: u128,
    /// Events before this instant say nothing new.
    next: i64,
}

const START: u32 = 1;
const RETURN: u32 = 2;
/// So many events are looked at together.
const LANES: usize = 8;

/// Whether one of a few events is a return from `next` on. Most often none is, and to know it takes no branch for each.
#[inline]
fn any_return(matches: &[u32], times: &[i64], next: i64) -> bool {
    // Times are within a few hundred thousand years of each other: their difference has the right sign.
    let before = |time: i64| time.wrapping_sub(next) as u64 >> 63;
    let returns = |matches: u32| (u64::from(matches) / u64::from(RETURN)) & 1;
    matches.iter().zip(times).fold(0, |any, (matches, time)| any | returns(*matches) & !before(*time)) & 1 == 1
}

impl<'a> Retention<'a> {
    /// The kernel of `plan`; the rows' groups are numbered by `groups`.
    pub fn new(plan: &'a RetentionPlan, groups: &'a Groups) -> Self {
        let (periods, ends) = match &plan.periods {
            Periods::Calendar(buckets) => {
                let ends = buckets.starts[1..].iter().chain([&buckets.end]).map(|end| end.0);
                (Some(Locator::new(buckets)), ends.collect())
            }
            Periods::Rolling(_) => (None, Vec::new()),
        };
        Self {
            plan,
            groups,
            by: if plan.group_by.is_empty() { By::Date } else { By::Group },
            cohorts: Locator::new(&plan.cohorts),
            periods,
            ends,
            spans: Spans::of(plan),
            faulty: false,
        }
    }

    /// Of cohorts by date tells only number `at` from the others, as [`crate::Sides::groups`], or has all as that of the cell: so what is
    /// found of one user is small.
    #[must_use]
    pub fn of_cohort(mut self, at: Option<usize>) -> Self {
        if matches!(self.by, By::Date) {
            self.by = By::Side(at);
        }
        self
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    fn width(&self) -> usize {
        self.plan.count + 1
    }

    /// The user's start, if it is among these; the place of the event after it.
    fn start(&self, rows: &Rows<'_>) -> Option<(Current, usize)> {
        let (from, to) = (self.plan.cohorts.starts[0].0, self.plan.cohorts.end.0);
        let starts = |(matches, time): (&u32, &i64)| matches & START != 0 && *time >= from && *time < to;
        let at = rows.matches.iter().zip(rows.times).position(starts)?;
        let start = rows.times[at];
        let cohort = self.cohorts.of(start);
        let line = self.line(cohort, rows.group(at));
        Some((Current { line, cohort, start, periods: 0, next: start }, at + usize::from(!self.faulty)))
    }

    fn line(&self, cohort: usize, group: GroupId) -> usize {
        match self.by {
            By::Date => cohort,
            By::Group => group.0 as usize,
            By::Side(at) => usize::from(at.is_some_and(|at| at != cohort)),
        }
    }

    /// Counts a user who started so, and came back in these periods.
    fn count(&self, partial: &mut RetentionPartial, line: usize, periods: u128) {
        let first = line * self.width();
        if first >= partial.counts.len() {
            partial.counts.resize(first + self.width(), 0);
        }
        let (users, cells) = partial.counts[first..first + self.width()].split_at_mut(1);
        users[0] += 1;
        match self.plan.returned {
            Returned::On => active::each(periods).for_each(|period| cells[period] += 1),
            Returned::OnOrAfter => {
                let through = (u128::BITS - periods.leading_zeros()) as usize;
                cells[..through].iter_mut().for_each(|cell| *cell += 1);
            }
        }
    }

    /// The period of an instant after a user's start, and the first instant after that period.
    #[inline]
    fn period(&self, user: &Current, time: i64) -> (usize, i64) {
        match (&self.periods, &self.plan.periods) {
            (Some(locator), _) => {
                let bucket = locator.of(time);
                (bucket - user.cohort, self.ends[bucket])
            }
            (None, Periods::Rolling(length)) => {
                let period = (time - user.start) / length;
                (period as usize, user.start + (period + 1) * length)
            }
            (None, Periods::Calendar(_)) => (usize::MAX, i64::MAX),
        }
    }
}

impl Kernel for Retention<'_> {
    type Partial = RetentionPartial;
    type Output = RetentionAnswer;

    fn init(&self) -> RetentionPartial {
        RetentionPartial { counts: Vec::new(), current: None }
    }

    fn push(&self, partial: &mut RetentionPartial, rows: &Rows<'_>) {
        let mut at = 0;
        if partial.current.is_none() {
            let Some((user, next)) = self.start(rows) else { return };
            (partial.current, at) = (Some(user), next);
        }
        let Some(user) = &mut partial.current else { return };
        let pieces = rows.matches[at..].chunks(LANES).zip(rows.times[at..].chunks(LANES));
        for (matches, times) in pieces {
            if !any_return(matches, times, user.next) {
                continue;
            }
            for (matches, time) in matches.iter().zip(times) {
                if (matches & RETURN != 0) & (*time >= user.next) {
                    let (period, end) = self.period(user, *time);
                    if period >= self.plan.count {
                        user.next = i64::MAX;
                        return;
                    }
                    user.periods |= 1 << period;
                    user.next = end;
                }
            }
        }
    }

    /// Who is past the last period can do no more.
    #[inline]
    fn is_settled(&self, partial: &RetentionPartial) -> bool {
        partial.current.as_ref().is_some_and(|user| user.next == i64::MAX)
    }

    fn close(&self, partial: &mut RetentionPartial, _: u32, _: GroupId) {
        if let Some(user) = partial.current.take() {
            self.count(partial, user.line, user.periods);
        }
    }

    fn intervals(&self) -> Option<&Intervals> {
        self.spans.as_ref().map(|spans| &spans.intervals)
    }

    fn push_active(&self, partial: &mut RetentionPartial, active: &Active, group: GroupId) {
        let Some(spans) = &self.spans else { return };
        let starts = active.first & spans.starts;
        if starts == 0 {
            return;
        }
        let start = starts.trailing_zeros() as usize;
        let returns = if spans.intervals.second() == Second::Same { active.first } else { active.second };
        let at_start = if self.faulty { returns } else { active.after } & 1 << start;
        // A period is a bucket from that of the start on, which is number `start`: no interval before it is cut.
        let periods = spans.buckets(returns & !up_to(start) | at_start) >> start & up_to(self.plan.count - 1);
        let cohort = start - 1;
        self.count(partial, self.line(cohort, group), periods);
    }

    fn bytes(&self, partial: &RetentionPartial) -> usize {
        8 * partial.counts.capacity()
    }

    fn merge(&self, into: &mut RetentionPartial, from: RetentionPartial) {
        if from.counts.len() > into.counts.len() {
            into.counts.resize(from.counts.len(), 0);
        }
        into.counts.iter_mut().zip(&from.counts).for_each(|(into, from)| *into += from);
    }

    fn finish(&self, partial: RetentionPartial, budget: &Budget) -> Result<RetentionAnswer, Stopped> {
        finish::answer(self, &partial.counts, budget)
    }
}
