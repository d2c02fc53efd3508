//! The kernel of pairs.

use super::{count::PairCounts, open::Open};
use crate::{Budget, GroupId, Groups, Kernel, Pair, PairsAnswer, PairsPlan, Rows, Stopped, rank};

/// Counts how often one node comes right after another in a session; specified in docs/semantics.md.
pub struct Pairs<'a> {
    pub(super) plan: &'a PairsPlan,
    groups: &'a Groups,
    pub(super) faulty: bool,
}

/// The pairs so far, and the current user's sessions.
#[derive(Debug, Default)]
pub struct PairsPartial {
    pub(super) counts: PairCounts,
    /// The current user's sessions.
    pub(super) open: Open,
}

impl<'a> Pairs<'a> {
    /// The kernel of `plan`; the groups of its rows are those of `groups`, by the keys of its nodes.
    pub fn new(plan: &'a PairsPlan, groups: &'a Groups) -> Self {
        Self { plan, groups, faulty: false }
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }
}

impl Kernel for Pairs<'_> {
    type Partial = PairsPartial;
    type Output = PairsAnswer;

    fn init(&self) -> PairsPartial {
        PairsPartial::default()
    }

    fn needs_times(&self) -> bool {
        false
    }

    fn push(&self, partial: &mut PairsPartial, rows: &Rows<'_>) {
        let plan = self.plan;
        for (at, session) in rows.sessions.iter().enumerate().filter(|(_, session)| **session != 0) {
            let Some(node) = plan.nodes.of(rows, at) else { continue };
            let before = partial.open.step(if self.faulty { 1 } else { *session }, node);
            if let Some(before) = before.filter(|before| !(plan.collapse && *before == node)) {
                partial.counts.add(before, node);
            }
        }
    }

    fn close(&self, partial: &mut PairsPartial, _: u32, _: GroupId) {
        partial.open.clear();
    }

    fn bytes(&self, partial: &PairsPartial) -> usize {
        partial.counts.bytes() + partial.open.bytes()
    }

    fn merge(&self, into: &mut PairsPartial, from: PairsPartial) {
        into.counts.merge(from.counts);
    }

    fn finish(&self, partial: PairsPartial, budget: &Budget) -> Result<PairsAnswer, Stopped> {
        let (nodes, groups) = (&self.plan.nodes, self.groups);
        let (total, counts) = partial.counts.most_frequent(self.plan.top, budget)?;
        let order = |(from, to): &(u32, u32)| (nodes.order(*from, groups), nodes.order(*to, groups));
        let own = rank::first_by(counts, self.plan.top, order, budget)?;
        let pair = |((from, to), count)| Pair { from: nodes.node(from, groups), to: nodes.node(to, groups), count };
        let pairs: Vec<Pair> = own.into_iter().map(pair).collect();
        let other = total - pairs.iter().map(|pair| pair.count).sum::<u64>();
        Ok(PairsAnswer { pairs, other, total })
    }
}
