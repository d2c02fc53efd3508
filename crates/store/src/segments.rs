//! The segments of a question: the one whose users alone count, and those that it groups by.

use std::sync::Arc;

use cairn_analysis::{Budget, Groups, KeyPlan, SegmentPlan, StoreError, Touched};
use cairn_model::Position;

use crate::{project::Project, scan::Snapshot, segment::Segment, users::UserBits};

/// What a question's segments need of a project, of one instant.
pub(crate) struct Segments<'q> {
    filter: Option<Segment<'q>>,
    keys: Vec<Segment<'q>>,
}

/// The users of a question's segments.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// Only they count; nothing where all do.
    pub(crate) only: Option<Arc<UserBits>>,
    /// For each key that is a segment, in the order of keys.
    pub(crate) keys: Vec<Arc<UserBits>>,
}

impl<'q> Segments<'q> {
    /// Of a filter and a question's keys; the groups are those of no keys.
    pub(crate) fn take(
        project: &Project,
        positions: &[Position],
        (filter, keys): (Option<&'q SegmentPlan>, &'q [KeyPlan]),
        groups: (&'q Groups, &'q Budget),
    ) -> Result<Self, StoreError> {
        let take = |plan: &'q SegmentPlan| Segment::take(project, positions, plan, groups);
        let keys = keys.iter().filter_map(|key| match key {
            KeyPlan::Segment(plan) => Some(take(plan)),
            KeyPlan::Event(_) | KeyPlan::User(_) => None,
        });
        Ok(Self { filter: filter.map(take).transpose()?, keys: keys.collect::<Result<_, _>>()? })
    }

    /// Of the events that they ask about.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = &Snapshot<'q>> {
        self.filter.iter().chain(&self.keys).filter_map(Segment::snapshot)
    }

    /// Their users, and what was looked at to find them.
    pub(crate) fn find(&self, faulty: bool) -> Result<(Chosen, Touched), StoreError> {
        let mut touched = Touched::default();
        let mut find = |segment: &Segment<'q>| {
            let (users, of_segment) = segment.find(faulty)?;
            touched += of_segment;
            Ok(users)
        };
        let only = self.filter.as_ref().map(&mut find).transpose()?;
        let keys = self.keys.iter().map(&mut find).collect::<Result<_, StoreError>>()?;
        Ok((Chosen { only, keys }, touched))
    }
}
