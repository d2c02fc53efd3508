//! Retention, as people ask for it.

use cairn_model::Predicate;
use serde::{Deserialize, Serialize};

use super::{EventRef, GroupKey, Interval, When, default_top};

/// How many of those who did one event do another later on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionQuery {
    /// Whoever does this is of a cohort, by the first time in the range.
    pub start: EventRef,
    /// What counts as coming back, after that.
    #[serde(rename = "return")]
    pub returns: EventRef,
    /// The first instant of the range in which cohorts start.
    pub from: When,
    /// The first instant after it.
    pub to: When,
    /// The length of a period, and of a cohort's stretch of time.
    #[serde(default = "week")]
    pub interval: Interval,
    /// How many periods there are, that of the start included.
    #[serde(default = "default_periods")]
    pub periods: usize,
    /// What a period is.
    #[serde(default)]
    pub mode: RetentionMode,
    /// When somebody counts in a period.
    #[serde(default)]
    pub returned: Returned,
    /// Up to three properties of users: a cohort for each value, in the place of one for each interval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupKey>,
    /// Further conditions: those on events apply to both events.
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

/// What a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionMode {
    /// The `k`-th calendar interval after that of the user's start.
    #[default]
    Calendar,
    /// From `k` to `k + 1` times 24 h or 168 h after the user's start.
    Rolling,
}

/// When somebody counts in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    /// Who came back in it.
    #[default]
    On,
    /// Who came back in it or in a later one, up to the last one asked for.
    OnOrAfter,
}

fn week() -> Interval {
    Interval::Week
}

fn default_periods() -> usize {
    8
}
