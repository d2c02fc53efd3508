//! Users: their numbers, what messages made of them, and the persons that they belong to.
//!
//! A user id gets the next *number* when it is first seen, and keeps it. What messages made of users is in immutable
//! files, then in the *layers*: those being written, and the one that changes. Each has complete states; the newest
//! counts. What follows from them (numbers of ids, persons, columns of properties) is made when it is first asked for.

mod bits;
mod cache;
mod column;
mod file;
mod ids;
mod merge;
mod persons;
mod read;
mod set;
mod states;
mod values;
mod write;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, OnceLock},
};

use cairn_analysis::StoreError;
use cairn_model::{CodecError, UserState};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

pub(crate) use self::{
    bits::UserBits,
    column::UserColumn,
    file::UsersFile,
    merge::merge,
    set::{Ranks, UserSet},
};
use self::{cache::ColumnCache, ids::Ids, persons::Persons, states::States};
use crate::paged::Paged;

/// Up to when users are erased, by `received_at`. Few are.
type Erased = HashMap<u32, i64, FixedState>;

/// All users of a project. A clone is cheap and stays as it is; what changes afterwards is copied first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    /// Oldest first.
    files: Vec<Arc<UsersFile>>,
    /// Being written; oldest first.
    frozen: VecDeque<Arc<Layer>>,
    layer: Arc<Layer>,
    len: u32,
    erased: Arc<Erased>,
    /// Clones share what one of them makes, until it changes.
    ids: Arc<OnceLock<Ids>>,
    persons: Arc<OnceLock<Persons>>,
    columns: ColumnCache,
}

/// What one file will hold: the users that were numbered and the states that changed since the one before.
#[derive(Clone, Debug, Default)]
struct Layer {
    /// The number of the first user that was numbered.
    first: u32,
    /// The ids of these; filled in when the layer is frozen.
    ids: Vec<u64>,
    states: States,
    /// What the states hold in memory.
    states_bytes: usize,
}

/// Of a state in a layer: the entry and the count of its references.
const STATE_BYTES: usize = 40;

impl Layer {
    fn state(&self, number: u32) -> Result<Option<UserState>, StoreError> {
        self.states.get(number).map(decode).transpose()
    }

    fn insert(&mut self, number: u32, state: &[u8]) {
        self.states_bytes += state.len() + STATE_BYTES;
        if let Some(old) = self.states.insert(number, state) {
            self.states_bytes -= old.len() + STATE_BYTES;
        }
    }
}

fn decode(state: &[u8]) -> Result<UserState, StoreError> {
    let damage = |error: CodecError| StoreError::Damage { file: "memory".to_owned(), what: error.to_string() };
    UserState::decode(state).map_err(damage)
}

/// What is to be written as the next file.
#[derive(Clone, Debug)]
pub(crate) struct FrozenUsers(Arc<Layer>);

impl FrozenUsers {
    /// The bytes of the file, in the memory of `out`.
    pub(crate) fn write(&self, out: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.0.write(out)
    }
}

impl Users {
    /// The users in these files, oldest first. Reads their directories and who is erased.
    pub(crate) fn open(files: Vec<Arc<UsersFile>>) -> Result<Self, StoreError> {
        let (mut len, mut erased) = (0, Erased::default());
        for file in &files {
            merge::follows(len, file)?;
            len = file.end();
            erased.extend(file.erased()?);
        }
        let layer = Arc::new(Layer { first: len, ..Layer::default() });
        Ok(Self { files, layer, len, erased: Arc::new(erased), ..Self::default() })
    }

    /// How many users have a number: all below this.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// The files, oldest first.
    #[cfg(test)]
    pub(crate) fn files(&self) -> &[Arc<UsersFile>] {
        &self.files
    }

    /// The id of a user; 0 for a number that nobody has.
    pub(crate) fn id(&self, number: u32) -> Result<u64, StoreError> {
        Ok(self.ids()?.get(number as usize).copied().unwrap_or(0))
    }

    /// The ids of all users, by number.
    pub(crate) fn ids(&self) -> Result<&Paged<u64>, StoreError> {
        Ok(self.all_ids()?.by_number())
    }

    /// The number of a user id, if it has one.
    pub(crate) fn find(&self, id: u64) -> Result<Option<u32>, StoreError> {
        Ok(self.all_ids()?.find(id))
    }

    /// The number of a user id, known or new.
    pub(crate) fn number(&mut self, id: u64) -> Result<u32, StoreError> {
        if let Some(number) = self.find(id)? {
            return Ok(number);
        }
        let full = || StoreError::Io {
            what: "numbering a user".to_owned(),
            source: io::Error::other("the project has 4294967295 users, and cannot have more"),
        };
        let number = self.len;
        self.len = number.checked_add(1).ok_or_else(full)?;
        if let Some(ids) = Arc::make_mut(&mut self.ids).get_mut() {
            ids.push(id);
        }
        Ok(number)
    }

