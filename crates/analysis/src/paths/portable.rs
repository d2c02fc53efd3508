//! Ways through sessions as bytes.

use hashbrown::{HashMap, HashSet};

use super::{BEYOND, EXIT, NOWHERE, Pairs, PairsPartial, Paths, PathsPartial, count::PairCounts, node_at, place_of};
use crate::{
    GroupId, Kernel, NodesPlan,
    portable::{Decoder, Encoder, KernelSpec, Kind, NodesSpec, PartialError, Portable},
};

/// Places below this are no groups.
const FIXED: u32 = 4;

impl NodesPlan {
    fn spec(&self) -> NodesSpec {
        NodesSpec { events: self.events.len(), by_group: self.names.is_empty() }
    }

    /// Writes the number of a node: of an event, or of a group.
    fn put(&self, node: u32, to: &mut Encoder<'_>) {
        if self.names.is_empty() { to.group(GroupId(node)) } else { to.size(node as usize) }
    }

    fn read(&self, from: &mut Decoder<'_>) -> Result<u32, PartialError> {
        match self.names.is_empty() {
            true => Ok(from.group()?.0),
            false => Ok(from.size(self.names.len() - 1)? as u32),
        }
    }

    /// Writes a place: what it is, and if it is a node other than the start, which one.
    fn put_place(&self, place: u32, to: &mut Encoder<'_>) {
        to.size(place.min(FIXED) as usize);
        if place >= FIXED {
            self.put(node_at(place), to);
        }
    }

    fn read_place(&self, from: &mut Decoder<'_>) -> Result<u32, PartialError> {
        match from.size(FIXED as usize)? as u32 {
            FIXED => Ok(place_of(self.read(from)?)),
            place => Ok(place),
        }
    }
}

/// What was counted, each pair once.
fn counted(counts: &PairCounts) -> HashMap<(u32, u32), u64> {
    let mut all = HashMap::new();
    counts.each(|pair, count| *all.entry(pair).or_default() += count);
    all
}

impl Portable for Paths<'_> {
    fn spec(&self) -> KernelSpec {
        let plan = self.plan;
        let kernel = Kind::Paths {
            nodes: plan.nodes.spec(),
            turns: plan.events.len() > plan.nodes.events.len(),
            backwards: plan.backwards,
            depth: plan.depth,
            collapse: plan.collapse,
        };
        KernelSpec { keys: plan.nodes.keys.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &PathsPartial, to: &mut Encoder<'_>) {
        to.count(partial.sessions);
        for links in &partial.links {
            let links = counted(links);
            to.size(links.len());
            for ((from_place, to_place), count) in links {
                self.plan.nodes.put_place(from_place, to);
                self.plan.nodes.put_place(to_place, to);
                to.count(count);
            }
        }
    }

    /// An answer can be made of links that are joined: where one comes from, another went.
    fn decode(&self, from: &mut Decoder<'_>) -> Result<PathsPartial, PartialError> {
        let (mut partial, nodes) = (self.init(), &self.plan.nodes);
        partial.sessions = from.count()?;
        let mut reached = HashSet::from([NOWHERE]);
        for links in &mut partial.links {
            let mut reached_next = HashSet::new();
            for _ in 0..from.items(3)? {
                let (from_place, to_place) = (nodes.read_place(from)?, nodes.read_place(from)?);
                let (count, ends) = (from.count()?, matches!(to_place, EXIT | BEYOND));
                let goes_on = reached.contains(&from_place) && to_place != NOWHERE && count > 0;
                if !goes_on || (ends && from_place == NOWHERE) {
                    return Err(PartialError::new("a way is broken"));
                }
                if !ends {
                    reached_next.insert(to_place);
                }
                links.add_many((from_place, to_place), count);
            }
            reached = reached_next;
        }
        Ok(partial)
    }
}

impl Portable for Pairs<'_> {
    fn spec(&self) -> KernelSpec {
        let plan = self.plan;
        let kernel = Kind::Pairs { nodes: plan.nodes.spec(), collapse: plan.collapse };
        KernelSpec { keys: plan.nodes.keys.len(), kernel, faulty: self.faulty }
    }

    fn encode(&self, partial: &PairsPartial, to: &mut Encoder<'_>) {
        let counts = counted(&partial.counts);
        to.size(counts.len());
        for ((before, node), count) in counts {
            self.plan.nodes.put(before, to);
            self.plan.nodes.put(node, to);
            to.count(count);
        }
    }

    fn decode(&self, from: &mut Decoder<'_>) -> Result<PairsPartial, PartialError> {
        let (mut counts, nodes) = (PairCounts::default(), &self.plan.nodes);
        for _ in 0..from.items(3)? {
            let pair = (nodes.read(from)?, nodes.read(from)?);
            counts.add_many(pair, from.count()?);
        }
        Ok(PairsPartial { counts, ..PairsPartial::default() })
    }
}
