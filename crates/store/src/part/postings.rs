//! Postings: for each code of a column, the runs of rows that have it.
//!
//! So a condition that few values pass finds its rows without reading the column. Nothing of it is made for a definition: it
//! serves any condition on the property, and on those that follow from it.

use std::ops::Range;

use cairn_analysis::StoreError;

use super::layout::PostingsEntry;
use crate::{container::Container, ints::Ints};

/// A column of fewer values, or of fewer rows, is read as fast.
const VALUES_MIN: usize = 64;
const ROWS_MIN: usize = 16 << 10;
/// Values that this few rows have each are found by other means: they are ids.
const ROWS_PER_VALUE_MIN: usize = 4;

/// The postings of a column to be written.
#[derive(Debug, PartialEq)]
pub(super) struct PostingsRows {
    /// Of each code, and of one more: its first place in `gaps` and `lengths`.
    pub(super) starts: Vec<u32>,
    /// Of each run of each code in turn: how many rows lie between the end of the code's last run, or the first row, and it.
    pub(super) gaps: Vec<u32>,
    /// Of each run: its rows, less 1.
    pub(super) lengths: Vec<u32>,
}

impl PostingsRows {
    /// The postings of `codes`, none above `greatest`; `None` where they are not worth it, unless `any` are wanted.
    pub(super) fn of(codes: &[u32], greatest: u32, any: bool) -> Option<Self> {
        let mut starts = vec![0_u32; greatest as usize + 2];
        runs(codes, |code, _, _| starts[code + 1] += 1);
        let values = starts.iter().filter(|count| **count > 0).count();
        let worth = codes.len() >= ROWS_MIN && (VALUES_MIN..=codes.len() / ROWS_PER_VALUE_MIN).contains(&values);
        if !worth && !any {
            return None;
        }
        (1..starts.len()).for_each(|code| starts[code] += starts[code - 1]);
        let mut next = starts.clone();
        let mut ends = vec![0_u32; greatest as usize + 1];
        let count = *starts.last()? as usize;
        let (mut gaps, mut lengths) = (vec![0; count], vec![0; count]);
        runs(codes, |code, row, length| {
            let at = next[code] as usize;
            (gaps[at], lengths[at]) = (row - ends[code], length - 1);
            (ends[code], next[code]) = (row + length, next[code] + 1);
        });
        Some(Self { starts, gaps, lengths })
    }
}

/// Calls `see` with the code, the first row and the length of each run of rows that have a value.
fn runs(codes: &[u32], mut see: impl FnMut(usize, u32, u32)) {
    let mut row = 0;
    for run in codes.chunk_by(|a, b| a == b) {
        let length = run.len() as u32;
        if run[0] > 0 {
            see(run[0] as usize, row, length);
        }
        row += length;
    }
}

/// Where the postings of a column stand in a part; they are read when they are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostingsAt<'a> {
    pub(super) container: &'a Container,
    pub(super) entry: &'a PostingsEntry,
}

impl<'a> PostingsAt<'a> {
    pub(crate) fn open(&self) -> Result<Postings<'a>, StoreError> {
        let ints = |buffer| {
            let bytes = self.container.read(buffer)?;
            Ints::parse(bytes).ok_or_else(|| self.container.damage("postings cannot be read"))
        };
        Ok(Postings {
            starts: ints(self.entry.starts)?,
            gaps: ints(self.entry.gaps)?,
            lengths: ints(self.entry.lengths)?,
        })
    }
}

/// The postings of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings<'a> {
    starts: Ints<'a, u32>,
    gaps: Ints<'a, u32>,
    lengths: Ints<'a, u32>,
}

/// Memory to read postings into.
#[derive(Debug, Default)]
pub(crate) struct Space {
    gaps: Vec<u32>,
    lengths: Vec<u32>,
}

impl Postings<'_> {
    /// The bytes of so many of its runs, on average.
    pub(crate) fn bytes_of(&self, runs: usize) -> usize {
        let bytes = self.gaps.encoded().len() + self.lengths.encoded().len();
        (bytes as u64 * runs as u64 / self.gaps.len().max(1) as u64) as usize
    }

    /// How many runs of rows have a code.
    pub(crate) fn count(&self, code: u32) -> usize {
        let range = self.range(code);
        range.end.saturating_sub(range.start)
    }

    /// Calls `see` with the rows of each run that has a code, rising.
    #[inline]
    pub(crate) fn each(&self, code: u32, space: &mut Space, mut see: impl FnMut(Range<u32>)) {
        let Space { gaps, lengths } = space;
        gaps.clear();
        lengths.clear();
        self.gaps.read(self.range(code), gaps);
        self.lengths.read(self.range(code), lengths);
        let mut row = 0_u32;
        for (gap, length) in gaps.iter().zip(lengths.iter()) {
            let start = row.saturating_add(*gap);
            row = start.saturating_add(*length).saturating_add(1);
            see(start..row);
        }
    }

    fn range(&self, code: u32) -> Range<usize> {
        // Past the last code, there are no starts: 0.
        let code = code as usize;
        self.starts.get(code) as usize..self.starts.get(code + 1) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ints::Encoder;

    fn column(numbers: &[u32]) -> Vec<u8> {
        let (mut encoder, mut out) = (Encoder::new(), Vec::new());
        encoder.push(numbers);
        encoder.finish(&mut out);
        out
    }

    /// The rows of each code are those that have it, whatever the column is like.
    #[test]
    fn postings_say_which_rows_have_a_code() {
        let rare = |row: u32| if row.is_multiple_of(997) { 5 + row / 997 } else { row / 4 % 3 };
        for codes in [
            (0..40_000).map(|row| row * 7919 % 1_000).collect::<Vec<u32>>(),
            (0..40_001).map(rare).collect(),
            (0..63).collect(),
            vec![0; 500],
            vec![7; 500],
        ] {
            let greatest = codes.iter().copied().max().unwrap();
            let rows = PostingsRows::of(&codes, greatest, true).unwrap();
            let columns = [&rows.starts, &rows.gaps, &rows.lengths].map(|numbers| column(numbers));
            let [starts, gaps, lengths] = columns.each_ref().map(|bytes| Ints::parse(bytes).unwrap());
            let postings = Postings { starts, gaps, lengths };
            for code in 1..=greatest + 2 {
                let (mut found, mut count) = (Vec::new(), 0);
                postings.each(code, &mut Space::default(), |rows| {
                    found.extend(rows);
                    count += 1;
                });
                let expected = (0..codes.len() as u32).filter(|row| codes[*row as usize] == code);
                assert_eq!(found, expected.collect::<Vec<_>>(), "code {code}");
                assert_eq!(postings.count(code), count);
            }
        }
    }

    #[test]
    fn small_columns_and_ids_have_none() {
        assert!(PostingsRows::of(&(0..40_000).map(|row| row % 20).collect::<Vec<_>>(), 19, false).is_none());
        assert!(PostingsRows::of(&(0..40_000).collect::<Vec<_>>(), 39_999, false).is_none());
        assert!(PostingsRows::of(&(0..40_000).map(|row| row % 200).collect::<Vec<_>>(), 199, false).is_some());
    }
}
