//! Reading the columns of the parts that are merged.

use super::merge::Stretch;
use crate::{
    ints::{BLOCK, Int, Ints},
    part::{Column, PartCodes},
    symbols::Interner,
};

/// What can be read block by block.
pub(super) trait Blocks<T> {
    fn decode(&self, block: usize, out: &mut [T; BLOCK]);
}

impl<T: Int> Blocks<T> for Ints<'_, T> {
    fn decode(&self, block: usize, out: &mut [T; BLOCK]) {
        self.block(block, out);
    }
}

impl Blocks<u32> for PartCodes<'_> {
    fn decode(&self, block: usize, out: &mut [u32; BLOCK]) {
        self.block(block, out);
    }
}

/// Reads one column of one input, block by block.
pub(super) struct Reader<T, B> {
    blocks: B,
    block: usize,
    values: Box<[T; BLOCK]>,
}

impl<T: Int, B: Blocks<T>> Reader<T, B> {
    pub(super) fn new(blocks: B) -> Self {
        Self { blocks, block: usize::MAX, values: Box::new([T::default(); BLOCK]) }
    }

    /// Calls `see` with the values of these rows.
    pub(super) fn each(&mut self, stretch: &Stretch, mut see: impl FnMut(usize, T)) {
        let (mut row, end) = (stretch.start as usize, (stretch.start + stretch.rows) as usize);
        while row < end {
            let block = row / BLOCK;
            if block != self.block {
                self.blocks.decode(block, &mut self.values);
                self.block = block;
            }
            let stop = end.min((block + 1) * BLOCK);
            let values = &self.values[row - block * BLOCK..stop - block * BLOCK];
            values.iter().enumerate().for_each(|(at, value)| see(row + at, *value));
            row = stop;
        }
    }
}

/// Gives the values of one input codes among the output's own.
pub(super) struct Coder<'a> {
    column: Option<Column<'a>>,
    reader: Option<Reader<u32, PartCodes<'a>>>,
    shared: Option<&'a Interner>,
    /// By old code, for as many as there may be.
    new: Vec<u32>,
}

impl<'a> Coder<'a> {
    pub(super) fn new(column: Option<Column<'a>>, shared: Option<&'a Interner>) -> Self {
        let values =
            column.map(|column| column.values.map_or_else(|| shared.map_or(0, Interner::len), |own| own.len()));
        let reader = column.map(|column| Reader::new(column.codes));
        Self { column, reader, shared, new: vec![0; values.unwrap_or(0) + 1] }
    }

    pub(super) fn push(&mut self, stretch: &Stretch, ghosts: &[bool], codes: &mut Vec<u32>, values: &mut Interner) {
        let (Some(column), Some(reader)) = (&self.column, &mut self.reader) else {
            codes.resize(codes.len() + stretch.rows as usize, 0);
            return;
        };
        let (new, shared) = (&mut self.new, self.shared);
        reader.each(stretch, |_, old| {
            let ghost = ghosts.get(codes.len()).copied().unwrap_or(false);
            let code = match new.get_mut(old as usize).filter(|_| old > 0 && !ghost) {
                None => 0,
                Some(known) => {
                    if *known == 0 {
                        let value = match &column.values {
                            Some(own) => own.get(old),
                            None => shared.and_then(|shared| shared.get(old)),
                        };
                        *known = values.intern(value.unwrap_or_default());
                    }
                    *known
                }
            };
            codes.push(code);
        });
    }
}
