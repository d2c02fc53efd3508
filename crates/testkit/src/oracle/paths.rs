//! Paths and pairs by their definition: each session's nodes are listed, and followed.

use std::{cmp::Reverse, collections::BTreeMap};

use cairn_analysis::{
    Node, NodesPlan, Pair, PairsAnswer, PairsPlan, PathLevel, PathLink, PathNode, PathsAnswer, PathsPlan,
};
use cairn_model::{Event, Predicate, TimeMs, Value};

use super::Oracle;

/// A node, in the order in which nodes that count the same are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Start,
    Path(Option<Value<'static>>),
    /// By its place in the query.
    Event(usize),
}

/// An event of a session: the node that it is, and whether the session may be followed from it.
type Step = (Option<At>, bool);

impl Oracle {
    /// The answer to a question for paths.
    pub(super) fn paths(&self, plan: &PathsPlan) -> PathsAnswer {
        let turn = plan.events.get(plan.nodes.events.len());
        let sessions = self.sessions((&plan.nodes, turn), plan.range());
        let ways: Vec<(Vec<At>, bool)> = sessions.into_iter().filter_map(|steps| follow(plan, steps)).collect();
        let mut levels = Vec::new();
        for level in 0..=plan.depth {
            let own = first(ways.iter().filter_map(|(way, _)| way.get(level)), plan.top);
            if own.is_empty() && level > 0 {
                break;
            }
            levels.push(own);
        }
        let place =
            |level: usize, at: &At| levels[level].iter().position(|own| own == at).unwrap_or(levels[level].len());
        let nodes = |level: usize| {
            let here: Vec<_> = ways.iter().filter(|(way, _)| way.len() > level).collect();
            let last = here.iter().map(|(way, _)| place(level, &way[level])).max();
            let node = |at: usize| {
                let of_node: Vec<_> = here.iter().filter(|(way, _)| place(level, &way[level]) == at).collect();
                let ended = of_node.iter().filter(|(way, _)| way.len() == level + 1);
                let mut next: BTreeMap<usize, u64> = BTreeMap::new();
                for (way, _) in of_node.iter().filter(|(way, _)| way.len() > level + 1) {
                    *next.entry(place(level + 1, &way[level + 1])).or_default() += 1;
                }
                PathNode {
                    node: levels[level].get(at).map_or(Node::Other, |own| name(&plan.nodes, own)),
                    count: of_node.len() as u64,
                    exit: ended.clone().filter(|(_, beyond)| !beyond).count() as u64,
                    beyond: ended.filter(|(_, beyond)| *beyond).count() as u64,
                    next: next.into_iter().map(|(to, count)| PathLink { to, count }).collect(),
                }
            };
            PathLevel { nodes: (0..last.map_or(0, |last| last + 1)).map(node).collect() }
        };
        PathsAnswer { sessions: ways.len() as u64, levels: (0..levels.len()).map(nodes).collect() }
    }

    /// The answer to a question for pairs.
    pub(super) fn pairs(&self, plan: &PairsPlan) -> PairsAnswer {
        let mut all = Vec::new();
        for steps in self.sessions((&plan.nodes, None), plan.range()) {
            let mut nodes: Vec<At> = steps.into_iter().filter_map(|(node, _)| node).collect();
            if plan.collapse {
                nodes.dedup();
            }
            all.extend(nodes.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())));
        }
        let own = first(all.iter(), plan.top);
        let pair = |of: &(At, At)| Pair {
            from: name(&plan.nodes, &of.0),
            to: name(&plan.nodes, &of.1),
            count: all.iter().filter(|other| *other == of).count() as u64,
        };
        let other = all.iter().filter(|pair| !own.contains(pair)).count() as u64;
        PairsAnswer { pairs: own.iter().map(pair).collect(), other, total: all.len() as u64 }
    }

    /// Each session's events that matter, in order.
    fn sessions(
        &self,
        (nodes, turn): (&NodesPlan, Option<&Predicate>),
        (from, to): (TimeMs, TimeMs),
    ) -> Vec<Vec<Step>> {
        let mut sessions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in self.events().into_iter().filter(|event| event.time >= from && event.time < to) {
            if let Some(session) = event.properties.get("session_id") {
                sessions.entry((event.user_id, session.clone())).or_default().push(event);
            }
        }
        let steps = |mut events: Vec<&Event<'static>>| {
            events.sort_by_key(|event| (event.time, event.event_id));
            let steps = events.into_iter().map(|event| {
                let properties = self.properties(&self.person(event.user_id));
                let matches = |predicate: &Predicate| predicate.matches(event, &|name| properties.get(name));
                let node = nodes.events.iter().position(matches).map(|at| match nodes.names.is_empty() {
                    true => At::Path(event.properties.get("path").cloned()),
                    false => At::Event(at),
                });
                let turns = turn.map_or(node.is_some(), matches);
                (node, turns)
            });
            steps.collect::<Vec<Step>>()
        };
        sessions.into_values().map(steps).collect()
    }
}

/// The nodes that a session comes to, and whether it would go on beyond the depth.
fn follow(plan: &PathsPlan, mut steps: Vec<Step>) -> Option<(Vec<At>, bool)> {
    if plan.backwards {
        steps.reverse();
    }
    let start = steps.iter().position(|(_, turns)| *turns)?;
    let mut nodes = vec![steps[start].0.clone().unwrap_or(At::Start)];
    nodes.extend(steps[start + 1..].iter().filter_map(|(node, _)| node.clone()));
    if plan.collapse {
        nodes.dedup();
    }
    let beyond = nodes.len() > plan.depth + 1;
    nodes.truncate(plan.depth + 1);
    Some((nodes, beyond))
}

/// The `top` most frequent ones.
fn first<'a, T: Ord + Clone + 'a>(all: impl Iterator<Item = &'a T>, top: usize) -> Vec<T> {
    let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| Reverse(*count));
    ranked.into_iter().take(top).map(|(one, _)| one.clone()).collect()
}

fn name(nodes: &NodesPlan, at: &At) -> Node {
    match at {
        At::Start => Node::Start,
        At::Path(path) => Node::Path(path.clone()),
        At::Event(at) => Node::Event(nodes.names[*at].clone()),
    }
}
