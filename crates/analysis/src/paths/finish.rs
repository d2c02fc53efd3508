//! From links to an answer: the nodes of each level that stand on their own, and the rest.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{BEYOND, EXIT, Links, NOWHERE, count::Counted, node_at};
use crate::{Budget, Groups, Node, PathLevel, PathLink, PathNode, PathsAnswer, PathsPlan, Stopped, rank};

/// The places of a level's nodes in the answer.
struct Places {
    own: Vec<u32>,
    by_node: HashMap<u32, usize, FixedState>,
    /// Whether there is a rest.
    rest: bool,
}

impl Places {
    fn of(&self, node: u32) -> usize {
        self.by_node.get(&node).copied().unwrap_or(self.own.len())
    }
}

/// The answer of `sessions` that went by these links.
pub(super) fn answer(
    (plan, groups): (&PathsPlan, &Groups),
    sessions: u64,
    links: Links,
    budget: &Budget,
) -> Result<PathsAnswer, Stopped> {
    let by_level = links.into_iter().map(|links| Ok(links.most_frequent(usize::MAX, budget)?.1));
    let by_level = by_level.collect::<Result<Vec<Vec<Counted>>, Stopped>>()?;
    let places = by_level.iter().map(|links| places((plan, groups), links, budget));
    let places = places.collect::<Result<Vec<Places>, _>>()?;
    let mut levels: Vec<PathLevel> = places.iter().map(|places| level(plan, groups, places)).collect();
    for (number, links) in by_level.iter().enumerate() {
        for (at, ((from, to), count)) in links.iter().enumerate() {
            budget.check_at(at)?;
            if *from != NOWHERE {
                leave(&mut levels[number - 1].nodes[places[number - 1].of(*from)], *to, *count, &places[number]);
            }
            if !matches!(*to, EXIT | BEYOND) {
                levels[number].nodes[places[number].of(*to)].count += count;
            }
        }
    }
    for node in levels.iter_mut().flat_map(|level| &mut level.nodes) {
        node.next.sort_unstable_by_key(|link| link.to);
    }
    let end = levels.iter().skip(1).position(|level| level.nodes.is_empty()).map_or(levels.len(), |at| at + 1);
    levels.truncate(end);
    Ok(PathsAnswer { sessions, levels })
}

fn places((plan, groups): (&PathsPlan, &Groups), links: &[Counted], budget: &Budget) -> Result<Places, Stopped> {
    let mut counts: HashMap<u32, u64, FixedState> = HashMap::default();
    for (at, ((_, to), count)) in links.iter().enumerate() {
        budget.check_at(at)?;
        if !matches!(*to, EXIT | BEYOND) {
            *counts.entry(*to).or_default() += count;
        }
    }
    let nodes = counts.len();
    let order = |place: &u32| plan.nodes.order(node_at(*place), groups);
    let own = rank::first_by(counts.into_iter().collect(), plan.top, order, budget)?;
    let own: Vec<u32> = own.into_iter().map(|(node, _)| node).collect();
    let by_node = own.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    Ok(Places { rest: nodes > own.len(), own, by_node })
}

fn level(plan: &PathsPlan, groups: &Groups, places: &Places) -> PathLevel {
    let own = places.own.iter().map(|node| plan.nodes.node(node_at(*node), groups));
    let nodes = own.chain(places.rest.then_some(Node::Other));
    PathLevel { nodes: nodes.map(|node| PathNode { node, count: 0, exit: 0, beyond: 0, next: Vec::new() }).collect() }
}

/// Counts what leaves a node.
fn leave(node: &mut PathNode, to: u32, count: u64, places: &Places) {
    match to {
        EXIT => node.exit += count,
        BEYOND => node.beyond += count,
        to => {
            let to = places.of(to);
            match node.next.iter_mut().find(|known| known.to == to) {
                Some(known) => known.count += count,
                None => node.next.push(PathLink { to, count }),
            }
        }
    }
}
