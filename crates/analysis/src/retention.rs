//! The retention kernel: who comes back, period by period.

mod finish;

use crate::{GroupId, Groups, Kernel, RetentionAnswer, RetentionPlan, Returned, Rows, buckets::Locator, plan::Periods};

/// Counts each user once in a cohort, and once in each period; specified in docs/semantics.md.
///
/// Event 0 of the rows is the start, event 1 the return, and their times lie in [`RetentionPlan::range`].
pub struct Retention<'a> {
    plan: &'a RetentionPlan,
    groups: &'a Groups,
    cohorts: Locator,
    /// Of calendar periods.
    periods: Option<Locator>,
    /// The first instant after each of them.
    ends: Vec<i64>,
    faulty: bool,
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
        Self { plan, groups, cohorts: Locator::new(&plan.cohorts), periods, ends, faulty: false }
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
        let line = if self.plan.group_by.is_empty() { cohort } else { rows.group(at).0 as usize };
        Some((Current { line, cohort, start, periods: 0, next: start }, at + usize::from(!self.faulty)))
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
        let Some(user) = partial.current.take() else { return };
        let first = user.line * self.width();
        if first >= partial.counts.len() {
            partial.counts.resize(first + self.width(), 0);
        }
        let (users, cells) = partial.counts[first..first + self.width()].split_at_mut(1);
        users[0] += 1;
        match self.plan.returned {
            Returned::On => {
                let mut left = user.periods;
                while left != 0 {
                    cells[left.trailing_zeros() as usize] += 1;
                    left &= left - 1;
                }
            }
            Returned::OnOrAfter => {
                let through = (u128::BITS - user.periods.leading_zeros()) as usize;
                cells[..through].iter_mut().for_each(|cell| *cell += 1);
            }
        }
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

    fn finish(&self, partial: RetentionPartial) -> RetentionAnswer {
        finish::answer(self, &partial.counts)
    }
}
