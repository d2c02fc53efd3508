//! Which of a user's ways through sessions a number counts.

use crate::{Body, Cell, Node, PairsAnswer, PathLevel, PathNode, PathsAnswer, Who};

/// The nodes and pairs that stand on their own in an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    levels: Vec<Vec<Node>>,
    pairs: Vec<(Node, Node)>,
}

impl Ways {
    /// Of an answer.
    pub(super) fn of(answer: &Body) -> Self {
        match answer {
            Body::Paths(answer) => {
                let nodes = |level: &PathLevel| {
                    level.nodes.iter().map(|of| of.node.clone()).filter(|node| *node != Node::Other).collect()
                };
                Self { levels: answer.levels.iter().map(nodes).collect(), pairs: Vec::new() }
            }
            Body::Pairs(answer) => {
                let pairs = answer.pairs.iter().map(|pair| (pair.from.clone(), pair.to.clone()));
                Self { levels: Vec::new(), pairs: pairs.collect() }
            }
            _ => Self::default(),
        }
    }

    /// Whether a node stands at this place of a level; the rest stands after the others.
    fn stands(&self, node: &Node, level: usize, place: usize) -> bool {
        let Some(own) = self.levels.get(level) else {
            return false;
        };
        match own.get(place) {
            Some(at_place) => at_place == node,
            None => place == own.len() && !own.contains(node),
        }
    }

    /// Whether the sessions of a user are among those of a cell. In the user's answer all nodes stand on their own.
    pub(super) fn has_path(&self, answer: &PathsAnswer, cell: &Cell) -> bool {
        let level = cell.at.unwrap_or(0);
        let next = answer.levels.get(level + 1);
        let goes_to = |node: &PathNode, to: usize| {
            let ends = node.next.iter().filter_map(|link| next?.nodes.get(link.to));
            ends.into_iter().any(|end| self.stands(&end.node, level + 1, to))
        };
        answer.levels.get(level).is_some_and(|of| {
            of.nodes.iter().filter(|node| cell.node.is_none_or(|place| self.stands(&node.node, level, place))).any(
                |node| match (cell.to, cell.who) {
                    (Some(to), _) => goes_to(node, to),
                    (None, Some(Who::Exit)) => node.exit > 0,
                    (None, Some(_)) => node.beyond > 0,
                    (None, None) => node.count > 0,
                },
            )
        })
    }

    /// Whether the pairs of a user are among those of a cell. In the user's answer all pairs stand on their own.
    pub(super) fn has_pair(&self, answer: &PairsAnswer, cell: &Cell) -> bool {
        let own = |from: &Node, to: &Node| self.pairs.iter().position(|pair| pair.0 == *from && pair.1 == *to);
        answer.pairs.iter().any(|pair| match cell.series {
            Some(series) => own(&pair.from, &pair.to) == Some(series),
            None => !cell.other || own(&pair.from, &pair.to).is_none(),
        })
    }
}
