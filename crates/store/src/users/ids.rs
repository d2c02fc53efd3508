//! User ids and their numbers.

use std::{
    hash::BuildHasher,
    sync::{Arc, PoisonError, RwLock},
};

use cairn_analysis::StoreError;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::file::UsersFile;
use crate::paged::Paged;

/// The ids of all users, both ways: 8 bytes per user, and 5 to 10 for the way back. A clone is cheap and stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    /// By number.
    ids: Paged<u64>,
    /// Clones share it, as a number never changes hands: those that are new are beyond the end of an older clone's ids.
    numbers: Arc<RwLock<HashTable<u32>>>,
    hasher: RandomState,
}

impl Ids {
    /// The ids in the files, oldest first, together `len`.
    pub(super) fn read(files: &[Arc<UsersFile>], len: u32) -> Result<Self, StoreError> {
        let numbers = Arc::new(RwLock::new(HashTable::with_capacity(len as usize)));
        let mut all = Self { ids: Paged::default(), numbers, hasher: RandomState::default() };
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
    pub(super) fn by_number(&self) -> &Paged<u64> {
        &self.ids
    }

    pub(super) fn find(&self, id: u64) -> Option<u32> {
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
        numbers.find(self.hasher.hash_one(id), |number| self.ids.get(*number as usize) == Some(&id)).copied()
    }

    /// Gives the next number to an id that has none.
    pub(super) fn push(&mut self, id: u64) {
        let number = self.ids.len() as u32;
        self.ids.push(id);
        let (ids, hasher) = (&self.ids, &self.hasher);
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        numbers.insert_unique(hasher.hash_one(id), number, |number| hasher.hash_one(ids[*number as usize]));
    }
}
