//! Paths and pairs, as tables and CSV.

use cairn_analysis::{Node, PairsAnswer, PathLevel, PathNode, PathsAnswer};

use super::{
    Table,
    answer::{label, share},
    csv, thousands,
};

/// Of a node, so many of those that sessions went on to are shown.
const NEXT_SHOWN: usize = 3;

/// One row per level and node: how many sessions came, ended there and went on where.
pub(super) fn paths(numbers: &PathsAnswer) -> Vec<String> {
    let head = ["step", "node", "sessions", "share", "exit", "beyond", "then"];
    let mut table = Table::new(head, 2..6);
    for (step, level) in numbers.levels.iter().enumerate() {
        for node in &level.nodes {
            table.row([
                step.to_string(),
                name(&node.node),
                thousands(node.count),
                share(node.count, numbers.sessions),
                thousands(node.exit),
                thousands(node.beyond),
                then(node, numbers.levels.get(step + 1)),
            ]);
        }
    }
    let mut lines = vec![format!("{} sessions", thousands(numbers.sessions)), String::new()];
    lines.extend(table.lines());
    lines
}

/// The most frequent nodes after this one.
fn then(node: &PathNode, next: Option<&PathLevel>) -> String {
    let mut links = node.next.clone();
    links.sort_by_key(|link| std::cmp::Reverse(link.count));
    let named = links.iter().take(NEXT_SHOWN).filter_map(|link| {
        let to = next?.nodes.get(link.to)?;
        Some(format!("{} {}", name(&to.node), share(link.count, node.count)))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// One row per way from a node to the next one, to the end, or beyond the depth.
pub(super) fn paths_csv(numbers: &PathsAnswer) -> Vec<Vec<String>> {
    let mut rows = vec![["step", "node", "then", "sessions"].map(str::to_owned).to_vec()];
    for (step, level) in numbers.levels.iter().enumerate() {
        let next = numbers.levels.get(step + 1);
        for node in &level.nodes {
            let links = node.next.iter().filter_map(|link| Some((name(&next?.nodes.get(link.to)?.node), link.count)));
            let ends = [("(exit)".to_owned(), node.exit), ("(beyond)".to_owned(), node.beyond)];
            let ways = links.chain(ends.into_iter().filter(|(_, count)| *count > 0));
            rows.extend(ways.map(|(then, count)| {
                vec![step.to_string(), csv::text(&name(&node.node)), csv::text(&then), count.to_string()]
            }));
        }
    }
    rows
}

/// One row per pair.
pub(super) fn pairs(numbers: &PairsAnswer) -> Vec<String> {
    let mut table = Table::new(["node", "next", "times", "share"], 2..);
    let all = numbers.pairs.iter().map(|pair| (name(&pair.from), name(&pair.to), pair.count));
    let rest = (numbers.other > 0).then(|| ("(other)".to_owned(), "(other)".to_owned(), numbers.other));
    for (from, to, count) in all.chain(rest) {
        table.row([from, to, thousands(count), share(count, numbers.total)]);
    }
    table.lines()
}

/// The same for spreadsheets.
pub(super) fn pairs_csv(numbers: &PairsAnswer) -> Vec<Vec<String>> {
    let mut rows = vec![["node", "next", "times"].map(str::to_owned).to_vec()];
    let all = numbers.pairs.iter().map(|pair| (name(&pair.from), name(&pair.to), pair.count));
    let rest = (numbers.other > 0).then(|| ("(other)".to_owned(), "(other)".to_owned(), numbers.other));
    rows.extend(all.chain(rest).map(|(from, to, count)| vec![csv::text(&from), csv::text(&to), count.to_string()]));
    rows
}

fn name(node: &Node) -> String {
    match node {
        Node::Path(path) => path.as_ref().map_or("(missing)".to_owned(), label),
        Node::Event(name) => name.clone(),
        Node::Start => "(start)".to_owned(),
        Node::Other => "(other)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{Pair, PathLink};
    use cairn_model::Value;

    use super::*;

    fn path(text: &str) -> Node {
        Node::Path(Some(Value::from(text.to_owned())))
    }

    #[test]
    fn a_node_shows_where_its_sessions_went() {
        let node = |node, count, exit, beyond, next| PathNode { node, count, exit, beyond, next };
        let first = vec![node(path("/"), 4, 1, 0, vec![PathLink { to: 0, count: 2 }, PathLink { to: 1, count: 1 }])];
        let second = vec![node(path("=1+1"), 2, 0, 2, Vec::new()), node(Node::Other, 1, 1, 0, Vec::new())];
        let levels = [first, second].map(|nodes| PathLevel { nodes }).to_vec();
        let numbers = PathsAnswer { sessions: 4, levels };
        let lines = paths(&numbers);
        assert_eq!(lines[0], "4 sessions");
        assert_eq!(lines[2], "step  node     sessions    share  exit  beyond  then");
        assert_eq!(lines[4], "0     /               4  100.0 %     1       0  =1+1 50.0 %, (other) 25.0 %");
        assert_eq!(lines[5], "1     =1+1            2   50.0 %     0       2");
        let rows = paths_csv(&numbers);
        assert_eq!(rows[1], ["0", "/", "'=1+1", "2"]);
        assert_eq!(rows[3], ["0", "/", "(exit)", "1"]);
        assert_eq!(rows[4], ["1", "'=1+1", "(beyond)", "2"]);
    }

    #[test]
    fn the_other_pairs_come_last() {
        let pair = Pair { from: path("/"), to: Node::Event("Sign up".to_owned()), count: 3 };
        let numbers = PairsAnswer { pairs: vec![pair], other: 1, total: 4 };
        assert_eq!(pairs(&numbers)[2].split_whitespace().collect::<Vec<_>>(), ["/", "Sign", "up", "3", "75.0", "%"]);
        assert_eq!(pairs_csv(&numbers)[2], ["(other)", "(other)", "1"]);
    }
}
