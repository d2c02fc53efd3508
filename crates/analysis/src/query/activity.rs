//! Stickiness and lifecycle, as people ask for them.

use cairn_model::Predicate;
use serde::{Deserialize, Serialize};

use super::{EventRef, Interval, When};

/// When users do something, interval by interval: a stickiness or a lifecycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityQuery {
    /// What they do.
    pub event: EventRef,
    /// The first instant of the range.
    pub from: When,
    /// The first instant after it.
    pub to: When,
    /// A week or a month; of a lifecycle, any calendar interval.
    #[serde(default = "week")]
    pub interval: Interval,
    /// Further conditions, on events and users.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Predicate>,
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

fn week() -> Interval {
    Interval::Week
}
