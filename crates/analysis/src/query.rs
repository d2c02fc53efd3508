//! Queries as people write them; specified in docs/api.md.

mod activity;
mod funnel;
mod graphs;
mod key;
mod paths;
mod people;
mod retention;
mod sort;
mod stream;
mod users;

use cairn_model::{Predicate, TimeMs};
use serde::{Deserialize, Serialize};

pub use activity::ActivityQuery;
pub use funnel::{FunnelOrder, FunnelPer, FunnelQuery};
pub use graphs::{GraphEvent, GraphsQuery};
pub use key::{GroupKey, SegmentKey};
pub use paths::{PairsQuery, PathsQuery};
pub use people::{Cell, PeopleQuery, Who};
pub use retention::{RetentionMode, RetentionQuery, Returned};
pub use sort::{Sort, SortKey};
pub use stream::{StreamQuery, Whose};
pub use users::UsersQuery;

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// How much of something, over time.
    Graph(GraphQuery),
    /// Several graphs of one range, and formulas between them.
    Graphs(GraphsQuery),
    /// How many users go from step to step.
    Funnel(FunnelQuery),
    /// How many users come back.
    Retention(RetentionQuery),
    /// On how many days of an interval users do something.
    Stickiness(ActivityQuery),
    /// How many users are new, stay, come back and stay away.
    Lifecycle(ActivityQuery),
    /// Where sessions go from an event on, or come from.
    Paths(PathsQuery),
    /// How often one node comes right after another.
    Pairs(PairsQuery),
    /// The users of a segment.
    Users(UsersQuery),
    /// Who is behind a number.
    People(PeopleQuery),
    /// What one person did, newest first.
    Stream(StreamQuery),
}

/// How many events or users, by interval and group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphQuery {
    /// Which events; without it the users themselves are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventRef>,
    /// What is counted.
    #[serde(default)]
    pub measure: Measure,
    /// The first instant of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// The first instant after the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<When>,
    /// The calendar interval of a bucket.
    #[serde(default)]
    pub interval: Interval,
    /// Up to three keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupKey>,
    /// Further conditions, on events and users.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Predicate>,
    /// How many groups stand on their own.
    #[serde(default = "default_top")]
    pub top: usize,
    /// Later events are hidden; default now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<When>,
    /// Only users of this segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<serde_json::Value>,
    /// Whether known bots count.
    #[serde(default)]
    pub bots: bool,
}

fn default_top() -> usize {
    20
}

/// An event in a query: a definition's name, or a predicate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventRef {
    /// A definition's name.
    Named(String),
    /// A predicate over events.
    Inline(serde_json::Value),
}

/// What a graph counts, or makes of the numbers that a property of its events has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Events.
    #[default]
    Count,
    /// Distinct users who did it.
    Users,
    /// Distinct sessions in which it happened.
    Sessions,
    /// Events for each user who did it, on average.
    CountPerUser,
    /// The sum of the property's numbers.
    Sum(String),
    /// Their mean.
    Avg(String),
    /// The least of them.
    Min(String),
    /// The greatest of them.
    Max(String),
    /// The least of them that at least `p` percent do not exceed.
    Percentile {
        /// The property.
        of: String,
        /// More than 0, at most 100.
        p: f64,
    },
    /// All of these at once.
    Summary(String),
    /// How many of them lie in each of some bins, which are the buckets of the answer.
    Histogram(Histogram),
}

/// The bins of a histogram: each from an edge to before the next, the last one closed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// The property.
    pub of: String,
    /// The edges, rising: 2 to 1,001.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<f64>,
    /// Or so many bins of equal width, from the least number to the greatest: 1 to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<usize>,
}

impl Measure {
    /// The property that it is about, if it is about one.
    pub fn property(&self) -> Option<&str> {
        match self {
            Measure::Count | Measure::Users | Measure::Sessions | Measure::CountPerUser => None,
            Measure::Sum(of) | Measure::Avg(of) | Measure::Min(of) | Measure::Max(of) | Measure::Summary(of) => {
                Some(of)
            }
            Measure::Percentile { of, .. } => Some(of),
            Measure::Histogram(histogram) => Some(&histogram.of),
        }
    }
}

/// A calendar interval of the project's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// An hour of elapsed time, from a full hour of the zone's clock.
    Hour,
    /// A day; it can have 23 or 25 hours.
    #[default]
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// A quarter, from January, April, July or October.
    Quarter,
    /// A year.
    Year,
    /// The whole range at once.
    Whole,
}

impl Interval {
    /// Its name, in lower case.
    pub fn word(self) -> &'static str {
        match self {
            Interval::Hour => "hour",
            Interval::Day => "day",
            Interval::Week => "week",
            Interval::Month => "month",
            Interval::Quarter => "quarter",
            Interval::Year => "year",
            Interval::Whole => "whole",
        }
    }
}

/// An instant: milliseconds since the epoch, `2026-08-01` (the first instant of that day in the project's zone) or
/// `2026-08-01T12:00:00Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// An instant.
    Instant(TimeMs),
    /// A date, or an instant with its offset.
    Text(String),
}
