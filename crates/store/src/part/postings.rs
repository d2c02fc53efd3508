//! Postings: for each code of a column, the groups of 64 rows in which some row has it.
//!
//! So a condition that few values pass finds the few groups to look at without reading the column. Nothing of it is made for a
//! definition: it serves any condition on the property, and on those that follow from it.

use cairn_analysis::StoreError;

use super::layout::PostingsEntry;
use crate::{
    container::Container,
    ints::{BLOCK, Ints},
};

/// Rows of a group: those of one word of a mask.
pub(crate) const GROUP: usize = 64;
/// Groups of a block.
pub(crate) const GROUPS: usize = BLOCK / GROUP;
/// A column of fewer values, or of fewer rows, is read as fast.
const VALUES_MIN: usize = 64;
const ROWS_MIN: usize = 16 << 10;
/// Values that this few rows have each are found by other means: they are ids.
const ROWS_PER_VALUE_MIN: usize = 4;

/// The postings of a column to be written.
#[derive(Debug, PartialEq)]
pub(super) struct PostingsRows {
    /// Of each code, and of one more: its first place in `gaps`.
    pub(super) starts: Vec<u32>,
    /// Of each code in turn, its groups, rising: the first, then the distance from the one before.
    pub(super) gaps: Vec<u32>,
}

impl PostingsRows {
    /// The postings of `codes`, none above `greatest`; `None` where they are not worth it, unless `any` are wanted.
    pub(super) fn of(codes: &[u32], greatest: u32, any: bool) -> Option<Self> {
        const NONE: u32 = u32::MAX;
        let mut last = vec![NONE; greatest as usize + 1];
        let mut starts = vec![0_u32; greatest as usize + 2];
        for (group, rows) in (0..).zip(codes.chunks(GROUP)) {
            for code in rows.iter().map(|code| *code as usize) {
                starts[code + 1] += u32::from(last[code] != group);
                last[code] = group;
            }
        }
        // Rows without a value are not looked for.
        starts[1] = 0;
        let values = starts.iter().filter(|count| **count > 0).count();
        let worth = codes.len() >= ROWS_MIN && (VALUES_MIN..=codes.len() / ROWS_PER_VALUE_MIN).contains(&values);
        if !worth && !any {
            return None;
        }
        (1..starts.len()).for_each(|code| starts[code] += starts[code - 1]);
        let mut next = starts.clone();
        let mut gaps = vec![0; *starts.last()? as usize];
        last.fill(NONE);
        for (group, rows) in (0..).zip(codes.chunks(GROUP)) {
            for code in rows.iter().map(|code| *code as usize).filter(|code| *code > 0) {
                if last[code] != group {
                    gaps[next[code] as usize] = if last[code] == NONE { group } else { group - last[code] };
                    (last[code], next[code]) = (group, next[code] + 1);
                }
            }
        }
        Some(Self { starts, gaps })
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
        Ok(Postings { starts: ints(self.entry.starts)?, gaps: ints(self.entry.gaps)? })
    }
}

/// The postings of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings<'a> {
    starts: Ints<'a, u32>,
    gaps: Ints<'a, u32>,
}

impl Postings<'_> {
    /// In how many groups a code occurs.
    pub(crate) fn count(&self, code: u32) -> usize {
        let range = self.range(code);
        range.end.saturating_sub(range.start)
    }

    /// Adds the groups in which a code occurs. `space` is scratch.
    pub(crate) fn add(&self, code: u32, groups: &mut Groups, space: &mut Vec<u32>) {
        space.clear();
        self.gaps.read(self.range(code), space);
        let mut group = 0_usize;
        for gap in space.iter() {
            group += *gap as usize;
            groups.add(group);
        }
    }

    fn range(&self, code: u32) -> std::ops::Range<usize> {
        // Past the last code, there are no starts: 0.
        let code = code as usize;
        self.starts.get(code) as usize..self.starts.get(code + 1) as usize
    }
}

/// A set of groups of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    words: Vec<u64>,
}

impl Groups {
    /// None of the groups of so many rows.
    pub(crate) fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(GROUP).div_ceil(64)] }
    }

    /// Adds a group, if there is such a one.
    #[inline]
    pub(crate) fn add(&mut self, group: usize) {
        if let Some(word) = self.words.get_mut(group / 64) {
            *word |= 1 << (group % 64);
        }
    }

    pub(crate) fn unite(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The first group from `from` on.
    #[inline]
    pub(crate) fn next(&self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut bits = self.words.get(at)? & (u64::MAX << (from % 64));
        while bits == 0 {
            at += 1;
            bits = *self.words.get(at)?;
        }
        Some(at * 64 + bits.trailing_zeros() as usize)
    }

    /// The groups of a block: bit `i` is its `i`-th.
    #[inline]
    pub(crate) fn of_block(&self, block: usize) -> u16 {
        let first = block * GROUPS;
        self.words.get(first / 64).map_or(0, |word| (word >> (first % 64)) as u16)
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

    /// The groups of each code are those in which it occurs, whatever the column is like.
    #[test]
    fn postings_say_where_codes_occur() {
        let rare = |row: u32| if row.is_multiple_of(997) { 5 + row / 997 } else { row % 3 };
        for codes in [
            (0..40_000).map(|row| row * 7919 % 1_000).collect::<Vec<u32>>(),
            (0..40_001).map(rare).collect(),
            (0..63).collect(),
            vec![0; 500],
        ] {
            let greatest = codes.iter().copied().max().unwrap();
            let rows = PostingsRows::of(&codes, greatest, true).unwrap();
            let (starts, gaps) = (column(&rows.starts), column(&rows.gaps));
            let postings = Postings { starts: Ints::parse(&starts).unwrap(), gaps: Ints::parse(&gaps).unwrap() };
            for code in 1..=greatest + 2 {
                let (mut found, mut expected) = (Groups::none(codes.len()), Groups::none(codes.len()));
                postings.add(code, &mut found, &mut Vec::new());
                codes.iter().enumerate().filter(|(_, c)| **c == code).for_each(|(row, _)| expected.add(row / GROUP));
                assert_eq!(found, expected, "code {code}");
                assert_eq!(postings.count(code), expected.len());
            }
        }
    }

    #[test]
    fn small_columns_and_ids_have_none() {
        assert!(PostingsRows::of(&(0..40_000).map(|row| row % 20).collect::<Vec<_>>(), 19, false).is_none());
        assert!(PostingsRows::of(&(0..40_000).collect::<Vec<_>>(), 39_999, false).is_none());
        assert!(PostingsRows::of(&(0..40_000).map(|row| row % 200).collect::<Vec<_>>(), 199, false).is_some());
    }

    #[test]
    fn groups_are_walked() {
        let mut groups = Groups::none(100_000);
        [3, 64, 200, 1_562].iter().for_each(|group| groups.add(*group));
        groups.add(9_999_999);
        let mut walked = Vec::new();
        let mut from = 0;
        while let Some(group) = groups.next(from) {
            walked.push(group);
            from = group + 1;
        }
        assert_eq!(walked, [3, 64, 200, 1_562]);
        assert_eq!((groups.of_block(0), groups.of_block(4), groups.of_block(97)), (1 << 3, 1, 1 << 10));
    }
}
