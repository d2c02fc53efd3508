//! The frame of every analysis.

use cairn_model::{EventId, TimeMs, UserId};

use crate::GroupId;

/// One relevant event of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it happened.
    pub time: TimeMs,
    /// Breaks ties of time.
    pub event_id: EventId,
    /// Breaks ties of both.
    pub original: UserId,
    /// Bit `i`: it matches the query's event `i`.
    pub matches: u32,
    /// Its group.
    pub group: GroupId,
}

impl Row {
    /// A user's events are totally ordered by this.
    pub fn order(&self) -> (TimeMs, EventId, UserId) {
        (self.time, self.event_id, self.original)
    }
}

/// An analysis. For each user: `push` the user's relevant events in order, then `close`. Partials of disjoint sets of users
/// merge in any order to the same result.
pub trait Kernel: Sync {
    /// What is known so far; mergeable.
    type Partial: Send;
    /// What comes out.
    type Output;

    /// Nothing seen yet.
    fn init(&self) -> Self::Partial;
    /// The current user's next event.
    fn push(&self, partial: &mut Self::Partial, row: &Row);
    /// The current user has no more events; `group` is the user's own group where users are counted.
    fn close(&self, partial: &mut Self::Partial, group: GroupId);
    /// Joins what another worker found.
    fn merge(&self, into: &mut Self::Partial, from: Self::Partial);
    /// The result.
    fn finish(&self, partial: Self::Partial) -> Self::Output;
}
