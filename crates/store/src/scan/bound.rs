//! A part, bound to a question.

use std::ops::Range;

use cairn_analysis::{Budget, PartsBy, StoreError, TimeRange, Touched};

use super::{
    columns::{BoundColumns, Columns},
    filled::Filled,
    found::Found,
    share::share_out,
    snapshot::Snapshot,
};
use crate::{
    ints::{BLOCK, Ints},
    part::{Part, PartCodes, Times},
    predicate::{Meaning, Node, RowCodes, Sparse},
};

/// What reading one row's time takes, and one row's code: values that stand alone count as they are in memory.
pub(super) const TIME_BYTES: usize = 8;
pub(super) const CODE_BYTES: usize = 4;

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
    pub(super) columns: BoundColumns<'a>,
    pub(super) range: TimeRange,
    /// The range holds all of the part.
    pub(super) whole: bool,
    /// A condition is on users.
    pub(super) asks_for_users: bool,
    pub(super) budget: &'a Budget,
}

impl<'a> PartScan<'a> {
    /// `None` where the part has nothing for the question.
    pub(super) fn new(
        (source, part): (u32, &'a Part),
        meanings: &'a [Meaning],
        columns: &Columns<'_>,
        (range, budget): (TimeRange, &'a Budget),
    ) -> Result<Option<Self>, StoreError> {
        let (first, last) = part.times_span();
        if !range.meets((first, last)) {
            return Ok(None);
        }
        let nodes = meanings.iter().map(|meaning| Node::of_part(meaning, part)).collect::<Result<Vec<_>, _>>()?;
        if nodes.iter().all(|node| matches!(node, Node::Always(false))) {
            return Ok(None);
        }
        Ok(Some(Self {
            source,
            part,
            users: part.users()?,
            starts: part.starts()?,
            times: part.times()?,
            fused: fused(&nodes),
            asks_for_users: nodes.iter().any(Node::asks_for_users),
            nodes,
            columns: columns.of_part(part)?,
            range,
            budget,
            whole: range.from <= first && last < range.to,
        }))
    }

    /// The hits of each of the question's events, and what was read for them, where postings say for all of them which few rows to
    /// look at; if `sparse`, columns in which few rows have a value may say so, too. Up to `threads` events are looked for at once.
    pub(super) fn few_hits(
        &self,
        snapshot: &Snapshot<'_>,
        (with_users, sparse): (bool, bool),
        threads: usize,
    ) -> Result<Option<(Vec<Found>, Touched)>, StoreError> {
        let mut events = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let by_postings = node.few_rows(self.part.rows())?;
            let by_column = if by_postings.is_none() && sparse { node.sparse() } else { None };
            if by_postings.is_none() && by_column.is_none() {
                return Ok(None);
            }
            events.push((by_postings, by_column));
        }
        let by_column = events.iter().map(|(_, by_column)| by_column.as_ref());
        let filled =
            by_column.map(|sparse| sparse.map(|sparse| Filled::of(snapshot, self, sparse, threads)).transpose());
        let filled = filled.collect::<Result<Vec<_>, _>>()?;
        let mut found = share_out(events.len(), threads, |next| {
            let events = std::iter::from_fn(next).map(|at| (at, &events[at]));
            let hits = events.map(|(at, (by_postings, by_column))| {
                if let (Some(sparse), Some(Some(filled))) = (by_column, &filled[at]) {
                    let (places, of) = (0..filled.rows.len(), (self.part, self.range));
                    let bytes = places.len() * (TIME_BYTES + 2 * CODE_BYTES);
                    return Ok((at, bytes, Found::of_filled((filled, places), sparse, of, with_users)?));
                }
                let by_column = by_column.as_ref().map(|sparse| sparse.few_rows(0..sparse.blocks()));
                let few = by_column.or_else(|| by_postings.clone()).unwrap_or_default();
                let bytes = few.bytes + few.rows.len() * (TIME_BYTES + CODE_BYTES * few.rest.len());
                Ok((at, bytes, Found::of_rows(few, self.part, self.range, with_users)?))
            });
            hits.collect::<Result<Vec<_>, StoreError>>()
        })?;
        let mut found: Vec<(usize, usize, Found)> = found.drain(..).flatten().collect();
        found.sort_unstable_by_key(|(at, ..)| *at);
        let scanned = events.iter().any(|(_, by_column)| by_column.is_some());
        let (of_scan, of_postings) = (u64::from(scanned), u64::from(!scanned));
        let touched = Touched {
            rows: found.iter().map(|(.., found)| found.rows.len() as u64).sum(),
            bytes: found.iter().map(|(_, bytes, _)| *bytes as u64).sum(),
            parts: PartsBy { scan: of_scan, postings: of_postings, ..PartsBy::default() },
        };
        Ok(Some((found.into_iter().map(|(.., found)| found).collect(), touched)))
    }

    /// How to find the hits of the question's only event, where a column in which few rows have a value says which.
    pub(super) fn sparse(&self) -> Option<Sparse<'_, 'a>> {
        if let [node] = &self.nodes[..] { node.sparse() } else { None }
    }

    /// The hits in some rows, with the column that says which. Nobody asks for users.
    pub(super) fn sparse_hits(
        &self,
        sparse: &Sparse<'_, 'a>,
        rows: &Range<usize>,
    ) -> Result<(Found, Ints<'a, u32>), StoreError> {
        let mut few = sparse.few_rows(rows.start / BLOCK..rows.end.div_ceil(BLOCK));
        few.keep_within(rows.start as u32..rows.end as u32);
        Ok((Found::of_rows(few, self.part, self.range, false)?, sparse.column()))
    }

    /// The bytes of the columns that a scan of all rows reads, each once.
    pub(super) fn bytes(&self, with_users: bool) -> usize {
        let mut columns: Vec<(usize, usize)> = Vec::new();
        let mut see = |encoded: &[u8]| columns.push((encoded.as_ptr().addr(), encoded.len()));
        if with_users || self.asks_for_users {
            see(self.users.encoded());
            see(self.starts.encoded());
        }
        see(self.times.ints.encoded());
        self.nodes.iter().for_each(|node| node.encoded(&mut see));
        self.columns.encoded(&mut see);
        columns.sort_unstable();
        columns.dedup();
        columns.iter().map(|(_, bytes)| bytes).sum()
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
