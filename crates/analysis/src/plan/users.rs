//! Resolving a list of users.

use cairn_model::TimeMs;

use super::{Names, SegmentPlan, SortPlan};
use crate::words::segment_words;
use crate::{QueryError, UsersQuery};

/// A resolved list of users.
#[derive(Clone, Debug)]
pub struct UsersPlan {
    /// Which users; without, all.
    pub segment: Option<SegmentPlan>,
    /// Part of a handle, or a user id.
    pub search: Option<String>,
    /// In which order.
    pub sort: SortPlan,
    /// Which properties of each are listed; without, all.
    pub properties: Option<Vec<String>>,
    /// How many are passed.
    pub offset: usize,
    /// How many are listed.
    pub limit: usize,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// What is listed, in words.
    pub sentence: String,
}

/// At most so many at once.
const LIMIT_MAX: usize = 1_000;

impl UsersPlan {
    pub(super) fn resolve(query: &UsersQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_limit(query.limit)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            search: query.search.clone().filter(|search| !search.is_empty()),
            sort: SortPlan::resolve(query.sort.as_ref(), as_of, query.bots),
            properties: query.properties.clone(),
            offset: query.offset,
            limit: query.limit,
            as_of,
            sentence: match &query.segment {
                Some(segment) => format!("Users {}", segment_words(segment)),
                None => "All users".to_owned(),
            },
        })
    }
}

pub(super) fn check_limit(limit: usize) -> Result<(), QueryError> {
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(());
    }
    Err(QueryError::new("query", format!("`limit` is a number from 1 to {LIMIT_MAX}")))
}
