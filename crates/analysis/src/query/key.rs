//! What an analysis is grouped by, as people ask for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::words::segment_words;

/// What an analysis is grouped by: `{"event": "path"}`, `{"user": "plan"}` or `{"segment": SEGMENT, "name": "Active"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Members", into = "Members")]
pub enum GroupKey {
    /// A property of the event.
    Event(String),
    /// The user's current property.
    User(String),
    /// Whether the user is of a segment: true or false.
    Segment(SegmentKey),
}

/// A segment that tells users apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentKey {
    /// Which users.
    pub segment: Value,
    /// Its name for people.
    pub name: Option<String>,
}

impl SegmentKey {
    /// Its users for people, to be said after "of": by its name, else by what they did and what they are.
    pub fn words(&self) -> String {
        match &self.name {
            Some(name) => format!("the segment {name}"),
            None => format!("those {}", segment_words(&self.segment)),
        }
    }
}

/// A key's JSON.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl TryFrom<Members> for GroupKey {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        match members {
            Members { event: Some(name), user: None, segment: None, name: None } => Ok(GroupKey::Event(name)),
            Members { event: None, user: Some(name), segment: None, name: None } => Ok(GroupKey::User(name)),
            Members { event: None, user: None, segment: Some(segment), name } => {
                Ok(GroupKey::Segment(SegmentKey { segment, name }))
            }
            _ => Err(
                "a group_by key is one of {\"event\": NAME}, {\"user\": NAME} and {\"segment\": SEGMENT}; a segment may have a `name`",
            ),
        }
    }
}

impl From<GroupKey> for Members {
    fn from(key: GroupKey) -> Self {
        let members = Members::default();
        match key {
            GroupKey::Event(name) => Self { event: Some(name), ..members },
            GroupKey::User(name) => Self { user: Some(name), ..members },
            GroupKey::Segment(key) => Self { segment: Some(key.segment), name: key.name, ..members },
        }
    }
}
