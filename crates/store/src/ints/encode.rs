//! Writing a column.

use super::bits::{self, Writer};
use super::choose::{Plan, plan};
use super::cpu::{self, Avx2};
use super::layout::{CONSTANT, Entry, FEW, PACKED, ROW_BITS, RUNS, SPARSE, UNIT, WIDE};
use super::marks::{self, Rows};
use super::packing::ROW;
use super::{BLOCK, Int};

/// Grows a column. Holds its encoded bytes and one block of values.
#[derive(Debug)]
pub(crate) struct Encoder<T: Int> {
    count: usize,
    /// The values of the block that is not full; `count % BLOCK` of them.
    pending: Box<[T; BLOCK]>,
    blocks: Blocks<T>,
}

impl<T: Int> Encoder<T> {
    /// An empty column.
    pub(crate) fn new() -> Self {
        let blocks = Blocks { cpu: Avx2::detect(), entries: Vec::new(), payloads: Vec::new(), common: T::default() };
        Encoder { count: 0, pending: Box::new([T::default(); BLOCK]), blocks }
    }

    /// Count of values pushed.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Appends values.
    pub(crate) fn push(&mut self, mut values: &[T]) {
        while !values.is_empty() {
            let filled = self.count % BLOCK;
            if filled == 0
                && let Some((block, rest)) = values.split_first_chunk()
            {
                self.blocks.push(block);
                self.count += BLOCK;
                values = rest;
                continue;
            }
            let (now, rest) = values.split_at(values.len().min(BLOCK - filled));
            self.pending[filled..filled + now.len()].copy_from_slice(now);
            self.advance(now.len());
            values = rest;
        }
    }

    /// Appends `value` `count` times; whole blocks of it cost no time for each value.
    #[cfg(test)]
    pub(crate) fn push_run(&mut self, value: T, count: usize) {
        let filled = self.count % BLOCK;
        let first = if filled == 0 { 0 } else { count.min(BLOCK - filled) };
        self.pending[filled..filled + first].fill(value);
        self.advance(first);
        let left = count - first;
        if left >= BLOCK {
            self.blocks.push_constant(value, left / BLOCK);
            self.count += left / BLOCK * BLOCK;
        }
        // What is left starts a block, unless the first part did not fill one, and then nothing is.
        let last = left % BLOCK;
        if last > 0 {
            self.pending[..last].fill(value);
            self.advance(last);
        }
    }

    /// Counts values written to the pending block, and codes it when it is full.
    fn advance(&mut self, written: usize) {
        self.count += written;
        if written > 0 && self.count.is_multiple_of(BLOCK) {
            self.blocks.push(&self.pending);
        }
    }

    /// Appends the column to `out`, whose length is a multiple of 64. Adds a multiple of 8 bytes.
    ///
    /// # Panics
    ///
    /// If the encoded column is larger than 32 GiB, which places in the directory do not reach.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) {
        let filled = self.count % BLOCK;
        if filled > 0 {
            let last = self.pending[filled - 1];
            self.pending[filled..].fill(last);
            self.blocks.push(&self.pending);
        }
        let Blocks { entries, payloads, .. } = self.blocks;
        let directory = 1 + entries.len();
        assert!(directory + payloads.len() / UNIT <= u32::MAX as usize, "column larger than 32 GiB");
        out.reserve(directory * UNIT + payloads.len());
        out.extend_from_slice(&(self.count as u64).to_le_bytes());
        for mut entry in entries {
            if entry.kind != CONSTANT {
                entry.at += directory as u32;
            }
            out.extend_from_slice(&entry.to_bytes());
        }
        out.extend_from_slice(&payloads);
    }
}

/// The coded blocks.
#[derive(Debug)]
struct Blocks<T: Int> {
    cpu: Option<Avx2>,
    /// Places are counted from the first payload, until the size of the directory is known.
    entries: Vec<Entry>,
    payloads: Vec<u8>,
    /// The last common value found; that of the next block is often the same.
    common: T,
}

impl<T: Int> Blocks<T> {
    /// Adds a block.
    fn push(&mut self, values: &[T; BLOCK]) {
        // Wraps only in columns that `finish` refuses.
        let at = (self.payloads.len() / UNIT) as u32;
        let entry = |kind, width: u32, extra: usize| Entry { at, kind, width: width as u8, extra: extra as u16 };
        let entry = match plan(self.cpu, values, &mut self.common) {
            Plan::Constant(value) => return self.push_constant(value, 1),
            Plan::Packed { base, width } => {
                self.payloads.extend_from_slice(&base.wide().to_le_bytes());
                let start = self.payloads.len();
                self.payloads.resize(start + ROW * width as usize, 0);
                cpu::pack(self.cpu, values, base, width, &mut self.payloads[start..]);
                entry(PACKED, width, 0)
            }
            Plan::Runs { base, width, count } => {
                self.value(base);
                let ends = cpu::run_ends(self.cpu, values);
                self.rows(&ends);
                self.values(values, &ends, base, width);
                entry(RUNS, width, count)
            }
            Plan::Few { common, base, width, count } => {
                self.value(common);
                self.value(base);
                let others = cpu::others(self.cpu, values, common);
                self.rows(&others);
                self.values(values, &others, base, width);
                entry(FEW, width, count)
            }
            Plan::Sparse { common, base, width, count } => {
                self.value(common);
                self.value(base);
                let others = cpu::others(self.cpu, values, common);
                others.iter().for_each(|word| self.payloads.extend_from_slice(&word.to_le_bytes()));
                self.values(values, &others, base, width);
                entry(SPARSE, width, count)
            }
        };
        self.entries.push(entry);
        self.payloads.resize(self.payloads.len().next_multiple_of(UNIT), 0);
    }

    /// Adds `count` blocks that have only `value`; a wide one is stored once for all of them.
    fn push_constant(&mut self, value: T, count: usize) {
        let entry = match u32::try_from(value.wide()) {
            Ok(at) => Entry { at, kind: CONSTANT, width: 0, extra: 0 },
            Err(_) => {
                let at = (self.payloads.len() / UNIT) as u32;
                self.payloads.extend_from_slice(&value.wide().to_le_bytes());
                Entry { at, kind: WIDE, width: 0, extra: 0 }
            }
        };
        self.entries.extend(std::iter::repeat_n(entry, count));
    }

    /// Writes a value.
    fn value(&mut self, value: T) {
        let bytes = value.wide().to_le_bytes();
        self.payloads.extend_from_slice(&bytes[..T::BYTES]);
    }

    /// Writes the numbers of `rows`.
    fn rows(&mut self, rows: &Rows) {
        let mut writer = Writer::new(&mut self.payloads, bits::size(BLOCK, ROW_BITS));
        marks::each(rows).for_each(|row| writer.put(row as u64, ROW_BITS));
        writer.finish();
    }

    /// Writes the values of `rows`.
    fn values(&mut self, values: &[T; BLOCK], rows: &Rows, base: T, width: u32) {
        let mut writer = Writer::new(&mut self.payloads, bits::size(BLOCK, width));
        marks::each(rows).for_each(|row| writer.put(values[row % BLOCK].minus(base).wide(), width));
        writer.finish();
    }
}
