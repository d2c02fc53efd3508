//! The frame of every analysis.

use crate::{Active, Budget, GroupId, Intervals, Stopped};

/// Relevant events of one user, next in the user's order: slices of equal length.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows<'a> {
    /// When each happened, in milliseconds since the epoch; never decreasing, across all pushes of a user.
    pub times: &'a [i64],
    /// Bit `i`: it matches the query's event `i`. 0: it is not relevant, and must be passed over.
    pub matches: &'a [u32],
    /// Each one's group, where the query has keys; else empty, and all are of group 0. That of an event that is not relevant
    /// means nothing.
    pub groups: &'a [GroupId],
    /// Each one's number, where the query asks for those of a property; else empty. NaN where there is none, or the event is not
    /// relevant.
    pub numbers: &'a [f64],
    /// Each one's session, where the query asks for them; else empty. Among a user's relevant events equal for those of one
    /// session, by a hash of 64 bits; 0 where the event is of none.
    pub sessions: &'a [u64],
    /// Each one's values of the properties that the query holds, where it holds any; else empty. Among relevant events equal
    /// exactly if the values are; 0 where one is missing.
    pub holds: &'a [u32],
    /// Where each one stands in the store: (source, row).
    pub places: Places<'a>,
}

/// Where events stand.
#[derive(Clone, Copy, Debug)]
pub enum Places<'a> {
    /// Side by side in one source, from this row on.
    From(u32, u32),
    /// In one source, each at its row after this one.
    Of(u32, u32, &'a [u32]),
    /// Each its source and row.
    Each(&'a [(u32, u32)]),
}

impl Default for Places<'_> {
    fn default() -> Self {
        Places::From(0, 0)
    }
}

impl Rows<'_> {
    /// How many there are, relevant or not.
    pub fn len(&self) -> usize {
        self.matches.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty()
    }

    /// The places of the relevant events.
    #[inline]
    pub(crate) fn relevant(&self) -> impl Iterator<Item = usize> {
        self.matches.iter().enumerate().filter(|(_, matches)| **matches != 0).map(|(i, _)| i)
    }

    /// The group of event `i`.
    #[inline]
    pub fn group(&self, i: usize) -> GroupId {
        self.groups.get(i).copied().unwrap_or(GroupId(0))
    }

    /// The number of event `i`; NaN if there is none.
    #[inline]
    pub fn number(&self, i: usize) -> f64 {
        self.numbers.get(i).copied().unwrap_or(f64::NAN)
    }

    /// The session of event `i`; 0 if it is of none.
    #[inline]
    pub fn session(&self, i: usize) -> u64 {
        self.sessions.get(i).copied().unwrap_or(0)
    }

    /// What event `i` has of the properties that are held; 0 if not all of them.
    #[inline]
    pub fn hold(&self, i: usize) -> u32 {
        self.holds.get(i).copied().unwrap_or(0)
    }

    /// The source and row of event `i`.
    #[inline]
    pub fn place(&self, i: usize) -> (u32, u32) {
        match self.places {
            Places::From(source, first) => (source, first + i as u32),
            Places::Of(source, first, rows) => (source, first + rows[i]),
            Places::Each(places) => places[i],
        }
    }
}

/// An event of the query on which all others depend: one of those changes nothing unless it is at most so long after an event of
/// the same user that matches this one, or at the same time. Users who have none of it may be left out.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    /// Its number in the query.
    pub event: usize,
    /// From this instant on it is of no use itself: others do not depend on it, and who has no earlier one may be left out.
    pub before: i64,
    /// How long after it others matter, in milliseconds.
    pub window_ms: i64,
    /// Whether of users who have no others it is enough to know when the last one was: see [`Kernel::push_lone`].
    pub lone: bool,
}

/// An analysis. For each user: `push` the user's relevant events in order, in one or several pieces, then `close`. Partials of
/// disjoint sets of users merge in any order to the same result.
pub trait Kernel: Sync {
    /// What is known so far; mergeable.
    type Partial: Send;
    /// What comes out.
    type Output;

