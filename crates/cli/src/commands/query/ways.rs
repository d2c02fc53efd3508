//! The questions of `cairn query paths` and `cairn query pairs`.

use cairn_analysis::{PairsQuery, PathsQuery};

use super::{event, filter, range, segment, when};
use crate::args::{PairsArgs, PathsArgs};

pub(super) fn paths(args: &PathsArgs, zone: &str) -> anyhow::Result<PathsQuery> {
    let PathsArgs { start, end, depth, top, nodes, about } = args;
    let (from, to) = range(about, zone)?;
    Ok(PathsQuery {
        start: start.as_deref().map(event).transpose()?,
        end: end.as_deref().map(event).transpose()?,
        nodes: nodes.nodes.iter().map(|node| event(node)).collect::<Result<_, _>>()?,
        depth: *depth,
        collapse: nodes.collapse,
        top: *top,
        from,
        to,
        filter: filter(about)?,
        as_of: about.as_of.as_deref().map(when),
        segment: segment(about)?,
        bots: about.bots,
    })
}

pub(super) fn pairs(args: &PairsArgs, zone: &str) -> anyhow::Result<PairsQuery> {
    let PairsArgs { top, nodes, about } = args;
    let (from, to) = range(about, zone)?;
    Ok(PairsQuery {
        nodes: nodes.nodes.iter().map(|node| event(node)).collect::<Result<_, _>>()?,
        collapse: nodes.collapse,
        top: *top,
        from,
        to,
        filter: filter(about)?,
        as_of: about.as_of.as_deref().map(when),
        segment: segment(about)?,
        bots: about.bots,
    })
}
