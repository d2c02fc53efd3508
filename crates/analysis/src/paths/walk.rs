//! A session's steps, in the order in which they are followed.

use crate::plan::START;

/// An event that is a node, or one from which its session may be followed, or both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) session: u64,
    pub(super) node: Option<u32>,
    pub(super) turns: bool,
}

/// Up to so many stretches of sessions are compared with one another.
const FEW: usize = 16;

/// Puts one user's steps together by session, each in its order.
pub(super) fn by_session(steps: &mut [Step]) {
    let stretches = steps.chunk_by(|a, b| a.session == b.session).map(|stretch| stretch[0].session);
    let mut seen = [0; FEW];
    let mut apart = true;
    for (at, session) in stretches.enumerate() {
        if at == FEW || seen[..at].contains(&session) {
            apart = false;
            break;
        }
        seen[at] = session;
    }
    if !apart {
        steps.sort_by_key(|step| step.session);
    }
}

/// The way of a session from the event at which it begins.
pub(super) struct Way<'s> {
    /// The node of that event.
    pub(super) first: u32,
    rest: &'s [Step],
    backwards: bool,
}

/// The way of a session; nothing where it has no event to begin at.
pub(super) fn way(session: &[Step], backwards: bool) -> Option<Way<'_>> {
    let (at, rest) = match backwards {
        false => session.iter().position(|step| step.turns).map(|at| (at, &session[at + 1..]))?,
        true => session.iter().rposition(|step| step.turns).map(|at| (at, &session[..at]))?,
    };
    Some(Way { first: session[at].node.unwrap_or(START), rest, backwards })
}

impl Way<'_> {
    /// The node after this one; if `collapse`, the first that is another.
    pub(super) fn next(&mut self, at: u32, collapse: bool) -> Option<u32> {
        loop {
            let step = match self.backwards {
                false => self.rest.split_off_first(),
                true => self.rest.split_off_last(),
            }?;
            match step.node {
                Some(node) if !(collapse && node == at) => return Some(node),
                _ => {}
            }
        }
    }
}
