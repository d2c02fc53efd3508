//! Resolving the order of a list of users.

use cairn_model::{Predicate, TimeMs};

use super::Plan;
use crate::{Query, Sort, SortKey};

/// A resolved order of a list of users.
#[derive(Clone, Debug)]
pub struct SortPlan {
    /// By what.
    pub by: SortKey,
    /// Whether the greatest is first.
    pub descending: bool,
    /// Which events count, where it is by them.
    pub events: Predicate,
    /// Later events are hidden.
    pub as_of: TimeMs,
}

impl SortPlan {
    pub(super) fn resolve(sort: Option<&Sort>, as_of: TimeMs, bots: bool) -> Self {
        let Sort { by, descending } = sort.cloned().unwrap_or_default();
        let all = Predicate::All(Vec::new());
        Self { by, descending, events: if bots { all } else { all.without_bots() }, as_of }
    }
}

impl Query {
    /// Whether known bots count.
    pub(super) fn bots(&self) -> bool {
        match self {
            Query::Graph(query) => query.bots,
            Query::Graphs(query) => query.bots,
            Query::Funnel(query) => query.bots,
            Query::Retention(query) => query.bots,
            Query::Stickiness(query) | Query::Lifecycle(query) => query.bots,
            Query::Paths(query) => query.bots,
            Query::Pairs(query) => query.bots,
            Query::Users(query) => query.bots,
            Query::Stream(query) => query.bots,
            Query::People(query) => query.of.bots(),
        }
    }
}

impl Plan {
    /// The instant after which events are hidden.
    pub(super) fn as_of(&self) -> TimeMs {
        match self {
            Plan::Graph(plan) => plan.as_of,
            Plan::Graphs(plan) => plan.as_of,
            Plan::Funnel(plan) => plan.as_of,
            Plan::Retention(plan) => plan.as_of,
            Plan::Stickiness(plan) => plan.as_of,
            Plan::Lifecycle(plan) => plan.as_of,
            Plan::Paths(plan) => plan.as_of,
            Plan::Pairs(plan) => plan.as_of,
            Plan::Users(plan) => plan.as_of,
            Plan::Stream(plan) => plan.as_of,
            Plan::People(plan) => plan.of.as_of(),
        }
    }
}
