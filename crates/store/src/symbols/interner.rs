//! Byte strings with their codes, in order of arrival.

use std::{hash::BuildHasher, sync::Arc};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::paged::Paged;

/// From so many bytes on a page takes no further value.
const PAGE_BYTES: usize = 16 << 10;

/// Distinct byte strings. Code `c` is the `c`-th that came; 0 stands for none. A value that is forgotten leaves its code behind,
/// with no bytes: no value has none. If it comes again it gets a new one. A clone shares all full pages, and stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    values: Values,
    /// Codes by value; made when first needed: who only reads does without.
    table: Option<HashTable<u32>>,
    hasher: FixedState,
}

/// Without the way back.
impl Clone for Interner {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), ..Self::default() }
    }
}

#[derive(Clone, Debug, Default)]
struct Values {
    /// Of each value the page, and where it begins there.
    places: Paged<(u32, u32)>,
    full: Arc<Vec<Arc<[u8]>>>,
    /// The page after the full ones.
    open: Vec<u8>,
    bytes: usize,
}

impl Values {
    #[inline]
    fn get(&self, code: u32) -> Option<&[u8]> {
        let at = (code as usize).checked_sub(1)?;
        let (page, start) = *self.places.get(at)?;
        let bytes = self.full.get(page as usize).map_or(&self.open[..], |bytes| bytes);
        let next = self.places.get(at + 1).filter(|next| next.0 == page);
        bytes.get(start as usize..next.map_or(bytes.len(), |next| next.1 as usize))
    }

    fn append(&mut self, value: &[u8]) {
        self.places.push((self.full.len() as u32, self.open.len() as u32));
        self.open.extend_from_slice(value);
        self.bytes += value.len();
        if self.open.len() >= PAGE_BYTES {
            Arc::make_mut(&mut self.full).push(Arc::from(&self.open[..]));
            self.open.clear();
        }
    }
}

impl Interner {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.values.places.len()
    }

    /// How many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.values.bytes
    }

    /// The value of a code; `None` for 0 and codes beyond the last.
    #[inline]
    pub(crate) fn get(&self, code: u32) -> Option<&[u8]> {
        self.values.get(code)
    }

    /// All values, in the order of their codes from 1.
    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        (1..=self.len() as u32).map(|code| self.get(code).unwrap_or_default())
    }

    /// Where each value ends, in bytes from the first.
    pub(crate) fn ends(&self) -> impl Iterator<Item = u64> {
        self.values().scan(0, |end, value| {
            *end += value.len() as u64;
            Some(*end)
        })
    }

    /// Forgets the values.
    pub(crate) fn clear(&mut self) {
        self.values = Values::default();
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
        self.values.append(value);
    }

    /// The code of `value`, new or known.
    pub(crate) fn intern(&mut self, value: &[u8]) -> u32 {
        let (values, hasher) = (&self.values, &self.hasher);
        let hash_of = |code: &u32| hasher.hash_one(values.get(*code).unwrap_or_default());
        let table = self.table.get_or_insert_with(|| {
            let mut table = HashTable::with_capacity(values.places.len());
            // Of equal values the last counts: those before were forgotten in memory, and a crash kept it from their file.
            for code in (1..=values.places.len() as u32).rev() {
                let value = values.get(code).unwrap_or_default();
                let same = |other: &u32| values.get(*other) == Some(value);
                if !value.is_empty() && table.find(hash_of(&code), same).is_none() {
                    table.insert_unique(hash_of(&code), code, hash_of);
                }
            }
            table
        });
        let hash = hasher.hash_one(value);
        if let Some(code) = table.find(hash, |code| values.get(*code) == Some(value)) {
            return *code;
        }
        let code = values.places.len() as u32 + 1;
        table.insert_unique(hash, code, hash_of);
        self.append(value);
        code
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_clone_has_the_values_of_its_instant() {
        let (mut interner, mut clones) = (Interner::default(), Vec::new());
        let value = |n: usize| "v".repeat(if n.is_multiple_of(500) { 40_000 } else { 1 + n % 40 }) + &n.to_string();
        for n in 1..5_000 {
            assert_eq!(interner.intern(value(n).as_bytes()) as usize, n);
            assert_eq!(interner.intern(value(n / 2 + 1).as_bytes()) as usize, n / 2 + 1);
            if n.is_multiple_of(777) {
                clones.push((n, interner.clone()));
            }
        }
        interner.forget(|code| code % 2 == 1);
        assert_eq!((interner.get(2), interner.get(3)), (Some(&[][..]), Some(value(3).as_bytes())));
        for (len, clone) in clones {
            assert!(
                clone.len() == len && clone.values().enumerate().all(|(at, bytes)| bytes == value(at + 1).as_bytes())
            );
            assert_eq!(clone.ends().last().unwrap() as usize, clone.bytes());
            assert_eq!((clone.get(0), clone.get(len as u32 + 1)), (None, None));
        }
    }
}
