//! The people behind a number, as one asks for them.

use cairn_model::Value;
use serde::{Deserialize, Serialize};

use super::{Query, Sort, users::default_limit};

/// Who makes a number of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// The question.
    pub of: Box<Query>,
    /// Which number of its answer.
    pub cell: Cell,
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
}

/// A number of an answer. What is left out is not narrowed down: the whole range, all groups, everybody of a cohort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The place of the bucket, cohort or interval, from 0; of a funnel, of the bucket of the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// The group, by its place among those of the answer, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<usize>,
    /// The group, by its values. (A value that is null is not told from a missing one here.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Vec<Option<Value<'static>>>>,
    /// The rest of the groups.
    #[serde(default)]
    pub other: bool,
    /// Of several graphs: the event, by its letter; may be left out where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Of several graphs: a formula. Refused, as its numbers are made of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Of several graphs: of the period before.
    #[serde(default)]
    pub previous: bool,
    /// Of paths, where `at` is the level: the place of a node on it, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// Of paths: where sessions went on to, by its place on the next level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    /// Of a funnel: the step, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Of a funnel's histogram: the bin, from 0. With a step it is that of the time from the step before, else of the whole conversion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<usize>,
    /// Of a retention: the period, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<usize>,
    /// Of a stickiness: on so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<usize>,
    /// Of a funnel's step: who `reached` it (default), or `dropped` there, or is still `open`; of a lifecycle's interval: who is
    /// `new`, `returning`, `resurrecting` or `dormant`; of a node of paths: whose sessions `exit` there, or go `beyond`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

/// Which users of a step or an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of fields of answers")]
pub enum Who {
    Reached,
    Dropped,
    Open,
    New,
    Returning,
    Resurrecting,
    Dormant,
    Exit,
    Beyond,
}
