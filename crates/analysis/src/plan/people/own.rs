//! What stands on its own in an answer, and which groups are those of a cell.

use super::{PeoplePlan, Plan, Ways};
use crate::{Body, GroupId, Groups, Sides};

/// The values of a group.
pub(super) type Group = Vec<Option<cairn_model::Value<'static>>>;

/// What stands on its own in an answer.
#[derive(Clone, Debug, Default)]
pub struct Own {
    groups: Vec<Group>,
    pub(super) ways: Ways,
    /// Whether the answers of single users have sides in the place of groups.
    on_sides: bool,
}

impl Own {
    /// Of an answer.
    pub fn of(answer: &Body) -> Self {
        let groups: Vec<&Group> = match answer {
            Body::Graph(answer) => answer.series.iter().filter_map(|series| series.group.as_ref()).collect(),
            Body::Funnel(answer) => answer.series.iter().filter_map(|series| series.group.as_ref()).collect(),
            Body::Retention(answer) => answer.cohorts.iter().filter_map(|cohort| cohort.group.as_ref()).collect(),
            _ => Vec::new(),
        };
        Self { groups: groups.into_iter().cloned().collect(), ways: Ways::of(answer), on_sides: false }
    }

    /// Of groups alone.
    pub fn of_groups(own: &[GroupId], groups: &Groups) -> Self {
        Self { groups: own.iter().map(|own| groups.values(*own)).collect(), ..Self::default() }
    }
}

impl PeoplePlan {
    /// Whether it must be known what stands on its own in the answer.
    pub fn asks_for_own(&self) -> bool {
        self.cell.other || self.cell.series.is_some() || self.cell.node.is_some()
    }

    /// Whether the number is of one group, or of the rest.
    pub(super) fn is_narrowed(&self) -> bool {
        self.cell.group.is_some() || self.cell.series.is_some() || self.cell.other
    }

    /// Puts the groups of an answer by keys on the sides of the cell and of the others, where it is of some of them alone. Then `own`
    /// is for answers that have the sides.
    pub fn sides(&self, own: &mut Own, groups: &Groups) -> Option<Sides> {
        // The groups of ways are their nodes.
        if !self.is_narrowed() || matches!(&*self.of, Plan::Pairs(_)) {
            return None;
        }
        let named: Vec<GroupId> = match (&self.cell.group, self.cell.series) {
            (Some(group), _) => vec![groups.group_of(group)],
            (None, Some(series)) => own.groups.get(series).map(|group| groups.group_of(group)).into_iter().collect(),
            (None, None) => own.groups.iter().map(|group| groups.group_of(group)).collect(),
        };
        own.on_sides = true;
        Some(Sides::new(&named, !self.cell.other))
    }

    /// Whether the group of a single user's answer is of the cell, which is of some groups alone.
    pub(super) fn is_of_cell(&self, group: &Option<Group>, own: &Own) -> bool {
        match (group, &self.cell.group, self.cell.series) {
            (None, ..) => false,
            (Some(group), ..) if own.on_sides => group.is_empty(),
            (Some(group), Some(wanted), _) => group == wanted,
            (Some(group), None, Some(series)) => own.groups.get(series) == Some(group),
            (Some(group), None, None) => !own.groups.contains(group),
        }
    }
}
