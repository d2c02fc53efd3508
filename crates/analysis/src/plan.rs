//! Queries with every name, date and interval resolved: what stores receive.

mod activity;
mod defined;
mod funnel;
mod graphs;
mod key;
mod paths;
mod people;
mod retention;
mod segment;
mod sort;
mod stream;
mod users;

use cairn_model::{Predicate, TimeMs};
use serde_json::Value;

use crate::words::{condition_words, segment_words};

pub use activity::{LifecyclePlan, StickinessPlan};
pub use defined::Defined;
pub use funnel::FunnelPlan;
pub(crate) use funnel::{STEPS_MAX, WINDOW_MAX_MS};
pub use graphs::{GraphsPlan, PreviousPlan};
pub use key::KeyPlan;
use key::{KEYS_MAX, check_groups, group_words};
pub(crate) use paths::START;
pub use paths::{NodesPlan, PairsPlan, PathsPlan};
pub use people::{Own, PeoplePlan};
pub(crate) use retention::CellWords;
pub use retention::{Periods, RetentionPlan};
pub use segment::{LeafKind, Listed, SegmentLeaf, SegmentPlan, SegmentTree};
pub use sort::SortPlan;
pub use stream::{EventKey, StreamPlan};
pub use users::UsersPlan;

use crate::{
    Buckets, Calendar, EventRef, GraphQuery, GroupKey, Histogram, Interval, Measure, Number, Query, QueryError,
    Summary, When,
};

/// A resolved question.
#[derive(Clone, Debug)]
pub enum Plan {
    /// See [`GraphQuery`].
    Graph(GraphPlan),
    /// See [`crate::GraphsQuery`].
    Graphs(GraphsPlan),
    /// See [`crate::FunnelQuery`].
    Funnel(FunnelPlan),
    /// See [`crate::RetentionQuery`].
    Retention(RetentionPlan),
    /// See [`crate::ActivityQuery`].
    Stickiness(StickinessPlan),
    /// See [`crate::ActivityQuery`].
    Lifecycle(LifecyclePlan),
    /// See [`crate::PathsQuery`].
    Paths(PathsPlan),
    /// See [`crate::PairsQuery`].
    Pairs(PairsPlan),
    /// See [`crate::UsersQuery`].
    Users(UsersPlan),
    /// See [`crate::PeopleQuery`].
    People(Box<PeoplePlan>),
    /// See [`crate::StreamQuery`].
    Stream(StreamPlan),
}

/// A resolved graph.
#[derive(Clone, Debug)]
pub struct GraphPlan {
    /// Which events: the query's event and the conditions of its `where`. Without, users are counted.
    pub event: Option<Predicate>,
    /// Conditions on users, where users are counted.
    pub users: Option<Predicate>,
    /// What is counted.
    pub measure: Measure,
    /// The buckets of the range.
    pub buckets: Buckets,
    /// Up to three keys.
    pub group_by: Vec<KeyPlan>,
    /// How many groups stand on their own.
    pub top: usize,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is counted, in words.
    pub sentence: String,
}

/// At most this many bins of a histogram.
const BINS_MAX: usize = 1_000;

impl Plan {
    /// Resolves `query`: `defined` knows the project's names, `now` is the instant that "now" means.
    pub fn resolve(query: &Query, calendar: &Calendar, now: TimeMs, defined: &dyn Defined) -> Result<Self, QueryError> {
        let names = Names { calendar, now, defined };
        match query {
            Query::Graph(graph) => GraphPlan::resolve(graph, names).map(Plan::Graph),
            Query::Graphs(graphs) => GraphsPlan::resolve(graphs, names).map(Plan::Graphs),
            Query::Funnel(funnel) => FunnelPlan::resolve(funnel, names).map(Plan::Funnel),
            Query::Retention(query) => RetentionPlan::resolve(query, names).map(Plan::Retention),
            Query::Stickiness(query) => StickinessPlan::resolve(query, names).map(Plan::Stickiness),
            Query::Lifecycle(query) => LifecyclePlan::resolve(query, names).map(Plan::Lifecycle),
            Query::Paths(query) => PathsPlan::resolve(query, names).map(Plan::Paths),
            Query::Pairs(query) => PairsPlan::resolve(query, names).map(Plan::Pairs),
            Query::Users(query) => UsersPlan::resolve(query, names).map(Plan::Users),
            Query::People(query) => PeoplePlan::resolve(query, names).map(Box::new).map(Plan::People),
            Query::Stream(query) => StreamPlan::resolve(query, names).map(Plan::Stream),
        }
    }
}

impl Plan {
    /// The events that it asks about.
    pub fn events(&self) -> Vec<&Predicate> {
        match self {
            Plan::Graph(plan) => plan.event.iter().collect(),
            Plan::Graphs(plan) => plan.events.iter().flat_map(|graph| &graph.event).collect(),
            Plan::Funnel(plan) => plan.events().collect(),
            Plan::Retention(plan) => vec![&plan.start, &plan.returns],
            Plan::Stickiness(plan) => vec![&plan.event],
            Plan::Lifecycle(plan) => vec![&plan.event],
            Plan::Paths(plan) => plan.events.iter().collect(),
            Plan::Pairs(plan) => plan.nodes.events.iter().collect(),
            Plan::Users(_) | Plan::Stream(_) => Vec::new(),
            Plan::People(plan) => plan.of.events(),
        }
    }

