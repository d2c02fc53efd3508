//! One block of a part, as a question sees it.

use std::ops::Range;

use cairn_analysis::GroupId;

use super::columns::Details;
use crate::{
    bits,
    ints::{BLOCK, lookup::Mask},
    predicate::RowCodes,
};

/// From so many hits in a block on, all its rows are kept, relevant or not: then nothing has to be moved.
pub(super) const DENSE: u32 = 384;

/// From so many entries on, a block's codes are decoded together.
const DECODED: usize = 24;

/// The hits of one block. Entries are rows of the block, all of them or only the hits.
pub(super) struct Block {
    /// Its number; `usize::MAX` before the first.
    pub(super) number: usize,
    /// Rows with a hit.
    pub(super) any: Mask,
    /// Whether entry `i` is row `i`.
    pub(super) dense: bool,
    pub(super) entries: usize,
    /// Of each entry, unless dense: its row within the block.
    pub(super) rows: [u32; BLOCK],
    pub(super) matches: [u32; BLOCK],
    pub(super) times: [i64; BLOCK],
    /// Space to decode into.
    pub(super) since: [u64; BLOCK],
    pub(super) codes: [u32; BLOCK],
    /// Space for the runs of a column.
    pub(super) runs: Vec<(u32, u32)>,
    /// Of each entry, where they do not depend on users.
    pub(super) groups: Vec<GroupId>,
    /// Of each entry.
    pub(super) details: Details,
    /// The first entry not passed yet, unless dense.
    pub(super) next: usize,
}

impl Block {
    pub(super) fn new() -> Box<Self> {
        Box::new(Self {
            number: usize::MAX,
            any: [0; BLOCK / 64],
            dense: false,
            entries: 0,
            rows: [0; BLOCK],
            matches: [0; BLOCK],
            times: [0; BLOCK],
            since: [0; BLOCK],
            codes: [0; BLOCK],
            runs: Vec::new(),
            groups: Vec::new(),
            details: Details::default(),
            next: 0,
        })
    }

    /// Calls `see` with the code of each entry that is relevant.
    pub(super) fn each_code(&mut self, codes: &RowCodes<'_>, mut see: impl FnMut(usize, u32)) {
        let Self { rows, entries, dense, number, codes: decoded, matches, .. } = self;
        let row_of = |entry: usize| if *dense { entry } else { rows[entry] as usize };
        let relevant = (0..*entries).filter(|entry| matches[*entry] != 0);
        match codes {
            RowCodes::Part(codes) if *entries >= DECODED => {
                let filled = codes.block(*number, decoded);
                decoded[filled..].fill(0);
                relevant.for_each(|entry| see(entry, decoded[row_of(entry)]));
            }
            codes => relevant.for_each(|entry| see(entry, codes.get(*number * BLOCK + row_of(entry)))),
        }
    }

    /// Sets in `out` for each entry what `of` says of its code; each run of a column that comes in runs is asked about once. What it sets
    /// for entries that are not relevant means nothing.
    pub(super) fn set_by_code<T: Copy>(&mut self, codes: &RowCodes<'_>, out: &mut [T], of: impl Fn(u32) -> T) {
        let mut runs = std::mem::take(&mut self.runs);
        let in_runs = matches!(codes, RowCodes::Part(codes) if codes.runs(self.number, &mut runs));
        if in_runs {
            let (ranks, mut entry) = (Ranks::new(&self.any), 0);
            // Before anything else: what is read for one run does not wait for that of another.
            let of_runs: Vec<T> = runs.iter().map(|(_, code)| of(*code)).collect();
            for ((end, _), of_run) in runs.iter().zip(of_runs) {
                let end = if self.dense { *end as usize } else { ranks.of(*end as usize) };
                let end = end.min(self.entries);
                fill(out, entry..end, of_run);
                entry = end;
            }
        } else {
            self.each_code(codes, |entry, code| out[entry] = of(code));
        }
        self.runs = runs;
    }

    /// Makes it a block without hits.
    pub(super) fn clear(&mut self, number: usize) {
        (self.number, self.any, self.dense, self.entries, self.next) = (number, [0; BLOCK / 64], false, 0, 0);
    }

    /// The first row from `from` on, within the block, with a hit.
    #[inline]
    pub(super) fn next_hit(&self, from: usize) -> Option<usize> {
        let (mut word, bit) = (from / 64, from % 64);
        if word >= self.any.len() {
            return None;
        }
        let mut bits = self.any[word] & (u64::MAX << bit);
        loop {
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            word += 1;
            bits = *self.any.get(word)?;
        }
    }

