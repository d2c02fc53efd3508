//! Dictionary-coded columns: what tails build and parts hold.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Codes of a column, one per row. 0 is "missing", code `c` is entry `c - 1` of the dictionary.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

impl Codes<'_> {
    /// The code of a row; rows past the end are missing.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            Codes::U8(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U16(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U32(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }
}

/// The distinct values of a column, encoded; entry `i` is `bytes[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dictionary<'a> {
    pub(crate) offsets: &'a [u32],
    pub(crate) bytes: &'a [u8],
}

impl<'a> Dictionary<'a> {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The value of a code; `None` for 0.
    pub(crate) fn get(&self, code: u32) -> Option<&'a [u8]> {
        let at = (code as usize).checked_sub(1)?;
        let (start, end) = (*self.offsets.get(at)?, *self.offsets.get(at + 1)?);
        self.bytes.get(start as usize..end as usize)
    }

    /// All values, in the order of their codes from 1.
    pub(crate) fn values(self) -> impl Iterator<Item = &'a [u8]> {
        (1..=self.len() as u32).filter_map(move |code| self.get(code))
    }
}

/// A column to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnView<'a> {
    pub(crate) codes: Codes<'a>,
    pub(crate) dictionary: Dictionary<'a>,
}

/// Distinct byte strings with their codes, in order of arrival.
#[derive(Debug)]
pub(crate) struct Interner {
    table: HashTable<u32>,
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    hasher: FixedState,
}

impl Default for Interner {
    fn default() -> Self {
        Self { table: HashTable::new(), offsets: vec![0], bytes: Vec::new(), hasher: FixedState::default() }
    }
}

impl Interner {
    fn clear(&mut self) {
        self.table.clear();
        self.offsets.truncate(1);
        self.bytes.clear();
    }

    pub(crate) fn dictionary(&self) -> Dictionary<'_> {
        Dictionary { offsets: &self.offsets, bytes: &self.bytes }
    }

    /// The code of `value`, new or known.
    pub(crate) fn intern(&mut self, value: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(value);
        let (offsets, bytes) = (&self.offsets, &self.bytes);
        let entry = |code: u32| Dictionary { offsets, bytes }.get(code).unwrap_or_default();
        if let Some(code) = self.table.find(hash, |code| entry(*code) == value) {
            return *code;
        }
        let code = self.offsets.len() as u32;
        self.bytes.extend_from_slice(value);
        self.offsets.push(self.bytes.len() as u32);
        let dictionary = Dictionary { offsets: &self.offsets, bytes: &self.bytes };
        let hasher = &self.hasher;
        self.table.insert_unique(hash, code, |code| hasher.hash_one(dictionary.get(*code).unwrap_or_default()));
        code
    }
}

/// Codes that grow, as narrow as the greatest of them allows.
#[derive(Debug)]
enum CodeVec {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Default for CodeVec {
    fn default() -> Self {
        CodeVec::U8(Vec::new())
    }
}

impl CodeVec {
    fn view(&self) -> Codes<'_> {
        match self {
            CodeVec::U8(codes) => Codes::U8(codes),
            CodeVec::U16(codes) => Codes::U16(codes),
            CodeVec::U32(codes) => Codes::U32(codes),
        }
    }

    fn len(&self) -> usize {
        match self {
            CodeVec::U8(codes) => codes.len(),
            CodeVec::U16(codes) => codes.len(),
            CodeVec::U32(codes) => codes.len(),
        }
    }

    fn clear(&mut self) {
        match self {
            CodeVec::U8(codes) => codes.clear(),
            CodeVec::U16(codes) => codes.clear(),
            CodeVec::U32(codes) => codes.clear(),
        }
    }

    /// Sets the code of `row`; the rows between were missing.
    fn set(&mut self, row: usize, code: u32) {
        match (&mut *self, u8::try_from(code), u16::try_from(code)) {
            (CodeVec::U8(codes), Ok(code), _) => {
                codes.resize(row, 0);
                codes.push(code);
            }
            (CodeVec::U16(codes), _, Ok(code)) => {
                codes.resize(row, 0);
                codes.push(code);
            }
            (CodeVec::U32(codes), _, _) => {
                codes.resize(row, 0);
                codes.push(code);
            }
            (CodeVec::U8(codes), _, Ok(_)) => {
                *self = CodeVec::U16(codes.iter().map(|code| u16::from(*code)).collect());
                self.set(row, code);
            }
            (CodeVec::U8(_) | CodeVec::U16(_), _, _) => {
                let view = self.view();
                *self = CodeVec::U32((0..self.len()).map(|row| view.get(row)).collect());
                self.set(row, code);
            }
        }
    }
}

/// A column that grows.
#[derive(Debug, Default)]
pub(crate) struct ColumnBuilder {
    codes: CodeVec,
    values: Interner,
}

impl ColumnBuilder {
    /// Forgets the values, keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.codes.clear();
        self.values.clear();
    }

    /// Whether no row has a value.
    pub(crate) fn is_empty(&self) -> bool {
        self.codes.len() == 0
    }

    /// Sets the value of `row`, whose code may be known; rows come in increasing order. Gives the code.
    pub(crate) fn push(&mut self, row: usize, value: &[u8], known: Option<u32>) -> u32 {
        let code = known.unwrap_or_else(|| self.values.intern(value));
        self.codes.set(row, code);
        code
    }

    pub(crate) fn view(&self) -> ColumnView<'_> {
        ColumnView { codes: self.codes.view(), dictionary: self.values.dictionary() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of many widths, with gaps and repeats, are read back as they were set.
    #[test]
    fn codes_widen_as_values_come() {
        let mut column = ColumnBuilder::default();
        let value = |row: usize| format!("{}", if row.is_multiple_of(5) { 7 } else { row / 2 });
        for row in (0..200_000).filter(|row| row % 3 != 1) {
            column.push(row, value(row).as_bytes(), None);
            if [100, 1_000, 60_000, 199_999].contains(&row) {
                let view = column.view();
                for seen in 0..=row {
                    let expected = (seen % 3 != 1).then(|| value(seen));
                    let found = view.dictionary.get(view.codes.get(seen)).map(|bytes| bytes.to_vec());
                    assert_eq!(found, expected.map(String::into_bytes), "row {seen} of {row}");
                }
            }
        }
        assert!(matches!(column.view().codes, Codes::U32(_)));
        column.clear();
        assert!(column.is_empty());
    }
}
