//! Answers to graphs of several events.

use serde::{Deserialize, Serialize};

use super::{Series, Totals};

/// Several graphs' numbers. All lines have the same groups in the same places.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphsAnswer {
    /// Each bucket's first instant in the project's zone, with its offset.
    pub buckets: Vec<String>,
    /// First the events, then the formulas.
    pub lines: Vec<GraphLine>,
    /// The period before, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousAnswer>,
}

/// The numbers of an event or a formula.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphLine {
    /// An event's letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// A formula, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// By descending total of the first event, then of the second, and so on, ties by the values' order; the rest last.
    pub series: Vec<Series>,
    /// All groups together; users once.
    pub total: Totals,
    /// Where a property's numbers are asked for: events whose value is none, which are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
}

/// The numbers of the period before, in as many buckets as the range has, the last ones side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviousAnswer {
    /// The first instant of the period.
    pub from: String,
    /// Each bucket's first instant; nothing where the period has fewer.
    pub buckets: Vec<Option<String>>,
    /// As those of the range.
    pub lines: Vec<GraphLine>,
}
