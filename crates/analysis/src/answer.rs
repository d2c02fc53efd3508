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
