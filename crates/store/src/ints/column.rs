//! Reading a column in place.
//!
//! Files are guarded by checksums, so malformed bytes are not reported here; they only must do no harm: every place
//! is checked, and what cannot be read is `T::default()`.

use std::marker::PhantomData;
use std::ops::Range;

use super::bits::{self, Reader};
use super::cpu::{self, Avx2};
use super::layout::{BITMAP, CONSTANT, Entry, FEW, PACKED, ROW_BITS, RUNS, SPARSE, UNIT, WIDE};
use super::lookup::WORD;
use super::packing::{self, ROW};
use super::view::{Exceptions, Runs, View};
use super::{BLOCK, Int};

/// Reads of at most this many rows of a block look each one up; more decode the block.
const SINGLY: usize = 16;

/// The same where rows are all over the block.
const SINGLY_DECODED: usize = 12;

/// The same where all that is read is fetched beforehand.
const SINGLY_FETCHED: usize = 24;

/// So many rows' waits for memory overlap where rows are far apart.
const AHEAD: usize = 64;

/// A column, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ints<'a, T: Int> {
    bytes: &'a [u8],
    count: usize,
    value: PhantomData<T>,
}

impl<'a, T: Int> Ints<'a, T> {
    /// The column at the start of `bytes`, in constant time; `None` if its directory does not fit them. `bytes` may go
    /// on past the column.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let count = usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()?;
        let directory = count.div_ceil(BLOCK).checked_add(1)?.checked_mul(UNIT)?;
        (directory <= bytes.len()).then_some(Ints { bytes, count, value: PhantomData })
    }

    /// Whether both are the same place in memory.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        std::ptr::eq(self.bytes, other.bytes)
    }

    /// As it is encoded.
    pub(crate) fn encoded(&self) -> &'a [u8] {
        self.bytes
    }

    /// Count of values.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Count of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.count.div_ceil(BLOCK)
    }

    /// Rows of `block`: `BLOCK` but for the last, and 0 past it.
    pub(crate) fn rows(&self, block: usize) -> usize {
        self.count.saturating_sub(block.saturating_mul(BLOCK)).min(BLOCK)
    }

    /// The value of `row`; past the end, `T::default()`.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> T {
        if row >= self.count { T::default() } else { self.view(row / BLOCK).get(row % BLOCK) }
    }

    /// The value of all rows of `block`, if it is coded as having only one.
    pub(crate) fn constant(&self, block: usize) -> Option<T> {
        match self.view(block) {
            View::Constant(value) if block < self.blocks() => Some(value),
            _ => None,
        }
    }

    /// The value of all rows of some blocks, if each is coded as having only that one.
    pub(crate) fn constant_in(&self, mut blocks: Range<usize>) -> Option<T> {
        let value = self.constant(blocks.start)?;
        blocks.all(|block| self.constant(block) == Some(value)).then_some(value)
    }

    /// If `block` is coded as runs or is constant, true, and `out` gets the runs: for each the row in the block after
    /// its last, rising up to the rows of the block, and its value. Neighbours may have equal values. Otherwise false,
    /// and `out` gets empty.
    pub(crate) fn runs(&self, block: usize, out: &mut Vec<(u32, T)>) -> bool {
        out.clear();
        let rows = self.rows(block);
        match self.view(block) {
            _ if rows == 0 => return false,
            View::Constant(value) => out.push((rows as u32, value)),
            View::Runs(runs) => runs.list(rows, out),
            _ => return false,
        }
        true
    }

    /// If `block` is coded as few exceptions from a common value that is `wanted`, true, and `see` is called with each: its row in
    /// the block, rising, and its value.
    #[inline]
    pub(crate) fn exceptions(&self, block: usize, wanted: impl FnOnce(T) -> bool, see: impl FnMut(usize, T)) -> bool {
        match self.view(block) {
            View::Few(few, places) if wanted(few.common) => {
                few.each(places, self.rows(block), see);
                true
            }
            _ => false,
        }
    }

    /// How many rows there can be whose value is not the common one of their block: all of a block that has none. No more are counted
    /// than `most`.
    pub(crate) fn others(&self, most: usize) -> usize {
        let mut sum = 0;
        for block in 0..self.blocks() {
            sum += match self.entry(block) {
                Some(Entry { kind: FEW | SPARSE, extra, .. }) => usize::from(extra),
                Some(Entry { kind: CONSTANT, at: 0, .. }) => 0,
                _ => self.rows(block),
            };
            if sum > most {
                break;
            }
        }
        sum
    }

    /// Appends the rows of a block whose value is `wanted`, and their values to as long a list.
    pub(crate) fn rows_of(
        &self,
        block: usize,
        wanted: impl Fn(T) -> bool,
        (out, values): (&mut Vec<u32>, &mut Vec<T>),
    ) {
        let (base, rows) = ((block * BLOCK) as u32, self.rows(block));
        let (first, view) = (out.len(), self.view(block));
        let most = match &view {
            View::Constant(value) if !wanted(*value) => return,
            View::Few(few, _) if !wanted(few.common) => few.count,
            _ => rows,
        };
        out.resize(first + most, 0);
        values.resize(first + most, T::default());
        let mut next = first;
        // Without a branch: which values are wanted cannot be foreseen.
        let mut see = |row: usize, value: T| {
            if let (Some(out), Some(of_out)) = (out.get_mut(next), values.get_mut(next)) {
                (*out, *of_out) = (base + row as u32, value);
            }
            next += usize::from(wanted(value));
        };
        match view {
            View::Few(few, places) if !wanted(few.common) => few.each(places, rows, see),
            view => {
                let mut decoded = [T::default(); BLOCK];
                view.decode(Avx2::detect(), &mut decoded);
                decoded[..rows].iter().enumerate().for_each(|(row, value)| see(row, *value));
            }
        }
        out.truncate(next);
        values.truncate(next);
    }

    /// Decodes `block` into the start of `out` and returns its count of rows; past them, `out` has any values.
    pub(crate) fn block(&self, block: usize, out: &mut [T; BLOCK]) -> usize {
        self.block_with(Avx2::detect(), block, out)
    }

    /// Decodes the 64 values of word `word` of a mask of `block`; past the end, `out` has any values.
    pub(crate) fn word(&self, block: usize, word: usize, out: &mut [T; WORD]) {
        self.word_with(Avx2::detect(), block, word, out);
    }

    /// [`Self::word`] with a choice of instructions.
    pub(super) fn word_with(&self, cpu: Option<Avx2>, block: usize, word: usize, out: &mut [T; WORD]) {
        let view = self.view(block);
        if !view.decode_word(cpu, word, out) {
            let mut values = [T::default(); BLOCK];
            view.decode(cpu, &mut values);
            let from = (word * WORD).min(BLOCK - WORD);
            out.copy_from_slice(&values[from..from + WORD]);
        }
    }

    /// [`Self::block`] with a choice of instructions.
    pub(super) fn block_with(&self, cpu: Option<Avx2>, block: usize, out: &mut [T; BLOCK]) -> usize {
        let rows = self.rows(block);
        if rows > 0 {
            self.view(block).decode(cpu, out);
        }
        rows
    }

    /// Appends the values of `rows`, as far as there are such rows.
    pub(crate) fn read(&self, rows: Range<usize>, out: &mut Vec<T>) {
        let end = rows.end.min(self.count);
        let mut row = rows.start;
        if row < end {
            out.reserve(end - row);
        }
        while row < end {
            let (block, first) = (row / BLOCK, row % BLOCK);
            let last = BLOCK.min(first + (end - row));
            if last - first <= SINGLY {
                let view = self.view(block);
                out.extend((first..last).map(|row| view.get(row)));
            } else {
                let mut values = [T::default(); BLOCK];
                self.block(block, &mut values);
                out.extend_from_slice(&values[first..last]);
            }
            row += last - first;
        }
    }

    /// Appends the values of `rows`, which rise.
    pub(crate) fn gather(&self, rows: &[u32], out: &mut Vec<T>) {
        let block_of = |row: &u32| *row as usize / BLOCK;
        let spanned = 1 + rows.last().map_or(0, block_of) - rows.first().map_or(0, block_of);
        if rows.len() <= SINGLY_FETCHED * spanned {
            return self.gather_apart(rows, out);
        }
        for rows in rows.chunk_by(|a, b| block_of(a) == block_of(b)) {
            if rows.len() <= SINGLY_DECODED {
                self.view(block_of(&rows[0])).gather(rows, out);
            } else {
                let mut values = [T::default(); BLOCK];
                self.block(block_of(&rows[0]), &mut values);
                out.extend(rows.iter().map(|row| values[*row as usize % BLOCK]));
            }
        }
    }

    /// The same where rows are apart, so that each waits for memory, twice. The waits overlap: many rows' entries are read, then
    /// the bytes that they name are fetched, then the values are read.
    pub(crate) fn gather_apart(&self, rows: &[u32], out: &mut Vec<T>) {
        out.reserve(rows.len());
        for rows in rows.chunks(AHEAD) {
            let mut entries = [None; AHEAD];
            for (entry, row) in entries.iter_mut().zip(rows) {
                *entry = self.entry(*row as usize / BLOCK);
            }
            entries.iter().zip(rows).for_each(|(entry, row)| self.prefetch(*entry, *row));
            let mut entries = entries.into_iter();
            for rows in rows.chunk_by(|a, b| *a as usize / BLOCK == *b as usize / BLOCK) {
                let entry = entries.nth(rows.len() - 1).flatten();
                let view = entry.and_then(|entry| self.payload(entry)).unwrap_or(View::Constant(T::default()));
                view.gather(rows, out);
            }
        }
    }

    /// Has the bytes fetched where the value of a row mostly stands.
    #[inline(always)]
    fn prefetch(&self, entry: Option<Entry>, row: u32) {
        let Some(entry) = entry.filter(|entry| entry.kind != CONSTANT) else { return };
        let start = (entry.at as usize).saturating_mul(UNIT);
        let fetch = |at: usize| self.bytes.get(at).into_iter().for_each(cpu::prefetch);
        fetch(start);
        if entry.kind == PACKED {
            let [first, second] = packing::places_of::<T>(u32::from(entry.width), row as usize % BLOCK);
            fetch(start + UNIT + first);
            if second != first {
                fetch(start + UNIT + second);
            }
        }
    }

    /// The directory entry of `block`.
    #[inline(always)]
    pub(super) fn entry(&self, block: usize) -> Option<Entry> {
        let at = block.checked_add(1)?.checked_mul(UNIT)?;
        if block >= self.blocks() {
            return None;
        }
        self.bytes.get(at..)?.first_chunk().map(|bytes| Entry::from_bytes(*bytes))
    }

    /// `block` as it is coded; if that cannot be, constant.
    #[inline(always)]
    fn view(&self, block: usize) -> View<'a, T> {
        self.entry(block).and_then(|entry| self.payload(entry)).unwrap_or(View::Constant(T::default()))
    }

    /// The block of `entry`; `None` if its payload does not fit the bytes.
    #[inline(always)]
    fn payload(&self, entry: Entry) -> Option<View<'a, T>> {
        if entry.kind == CONSTANT {
            return Some(View::Constant(T::narrow(u64::from(entry.at))));
        }
        let bytes = self.bytes.get((entry.at as usize).checked_mul(UNIT)?..)?;
        let (width, count) = (u32::from(entry.width), usize::from(entry.extra));
        if width > T::BITS || count > BLOCK {
            return None;
        }
        let rows = bits::size(count, ROW_BITS);
        let head = T::BYTES;
        match entry.kind {
            WIDE => Some(View::Constant(T::narrow(u64::from_le_bytes(*bytes.first_chunk()?)))),
            PACKED => {
                let base = T::narrow(u64::from_le_bytes(*bytes.first_chunk()?));
                Some(View::Packed { base, width, words: bytes.get(UNIT..UNIT + ROW * width as usize)? })
            }
            RUNS => {
                let values = Reader::new(section(bytes, head + rows, bits::size(count, width))?, width);
                let ends = Reader::new(bytes.get(head..)?, ROW_BITS);
                Some(View::Runs(Runs { base: T::load(bytes), count, ends, values }))
            }
            FEW | SPARSE => {
                let few = entry.kind == FEW;
                let places = bytes.get(2 * head..)?;
                let size = if few { rows } else { BITMAP };
                let values = Reader::new(section(places, size, bits::size(count, width))?, width);
                let base = T::load(bytes.get(head..)?);
                let exceptions = Exceptions { common: T::load(bytes), base, count, values };
                Some(if few {
                    View::Few(exceptions, Reader::new(places, ROW_BITS))
                } else {
                    View::Sparse(exceptions, places.first_chunk()?)
                })
            }
            _ => None,
        }
    }
}

/// The bytes from `at` on, if there are at least `size` of them. All of them, because packings are read faster if the
/// bytes go on.
#[inline(always)]
fn section(bytes: &[u8], at: usize, size: usize) -> Option<&[u8]> {
    bytes.get(at..).filter(|rest| rest.len() >= size)
}