    /// How many of the rows `from..to` are hits.
    #[inline]
    pub(super) fn count(&self, from: usize, to: usize) -> u64 {
        if from >= to {
            return 0;
        }
        let (first, last) = (from / 64, (to - 1) / 64);
        let (head, tail) = (u64::MAX << (from % 64), u64::MAX >> (63 - (to - 1) % 64));
        if first == last {
            return u64::from((self.any[first] & head & tail).count_ones());
        }
        let between: u32 = self.any[first + 1..last].iter().map(|word| word.count_ones()).sum();
        u64::from((self.any[first] & head).count_ones() + between + (self.any[last] & tail).count_ones())
    }

    /// The entries of the rows up to `to`, within the block; those are then passed. `from` is the first row of them.
    #[inline]
    pub(super) fn take(&mut self, from: usize, to: usize) -> Range<usize> {
        if self.dense {
            return from..to;
        }
        while self.next < self.entries && (self.rows[self.next] as usize) < from {
            self.next += 1;
        }
        let start = self.next;
        while self.next < self.entries && (self.rows[self.next] as usize) < to {
            self.next += 1;
        }
        start..self.next
    }
}

/// How many rows of a mask come before each row.
struct Ranks<'m> {
    mask: &'m Mask,
    /// Before each word.
    before: [u32; BLOCK / 64],
}

impl<'m> Ranks<'m> {
    fn new(mask: &'m Mask) -> Self {
        let mut before = [0; BLOCK / 64];
        before.iter_mut().zip(bits::before(mask)).for_each(|(before, sum)| *before = sum);
        Self { mask, before }
    }

    /// Before this one; of a row past the last, before that as many.
    #[inline]
    fn of(&self, row: usize) -> usize {
        match (self.mask.get(row / 64), self.before.get(row / 64)) {
            (Some(word), Some(before)) => (before + bits::below(*word, row % 64)) as usize,
            _ => {
                self.before.last().zip(self.mask.last()).map_or(0, |(before, word)| before + word.count_ones()) as usize
            }
        }
    }
}

/// Fills a range. A few values are set without asking for its length: those too many are set again.
#[inline]
fn fill<T: Copy>(out: &mut [T], range: Range<usize>, value: T) {
    const STEP: usize = 4;
    let Some(first) = out.get_mut(range.start..).and_then(|rest| rest.first_chunk_mut::<STEP>()) else {
        return out[range].fill(value);
    };
    *first = [value; STEP];
    if range.len() > STEP {
        out[range.start + STEP..range.end].fill(value);
    }
}

/// The rows `from..to` of a block.
pub(crate) fn mask_of(from: usize, to: usize) -> Mask {
    let mut mask = [0; BLOCK / 64];
    for (word, bits) in mask.iter_mut().enumerate() {
        let (low, high) =
            (from.clamp(word * 64, word * 64 + 64) - word * 64, to.clamp(word * 64, word * 64 + 64) - word * 64);
        if low < high {
            *bits = (u64::MAX >> (64 - (high - low))) << low;
        }
    }
    mask
}

/// Calls `see` with each row of the mask.
#[inline]
pub(crate) fn each(mask: &Mask, mut see: impl FnMut(usize)) {
    for (word, bits) in mask.iter().enumerate() {
        let mut left = *bits;
        while left != 0 {
            see(word * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}

/// Of a dense block: rows that are no hits match nothing.
pub(super) fn clear_outside(block: &mut Block, whole: bool) {
    block.entries = BLOCK;
    if !whole {
        for row in 0..BLOCK {
            if block.any[row / 64] >> (row % 64) & 1 == 0 {
                block.matches[row] = 0;
            }
        }
    }
}

/// Puts the masks' hits into entries; `with_times` says whether their times are known.
pub(super) fn lay_out(block: &mut Block, masks: &[Mask], with_times: bool) {
    if block.dense {
        block.matches.fill(0);
        block.entries = BLOCK;
    } else {
        let (rows, times, mut entry) = (&mut block.rows, &mut block.times, 0);
        each(&block.any, |row| {
            rows[entry] = row as u32;
            entry += 1;
        });
        block.entries = entry;
        if with_times {
            // Entries never overtake rows.
            (0..entry).for_each(|entry| times[entry] = times[rows[entry] as usize % BLOCK]);
        }
        block.matches[..entry].fill(u32::from(masks.len() == 1));
        if masks.len() == 1 {
            // Those of other events are not hits.
            return;
        }
    }
    for (event, mask) in masks.iter().enumerate() {
        if block.dense {
            let matches = &mut block.matches;
            let mut inside = *mask;
            inside.iter_mut().zip(&block.any).for_each(|(mask, any)| *mask &= any);
            each(&inside, |row| matches[row] |= 1 << event);
        } else {
            for entry in 0..block.entries {
                let row = block.rows[entry] as usize;
                block.matches[entry] |= ((mask[row / 64] >> (row % 64) & 1) as u32) << event;
            }
        }
    }
}
