//! The rows that have a value in a column in which few have one: found once, and kept in memory for the questions that follow.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use cairn_analysis::StoreError;

use super::{bound::PartScan, share::share_out, snapshot::Snapshot};
use crate::{part::Part, predicate::Sparse};

/// What a column may take in all of a question's parts, in bytes; what takes more is looked for each time.
pub(super) const BYTES_MAX: usize = 48 << 20;
/// What a row takes: itself, its code, its time and its user.
const ROW_BYTES: usize = 4 + 4 + 8 + 4;
/// Blocks that one thread reads at a time.
const BLOCKS_PER_TASK: usize = 512;

/// Vectors of equal length, by row.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub(super) rows: Vec<u32>,
    pub(super) codes: Vec<u32>,
    pub(super) times: Vec<i64>,
    users: OnceLock<Vec<u32>>,
}

impl Filled {
    /// Those of the column of `sparse` in a part that is scanned: kept from an earlier question, or found for this one and those
    /// that follow. `None` if they are too many to be kept.
    pub(super) fn of(
        snapshot: &Snapshot<'_>,
        scan: &PartScan<'_>,
        sparse: &Sparse<'_, '_>,
        threads: usize,
    ) -> Result<Option<Arc<Self>>, StoreError> {
        let most = snapshot.filled_max / ROW_BYTES / snapshot.parts.len().max(1);
        if sparse.most() > most {
            return Ok(None);
        }
        let key = format!("{}\0{}", scan.part.file(), scan.part.place_of(sparse.column()));
        if let Some(kept) = snapshot.filled.get(&key) {
            return Ok(Some(kept));
        }
        let made = Arc::new(Self::find(snapshot, scan, sparse, threads)?);
        if made.rows.len() > most {
            return Ok(None);
        }
        snapshot.filled.put(&key, made.clone(), made.rows.len() * ROW_BYTES);
        Ok(Some(made))
    }

    fn find(
        snapshot: &Snapshot<'_>,
        scan: &PartScan<'_>,
        sparse: &Sparse<'_, '_>,
        threads: usize,
    ) -> Result<Self, StoreError> {
        let (column, blocks) = (sparse.column(), sparse.blocks());
        let pieces = share_out(blocks.div_ceil(BLOCKS_PER_TASK), threads, |next| {
            let mut made = Vec::new();
            while let Some(task) = next() {
                snapshot.budget.check()?;
                let (mut rows, mut codes, mut since) = (Vec::new(), Vec::new(), Vec::new());
                let first = task * BLOCKS_PER_TASK;
                for block in first..blocks.min(first + BLOCKS_PER_TASK) {
                    column.rows_of(block, |code| code != 0, (&mut rows, &mut codes));
                }
                scan.times.ints.gather(&rows, &mut since);
                made.push((task, rows, codes, since));
            }
            Ok(made)
        })?;
        let mut pieces: Vec<_> = pieces.into_iter().flatten().collect();
        pieces.sort_unstable_by_key(|(task, ..)| *task);
        let count = pieces.iter().map(|(_, rows, ..)| rows.len()).sum();
        let mut all = Self {
            rows: Vec::with_capacity(count),
            codes: Vec::with_capacity(count),
            times: Vec::with_capacity(count),
            users: OnceLock::new(),
        };
        for (_, rows, codes, since) in pieces {
            all.rows.extend(rows);
            all.codes.extend(codes);
            all.times.extend(since.into_iter().map(|since| scan.times.since.wrapping_add(since as i64)));
        }
        Ok(all)
    }

    /// The number of each row's user in the part.
    pub(super) fn users(&self, part: &Part) -> Result<&[u32], StoreError> {
        if let Some(known) = self.users.get() {
            return Ok(known);
        }
        let found = part.users_of(&self.rows)?;
        Ok(self.users.get_or_init(|| found))
    }

    /// The places of rows of a range.
    pub(super) fn places(&self, rows: Range<usize>) -> Range<usize> {
        let place = |row: usize| self.rows.partition_point(|other| (*other as usize) < row);
        place(rows.start)..place(rows.end)
    }
}
