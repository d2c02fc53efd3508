//! A part, bound to a question.

use cairn_analysis::StoreError;

use super::{
    keys::{BoundKey, Keys},
    snapshot::Range,
};
use crate::{
    ints::{BLOCK, Ints},
    part::{Groups, Part, PartCodes, Times},
    predicate::{Meaning, Node, RowCodes},
};

/// A part, bound to a question.
pub(crate) struct PartScan<'a> {
    pub(super) source: u32,
    pub(super) part: &'a Part,
    pub(super) users: Ints<'a, u32>,
    pub(super) starts: Ints<'a, u32>,
    pub(super) times: Times<'a>,
    pub(super) nodes: Vec<Node<'a>>,
    /// Where all of the question's events look at one column only: its codes, and the events by code.
    pub(super) fused: Option<(Ints<'a, u32>, Vec<u32>)>,
    pub(super) keys: Vec<BoundKey<'a>>,
    pub(super) range: Range,
    /// The range holds all of the part.
    pub(super) whole: bool,
    /// All hits are in these groups of rows, if that is known.
    pub(super) candidates: Option<Groups>,
    /// A condition is on users.
    pub(super) asks_for_users: bool,
}

impl<'a> PartScan<'a> {
    /// `None` where the part has nothing for the question.
    pub(super) fn new(
        (source, part): (u32, &'a Part),
        meanings: &'a [Meaning],
        keys: &Keys<'_>,
        range: Range,
    ) -> Result<Option<Self>, StoreError> {
        let (first, last) = part.times_span();
        if first >= range.to || last < range.from {
            return Ok(None);
        }
        let nodes = meanings.iter().map(|meaning| Node::of_part(meaning, part)).collect::<Result<Vec<_>, _>>()?;
        if nodes.iter().all(|node| matches!(node, Node::Always(false))) {
            return Ok(None);
        }
        let candidates = candidates(&nodes, part.rows())?;
        Ok(Some(Self {
            source,
            part,
            users: part.users()?,
            starts: part.starts()?,
            times: part.times()?,
            fused: if candidates.is_some() { None } else { fused(&nodes) },
            candidates,
            asks_for_users: nodes.iter().any(Node::asks_for_users),
            nodes,
            keys: keys.of_part(part)?,
            range,
            whole: range.from <= first && last < range.to,
        }))
    }

    /// Whether a row is a hit, and of which of the question's events.
    pub(super) fn matches(&self, row: usize, user: u32) -> u32 {
        let time = self.times.get(row);
        if time < self.range.from || time >= self.range.to {
            return 0;
        }
        self.nodes.iter().enumerate().fold(0, |bits, (at, node)| bits | u32::from(node.holds(row, user)) << at)
    }
}

/// Where any of the question's events can be, if all of them say so.
fn candidates(nodes: &[Node<'_>], rows: usize) -> Result<Option<Groups>, StoreError> {
    let mut all = Groups::none(rows);
    for node in nodes {
        match node.candidates(rows)? {
            Some(groups) => all.unite(&groups),
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// The table of a question that looks at one column only.
fn fused<'a>(nodes: &[Node<'a>]) -> Option<(Ints<'a, u32>, Vec<u32>)> {
    let mut found: Option<(Ints<'a, u32>, Vec<u32>)> = None;
    for (at, node) in nodes.iter().enumerate() {
        let Node::Codes(RowCodes::Part(PartCodes { ints, .. }), truth) = node else {
            return None;
        };
        let (known, table) = found.get_or_insert_with(|| (*ints, Vec::new()));
        if !known.same_as(ints) || truth.codes > BLOCK {
            return None;
        }
        table.resize(table.len().max(truth.codes), 0);
        (0..truth.codes).for_each(|code| table[code] |= u32::from(truth.of(code as u32)) << at);
    }
    found.filter(|_| nodes.len() > 1)
}