    /// The segment whose users alone count.
    pub fn segment(&self) -> Option<&SegmentPlan> {
        match self {
            Plan::Graph(plan) => plan.segment.as_ref(),
            Plan::Graphs(plan) => plan.segment.as_ref(),
            Plan::Funnel(plan) => plan.segment.as_ref(),
            Plan::Retention(plan) => plan.segment.as_ref(),
            Plan::Stickiness(plan) => plan.segment.as_ref(),
            Plan::Lifecycle(plan) => plan.segment.as_ref(),
            Plan::Paths(plan) => plan.segment.as_ref(),
            Plan::Pairs(plan) => plan.segment.as_ref(),
            Plan::Users(plan) => plan.segment.as_ref(),
            Plan::People(plan) => plan.of.segment(),
            Plan::Stream(_) => None,
        }
    }
}

/// What the words of a query mean.
#[derive(Clone, Copy)]
struct Names<'a> {
    calendar: &'a Calendar,
    now: TimeMs,
    defined: &'a dyn Defined,
}

impl Names<'_> {
    fn range(&self, from: &When, to: &When) -> Result<(TimeMs, TimeMs), QueryError> {
        let (from, to) = (self.calendar.instant(from)?, self.calendar.instant(to)?);
        if from >= to {
            return Err(QueryError::new("time", "the range is empty: `from` must lie before `to`"));
        }
        Ok((from, to))
    }

    /// The day of an instant, for people.
    fn day(&self, time: TimeMs) -> Result<String, QueryError> {
        Ok(self.calendar.name(time)?.chars().take_while(|c| *c != 'T').collect())
    }

    fn as_of(&self, when: Option<&When>) -> Result<TimeMs, QueryError> {
        when.map_or(Ok(self.now), |when| self.calendar.instant(when))
    }

    fn segment(&self, json: Option<&Value>, as_of: TimeMs, bots: bool) -> Result<Option<SegmentPlan>, QueryError> {
        json.map(|json| SegmentPlan::resolve(json, as_of, bots, *self)).transpose()
    }

    /// What counts as `event` in a query: its own predicate and the query's further conditions.
    fn event(&self, event: &EventRef, filter: Option<&Predicate>, bots: bool) -> Result<Predicate, QueryError> {
        let mut parts = vec![event.resolve(self.defined)?];
        parts.extend(filter.cloned());
        let event = Predicate::All(parts);
        Ok(if bots { event } else { event.without_bots() })
    }
}

impl GraphPlan {
    /// The memory that an answer takes in which at most so many groups stand on their own, in bytes. What it is made from is not in it.
    pub fn answer_bytes(&self, own: usize) -> usize {
        let (summary, buckets) = match &self.measure {
            Measure::Summary(_) => (size_of::<Summary>(), self.buckets.len()),
            Measure::Histogram(histogram) => (0, histogram.bins.unwrap_or(histogram.edges.len())),
            _ => (0, self.buckets.len()),
        };
        // Besides their groups there are the rest and all together; and while it is made, the place of each number's values.
        let lines = own.min(self.top) + 2;
        lines * buckets * (size_of::<Number>() + summary + size_of::<usize>())
    }

    fn resolve(query: &GraphQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_groups(&query.group_by, query.top)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        let Some(event) = &query.event else {
            return Self::of_users(query, names, as_of);
        };
        let (Some(from), Some(to)) = (&query.from, &query.to) else {
            return Err(QueryError::new("time", "a graph of an event needs `from` and `to`"));
        };
        check_measure(&query.measure)?;
        if let Measure::Histogram(histogram) = &query.measure {
            check_bins(histogram, query.interval)?;
        }
        let (from, to) = names.range(from, to)?;
        let buckets = names.calendar.buckets(from, to, query.interval)?;
        let sentence = sentence(query, event, &buckets);
        Ok(Self {
            event: Some(names.event(event, query.filter.as_ref(), query.bots)?),
            users: None,
            measure: query.measure.clone(),
            buckets,
            group_by: names.keys(&query.group_by, as_of, query.bots)?,
            top: query.top,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence,
        })
    }

