//! The kernels of ways through sessions.

mod count;
mod finish;
mod open;
mod pairs;
mod walk;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::{GroupId, Groups, Kernel, PathsAnswer, PathsPlan, Rows};

pub use pairs::{Pairs, PairsPartial};
use walk::Step;

/// Follows each session from an event on, or back; specified in docs/semantics.md.
pub struct Paths<'a> {
    plan: &'a PathsPlan,
    groups: &'a Groups,
    faulty: bool,
}

/// The current user's steps, and the sessions so far.
#[derive(Debug, Default)]
pub struct PathsPartial {
    current: Vec<Step>,
    sessions: u64,
    links: Links,
}

/// How many sessions went from one node to another, the first at this level.
type Links = HashMap<Link, u64, FixedState>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Link {
    /// That of the node where it ends; the first nodes are at 0.
    level: u32,
    from: u32,
    to: u32,
}

/// Where the links to the first nodes come from.
const NOWHERE: u32 = u32::MAX - 1;
/// Where a link goes that ends with the session.
const EXIT: u32 = u32::MAX - 2;
/// Where a link goes that the depth cuts.
const BEYOND: u32 = u32::MAX - 3;

impl<'a> Paths<'a> {
    /// The kernel of `plan`; the groups of its rows are those of `groups`, by the keys of its nodes.
    pub fn new(plan: &'a PathsPlan, groups: &'a Groups) -> Self {
        Self { plan, groups, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// Counts the links of a session, if it has the event from which it is followed.
    fn follow(&self, session: &[Step], partial: (&mut u64, &mut Links)) {
        let (sessions, links) = partial;
        let Some(mut way) = walk::way(session, self.plan.backwards) else {
            return;
        };
        let depth = self.plan.depth as u32 - u32::from(self.faulty);
        let mut count = |level, from, to| *links.entry(Link { level, from, to }).or_default() += 1;
        *sessions += 1;
        let mut at = way.first;
        count(0, NOWHERE, at);
        for level in 1..=depth {
            let Some(next) = way.next(at, self.plan.collapse) else {
                return count(level, at, EXIT);
            };
            count(level, at, next);
            at = next;
        }
        let end = if way.next(at, self.plan.collapse).is_some() { BEYOND } else { EXIT };
        count(depth + 1, at, end);
    }
}

impl Kernel for Paths<'_> {
    type Partial = PathsPartial;
    type Output = PathsAnswer;

    fn init(&self) -> PathsPartial {
        PathsPartial::default()
    }

    fn needs_times(&self) -> bool {
        false
    }

    fn push(&self, partial: &mut PathsPartial, rows: &Rows<'_>) {
        let asked = self.plan.events.len() > self.plan.nodes.events.len();
        for at in rows.relevant().filter(|at| rows.session(*at) != 0) {
            let node = self.plan.nodes.of(rows, at);
            let turns = if asked { self.plan.turns(rows.matches[at]) } else { node.is_some() };
            partial.current.push(Step { session: rows.session(at), node, turns });
        }
    }

    fn close(&self, partial: &mut PathsPartial, _: u32, _: GroupId) {
        let PathsPartial { current, sessions, links } = partial;
        walk::by_session(current);
        for session in current.chunk_by(|a, b| a.session == b.session) {
            self.follow(session, (sessions, links));
        }
        current.clear();
    }

    fn bytes(&self, partial: &PathsPartial) -> usize {
        partial.current.capacity() * size_of::<Step>() + partial.links.capacity() * (size_of::<(Link, u64)>() + 1)
    }

    fn merge(&self, into: &mut PathsPartial, from: PathsPartial) {
        into.sessions += from.sessions;
        from.links.into_iter().for_each(|(link, count)| *into.links.entry(link).or_default() += count);
    }

    fn finish(&self, partial: PathsPartial) -> PathsAnswer {
        finish::answer(self.plan, self.groups, partial.sessions, &partial.links)
    }
}
