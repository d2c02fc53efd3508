//! User ids and their numbers.

use std::{hash::BuildHasher, sync::Arc};

use cairn_analysis::StoreError;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::file::UsersFile;

/// The ids of all users, both ways: 8 bytes per user, and 5 to 10 for the way back.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    /// By number.
    ids: Vec<u64>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Ids {
    /// The ids in the files, oldest first, together `len`.
    pub(super) fn read(files: &[Arc<UsersFile>], len: u32) -> Result<Self, StoreError> {
        let (ids, numbers) = (Vec::with_capacity(len as usize), HashTable::with_capacity(len as usize));
        let mut all = Self { ids, numbers, hasher: RandomState::default() };
        for file in files {
            for id in file.ids()? {
                if all.find(*id).is_some() {
                    return Err(file.damage(&format!("it numbers user {id} once more")));
                }
                all.push(*id);
            }
        }
        Ok(all)
    }

    /// By number.
    pub(super) fn as_slice(&self) -> &[u64] {
        &self.ids
    }

    pub(super) fn find(&self, id: u64) -> Option<u32> {
        self.numbers.find(self.hasher.hash_one(id), |number| self.ids[*number as usize] == id).copied()
    }

    /// Gives the next number to an id that has none.
    pub(super) fn push(&mut self, id: u64) {
        let number = self.ids.len() as u32;
        self.ids.push(id);
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.numbers.insert_unique(hasher.hash_one(id), number, |number| hasher.hash_one(ids[*number as usize]));
    }
}
