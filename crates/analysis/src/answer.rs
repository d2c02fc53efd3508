//! Answers; specified in docs/api.md.

mod graphs;
mod paths;
mod stream;

use std::collections::BTreeMap;

use cairn_model::{Position, TimeMs, UserId, Value};
use serde::{Deserialize, Serialize};

pub use graphs::{GraphLine, GraphsAnswer, PreviousAnswer};
pub use paths::{Node, Pair, PairsAnswer, PathLevel, PathLink, PathNode, PathsAnswer};
pub use stream::{StreamAnswer, StreamEvent, StreamSession};

use crate::{Explain, Number};

/// An answer, with what is needed to understand and repeat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The numbers.
    #[serde(flatten)]
    pub body: Body,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// The next position of each partition: everything before is contained.
    pub positions: Vec<Position>,
    /// How it came about.
    pub explain: Explain,
}

/// The numbers, by kind of query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// See [`crate::GraphQuery`].
    Graph(GraphAnswer),
    /// See [`crate::GraphsQuery`].
    Graphs(GraphsAnswer),
    /// See [`crate::FunnelQuery`].
    Funnel(FunnelAnswer),
    /// See [`crate::RetentionQuery`].
    Retention(RetentionAnswer),
    /// See [`crate::ActivityQuery`].
    Stickiness(StickinessAnswer),
    /// See [`crate::ActivityQuery`].
    Lifecycle(LifecycleAnswer),
    /// See [`crate::PathsQuery`].
    Paths(PathsAnswer),
    /// See [`crate::PairsQuery`].
    Pairs(PairsAnswer),
    /// See [`crate::UsersQuery`].
    Users(UsersAnswer),
    /// See [`crate::StreamQuery`].
    Stream(StreamAnswer),
}

/// A graph's numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphAnswer {
    /// Each bucket's first instant in the project's zone, with its offset.
    pub buckets: Vec<String>,
    /// By descending total, ties by the values' order; the rest last.
    pub series: Vec<Series>,
    /// All groups together; users once.
    pub total: Totals,
    /// Where a property's numbers are asked for: events whose value is none, which are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
    /// The edges of a histogram's bins, one more than buckets; no bin without numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<f64>,
    /// How many numbers lie in none of a histogram's bins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<u64>,
}

/// One group's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// One value per key, `None` where it is missing; nothing for the rest.
    pub group: Option<Vec<Option<Value<'static>>>>,
    /// Whether this is the rest of the groups.
    pub other: bool,
    /// The numbers.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Numbers per bucket and for the whole range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// One number per bucket.
    pub values: Vec<Number>,
    /// The whole range; distinct users, not a sum.
    pub total: Number,
    /// Where trailing averages are asked for: one per bucket, nothing for the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailing: Vec<Number>,
}

/// A funnel's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelAnswer {
    /// By descending number of users who reached step 1, ties by the values' order; the rest last.
    pub series: Vec<FunnelSeries>,
    /// All groups together, one for each step.
    pub total: Vec<FunnelStep>,
    /// All groups together: from the start to the last step, of those who came there.
    pub conversion: FunnelTimes,
    /// The bins of every histogram, in milliseconds: bin `i` is `[edges_ms[i], edges_ms[i + 1])`, the last one with its end, which
    /// is the window.
    pub edges_ms: Vec<u64>,
    /// Where an interval is asked for: each bucket's first instant in the project's zone, with its offset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<String>,
    /// All groups together: by bucket of the counted attempt's start, one for each step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<Vec<FunnelCounts>>,
}

/// One group's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelSeries {
    /// One value per key, `None` where it is missing; nothing for the rest.
    pub group: Option<Vec<Option<Value<'static>>>>,
    /// Whether this is the rest of the groups.
    pub other: bool,
    /// One for each step.
    pub steps: Vec<FunnelStep>,
    /// From the start to the last step, of those who came there.
    pub conversion: FunnelTimes,
    /// By bucket of the counted attempt's start, one for each step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<Vec<FunnelCounts>>,
}

/// The users of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelStep {
    /// How many there are.
    #[serde(flatten)]
    pub counts: FunnelCounts,
    /// From the step before, of those who reached this one. Nothing for the first step.
    #[serde(flatten)]
    pub times: FunnelTimes,
}

/// The users of one step: `reached` is the next step's `reached`, and `dropped` and `open` of this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelCounts {
    /// Users who came to this step, or further.
    pub reached: u64,
    /// Users who came no further, and cannot any more. None at the last step.
    pub dropped: u64,
    /// Users who came no further yet, but have an attempt that still could. None at the last step.
    pub open: u64,
}

/// How long something took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelTimes {
    /// In milliseconds, the median, by nearest rank. Nothing where nobody came.
    pub median_ms: Option<u64>,
    /// The 90th percentile of the same.
    pub p90_ms: Option<u64>,
    /// How many took so long, by bin; empty where nobody came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<u64>,
}

/// A retention's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionAnswer {
    /// By date, all of them; or by group, in descending order of users, ties by the values' order, the rest last.
    pub cohorts: Vec<Cohort>,
    /// All cohorts together.
    pub total: Cohort,
}

/// Users who started together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// By date: the first instant of the interval in which they started.
    pub from: Option<String>,
    /// By group: one value per key, `None` where it is missing; nothing for the rest.
    pub group: Option<Vec<Option<Value<'static>>>>,
    /// Whether this is the rest of the groups.
    pub other: bool,
    /// How many there are.
    pub users: u64,
    /// One for each period, the first that of the start.
    pub cells: Vec<RetentionCell>,
}

/// The users of a cohort who count in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionCell {
    /// How many there are.
    pub users: u64,
    /// Whether the period has ended for all of the cohort, so that the number will not grow.
    pub complete: bool,
    /// What the number means.
    pub sentence: String,
}

/// A stickiness's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickinessAnswer {
    /// One for each interval.
    pub intervals: Vec<StickinessInterval>,
}

/// The users of an interval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickinessInterval {
    /// The first instant of the interval, in the project's zone.
    pub from: String,
    /// How many did it.
    pub users: u64,
    /// How many of them on exactly 1, 2, ... of the interval's days.
    pub days: Vec<u64>,
}

/// A lifecycle's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleAnswer {
    /// One for each interval.
    pub intervals: Vec<LifecycleInterval>,
}

/// The users of an interval: whoever did it is new, returning or resurrecting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleInterval {
    /// The first instant of the interval, in the project's zone.
    pub from: String,
    /// For the first time ever.
    pub new: u64,
    /// In the interval before, too.
    pub returning: u64,
    /// Earlier, but not in the interval before.
    pub resurrecting: u64,
    /// In the interval before, and not in this one.
    pub dormant: u64,
}

/// A list of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsersAnswer {
    /// How many there are, listed or not.
    pub total: u64,
    /// In the order that was asked for; else by handle, those without after the others, by their least user id.
    pub users: Vec<PersonRow>,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// The handle, if there is one.
    pub handle: Option<String>,
    /// The user ids that belong to the person.
    pub user_ids: Vec<UserId>,
    /// The current properties.
    pub properties: BTreeMap<String, Value<'static>>,
    /// Where the list is in the order of events: when the person was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// When somebody was there, as of the answer's instant; without known bots, unless they are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When the first event was; nothing without any.
    pub first: Option<TimeMs>,
    /// When the last event was.
    pub last: Option<TimeMs>,
    /// How many events there are.
    pub events: u64,
}
