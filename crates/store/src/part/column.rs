//! A property's column in a part.

use super::PostingsAt;
use crate::ints::{BLOCK, Ints, lookup};

/// Codes per row of a column, or of the one that it follows from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartCodes<'a> {
    pub(crate) ints: Ints<'a, u32>,
    /// This column's code for each code of the other.
    pub(crate) map: Option<&'a [u32]>,
    /// Where the codes of `ints` occur, if that is known.
    pub(crate) postings: Option<PostingsAt<'a>>,
}

impl PartCodes<'_> {
    #[inline]
    fn mapped(&self, code: u32) -> u32 {
        self.map.map_or(code, |map| map.get(code as usize).copied().unwrap_or(0))
    }

    /// The code of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u32 {
        self.mapped(self.ints.get(row))
    }

    /// Shows what is read for it, as it is encoded.
    pub(crate) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        see(self.ints.encoded());
        self.map.into_iter().for_each(|map| see(bytemuck::cast_slice(map)));
    }

    /// Appends the codes of rows, which rise.
    pub(crate) fn gather(&self, rows: &[u32], out: &mut Vec<u32>) {
        let first = out.len();
        self.ints.gather(rows, out);
        if self.map.is_some() {
            out[first..].iter_mut().for_each(|code| *code = self.mapped(*code));
        }
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.ints.blocks()
    }

    /// Decodes a block; gives how many rows it has.
    pub(crate) fn block(&self, block: usize, out: &mut [u32; BLOCK]) -> usize {
        let Some(map) = self.map else {
            return self.ints.block(block, out);
        };
        let mut codes = [0; BLOCK];
        let rows = self.ints.block(block, &mut codes);
        lookup::map(&codes[..rows], map, &mut out[..rows]);
        rows
    }

    /// Fills in the runs of a block, each its end within the block and its code, if it is coded so.
    pub(crate) fn runs(&self, block: usize, out: &mut Vec<(u32, u32)>) -> bool {
        let in_runs = self.ints.runs(block, out);
        out.iter_mut().for_each(|(_, code)| *code = self.mapped(*code));
        in_runs
    }
}

/// A column: codes per row, 0 is missing. The codes are those of the project's dictionary, unless the column has values.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    pub(crate) codes: PartCodes<'a>,
    pub(crate) values: Option<Values<'a>>,
}

/// A column's own values, encoded: code `c` is the `c`-th.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    ends: Ints<'a, u64>,
    bytes: &'a [u8],
}

impl<'a> Values<'a> {
    pub(super) fn new(ends: Ints<'a, u64>, bytes: &'a [u8]) -> Self {
        Self { ends, bytes }
    }

    /// Shows them as they are encoded.
    pub(crate) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        see(self.ends.encoded());
        see(self.bytes);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The value of a code; `None` for 0 and codes beyond the last.
    pub(crate) fn get(&self, code: u32) -> Option<&'a [u8]> {
        let at = (code as usize).checked_sub(1).filter(|at| *at < self.len())?;
        let start = if at == 0 { 0 } else { self.ends.get(at - 1) };
        self.bytes.get(usize::try_from(start).ok()?..usize::try_from(self.ends.get(at)).ok()?)
    }
}
