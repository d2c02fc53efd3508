//! Where a part's rows are cut by users and by instants, so that times need not be read again.

use std::sync::Arc;

use cairn_analysis::{Intervals, StoreError};

use super::{bound::PartScan, share::share_out, snapshot::Snapshot};
use crate::ints::BLOCK;

/// Users of a part that one thread takes at a time.
const USERS_PER_TASK: usize = 16 << 10;

/// The rows of a part in pieces: those of one user between two instants of a list.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    /// The row after each piece.
    pub(super) ends: Vec<u32>,
    /// How many of the instants are not after it.
    pub(super) after: Vec<u8>,
}

impl Cuts {
    /// The piece of a row.
    pub(super) fn at(&self, row: usize) -> usize {
        self.ends.partition_point(|end| *end as usize <= row)
    }

    fn bytes(&self) -> usize {
        5 * self.ends.len()
    }
}

/// The pieces of a part, and by [`Cuts::after`] the interval of a question that each lies in, as a bit: none where it is outside
/// of the question's range.
pub(super) struct PartCuts {
    pub(super) cuts: Arc<Cuts>,
    pub(super) bits: Vec<u128>,
}

impl PartCuts {
    /// Of a part that is scanned: kept from an earlier question, or made for this one and those that follow.
    pub(super) fn of(
        snapshot: &Snapshot<'_>,
        scan: &PartScan<'_>,
        intervals: &Intervals,
        threads: usize,
    ) -> Result<Self, StoreError> {
        let ((first, last), range) = (scan.part.times_span(), scan.range);
        let mut instants: Vec<i64> = intervals.starts().to_vec();
        instants.extend([range.from, range.to]);
        instants.retain(|instant| first < *instant && *instant <= last);
        instants.sort_unstable();
        instants.dedup();
        let of_piece = |start: i64| {
            let inside = range.from <= start && start < range.to;
            if inside { 1 << intervals.of(start) } else { 0 }
        };
        let bits = std::iter::once(first).chain(instants.iter().copied()).map(of_piece).collect();
        let key = format!("{}\0{instants:?}", scan.part.file());
        let cuts = match snapshot.cuts.get(&key) {
            Some(kept) => kept,
            None => {
                let made = Arc::new(cut(snapshot, scan, &instants, threads)?);
                snapshot.cuts.put(&key, made.clone(), made.bytes());
                made
            }
        };
        Ok(Self { cuts, bits })
    }
}

/// Cuts a part at these instants, which rise.
fn cut(snapshot: &Snapshot<'_>, scan: &PartScan<'_>, instants: &[i64], threads: usize) -> Result<Cuts, StoreError> {
    let users = scan.users.len();
    let mut pieces = share_out(users.div_ceil(USERS_PER_TASK), threads, |next| {
        let mut made = Vec::new();
        while let Some(task) = next() {
            snapshot.budget.check()?;
            let first = task * USERS_PER_TASK;
            made.push((task, cut_users(scan, first..users.min(first + USERS_PER_TASK), instants)));
        }
        Ok(made)
    })?;
    let mut pieces: Vec<(usize, Cuts)> = pieces.drain(..).flatten().collect();
    pieces.sort_unstable_by_key(|(task, _)| *task);
    let mut cuts = Cuts::default();
    for (_, piece) in pieces {
        cuts.ends.extend(piece.ends);
        cuts.after.extend(piece.after);
    }
    cuts.ends.shrink_to_fit();
    cuts.after.shrink_to_fit();
    Ok(cuts)
}

/// The pieces of the users at these places of a part.
fn cut_users(scan: &PartScan<'_>, users: std::ops::Range<usize>, instants: &[i64]) -> Cuts {
    let (mut starts, mut cuts) = (Vec::new(), Cuts::default());
    scan.starts.read(users.start..users.end + 1, &mut starts);
    let since = scan.times.since;
    // As times are encoded. Instants are after the part's first.
    let marks: Vec<u64> = instants.iter().map(|instant| instant.wrapping_sub(since) as u64).collect();
    let (mut times, mut number) = ([0; BLOCK], usize::MAX);
    for rows in starts.windows(2) {
        let (mut row, end) = (rows[0] as usize, rows[1] as usize);
        let mut after = 0;
        let mut begun = false;
        while row < end {
            if row / BLOCK != number {
                number = row / BLOCK;
                scan.times.ints.block(number, &mut times);
            }
            let base = number * BLOCK;
            for time in &times[row - base..end.min(base + BLOCK) - base] {
                if marks.get(after).is_some_and(|mark| mark <= time) {
                    if begun {
                        cuts.ends.push(row as u32);
                        cuts.after.push(after as u8);
                    }
                    after += marks[after..].partition_point(|mark| mark <= time);
                }
                begun = true;
                row += 1;
            }
        }
        if begun {
            cuts.ends.push(end as u32);
            cuts.after.push(after as u8);
        }
    }
    cuts
}
