//! Columns of the tail: codes that grow.

use crate::{paged::Paged, symbols::Interner};

/// Codes of a column, one per row; 0 is "missing".
#[derive(Clone, Copy, Debug)]
pub(crate) enum Codes<'a> {
    U8(&'a Paged<u8>),
    U16(&'a Paged<u16>),
    U32(&'a Paged<u32>),
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

/// A column of the tail to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnView<'a> {
    pub(crate) codes: Codes<'a>,
    /// The values, where they are not those of the project's dictionary.
    pub(crate) values: Option<&'a Interner>,
    /// The greatest code.
    pub(crate) greatest: u32,
}

/// Codes that grow, as narrow as the greatest of them allows.
#[derive(Clone, Debug)]
enum CodeVec {
    U8(Paged<u8>),
    U16(Paged<u16>),
    U32(Paged<u32>),
}

impl Default for CodeVec {
    fn default() -> Self {
        CodeVec::U8(Paged::default())
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

    /// Sets the code of `row`; the rows between were missing.
    #[inline]
    fn set(&mut self, row: usize, code: u32) {
        match self {
            CodeVec::U8(codes) if code <= u32::from(u8::MAX) => append(codes, row, code as u8),
            CodeVec::U16(codes) if code <= u32::from(u16::MAX) => append(codes, row, code as u16),
            CodeVec::U32(codes) => append(codes, row, code),
            _ => {
                self.widen(code);
                self.set(row, code);
            }
        }
    }

    /// Sets the codes of the rows from `first` on, of which this is the greatest; the rows between were missing.
    fn extend(&mut self, first: usize, codes: &[u32], greatest: u32) {
        match self {
            CodeVec::U8(own) if greatest <= u32::from(u8::MAX) => append_all(own, first, codes, |code| code as u8),
            CodeVec::U16(own) if greatest <= u32::from(u16::MAX) => append_all(own, first, codes, |code| code as u16),
            CodeVec::U32(own) => append_all(own, first, codes, |code| code),
            _ => {
                self.widen(greatest);
                self.extend(first, codes, greatest);
            }
        }
    }

    /// Makes room for a code that is too great for those so far.
    #[cold]
    fn widen(&mut self, code: u32) {
        let view = self.view();
        let codes = (0..self.len()).map(|row| view.get(row));
        *self = match (view, code <= u32::from(u16::MAX)) {
            (Codes::U8(_), true) => CodeVec::U16(codes.map(|code| code as u16).collect()),
            _ => CodeVec::U32(codes.collect()),
        };
    }
}

#[inline]
fn append_all<T: Copy + Default>(own: &mut Paged<T>, first: usize, codes: &[u32], narrow: impl Fn(u32) -> T) {
    own.fill(first, T::default());
    own.extend(codes.iter().map(|code| narrow(*code)));
}

#[inline]
fn append<T: Copy + Default>(codes: &mut Paged<T>, row: usize, code: T) {
    codes.fill(row, T::default());
    codes.push(code);
}

/// A column that grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct TailColumn {
    codes: CodeVec,
    greatest: u32,
    /// The number of the property's dictionary.
    pub(crate) dictionary: u32,
    /// The values, once that dictionary is closed. Changes only while the column is empty.
    values: Option<Interner>,
}

impl TailColumn {
    /// An empty column of the property with this dictionary; with `own` values if that is closed.
    pub(crate) fn new(dictionary: u32, own: bool) -> Self {
        Self { codes: CodeVec::default(), greatest: 0, dictionary, values: own.then(Interner::default) }
    }

    /// Forgets the rows.
    pub(crate) fn clear(&mut self) {
        self.codes = CodeVec::default();
        self.greatest = 0;
        if let Some(values) = &mut self.values {
            values.clear();
        }
    }

    /// Whether no row has a value.
    pub(crate) fn is_empty(&self) -> bool {
        self.codes.len() == 0
    }

    /// Makes an empty column keep its values itself.
    pub(crate) fn keep_values(&mut self) {
        self.values.get_or_insert_default();
    }

    /// The code of a value.
    pub(crate) fn code(&mut self, value: &[u8], shared: &mut Interner) -> u32 {
        self.values.as_mut().unwrap_or(shared).intern(value)
    }

    /// Sets the code of `row`; rows come in increasing order.
    pub(crate) fn set(&mut self, row: usize, code: u32) {
        self.codes.set(row, code);
        self.greatest = self.greatest.max(code);
    }

    /// Sets the codes of the rows from `first` on.
    pub(crate) fn extend(&mut self, first: usize, codes: &[u32]) {
        let greatest = codes.iter().copied().max().unwrap_or(0);
        self.codes.extend(first, codes, greatest);
        self.greatest = self.greatest.max(greatest);
    }

    pub(crate) fn view(&self) -> ColumnView<'_> {
        ColumnView { codes: self.codes.view(), values: self.values.as_ref(), greatest: self.greatest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of many widths, with gaps and repeats, are read back as they were set.
    #[test]
    fn codes_widen_as_values_come() {
        let (mut column, mut shared) = (TailColumn::default(), Interner::default());
        let value = |row: usize| format!("{}", if row.is_multiple_of(5) { 7 } else { row / 2 });
        for row in (0..200_000).filter(|row| row % 3 != 1) {
            let code = column.code(value(row).as_bytes(), &mut shared);
            column.set(row, code);
            if [100, 1_000, 60_000, 199_999].contains(&row) {
                let view = column.view();
                for seen in 0..=row {
                    let expected = (seen % 3 != 1).then(|| value(seen));
                    let found = shared.get(view.codes.get(seen)).map(|bytes| bytes.to_vec());
                    assert_eq!(found, expected.map(String::into_bytes), "row {seen} of {row}");
                }
            }
        }
        assert!(matches!(column.view().codes, Codes::U32(_)));
        column.clear();
        assert!(column.is_empty());
    }
}
