//! Attempts that meet the same events.

use std::collections::VecDeque;

use super::assignment::Assignment;
use crate::{FunnelOrder, FunnelPlan, GroupId};

/// What is the same for all attempts.
#[derive(Debug)]
pub(super) struct Rules {
    order: FunnelOrder,
    pub(super) steps: usize,
    /// The last time at which an attempt may start.
    last_start: i64,
    window_ms: i64,
}

impl Rules {
    /// Those of attempts that go on for so long.
    pub(super) fn new(plan: &FunnelPlan, window_ms: i64) -> Self {
        Self { order: plan.order, steps: plan.steps.len(), last_start: plan.to.0.saturating_sub(1), window_ms }
    }

    /// Whether an event that matches these steps starts an attempt.
    pub(super) fn starts(&self, time: i64, steps: u32) -> bool {
        steps & 1 == 1 && time <= self.last_start
    }
}

/// An attempt.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) group: GroupId,
    /// When it took each of its steps.
    pub(super) times: Vec<i64>,
    /// The last time at which it can move on.
    until: i64,
    /// In any order: what fills which step.
    assignment: Assignment,
}

/// What an event does to an attempt.
enum Move {
    On,
    None,
    End,
}

impl Attempt {
    /// What an event that matches these steps does to it.
    fn meet(&mut self, order: FunnelOrder, steps: u32) -> Move {
        let is_next = steps >> self.times.len() & 1 == 1;
        match order {
            FunnelOrder::Sequential | FunnelOrder::Strict if is_next => Move::On,
            FunnelOrder::Any if self.assignment.add(steps & !1) => Move::On,
            FunnelOrder::Sequential | FunnelOrder::Any => Move::None,
            FunnelOrder::Strict => Move::End,
        }
    }
}

/// The attempts under way that are needed: by start, the last one first, and so by level, the lowest first.
#[derive(Debug, Default)]
pub(super) struct Course(VecDeque<Attempt>);

impl Course {
    /// The attempts meet an event that matches these steps. One that comes further than the counted one is counted in its place.
    pub(super) fn meet(&mut self, rules: &Rules, (time, steps): (i64, u32), counted: &mut Option<Attempt>) {
        while self.0.back().is_some_and(|attempt| attempt.until < time) {
            self.0.pop_back();
        }
        // The level of the attempt that started next.
        let mut next_level = 0;
        self.0.retain_mut(|attempt| {
            match attempt.meet(rules.order, steps) {
                Move::On => attempt.times.push(time),
                Move::None => {}
                Move::End => return false,
            }
            let level = attempt.times.len();
            if level == next_level {
                return false;
            }
            next_level = level;
            if level > counted.as_ref().map_or(0, |counted| counted.times.len()) {
                *counted = Some(attempt.clone());
            }
            level < rules.steps
        });
    }

    /// An attempt starts, after the event that starts it was met.
    pub(super) fn start(&mut self, rules: &Rules, time: i64, group: GroupId, counted: &mut Option<Attempt>) {
        let until = time.saturating_add(rules.window_ms);
        let attempt = Attempt { group, times: vec![time], until, assignment: Assignment::default() };
        if counted.is_none() {
            *counted = Some(attempt.clone());
        }
        match self.0.front_mut() {
            Some(last) if last.times.len() == 1 => *last = attempt,
            _ => self.0.push_front(attempt),
        }
    }

    /// All attempts end.
    pub(super) fn end(&mut self) {
        self.0.clear();
    }

    /// Whether an attempt is alive at "as of".
    pub(super) fn is_alive(&self, as_of: i64) -> bool {
        self.0.front().is_some_and(|last| last.until > as_of)
    }
}
