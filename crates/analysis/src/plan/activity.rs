//! Resolving stickiness and lifecycle.

use cairn_model::{Predicate, TimeMs};

use super::{Names, SegmentPlan, filter_words, first_day};
use crate::{ActivityQuery, Buckets, Interval, QueryError};

/// A resolved stickiness.
#[derive(Clone, Debug)]
pub struct StickinessPlan {
    /// What users do.
    pub event: Predicate,
    /// The intervals.
    pub buckets: Buckets,
    /// The days of the same range.
    pub days: Buckets,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

/// A resolved lifecycle.
#[derive(Clone, Debug)]
pub struct LifecyclePlan {
    /// What makes a user active.
    pub event: Predicate,
    /// The intervals.
    pub buckets: Buckets,
    /// Where the interval before the first one starts.
    pub before: TimeMs,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

impl StickinessPlan {
    pub(super) fn resolve(query: &ActivityQuery, names: Names<'_>) -> Result<Self, QueryError> {
        if !matches!(query.interval, Interval::Week | Interval::Month) {
            return Err(QueryError::new("query", "the `interval` of a stickiness is \"week\" or \"month\""));
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let buckets = names.calendar.buckets(from, to, query.interval)?;
        let (event, interval) = (query.event.words(), query.interval.word());
        let filter = filter_words(query.filter.as_ref(), query.segment.as_ref());
        let sentence = format!(
            "Users who did {event}{filter}, by {interval} and on how many of its days, from {}",
            first_day(&buckets)
        );
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            event: names.event(&query.event, query.filter.as_ref(), query.bots)?,
            days: names.calendar.buckets(from, to, Interval::Day)?,
            buckets,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }

    /// The times of events that matter, `[first, end)`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        (self.buckets.starts[0], TimeMs(self.buckets.end.0.min(self.as_of.0.saturating_add(1))))
    }
}

impl LifecyclePlan {
    pub(super) fn resolve(query: &ActivityQuery, names: Names<'_>) -> Result<Self, QueryError> {
        if query.interval == Interval::Whole {
            return Err(QueryError::new("query", "a lifecycle needs an `interval` such as \"week\""));
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let buckets = names.calendar.buckets(from, to, query.interval)?;
        let (event, interval) = (query.event.words(), query.interval.word());
        let filter = filter_words(query.filter.as_ref(), query.segment.as_ref());
        let sentence = format!(
            "Users who did {event}{filter}, by {interval}: new, returning from the {interval} before, resurrecting, or dormant, from {}",
            first_day(&buckets)
        );
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            event: names.event(&query.event, query.filter.as_ref(), query.bots)?,
            before: names.calendar.start_before(from, query.interval)?,
            buckets,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }

    /// The times of events that matter, `[first, end)`: whoever was active before is not new.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        (TimeMs(i64::MIN), TimeMs(self.buckets.end.0.min(self.as_of.0.saturating_add(1))))
    }
}
