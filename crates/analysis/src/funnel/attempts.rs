//! The attempts of one user: as few of them as the answer can depend on.
//!
//! An attempt is at level `k` once it has reached step `k`, counted from 1. At each level it is enough to know the attempt
//! with the latest start:
//! - All attempts at a level wait for the same event and move on together at the first one, as far as their windows last. The
//!   one with the latest start lasts longest; so where any moves on, it does, and of those that do it is the one that counts.
//! - An attempt that comes to a level later than another started later: had it started earlier, it would have come to each
//!   level no later. So the newcomer takes the place of the one that is there.
//!
//! What the one that is there may still be needed for is having reached its level first. That is decided at the instant at
//! which a level is the furthest for the first time, and so the counted attempt is kept apart.
//!
//! So most events need not be looked at. Until one comes that takes the next step after the furthest, only the state matters in
//! which it is met. Attempts that started before the latest one that comes as far as the furthest play no part in that: it takes
//! the place of those that wait, level by level, unless its window ends, and theirs end before. It is found backwards:
//! the last event of the furthest step, before it the last one of the step before, down to the first step. From there on events
//! are walked as if there had been none before.
//!
//! **Still open.** Let a user not have converted. Any attempt that is alive could still beat the counted one: events after
//! "as of" are not known, any number of them can share a millisecond, so that it could take all the steps that it lacks. It is
//! alive if there is an instant after "as of" and not after its start plus the window: if start + window > as_of, as what
//! happened at "as of" itself is known. The attempt that started last ends last, so it alone decides. (Attempts that have not
//! started yet do not count as alive.)

use std::ops::Range;

use crate::{FunnelPlan, GroupId, Rows, plan::STEPS_MAX};

/// Nothing waits here: no time is as early.
const NEVER: i64 = i64::MIN;

/// The attempts of the current user.
#[derive(Debug)]
pub(super) struct Attempts {
    /// `until[k]`: the last time at which the attempt at level `k` can move on. At level 0, where attempts start, the last
    /// time of the range.
    until: [i64; STEPS_MAX + 1],
    /// `slots[k]`: which of `attempts` is at level `k`, if `until[k]` says that there is one. A permutation.
    slots: [u8; STEPS_MAX + 1],
    attempts: [Attempt; STEPS_MAX + 1],
    /// The attempt that counts, as it was when it came to its level.
    counted: Attempt,
    /// When the last attempt ends.
    last_until: i64,
    steps: usize,
    window_ms: i64,
}

/// An attempt at some level.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempt {
    pub(super) group: GroupId,
    pub(super) level: usize,
    times: [i64; STEPS_MAX],
}

impl Attempt {
    /// When it reached each step.
    pub(super) fn times(&self) -> &[i64] {
        &self.times[..self.level]
    }
}

impl Attempts {
    /// Whose attempts go on for so long.
    pub(super) fn new(plan: &FunnelPlan, window_ms: i64) -> Self {
        let mut until = [NEVER; STEPS_MAX + 1];
        until[0] = plan.to.0.saturating_sub(1);
        Self {
            until,
            slots: std::array::from_fn(|level| level as u8),
            attempts: [Attempt::default(); STEPS_MAX + 1],
            counted: Attempt::default(),
            last_until: NEVER,
            steps: plan.steps.len(),
            window_ms,
        }
    }

    /// The next events.
    pub(super) fn push(&mut self, rows: &Rows<'_>) {
        if self.is_settled(rows) {
            return;
        }
        let can_all_start = rows.times.last().is_some_and(|last| *last <= self.until[0]);
        let mut at = 0;
        while at < rows.len() {
            let wanted = 1 << self.counted.level;
            let end = rows.matches[at..].iter().position(|matches| matches & wanted != 0);
            let end = end.map_or(rows.len(), |found| at + found + 1);
            if can_all_start && let Some(start) = latest_start(&rows.matches[at..end], self.counted.level) {
                at += start;
                self.until[1..].fill(NEVER);
            }
            if self.walk(rows, at..end) {
                return;
            }
            at = end;
        }
    }

    /// These of the events, one by one. Whether the user has converted by them.
    #[inline]
    fn walk(&mut self, rows: &Rows<'_>, events: Range<usize>) -> bool {
        let known = u32::MAX >> (u32::BITS as usize - self.steps);
        for i in events {
            let time = rows.times[i];
            // From the last step to the first, so that an attempt does not meet the event again at the level it moved to.
            let mut left = rows.matches[i] & known;
            while left != 0 {
                let step = left.ilog2() as usize;
                left ^= 1 << step;
                if time > self.until[step] {
                    continue;
                }
                if step == 0 {
                    self.start(time, rows.group(i));
                } else if self.advance(step, time) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether these events and all later ones change nothing: the user has converted, or no attempt can start or is alive.
    #[inline]
    fn is_settled(&self, rows: &Rows<'_>) -> bool {
        let ended = |first: &i64| *first > self.until[0] && *first > self.last_until;
        self.has_converted() || rows.times.first().is_none_or(ended)
    }

    /// Whether the user has taken all steps.
    #[inline]
    pub(super) fn has_converted(&self) -> bool {
        self.counted.level == self.steps
    }

    /// An attempt starts.
    #[inline]
    fn start(&mut self, time: i64, group: GroupId) {
        self.last_until = time.saturating_add(self.window_ms);
        self.until[1] = self.last_until;
        let attempt = &mut self.attempts[usize::from(self.slots[1])];
        attempt.group = group;
        attempt.times[0] = time;
        if self.counted.level == 0 {
            self.count(1);
        }
    }

    /// The attempt at level `from` takes the next step. Whether the user has converted by that.
    #[inline]
    fn advance(&mut self, from: usize, time: i64) -> bool {
        let level = from + 1;
        self.until[level] = self.until[from];
        self.until[from] = NEVER;
        self.slots.swap(from, level);
        self.attempts[usize::from(self.slots[level])].times[from] = time;
        if level > self.counted.level {
            self.count(level);
        }
        level == self.steps
    }

    /// The attempt at `level` is the one that counts. Only as many times are copied as it has: mostly very few.
    #[inline]
    fn count(&mut self, level: usize) {
        let Self { attempts, slots, counted, .. } = self;
        let attempt = &attempts[usize::from(slots[level])];
        (counted.group, counted.level) = (attempt.group, level);
        for (to, from) in counted.times[..level].iter_mut().zip(&attempt.times[..level]) {
            *to = *from;
        }
    }

    /// The attempt that counts, if there is any.
    pub(super) fn counted(&self) -> Option<&Attempt> {
        (self.counted.level > 0).then_some(&self.counted)
    }

    /// Whether the user has not converted, and an attempt could still beat the counted one.
    pub(super) fn is_open(&self, as_of: i64) -> bool {
        self.counted.level < self.steps && self.last_until > as_of
    }

    /// The next user begins.
    pub(super) fn clear(&mut self) {
        if self.counted.level > 0 {
            self.until[1..].fill(NEVER);
            self.last_until = NEVER;
            self.counted.level = 0;
        }
    }
}

/// Where the latest attempt starts that takes `level` steps, at least one, before the last of the events, if one does among them.
#[inline]
fn latest_start(matches: &[u32], level: usize) -> Option<usize> {
    let mut end = matches.len().checked_sub(1).filter(|_| level > 0)?;
    for step in (0..level).rev() {
        end = matches[..end].iter().rposition(|matches| matches >> step & 1 == 1)?;
    }
    Some(end)
}