    /// Nothing seen yet.
    fn init(&self) -> Self::Partial;

    /// Whether only the number of a user's events per group matters: then `push_many` may be called in the place of `push`, and
    /// times need not be read.
    fn counts_only(&self) -> bool {
        false
    }

    /// Whether it matters whose events they are. If not, events of many users may be pushed together, in any order, and nobody is
    /// closed.
    fn needs_users(&self) -> bool {
        true
    }

    /// Whether it matters when events happened, apart from their order. If not, times may be anything.
    fn needs_times(&self) -> bool {
        true
    }

    /// Where most events may be left out: see [`Anchor`].
    fn anchor(&self) -> Option<Anchor> {
        None
    }

    /// The current user's next events.
    fn push(&self, partial: &mut Self::Partial, rows: &Rows<'_>);

    /// Whether more events of the current user change nothing, so that they need not be read. Asked between pushes.
    fn is_settled(&self, partial: &Self::Partial) -> bool {
        let _ = partial;
        false
    }

    /// A user, to be pushed and closed at once, who has no events that matter but those of the anchor; the window after the last
    /// one ends at `until`, in milliseconds. Only where an [`Anchor`] says so, and there are
    /// no keys.
    fn push_lone(&self, partial: &mut Self::Partial, until: i64) {
        let (_, _) = (partial, until);
    }

    /// `count` (at least one) events of the current user that match event 0 and are of `group`. Only where
    /// [`Kernel::counts_only`].
    fn push_many(&self, partial: &mut Self::Partial, group: GroupId, count: u64) {
        let (_, _, _) = (partial, group, count);
    }

    /// Whether only which users have events of which group matters: then `push_member` may be called in the place of `push`,
    /// `push_many` and `close`.
    fn members_only(&self) -> bool {
        false
    }

    /// A user has an event of `group`. Users come in any order, and again; `at` is the place of this one in a range of users.
    fn push_member(&self, partial: &mut Self::Partial, group: GroupId, at: usize) {
        let (_, _, _) = (partial, group, at);
    }

    /// The users of the range are all pushed.
    fn end_members(&self, partial: &mut Self::Partial) {
        let _ = partial;
    }

    /// Where all that matters is in which of these intervals a user is active: then `push_active` may be called in the place of
    /// `push` and `close`. Only events 0 and 1 are asked for.
    fn intervals(&self) -> Option<&Intervals> {
        None
    }

    /// A user, to be pushed and closed at once, who is active so; `group` is as for `close`. Only where
    /// [`Kernel::intervals`] says so.
    fn push_active(&self, partial: &mut Self::Partial, active: &Active, group: GroupId) {
        let (_, _, _) = (partial, active, group);
    }

    /// The current user, of whom something was pushed or who is counted without, has no more events. `user` is the user's number, of
    /// a person of several user ids that of one of them; `group` the user's own group by the query's keys on users, 0 where there
    /// are none.
    fn close(&self, partial: &mut Self::Partial, user: u32, group: GroupId);

    /// The memory that a partial takes, and that [`Kernel::finish`] will take for it, in bytes: as much of it as grows with data.
    fn bytes(&self, partial: &Self::Partial) -> usize {
        let _ = partial;
        0
    }

    /// A worker has pushed all that it had: what it can work out of that by itself, side by side with others, is worked out now.
    /// May be left out.
    fn end(&self, partial: &mut Self::Partial, budget: &Budget) -> Result<(), Stopped> {
        let (_, _) = (partial, budget);
        Ok(())
    }

    /// Joins what another worker found.
    fn merge(&self, into: &mut Self::Partial, from: Self::Partial);

    /// The result. What may take long looks at the budget from time to time, and fails if it is over.
    fn finish(&self, partial: Self::Partial, budget: &Budget) -> Result<Self::Output, Stopped>;
}
