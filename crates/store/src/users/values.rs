//! Distinct values of a column.

use std::{hash::BuildHasher, sync::Arc};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::file::{Column, UsersFile};

/// The source of what no file holds.
const OWN: u32 = u32::MAX;

/// Distinct byte strings with codes from 1, in order of arrival. What a file holds is read there, not copied.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    list: List,
    table: HashTable<u32>,
    hasher: RandomState,
}

#[derive(Clone, Debug, Default)]
struct List {
    sources: Vec<(Arc<UsersFile>, Column)>,
    /// By code - 1: the source, and the value's code in it.
    places: Vec<(u32, u32)>,
    /// Of the source [`OWN`]: the end of each value, and all bytes.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl List {
    fn get(&self, code: u32) -> Option<&[u8]> {
        let (source, at) = *self.places.get((code as usize).checked_sub(1)?)?;
        if source == OWN {
            let before = (at as usize).checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
            return self.bytes.get(*before..*self.ends.get(at as usize)?);
        }
        let (file, column) = self.sources.get(source as usize)?;
        // Its checksums were verified when the value was added.
        file.view(*column).ok()?.value(at)
    }
}

impl Values {
    /// How many there are; their codes go from 1 to this.
    pub(super) fn len(&self) -> usize {
        self.list.places.len()
    }

    /// The value of a code; `None` for 0.
    pub(super) fn get(&self, code: u32) -> Option<&[u8]> {
        self.list.get(code)
    }

    /// The code of a value that is there.
    pub(super) fn find(&self, value: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(value);
        self.table.find(hash, |code| self.list.get(*code) == Some(value)).copied()
    }

    /// The code of `value`, new or known.
    pub(super) fn intern(&mut self, value: &[u8]) -> u32 {
        if let Some(code) = self.find(value) {
            return code;
        }
        self.list.bytes.extend_from_slice(value);
        self.list.ends.push(self.list.bytes.len());
        self.push(value, (OWN, self.list.ends.len() as u32 - 1))
    }

    /// Adds a file's column to those that [`Values::intern_from`] may name. Gives its number.
    pub(super) fn source(&mut self, file: &Arc<UsersFile>, column: Column) -> u32 {
        self.list.sources.push((file.clone(), column));
        self.list.sources.len() as u32 - 1
    }

    /// The code of `value`, which has the code `at` in `source`.
    pub(super) fn intern_from(&mut self, source: u32, at: u32, value: &[u8]) -> u32 {
        self.find(value).unwrap_or_else(|| self.push(value, (source, at)))
    }

    /// Takes memory ahead for a table of so many.
    pub(super) fn reserve(&mut self, values: usize) {
        let (list, hasher) = (&self.list, &self.hasher);
        let more = values.saturating_sub(self.table.len());
        self.table.reserve(more, |code| hasher.hash_one(list.get(*code).unwrap_or_default()));
    }

    /// Gives back the memory that was taken ahead.
    pub(super) fn shrink_to_fit(&mut self) {
        self.list.places.shrink_to_fit();
        self.list.ends.shrink_to_fit();
        self.list.bytes.shrink_to_fit();
    }

    /// What they hold in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let list = &self.list;
        list.places.capacity() * 8 + list.ends.capacity() * 8 + list.bytes.capacity() + self.table.allocation_size()
    }

    fn push(&mut self, value: &[u8], place: (u32, u32)) -> u32 {
        self.list.places.push(place);
        let code = self.list.places.len() as u32;
        let (list, hasher) = (&self.list, &self.hasher);
        let hash = |code: &u32| hasher.hash_one(list.get(*code).unwrap_or_default());
        self.table.insert_unique(hasher.hash_one(value), code, hash);
        code
    }
}
