//! Funnels, as people ask for them.

use cairn_model::Predicate;
use serde::{Deserialize, Serialize};

use super::{EventRef, GroupKey, Interval, When, default_top};

/// How many users do one event after another, each within a time of the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelQuery {
    /// The events, 2 to 16.
    pub steps: Vec<EventRef>,
    /// In which order they are to come.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: FunnelOrder,
    /// Up to four events that end the attempts they fall into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<EventRef>,
    /// What counts once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per: FunnelPer,
    /// Up to three event properties that every step must have, and have equal to step 1's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold: Vec<String>,
    /// How long after its start an attempt may go on: fixed hours, such as `30m`, `12h`, `7d` or `2w`; at most 366 days.
    pub window: String,
    /// The first instant at which an attempt may start.
    pub from: When,
    /// The first instant at which none may start any more.
    pub to: When,
    /// If given, the numbers also by the interval in which the counted attempts started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Up to three keys: properties of the event that started the counted attempt, or of the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupKey>,
    /// Further conditions: those on events apply to every step, and to what is excluded.
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

/// In which order the steps of a funnel are to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelOrder {
    /// One after the other; other events may come between.
    #[default]
    Sequential,
    /// One after the other: the next event that matches any step must match the next step, else the attempt ends.
    Strict,
    /// The first one first, the others in any order.
    Any,
}

/// What counts once in a funnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelPer {
    /// A user.
    #[default]
    User,
    /// A session: all steps are in it.
    Session,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
