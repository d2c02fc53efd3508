//! What a kernel is to be told of events: which ones, in which range, and what of each.

use cairn_model::{Predicate, TimeMs};

use crate::{FunnelPer, FunnelPlan, GraphPlan, Groups, KeyPlan, Measure};

/// Instants `from <= t < to`, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// The first instant.
    pub from: i64,
    /// The first one after it.
    pub to: i64,
}

/// Which events a question wants, and what of them.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// At most 32: hits say which of them they match.
    pub predicates: Vec<&'q Predicate>,
    /// When they happened.
    pub range: TimeRange,
    /// What of them.
    pub wanted: Wanted<'q>,
}

/// What of an event a question asks for beside its time.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'q> {
    /// What it is grouped by.
    pub keys: &'q [KeyPlan],
    /// Numbers the values and combinations of the keys.
    pub groups: &'q Groups,
    /// A property whose numbers the kernel gets.
    pub number: Option<&'q str>,
    /// Whether the kernel gets sessions.
    pub sessions: bool,
    /// What events must have in common.
    pub hold: Option<Hold<'q>>,
}

/// Properties that events must have in common: keys on events.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'q> {
    /// The properties.
    pub keys: &'q [KeyPlan],
    /// Numbers their values.
    pub groups: &'q Groups,
}

impl TimeRange {
    /// Whether some of the instants from `first` to `last`, both included, are in it.
    pub fn meets(&self, (first, last): (i64, i64)) -> bool {
        first < self.to && last >= self.from
    }
}

impl<'q> Wanted<'q> {
    /// Keys alone.
    pub fn keys(keys: &'q [KeyPlan], groups: &'q Groups) -> Self {
        Self { keys, groups, number: None, sessions: false, hold: None }
    }
}

impl<'q> Question<'q> {
    /// For events in a range, by keys.
    pub fn new(
        predicates: impl IntoIterator<Item = &'q Predicate>,
        (from, to): (TimeMs, TimeMs),
        (keys, groups): (&'q [KeyPlan], &'q Groups),
    ) -> Self {
        let range = TimeRange { from: from.0, to: to.0 };
        Self { predicates: predicates.into_iter().collect(), range, wanted: Wanted::keys(keys, groups) }
    }

    /// Of a graph of events.
    pub fn of_graph(plan: &'q GraphPlan, groups: &'q Groups) -> Self {
        let from = plan.buckets.starts.first().map_or(i64::MIN, |from| from.0);
        Self {
            predicates: plan.event.iter().collect(),
            range: TimeRange { from, to: plan.buckets.end.0.min(plan.as_of.0.saturating_add(1)) },
            wanted: Wanted {
                number: plan.measure.property(),
                sessions: plan.measure == Measure::Sessions,
                ..Wanted::keys(&plan.group_by, groups)
            },
        }
    }

    /// Of a funnel; `holds` numbers what is held.
    pub fn of_funnel(plan: &'q FunnelPlan, groups: &'q Groups, holds: &'q Groups) -> Self {
        let mut question = Self::new(plan.events(), plan.range(), (&plan.group_by, groups));
        question.wanted.sessions = plan.per == FunnelPer::Session;
        question.wanted.hold = (!plan.hold.is_empty()).then_some(Hold { keys: &plan.hold, groups: holds });
        question
    }

    /// The same with the events' sessions.
    #[must_use]
    pub fn of_sessions(mut self) -> Self {
        self.wanted.sessions = true;
        self
    }
}
