//! Random questions for paths and pairs.

use std::collections::HashSet;

use cairn_analysis::{EventRef, PairsQuery, PathsQuery, When};
use cairn_model::TimeMs;
use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::{SPAN_MS, START_MS, filter, frequent, segment::maybe_segment};

/// Paths of sessions, most of them of events that are frequent.
pub fn paths() -> impl Strategy<Value = PathsQuery> {
    let turn = prop_oneof![
        2 => Just((None, None)),
        2 => frequent().prop_map(|start| (Some(start), None)),
        2 => frequent().prop_map(|end| (None, Some(end))),
    ];
    (turn, ways(), 1..6_usize).prop_map(|((start, end), ways, depth)| {
        let PairsQuery { nodes, collapse, top, from, to, filter, as_of, segment, bots } = ways;
        PathsQuery { start, end, nodes, depth, collapse, top, from, to, filter, as_of, segment, bots }
    })
}

/// Pairs of successive nodes.
pub fn pairs() -> impl Strategy<Value = PairsQuery> {
    ways()
}

fn ways() -> impl Strategy<Value = PairsQuery> {
    let segment = prop_oneof![2 => Just(None), 1 => maybe_segment()];
    let filter = (prop_oneof![14 => Just(None), 1 => filter(true)], segment);
    let anything = EventRef::Inline(json!({"all": []}));
    let with_anything = vec(frequent(), 1..5).prop_map(move |nodes| [nodes, vec![anything.clone()]].concat());
    let nodes = prop_oneof![1 => Just(Vec::new()), 3 => vec(frequent(), 3..7), 4 => with_anything].prop_map(distinct);
    // Sessions of a few events are soon cut in two.
    let range = (0..SPAN_MS / 8, SPAN_MS * 7 / 8..SPAN_MS, SPAN_MS * 3 / 4..SPAN_MS);
    let instant = |ms: i64| When::Instant(TimeMs(START_MS + ms));
    (nodes, any::<bool>(), 1..6_usize, range, filter, any::<bool>()).prop_map(
        move |(nodes, collapse, top, (from, length, as_of), (filter, segment), bots)| PairsQuery {
            nodes,
            collapse,
            top,
            from: instant(from),
            to: instant(from + length),
            filter,
            as_of: Some(instant(SPAN_MS / 4 + as_of)),
            segment,
            bots,
        },
    )
}

/// Those whose names are not those of others before them.
fn distinct(mut nodes: Vec<EventRef>) -> Vec<EventRef> {
    let mut names = HashSet::new();
    nodes.retain(|node| names.insert(node.name()));
    nodes
}
