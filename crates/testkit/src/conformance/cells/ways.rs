//! The numbers of paths and pairs.

use cairn_analysis::{Cell, PairsAnswer, PathNode, PathsAnswer, Who};

use super::Counted::{self, Theirs};

/// Of each level and node how many sessions come, end, go on, and where to.
pub(super) fn of_paths(answer: &PathsAnswer) -> Vec<(Cell, Counted)> {
    let mut all = Vec::new();
    for (at, level) in answer.levels.iter().enumerate() {
        let of_level = Cell { at: Some(at), ..Cell::default() };
        all.push((of_level.clone(), Theirs(level.nodes.iter().map(|node| node.count).sum())));
        for (place, node) in level.nodes.iter().enumerate() {
            of_node(&Cell { node: Some(place), ..of_level.clone() }, node, &mut all);
        }
    }
    all
}

fn of_node(cell: &Cell, node: &PathNode, all: &mut Vec<(Cell, Counted)>) {
    let ends = [(None, node.count), (Some(Who::Exit), node.exit), (Some(Who::Beyond), node.beyond)];
    all.extend(ends.map(|(who, count)| (Cell { who, ..cell.clone() }, Theirs(count))));
    all.extend(node.next.iter().map(|link| (Cell { to: Some(link.to), ..cell.clone() }, Theirs(link.count))));
}

/// Of each pair, the rest, and all.
pub(super) fn of_pairs(answer: &PairsAnswer) -> Vec<(Cell, Counted)> {
    let pairs = answer.pairs.iter().enumerate();
    let pairs = pairs.map(|(at, pair)| (Cell { series: Some(at), ..Cell::default() }, Theirs(pair.count)));
    let rest = (Cell { other: true, ..Cell::default() }, Theirs(answer.other));
    pairs.chain([rest, (Cell::default(), Theirs(answer.total))]).collect()
}
