//! The order of a list of users, as people ask for it.

use serde::{Deserialize, Serialize};

/// The order of a list of users; ties are by handle, then by the least user id, and who lacks a value is last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// By what.
    #[serde(default)]
    pub by: SortKey,
    /// Whether the greatest is first.
    #[serde(default)]
    pub descending: bool,
}

/// What a list of users is in the order of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The handle, by bytes; without one, the least user id.
    #[default]
    Handle,
    /// The current value of a user property.
    User(String),
    /// When the first event was.
    FirstSeen,
    /// When the last event was.
    LastSeen,
    /// How many events there are.
    Events,
}

impl SortKey {
    /// Whether it takes a look at events.
    pub fn is_of_events(&self) -> bool {
        matches!(self, SortKey::FirstSeen | SortKey::LastSeen | SortKey::Events)
    }
}
