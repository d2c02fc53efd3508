//! Resolving a retention.

use cairn_model::{Predicate, TimeMs};

use super::{KeyPlan, Names, SegmentPlan, check_groups, filter_words, first_day, group_words};
use crate::{Buckets, GroupKey, Interval, QueryError, RetentionMode, RetentionQuery, Returned};

/// A resolved retention.
#[derive(Clone, Debug)]
pub struct RetentionPlan {
    /// Whoever does this is of a cohort.
    pub start: Predicate,
    /// What counts as coming back.
    pub returns: Predicate,
    /// Where starts are looked for: cohorts by date are its buckets.
    pub cohorts: Buckets,
    /// What a period is.
    pub periods: Periods,
    /// How many periods there are, 1 to 120.
    pub count: usize,
    /// When somebody counts in a period.
    pub returned: Returned,
    /// Properties of users, where cohorts are not by date.
    pub group_by: Vec<KeyPlan>,
    /// How many groups stand on their own.
    pub top: usize,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
    /// The words for a cell's sentence.
    pub(crate) words: CellWords,
}

/// What a period is, counted from a user's start.
#[derive(Clone, Debug)]
pub enum Periods {
    /// The buckets of the cohorts, and those after them: period `k` of a start in bucket `b` is bucket `b + k`.
    Calendar(Buckets),
    /// So many milliseconds each.
    Rolling(i64),
}

/// The words for a cell's sentence.
#[derive(Clone, Debug)]
pub(crate) struct CellWords {
    pub(crate) start: String,
    pub(crate) returns: String,
    pub(crate) interval: Interval,
    /// Of each key that is a segment, whose users it has.
    pub(crate) segments: Vec<Option<String>>,
}

/// At most this many periods: as many as a user's bits.
const PERIODS_MAX: usize = 120;
/// At most this many cohorts times periods.
const CELLS_MAX: usize = 50_000;
const DAY_MS: i64 = 24 * 3_600_000;

impl RetentionPlan {
    pub(super) fn resolve(query: &RetentionQuery, names: Names<'_>) -> Result<Self, QueryError> {
        let refuse = |message: String| Err(QueryError::new("query", message));
        check_groups(&query.group_by, query.top)?;
        if query.group_by.iter().any(|key| matches!(key, GroupKey::Event(_))) {
            return refuse("cohorts can be grouped by properties of users and by segments only".to_owned());
        }
        if !(1..=PERIODS_MAX).contains(&query.periods) {
            return refuse(format!("`periods` is a number from 1 to {PERIODS_MAX}"));
        }
        if query.interval == Interval::Whole {
            return refuse("a retention needs an `interval` such as \"week\"".to_owned());
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let cohorts = names.calendar.buckets(from, to, query.interval)?;
        if cohorts.len() * query.periods > CELLS_MAX {
            return refuse(format!("more than {CELLS_MAX} cells: choose a longer interval, or fewer periods"));
        }
        let periods = match (query.mode, query.interval) {
            (RetentionMode::Calendar, interval) => {
                Periods::Calendar(names.calendar.extended(&cohorts, interval, query.periods - 1)?)
            }
            (RetentionMode::Rolling, Interval::Day) => Periods::Rolling(DAY_MS),
            (RetentionMode::Rolling, Interval::Week) => Periods::Rolling(7 * DAY_MS),
            (RetentionMode::Rolling, _) => {
                return refuse("rolling periods are a \"day\" (24 h) or a \"week\" (168 h) long".to_owned());
            }
        };
        let event = |event| names.event(event, query.filter.as_ref(), query.bots);
        let segment = |key: &GroupKey| match key {
            GroupKey::Segment(key) => Some(key.words()),
            GroupKey::Event(_) | GroupKey::User(_) => None,
        };
        let segments = query.group_by.iter().map(segment).collect();
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            start: event(&query.start)?,
            returns: event(&query.returns)?,
            sentence: sentence(query, first_day(&cohorts)),
            words: CellWords {
                start: query.start.words(),
                returns: query.returns.words(),
                interval: query.interval,
                segments,
            },
            cohorts,
            periods,
            count: query.periods,
            returned: query.returned,
            group_by: names.keys(&query.group_by, as_of, query.bots)?,
            top: query.top,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
        })
    }

    /// The times of events that matter, `[first, end)`. Empty where `first` is not before `end`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        let end = match &self.periods {
            Periods::Calendar(buckets) => buckets.end.0,
            Periods::Rolling(length) => self.cohorts.end.0.saturating_add(length * self.count as i64),
        };
        (self.cohorts.starts[0], TimeMs(end.min(self.as_of.0.saturating_add(1))))
    }

    /// The first instant after period `period` of whoever starts last in bucket `cohort`.
    pub fn ends(&self, cohort: usize, period: usize) -> i64 {
        match &self.periods {
            Periods::Calendar(buckets) => buckets.starts.get(cohort + period + 1).unwrap_or(&buckets.end).0,
            Periods::Rolling(length) => {
                let last = self.cohorts.starts.get(cohort + 1).unwrap_or(&self.cohorts.end).0 - 1;
                last.saturating_add(length * (period as i64 + 1))
            }
        }
    }
}

fn sentence(query: &RetentionQuery, from: &str) -> String {
    let (start, returns) = (query.start.words(), query.returns.words());
    let (filter, groups) = (filter_words(query.filter.as_ref(), query.segment.as_ref()), group_words(&query.group_by));
    let interval = query.interval.word();
    let counted = match query.returned {
        Returned::On => "in",
        Returned::OnOrAfter => "in or after",
    };
    let period = match query.mode {
        RetentionMode::Calendar => format!("each {interval} after the {interval} of their first {start}"),
        RetentionMode::Rolling => format!("each {interval} counted from their first {start}"),
    };
    format!("Users who did {returns} {counted} {period}{filter}{groups}, starts from {from}")
}