    fn of_users(query: &GraphQuery, names: Names<'_>, as_of: TimeMs) -> Result<Self, QueryError> {
        let refuse = |message: &str| Err(QueryError::new("query", message));
        if query.measure != Measure::Users {
            return refuse("without an `event`, only `users` can be counted: add an event, or \"measure\": \"users\"");
        }
        if query.from.is_some() || query.to.is_some() || !matches!(query.interval, Interval::Day | Interval::Whole) {
            return refuse("without an `event`, `from`, `to` and `interval` do not apply: leave them out");
        }
        if query.group_by.iter().any(|key| matches!(key, GroupKey::Event(_))) {
            return refuse("without an `event`, users can be grouped by user properties and segments only");
        }
        let mut of_events = false;
        if let Some(filter) = &query.filter {
            filter.visit(&mut |part| {
                of_events |=
                    !matches!(part, Predicate::User(..) | Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_));
            });
        }
        if of_events {
            return refuse("without an `event`, `where` can hold conditions on users only");
        }
        // One bucket, named by the instant of the answer.
        let buckets =
            Buckets { starts: vec![as_of], end: TimeMs(as_of.0 + 1), names: vec![names.calendar.name(as_of)?] };
        let by = group_words(&query.group_by);
        Ok(Self {
            event: None,
            users: query.filter.clone(),
            measure: Measure::Users,
            buckets,
            group_by: names.keys(&query.group_by, as_of, query.bots)?,
            top: query.top,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            sentence: format!("Users{}{by}", filter_words(query.filter.as_ref(), query.segment.as_ref())),
        })
    }
}

impl EventRef {
    /// The predicate that this event means.
    pub fn resolve(&self, defined: &dyn Defined) -> Result<Predicate, QueryError> {
        match self {
            EventRef::Named(name) => defined.event(name).ok_or_else(|| {
                QueryError::new("unknown_event", format!("no event is defined as {name:?}; see `cairn define --list`"))
            }),
            EventRef::Inline(json) => {
                let predicate =
                    Predicate::from_json(json).map_err(|error| QueryError::new(error.code, error.to_string()))?;
                if predicate.has_user_condition() {
                    return Err(QueryError::new("predicate", "conditions on users stand in `where`, not in an event"));
                }
                Ok(predicate)
            }
        }
    }
}

fn check_measure(measure: &Measure) -> Result<(), QueryError> {
    match measure {
        Measure::Percentile { p, .. } if !(*p > 0.0 && *p <= 100.0) => {
            Err(QueryError::new("query", "the `p` of a percentile is more than 0 and at most 100"))
        }
        _ => Ok(()),
    }
}

fn check_bins(histogram: &Histogram, interval: Interval) -> Result<(), QueryError> {
    let refuse = |message: String| Err(QueryError::new("query", message));
    let Histogram { edges, bins, .. } = histogram;
    if interval != Interval::Whole {
        return refuse(
            "a histogram is of the whole range, its bins are its buckets: \"interval\": \"whole\"".to_owned(),
        );
    }
    match bins {
        None if edges.is_empty() => refuse("a histogram needs `edges`, or a number of `bins`".to_owned()),
        Some(_) if !edges.is_empty() => {
            refuse("a histogram has `edges` or a number of `bins`: give one of them".to_owned())
        }
        Some(bins) if !(1..=BINS_MAX).contains(bins) => refuse(format!("`bins` is a number from 1 to {BINS_MAX}")),
        None if !(2..=BINS_MAX + 1).contains(&edges.len()) || !edges.is_sorted_by(|a, b| a < b) => {
            refuse(format!("`edges` are 2 to {} numbers, each greater than the one before", BINS_MAX + 1))
        }
        _ => Ok(()),
    }
}

/// What is counted of an event.
fn measure_words(measure: &Measure, event: &EventRef) -> String {
    let event = event.words();
    match measure {
        Measure::Count => format!("Times that {event} happened"),
        Measure::Users => format!("Users who did {event}"),
        Measure::Sessions => format!("Sessions in which {event} happened"),
        Measure::CountPerUser => format!("Times that {event} happened, for each user who did it"),
        Measure::Sum(of) => format!("Sum of {of} of {event}"),
        Measure::Avg(of) => format!("Average {of} of {event}"),
        Measure::Min(of) => format!("Least {of} of {event}"),
        Measure::Max(of) => format!("Greatest {of} of {event}"),
        Measure::Percentile { of, p } => format!("Percentile {p} of {of} of {event}"),
        Measure::Histogram(histogram) => format!("Times that {event} happened, by {}", histogram.of),
        Measure::Summary(of) => format!("Count, sum, average and percentiles of {of} of {event}"),
    }
}

fn sentence(query: &GraphQuery, event: &EventRef, buckets: &Buckets) -> String {
    let what = measure_words(&query.measure, event);
    let filter = filter_words(query.filter.as_ref(), query.segment.as_ref());
    let (by, groups) = (interval_words(query.interval), group_words(&query.group_by));
    format!("{what}{filter}{by}{groups}, from {}", first_day(buckets))
}

fn interval_words(interval: Interval) -> String {
    match interval {
        Interval::Whole => String::new(),
        interval => format!(", by {}", interval.word()),
    }
}

/// The day of the first instant: enough to read, the buckets have the instants.
fn first_day(buckets: &Buckets) -> &str {
    buckets.names.first().and_then(|name| name.get(..10)).unwrap_or_default()
}

fn filter_words(filter: Option<&Predicate>, segment: Option<&Value>) -> String {
    let filter = filter.map(|filter| format!(", where {}", condition_words(&filter.to_json()))).unwrap_or_default();
    let segment = segment.map(|segment| format!(", of users {}", segment_words(segment))).unwrap_or_default();
    filter + &segment
}
