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

/// A column that grows.
#[derive(Debug, Default)]
pub(crate) struct ColumnBuilder {
    codes: Vec<u32>,
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
        self.codes.is_empty()
    }

    /// Sets the value of `row`, whose code may be known; rows come in increasing order. Gives the code.
    pub(crate) fn push(&mut self, row: usize, value: &[u8], known: Option<u32>) -> u32 {
        let code = match (known, self.codes.last()) {
            (Some(code), _) => code,
            // Neighbours are mostly equal: one sender's batch.
            (None, Some(last)) if self.values.dictionary().get(*last) == Some(value) => *last,
            _ => self.values.intern(value),
        };
        self.codes.resize(row, 0);
        self.codes.push(code);
        code
    }

    pub(crate) fn view(&self) -> ColumnView<'_> {
        ColumnView { codes: Codes::U32(&self.codes), dictionary: self.values.dictionary() }
    }
}
