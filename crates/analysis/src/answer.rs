//! Answers; specified in docs/api.md.

use cairn_model::{Position, TimeMs, Value};
use serde::{Deserialize, Serialize};

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
    /// See [`crate::FunnelQuery`].
    Funnel(FunnelAnswer),
}

/// How an answer came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explain {
    /// What was counted, in words.
    pub sentence: String,
    /// Rows looked at.
    pub rows: u64,
    /// Time spent, in milliseconds.
    pub total_ms: f64,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// One number per bucket.
    pub values: Vec<u64>,
    /// The whole range; distinct users, not a sum.
    pub total: u64,
}

/// A funnel's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelAnswer {
    /// By descending number of users who reached step 1, ties by the values' order; the rest last.
    pub series: Vec<FunnelSeries>,
    /// All groups together, one for each step.
    pub total: Vec<FunnelStep>,
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
}

/// The users of one step: `reached` is the next step's `reached`, and `dropped` and `open` of this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelStep {
    /// Users who came to this step, or further.
    pub reached: u64,
    /// Users who came no further, and cannot any more. None at the last step.
    pub dropped: u64,
    /// Users who came no further yet, but have an attempt that still could. None at the last step.
    pub open: u64,
    /// Milliseconds from the step before, of those who reached this one: the median, by nearest rank. Nothing for the
    /// first step, and where nobody came.
    pub median_ms: Option<u64>,
    /// The 90th percentile of the same.
    pub p90_ms: Option<u64>,
}
