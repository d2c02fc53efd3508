//! A block as it is coded, and what can be read from each coding.

use super::bits::Reader;
use super::cpu::{self, Avx2};
use super::layout::BITMAP;
use super::lookup::WORD;
use super::{BLOCK, Int, packing};

/// A block as it is coded.
pub(super) enum View<'a, T> {
    /// All values are this one.
    Constant(T),
    /// All values minus `base`, packed vertically with `width` bits.
    Packed { base: T, width: u32, words: &'a [u8] },
    /// Runs.
    Runs(Runs<'a, T>),
    /// Exceptions and their rows.
    Few(Exceptions<'a, T>, Reader<'a>),
    /// Exceptions and the bitmap of their rows.
    Sparse(Exceptions<'a, T>, &'a [u8; BITMAP]),
}

impl<T: Int> View<'_, T> {
    /// The value of `row`, which is below `BLOCK`.
    #[inline(always)]
    pub(super) fn get(&self, row: usize) -> T {
        match self {
            View::Constant(value) => *value,
            View::Packed { base, width, words } => packing::unpack_one(words, *base, *width, row),
            View::Runs(runs) => runs.get(row),
            View::Few(few, places) => few.get_few(places, row),
            View::Sparse(sparse, bitmap) => sparse.get_sparse(bitmap, row),
        }
    }

    /// Appends the values of a few rows, which rise and are below `BLOCK` once the block's first is taken off.
    #[inline(always)]
    pub(super) fn gather(&self, rows: &[u32], out: &mut Vec<T>) {
        let rows = rows.iter().map(|row| *row as usize % BLOCK);
        match self {
            View::Constant(value) => out.extend(rows.map(|_| *value)),
            View::Few(few, places) => {
                let mut next = 0;
                out.extend(rows.map(|row| few.next(places, row, &mut next)));
            }
            view => out.extend(rows.map(|row| view.get(row))),
        }
    }

    /// Decodes the 64 rows of one word of a mask, where that is much less than decoding all; false if it is not.
    pub(super) fn decode_word(&self, cpu: Option<Avx2>, word: usize, out: &mut [T; WORD]) -> bool {
        match self {
            View::Constant(value) => out.fill(*value),
            View::Packed { base, width, words } => cpu::unpack_word(cpu, words, *base, *width, word, out),
            View::Sparse(sparse, bitmap) => sparse.decode_word(bitmap, word, out),
            View::Runs(_) | View::Few(..) => return false,
        }
        true
    }

    /// Decodes all rows.
    pub(super) fn decode(&self, cpu: Option<Avx2>, out: &mut [T; BLOCK]) {
        match self {
            View::Constant(value) => out.fill(*value),
            View::Packed { base, width, words } => cpu::unpack(cpu, words, *base, *width, out),
            View::Runs(runs) => runs.decode(cpu, out),
            View::Few(few, places) => few.decode_few(cpu, places, out),
            View::Sparse(sparse, bitmap) => sparse.decode_sparse(cpu, bitmap, out),
        }
    }
}

/// The runs of a block.
pub(super) struct Runs<'a, T> {
    pub(super) base: T,
    /// Count of runs, at most `BLOCK`.
    pub(super) count: usize,
    /// Of each run, the row of its last value.
    pub(super) ends: Reader<'a>,
    /// Of each run, its value minus the base.
    pub(super) values: Reader<'a>,
}

impl<T: Int> Runs<'_, T> {
    /// The value of run `index`.
    #[inline(always)]
    fn value(&self, index: usize) -> T {
        self.base.plus(T::narrow(self.values.get(index)))
    }

    /// The value of `row`: that of the first run that ends at it or later.
    fn get(&self, row: usize) -> T {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if (self.ends.get(middle) as usize) < row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low < self.count { self.value(low) } else { T::default() }
    }

    /// Appends the end, exclusive, and the value of each run, up to `rows`. All rows are covered and the ends rise
    /// even if the bytes say otherwise.
    pub(super) fn list(&self, rows: usize, out: &mut Vec<(u32, T)>) {
        let mut covered = 0;
        for index in 0..self.count {
            let end = (self.ends.get(index) as usize + 1).min(rows);
            if end > covered {
                out.push((end as u32, self.value(index)));
                covered = end;
            }
        }
        if covered < rows {
            out.push((rows as u32, T::default()));
        }
    }

    /// Decodes all rows.
    fn decode(&self, cpu: Option<Avx2>, out: &mut [T; BLOCK]) {
        /// Rows filled at once without asking for the length of the run; the next run overwrites those too many.
        const STEP: usize = 8;
        let (mut ends, mut values) = ([0_u32; BLOCK + 8], [T::default(); BLOCK + 8]);
        self.ends.all(cpu, self.count, 1, &mut ends);
        self.values.all(cpu, self.count, self.base, &mut values);
        let mut start = 0;
        for (end, value) in ends.iter().zip(&values).take(self.count) {
            let (end, value) = (*end as usize, *value);
            match out.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<STEP>()) {
                Some(first) => *first = [value; STEP],
                None => out.get_mut(start..end).unwrap_or_default().fill(value),
            }
            if end > start + STEP {
                out.get_mut(start + STEP..end).unwrap_or_default().fill(value);
            }
            start = end.max(start);
        }
        out[start.min(BLOCK)..].fill(T::default());
    }
}

