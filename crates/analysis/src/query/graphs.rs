//! Graphs of several events, as people ask for them.

use cairn_model::Predicate;
use serde::{Deserialize, Serialize};

use super::{EventRef, GroupKey, Interval, Measure, When, default_top};

/// Several events over the same range, formulas between them, the period before, and trailing averages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphsQuery {
    /// The events, 1 to 26; in formulas and cells the first one is called `A`, the second `B`, and so on.
    pub events: Vec<GraphEvent>,
    /// Formulas between the events' numbers, such as `100 * A / (A + B)`; at most 26.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<String>,
    /// The first instant of the range.
    pub from: When,
    /// The first instant after the range.
    pub to: When,
    /// The calendar interval of a bucket.
    #[serde(default)]
    pub interval: Interval,
    /// Up to three keys, of every event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupKey>,
    /// Further conditions on every event, and on users.
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
    /// Whether the same is asked of the period before, too: of equal length, up to `from`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// Averages over so many buckets, each and those before it: 2 to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailing: Option<usize>,
}

/// One of several events, and what is counted of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphEvent {
    /// Which events.
    pub event: EventRef,
    /// What is counted; no summary.
    #[serde(default)]
    pub measure: Measure,
    /// Further conditions, of this one alone.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Predicate>,
}
