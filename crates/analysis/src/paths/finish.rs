//! From links to an answer: the nodes of each level that stand on their own, and the rest.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{BEYOND, EXIT, Links, count::Counted, node_at};
use crate::{Budget, Groups, Node, PathLevel, PathLink, PathNode, PathsAnswer, PathsPlan, Stopped, rank, sort_within};

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
            match *to {
                EXIT => levels[number - 1].nodes[places[number - 1].of(*from)].exit += count,
                BEYOND => levels[number - 1].nodes[places[number - 1].of(*from)].beyond += count,
                to => levels[number].nodes[places[number].of(to)].count += count,
            }
        }
        if let Some(before) = number.checked_sub(1) {
            connect(&mut levels[before], (&places[before], &places[number]), links, budget)?;
        }
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

/// Counts what goes from the nodes of a level on to those of the next.
fn connect(
    level: &mut PathLevel,
    (from, to): (&Places, &Places),
    links: &[Counted],
    budget: &Budget,
) -> Result<(), Stopped> {
    let mut on: Vec<(usize, usize, u64)> = Vec::new();
    for (at, ((a, b), count)) in links.iter().enumerate() {
        budget.check_at(at)?;
        if !matches!(*b, EXIT | BEYOND) {
            on.push((from.of(*a), to.of(*b), *count));
        }
    }
    sort_within(&mut on, &Ord::cmp, budget)?;
    for (at, same) in on.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).enumerate() {
        budget.check_at(at)?;
        let (from, to, _) = same[0];
        level.nodes[from].next.push(PathLink { to, count: same.iter().map(|(.., count)| count).sum() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use cairn_model::{Predicate, TimeMs, Value};

    use super::*;
    use crate::{
        GroupId, KeyPlan, NodesPlan,
        paths::{NOWHERE, count::PairCounts, place_of},
    };

    fn plan(top: usize) -> PathsPlan {
        PathsPlan {
            nodes: NodesPlan {
                events: vec![Predicate::every()],
                names: Vec::new(),
                keys: vec![KeyPlan::Event("path".to_owned())],
            },
            events: vec![Predicate::every()],
            backwards: false,
            depth: 1,
            collapse: false,
            top,
            from: TimeMs(0),
            to: TimeMs(1),
            segment: None,
            as_of: TimeMs(1),
            sentence: String::new(),
        }
    }

    /// The answer to as many sessions as there are numbers below `nodes`, each from node 0 to that one and no further.
    fn fan(nodes: u32, top: usize) -> PathsAnswer {
        let groups = Groups::default();
        for node in 0..nodes {
            assert_eq!(groups.group_of(&[Some(Value::Number(f64::from(node)))]), GroupId(node));
        }
        let mut links: Links = (0..3).map(|_| PairCounts::default()).collect();
        for node in 0..nodes {
            links[0].add(NOWHERE, place_of(0));
            links[1].add(place_of(0), place_of(node));
            links[2].add(place_of(node), EXIT);
        }
        answer((&plan(top), &groups), u64::from(nodes), links, &Budget::unlimited()).unwrap()
    }

    #[test]
    fn links_to_the_rest_are_one() {
        let answer = fan(5_000, 2);
        let next = [(0, 1), (1, 1), (2, 4_998)].map(|(to, count)| PathLink { to, count });
        assert_eq!((answer.levels[0].nodes[0].count, &answer.levels[0].nodes[0].next[..]), (5_000, &next[..]));
        let counts: Vec<_> = answer.levels[1].nodes.iter().map(|node| (node.count, node.exit)).collect();
        assert_eq!(counts, [(1, 1), (1, 1), (4_998, 4_998)]);
    }

    #[test]
    fn a_node_may_lead_to_very_many() {
        let start = Instant::now();
        let answer = fan(400_000, usize::MAX);
        let took = start.elapsed();
        let next = &answer.levels[0].nodes[0].next;
        assert!(
            next.len() == 400_000 && next.iter().enumerate().all(|(at, link)| *link == PathLink { to: at, count: 1 })
        );
        // Looking each link up among the others would take 80,000,000,000 steps.
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}
