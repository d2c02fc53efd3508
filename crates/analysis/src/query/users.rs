//! Lists of users, as people ask for them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Sort, When};

/// The users of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersQuery {
    /// Which users; without, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Value>,
    /// Part of a handle, or a user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In which order; default: by handle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Which properties of each are listed; default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Vec<String>>,
    /// How many are passed.
    #[serde(default)]
    pub offset: usize,
    /// How many are listed.
    #[serde(default = "default_limit")]
    pub limit: usize,
    /// Later events are hidden; default now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<When>,
    /// Whether events of known bots count.
    #[serde(default)]
    pub bots: bool,
}

pub(super) fn default_limit() -> usize {
    50
}
