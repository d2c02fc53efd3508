//! Groups on two sides.

use crate::{GroupId, Groups, ValueId};

/// The groups of a question on two sides: those of a cell, and all others. So what is found of a single user stays small, however
/// many groups there are.
#[derive(Clone, Debug)]
pub struct Sides {
    /// By number, whether a group is named. What is beyond is not.
    named: Vec<bool>,
    /// Whether the named ones are those of the cell; else they are the others.
    of_cell: bool,
}

impl Sides {
    /// The named groups are those of the cell, if `of_cell`, else all but those.
    pub(crate) fn new(groups: &[GroupId], of_cell: bool) -> Self {
        let numbers = groups.iter().map(|group| group.0 as usize + 1).max().unwrap_or(0);
        let mut named = vec![false; numbers];
        groups.iter().for_each(|group| named[group.0 as usize] = true);
        Self { named, of_cell }
    }

    /// The groups of a kernel that knows the sides alone: that of the cell has no values.
    pub fn groups() -> Groups {
        let groups = Groups::default();
        groups.group(&[]);
        groups.group(&[ValueId(0)]);
        groups
    }

    /// The side of a group, as a group.
    #[inline]
    pub(super) fn of(&self, group: GroupId) -> GroupId {
        let named = self.named.get(group.0 as usize).copied().unwrap_or(false);
        GroupId(u32::from(named != self.of_cell))
    }
}
