//! Byte strings with their codes, in order of arrival.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Distinct byte strings. Code `c` is the `c`-th that came; 0 stands for none. A value that is forgotten leaves its code behind,
/// with no bytes: no value has none. If it comes again it gets a new one.
#[derive(Debug)]
pub(crate) struct Interner {
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    /// Codes by value; made when first needed: who only reads does without.
    table: Option<HashTable<u32>>,
    hasher: FixedState,
}

impl Default for Interner {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new(), table: None, hasher: FixedState::default() }
    }
}

impl Interner {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The value of a code; `None` for 0 and codes beyond the last.
    #[inline]
    pub(crate) fn get(&self, code: u32) -> Option<&[u8]> {
        value_at(&self.offsets, &self.bytes, code)
    }

    /// All values, in the order of their codes from 1.
    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.offsets.windows(2).map(|pair| &self.bytes[pair[0] as usize..pair[1] as usize])
    }

    /// Where each value ends, in bytes from the first.
    pub(crate) fn ends(&self) -> impl Iterator<Item = u64> {
        self.offsets[1..].iter().map(|end| u64::from(*end))
    }

    /// Forgets the values, keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.offsets.truncate(1);
        self.bytes.clear();
        if let Some(table) = &mut self.table {
            table.clear();
        }
    }

    /// Forgets the values that are not `kept`; their codes stay.
    pub(crate) fn forget(&mut self, kept: impl Fn(u32) -> bool) {
        let mut rest = Self::default();
        for (code, value) in (1..).zip(self.values()) {
            rest.append(if kept(code) { value } else { &[] });
        }
        *self = rest;
    }

    /// Adds a value that is not there yet, or never looked for.
    pub(crate) fn append(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.offsets.push(self.bytes.len() as u32);
    }

    /// The code of `value`, new or known.
    pub(crate) fn intern(&mut self, value: &[u8]) -> u32 {
        let (offsets, bytes, hasher) = (&self.offsets, &self.bytes, &self.hasher);
        let hash_of = |code: &u32| hasher.hash_one(value_at(offsets, bytes, *code).unwrap_or_default());
        let table = self.table.get_or_insert_with(|| {
            let mut table = HashTable::with_capacity(offsets.len());
            // Of equal values the last counts: those before were forgotten in memory, and a crash kept it from their file.
            for code in (1..offsets.len() as u32).rev() {
                let value = value_at(offsets, bytes, code).unwrap_or_default();
                let same = |other: &u32| value_at(offsets, bytes, *other) == Some(value);
                if !value.is_empty() && table.find(hash_of(&code), same).is_none() {
                    table.insert_unique(hash_of(&code), code, hash_of);
                }
            }
            table
        });
        let hash = hasher.hash_one(value);
        if let Some(code) = table.find(hash, |code| value_at(offsets, bytes, *code) == Some(value)) {
            return *code;
        }
        let code = offsets.len() as u32;
        table.insert_unique(hash, code, hash_of);
        self.append(value);
        code
    }
}

#[inline]
fn value_at<'a>(offsets: &[u32], bytes: &'a [u8], code: u32) -> Option<&'a [u8]> {
    let at = (code as usize).checked_sub(1)?;
    let (start, end) = (*offsets.get(at)?, *offsets.get(at + 1)?);
    bytes.get(start as usize..end as usize)
}
