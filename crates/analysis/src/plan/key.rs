//! Resolving what an analysis is grouped by.

use cairn_model::TimeMs;

use super::{Names, SegmentPlan};
use crate::{GroupKey, QueryError};

/// A resolved group-by key.
#[derive(Clone, Debug)]
pub enum KeyPlan {
    /// A property of the event.
    Event(String),
    /// The user's current property.
    User(String),
    /// Whether the user is of this segment: true or false, never missing.
    Segment(SegmentPlan),
}

/// At most this many group-by keys.
pub(super) const KEYS_MAX: usize = 3;
/// At most this many groups on their own.
const TOP_MAX: usize = 1_000;

impl Names<'_> {
    /// The keys of a query that is as of an instant.
    pub(super) fn keys(&self, keys: &[GroupKey], as_of: TimeMs, bots: bool) -> Result<Vec<KeyPlan>, QueryError> {
        let key = |key: &GroupKey| match key {
            GroupKey::Event(name) => Ok(KeyPlan::Event(name.clone())),
            GroupKey::User(name) => Ok(KeyPlan::User(name.clone())),
            GroupKey::Segment(key) => SegmentPlan::resolve(&key.segment, as_of, bots, *self).map(KeyPlan::Segment),
        };
        keys.iter().map(key).collect()
    }
}

pub(super) fn check_groups(keys: &[GroupKey], top: usize) -> Result<(), QueryError> {
    if keys.len() > KEYS_MAX {
        return Err(QueryError::new("query", format!("a query has at most {KEYS_MAX} group_by keys")));
    }
    check_top(top)
}

pub(super) fn check_top(top: usize) -> Result<(), QueryError> {
    if !(1..=TOP_MAX).contains(&top) {
        return Err(QueryError::new("query", format!("`top` is a number from 1 to {TOP_MAX}")));
    }
    Ok(())
}

pub(super) fn group_words(keys: &[GroupKey]) -> String {
    let names: Vec<_> = keys
        .iter()
        .map(|key| match key {
            GroupKey::Event(name) => name.clone(),
            GroupKey::User(name) => format!("the user's {name}"),
            GroupKey::Segment(key) => format!("whether the user is of {}", key.words()),
        })
        .collect();
    if names.is_empty() { String::new() } else { format!(", per {}", names.join(" and ")) }
}