    /// Changes the state of a user, and who they belong to accordingly. `number` must be somebody's.
    pub(crate) fn change<T>(&mut self, number: u32, change: impl FnOnce(&mut UserState) -> T) -> Result<T, StoreError> {
        assert!(number < self.len, "user {number} of {} is changed", self.len);
        let mut state = self.state(number)?.unwrap_or_default();
        let before = state.handle().map(str::to_owned);
        let result = change(&mut state);
        let mut bytes = Vec::new();
        state.encode(&mut bytes);
        if self.state_bytes(number)? == Some(&bytes[..]) {
            return Ok(result);
        }
        Arc::make_mut(&mut self.layer).insert(number, &bytes);
        self.columns.changed(number);
        if let Some(at) = state.erased_at() {
            self.erase(number, at.0);
        }
        if before.as_deref() != state.handle() {
            self.change_person(number, state.handle())?;
        }
        Ok(result)
    }

    /// Up to when the messages of a user are erased, by `received_at`.
    #[inline]
    pub(crate) fn erased_at(&self, number: u32) -> Option<i64> {
        if self.erased.is_empty() { None } else { self.erased.get(&number).copied() }
    }

    /// Who has an erasure, and up to when their messages are erased, by `received_at`.
    pub(crate) fn erased(&self) -> impl ExactSizeIterator<Item = (u32, i64)> {
        self.erased.iter().map(|(number, at)| (*number, *at))
    }

    /// What the changes since the last freeze hold in memory.
    #[cfg(test)]
    pub(crate) fn changed_bytes(&self) -> usize {
        self.layer.states_bytes + 8 * (self.len - self.layer.first) as usize
    }

    /// What changed since this was last called; `None` if nothing did. It stays readable here, too. What it gives is
    /// published in the order of these calls.
    pub(crate) fn freeze(&mut self) -> Option<FrozenUsers> {
        let first = self.layer.first;
        if self.layer.states.is_empty() && first == self.len {
            return None;
        }
        let mut layer = std::mem::replace(&mut self.layer, Arc::new(Layer { first: self.len, ..Layer::default() }));
        // Nobody gets a number before all ids have been read.
        let ids = self.ids.get().map(Ids::by_number);
        let new = ids.into_iter().flat_map(|ids| (first as usize..ids.len()).map(|number| ids[number]));
        Arc::make_mut(&mut layer).ids = new.collect();
        self.frozen.push_back(layer.clone());
        Some(FrozenUsers(layer))
    }

    /// What was frozen first is in this file now.
    pub(crate) fn publish(&mut self, file: Arc<UsersFile>) {
        let frozen = self.frozen.pop_front();
        debug_assert_eq!(frozen.map(|layer| layer.first), Some(file.first()), "files are published in order");
        self.files.push(file);
    }

    /// What the consecutive files `old` say is in `new`, too. (Columns are made anew: they point into the old ones.)
    pub(crate) fn replace(&mut self, old: &[String], new: Arc<UsersFile>) {
        let is_old = |file: &Arc<UsersFile>| old.iter().any(|name| name == file.name());
        let at = self.files.iter().position(is_old).unwrap_or(self.files.len());
        self.files.retain(|file| !is_old(file));
        self.files.insert(at, new);
        debug_assert!(self.files.is_sorted_by(|a, b| a.end() == b.first()), "consecutive files are replaced");
        self.columns.clear();
    }

    fn all_ids(&self) -> Result<&Ids, StoreError> {
        match self.ids.get() {
            Some(ids) => Ok(ids),
            None => {
                let ids = Ids::read(&self.files, self.len)?;
                Ok(self.ids.get_or_init(|| ids))
            }
        }
    }

    fn erase(&mut self, number: u32, at: i64) {
        if self.erased_at(number) != Some(at) {
            Arc::make_mut(&mut self.erased).insert(number, at);
            if let Some(persons) = Arc::make_mut(&mut self.persons).get_mut() {
                persons.erase(number);
            }
        }
    }

    /// Moves a user to the person with the handle that is now its own.
    fn change_person(&mut self, number: u32, handle: Option<&str>) -> Result<(), StoreError> {
        // After an error persons are found anew, and columns with them.
        let Some(mut persons) = Arc::make_mut(&mut self.persons).take() else {
            self.columns.clear();
            // From here on they are kept up to date: clones, each of an instant of its own, would all find theirs. What cannot be
            // read is told to whoever asks.
            drop(self.persons());
            return Ok(());
        };
        let left = persons.leave(number, &self.erased);
        let mut joined = None;
        if let Some(handle) = handle {
            let hash = persons.hash(handle);
            let same = persons.find(hash, |first| self.see_handle(first, |other| other == Some(handle)));
            joined = same.inspect_err(|_| self.columns.clear())?;
            persons.join(number, hash, joined);
        }
        self.persons = Arc::new(OnceLock::from(persons));
        left.into_iter().chain(joined).for_each(|other| self.columns.changed(other));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
