//! The kernels of ways through sessions.

mod count;
mod finish;
mod open;
mod pairs;
mod portable;
mod walk;

use crate::{Budget, GroupId, Groups, Kernel, PathsAnswer, PathsPlan, Rows, Stopped, plan::START};

use count::PairCounts;
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

/// How many sessions went from one place to another, by the level of the latter; the first nodes are on level 0.
type Links = Vec<PairCounts>;

/// Places that are no nodes are small numbers, as there are many ways from and to them: where the links to the first nodes come from,
const NOWHERE: u32 = 0;
/// where a link goes that ends with the session,
const EXIT: u32 = 1;
/// and where one goes that the depth cuts.
const BEYOND: u32 = 2;

/// The place of a node.
fn place_of(node: u32) -> u32 {
    if node == START { 3 } else { node.saturating_add(4) }
}

/// The node at a place.
fn node_at(place: u32) -> u32 {
    if place == 3 { START } else { place - 4 }
}

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
        let mut count = |level: u32, from: u32, to: u32| links[level as usize].add(from, to);
        *sessions += 1;
        let mut at = way.first;
        count(0, NOWHERE, place_of(at));
        for level in 1..=depth {
            let Some(next) = way.next(at, self.plan.collapse) else {
                return count(level, place_of(at), EXIT);
            };
            count(level, place_of(at), place_of(next));
            at = next;
        }
        let end = if way.next(at, self.plan.collapse).is_some() { BEYOND } else { EXIT };
        count(depth + 1, place_of(at), end);
    }
}

impl Kernel for Paths<'_> {
    type Partial = PathsPartial;
    type Output = PathsAnswer;

    fn init(&self) -> PathsPartial {
        let links = (0..self.plan.depth + 2).map(|_| PairCounts::default()).collect();
        PathsPartial { links, ..PathsPartial::default() }
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
        let links: usize = partial.links.iter().map(PairCounts::bytes).sum();
        partial.current.capacity() * size_of::<Step>() + links
    }

    fn merge(&self, into: &mut PathsPartial, from: PathsPartial) {
        into.sessions += from.sessions;
        into.links.iter_mut().zip(from.links).for_each(|(into, from)| into.merge(from));
    }

    fn finish(&self, partial: PathsPartial, budget: &Budget) -> Result<PathsAnswer, Stopped> {
        finish::answer((self.plan, self.groups), partial.sessions, partial.links, budget)
    }
}