/// The exceptions of a block from its common value.
pub(super) struct Exceptions<'a, T> {
    pub(super) common: T,
    pub(super) base: T,
    /// Count of exceptions, at most `BLOCK`.
    pub(super) count: usize,
    /// Of each exception, its value minus the base.
    pub(super) values: Reader<'a>,
}

impl<T: Int> Exceptions<'_, T> {
    /// The value of exception `index`.
    #[inline(always)]
    fn value(&self, index: usize) -> T {
        self.base.plus(T::narrow(self.values.get(index)))
    }

    /// The value of `row`, with the rows of the exceptions in `places`.
    fn get_few(&self, places: &Reader<'_>, row: usize) -> T {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            let place = places.get(middle) as usize;
            if place == row {
                return self.value(middle);
            }
            if place < row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.common
    }

    /// The value of `row`, which is not before those asked for so far; `next` is the first exception that is not before those.
    #[inline(always)]
    fn next(&self, places: &Reader<'_>, row: usize, next: &mut usize) -> T {
        while *next < self.count && (places.get(*next) as usize) < row {
            *next += 1;
        }
        let here = *next < self.count && places.get(*next) as usize == row;
        if here { self.value(*next) } else { self.common }
    }

    /// The value of `row`, with the rows of the exceptions in `bitmap`.
    fn get_sparse(&self, bitmap: &[u8; BITMAP], row: usize) -> T {
        let (words, _) = bitmap.as_chunks();
        let (word, bit) = (row / 64, 1 << (row % 64));
        let here = words.get(word).map_or(0, |word| u64::from_le_bytes(*word));
        if here & bit == 0 {
            return self.common;
        }
        let before: u32 = words.iter().take(word).map(|word| u64::from_le_bytes(*word).count_ones()).sum();
        self.value((before + (here & (bit - 1)).count_ones()) as usize)
    }

    /// Calls `see` with the row in the block, below `rows`, and the value of each exception. The rows rise even if the bytes
    /// say otherwise.
    #[inline]
    pub(super) fn each(&self, places: Reader<'_>, rows: usize, mut see: impl FnMut(usize, T)) {
        let mut next = 0;
        for index in 0..self.count {
            let place = places.get(index) as usize;
            if place >= next && place < rows {
                see(place, self.value(index));
                next = place + 1;
            }
        }
    }

    /// Decodes all rows, with the rows of the exceptions in `places`.
    fn decode_few(&self, cpu: Option<Avx2>, places: &Reader<'_>, out: &mut [T; BLOCK]) {
        out.fill(self.common);
        let (mut rows, mut values) = ([0_u32; BLOCK + 8], [T::default(); BLOCK + 8]);
        places.all(cpu, self.count, 0, &mut rows);
        self.values.all(cpu, self.count, self.base, &mut values);
        for (row, value) in rows.iter().zip(&values).take(self.count) {
            out[*row as usize % BLOCK] = *value;
        }
    }

    /// Decodes the rows of one word of the bitmap.
    fn decode_word(&self, bitmap: &[u8; BITMAP], word: usize, out: &mut [T; WORD]) {
        out.fill(self.common);
        let (words, _) = bitmap.as_chunks();
        let ones = |word: &[u8; 8]| u64::from_le_bytes(*word);
        let mut left = words.get(word).map_or(0, ones);
        let mut next = words.iter().take(word).map(|word| ones(word).count_ones() as usize).sum();
        while left != 0 {
            out[left.trailing_zeros() as usize] = self.value(next);
            (left, next) = (left & (left - 1), next + 1);
        }
    }

    /// Decodes all rows, with the rows of the exceptions in `bitmap`.
    fn decode_sparse(&self, cpu: Option<Avx2>, bitmap: &[u8; BITMAP], out: &mut [T; BLOCK]) {
        let mut values = [T::default(); BLOCK + 8];
        // Past the count of exceptions, which only malformed bytes do, the values are zeros.
        self.values.all(cpu, self.count, self.base, &mut values);
        T::spread(cpu, &values, bitmap, self.common, out);
    }
}

/// Gives the rows of the bitmap the values in turn, and all others `common`.
pub(super) fn spread<T: Int>(values: &[T; BLOCK + 8], bitmap: &[u8; BITMAP], common: T, out: &mut [T; BLOCK]) {
    let mut next = 0;
    for (byte, rows) in bitmap.iter().zip(out.as_chunks_mut::<8>().0) {
        for (bit, row) in rows.iter_mut().enumerate() {
            let here = byte >> bit & 1 == 1;
            *row = if here { values[next] } else { common };
            next += usize::from(here);
        }
    }
}
