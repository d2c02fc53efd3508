//! One person's events, as people ask for them.

use cairn_model::UserId;
use serde::{Deserialize, Serialize};

use super::When;

/// What one person did, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamQuery {
    /// Whose events.
    pub user: Whose,
    /// The first instant of the range; without, from the first event on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// The first instant after it; without, up to the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<When>,
    /// How many events are given, 1 to 1,000.
    #[serde(default = "default_limit")]
    pub limit: usize,
    /// The `next` of the page before: only events that come after it on the way back are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Later events are hidden; default now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<When>,
    /// Whether events of known bots are given.
    #[serde(default)]
    pub bots: bool,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The person of this handle.
    Handle(String),
    /// The person that this user id belongs to.
    Id(UserId),
}

fn default_limit() -> usize {
    100
}
