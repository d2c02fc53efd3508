//! Ways through sessions, as people ask for them.

use cairn_model::Predicate;
use serde::{Deserialize, Serialize};

use super::{EventRef, When};

/// Where sessions go from an event on, or come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathsQuery {
    /// Sessions are followed from the first of these on; default: from their first node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<EventRef>,
    /// Sessions are followed back from the last of these, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EventRef>,
    /// The events that are nodes, each one node; default: pageviews, each path one node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<EventRef>,
    /// How many steps are followed, 1 to 20.
    #[serde(default = "default_depth")]
    pub depth: usize,
    /// Whether a node that repeats at once counts as one.
    #[serde(default)]
    pub collapse: bool,
    /// How many nodes of a level stand on their own.
    #[serde(default = "default_top")]
    pub top: usize,
    /// The first instant of the range.
    pub from: When,
    /// The first instant after it.
    pub to: When,
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

/// How often one node comes right after another, in all sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairsQuery {
    /// The events that are nodes, each one node; default: pageviews, each path one node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<EventRef>,
    /// Whether a node that repeats at once counts as one.
    #[serde(default)]
    pub collapse: bool,
    /// How many pairs stand on their own.
    #[serde(default = "default_pairs")]
    pub top: usize,
    /// The first instant of the range.
    pub from: When,
    /// The first instant after it.
    pub to: When,
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

fn default_depth() -> usize {
    5
}

fn default_top() -> usize {
    10
}

fn default_pairs() -> usize {
    50
}
