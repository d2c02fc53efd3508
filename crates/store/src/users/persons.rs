//! Who belongs to which person.

use std::{hash::BuildHasher, sync::Arc};

use cairn_analysis::StoreError;
use foldhash::fast::{FixedState, RandomState};
use hashbrown::{HashMap, HashTable};

use super::{Erased, set::UserSet};

/// The persons of users with a handle: 8 bytes per user, 5 to 10 per person, and 4 per user who shares one.
///
/// A person stands under one of its members, its *first*. Handles themselves are not here; where two have the same
/// hash, the caller compares them.
#[derive(Clone, Debug, Default)]
pub(super) struct Persons {
    /// By number: the hash of the user's handle; 0 for none. Users beyond the end have none.
    hashes: Vec<u64>,
    /// The first of every person, by hash.
    firsts: HashTable<u32>,
    /// All members of persons with two or more, ascending, by their first.
    shared: HashMap<u32, Vec<u32>, FixedState>,
    /// Users who share a person with another or have an erasure.
    special: Arc<UserSet>,
    hasher: RandomState,
}

impl Persons {
    pub(super) fn new(erased: &Erased) -> Self {
        let mut persons = Self::default();
        let special = Arc::make_mut(&mut persons.special);
        erased.keys().for_each(|number| special.insert(*number));
        persons
    }

    /// The hash of a handle, never 0.
    pub(super) fn hash(&self, handle: &str) -> u64 {
        self.hasher.hash_one(handle).max(1)
    }

    pub(super) fn special(&self) -> &Arc<UserSet> {
        &self.special
    }

    /// Notes that a user has an erasure.
    pub(super) fn erase(&mut self, number: u32) {
        if !self.special.contains(number) {
            Arc::make_mut(&mut self.special).insert(number);
        }
    }

    /// The members of the person of `number`, ascending; `None` if there is no other.
    pub(super) fn members(&self, number: u32) -> Option<&[u32]> {
        self.shared.get(&self.first(number)?).map(Vec::as_slice)
    }

    /// The members of every person with two or more, ascending.
    pub(super) fn shared(&self) -> impl Iterator<Item = &[u32]> {
        self.shared.values().map(Vec::as_slice)
    }

    /// The first of the person whose handle has the hash `hash`; `same` says of a first whether it is of that handle.
    pub(super) fn find(
        &self,
        hash: u64,
        mut same: impl FnMut(u32) -> Result<bool, StoreError>,
    ) -> Result<Option<u32>, StoreError> {
        for first in self.firsts.iter_hash(hash).filter(|first| self.hashes[**first as usize] == hash) {
            if same(*first)? {
                return Ok(Some(*first));
            }
        }
        Ok(None)
    }

    /// Adds a user without a person to the one of `first`, or to a new one.
    pub(super) fn join(&mut self, number: u32, hash: u64, first: Option<u32>) {
        if number as usize >= self.hashes.len() {
            self.hashes.resize(number as usize + 1, 0);
        }
        self.hashes[number as usize] = hash;
        match first {
            Some(first) => {
                let members = self.shared.entry(first).or_insert_with(|| vec![first]);
                let at = members.partition_point(|member| *member < number);
                members.insert(at, number);
                let special = Arc::make_mut(&mut self.special);
                special.insert(first);
                special.insert(number);
            }
            None => self.add_first(number, hash),
        }
    }

    /// Takes a user away from its person, if any. Gives one of those that stay.
    pub(super) fn leave(&mut self, number: u32, erased: &Erased) -> Option<u32> {
        let first = self.first(number)?;
        let hash = self.hashes[number as usize];
        if first == number
            && let Ok(entry) = self.firsts.find_entry(hash, |first| *first == number)
        {
            entry.remove();
        }
        self.hashes[number as usize] = 0;
        let mut members = self.shared.remove(&first)?;
        members.retain(|member| *member != number);
        let stays = if first == number { members[0] } else { first };
        if first == number {
            self.add_first(stays, hash);
        }
        let alone = if members.len() == 1 { vec![number, stays] } else { vec![number] };
        let special = Arc::make_mut(&mut self.special);
        alone.into_iter().filter(|user| !erased.contains_key(user)).for_each(|user| special.remove(user));
        if members.len() > 1 {
            self.shared.insert(stays, members);
        }
        Some(stays)
    }

    fn add_first(&mut self, number: u32, hash: u64) {
        let hashes = &self.hashes;
        self.firsts.insert_unique(hash, number, |first| hashes[*first as usize]);
    }

    fn first(&self, number: u32) -> Option<u32> {
        let hash = self.hashes.get(number as usize).copied().filter(|hash| *hash != 0)?;
        let mut candidates = self.firsts.iter_hash(hash).filter(|first| self.hashes[**first as usize] == hash);
        let is_member = |first: u32| {
            first == number || self.shared.get(&first).is_some_and(|members| members.binary_search(&number).is_ok())
        };
        candidates.find(|first| is_member(**first)).copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Users move between persons whose handles have one of two hashes; the persons are those of their handles.
        #[test]
        fn handles_with_the_same_hash_are_kept_apart(
            moves in proptest::collection::vec((0..8_u32, 0..6_u64, any::<bool>()), 0..60),
        ) {
            let mut persons = Persons::default();
            let mut handles: BTreeMap<u32, u64> = BTreeMap::new();
            let mut erased = Erased::default();
            for (number, handle, erase) in moves {
                if erase {
                    erased.insert(number, 1);
                    persons.erase(number);
                }
                let left = persons.leave(number, &erased);
                let old = handles.remove(&number);
                prop_assert_eq!(left.is_some(), handles.values().any(|other| Some(*other) == old));
                prop_assert!(left.is_none_or(|left| handles.get(&left) == old.as_ref()));
                if handle != 0 {
                    let first = persons.find(handle % 2 + 1, |first| Ok(handles[&first] == handle)).unwrap();
                    persons.join(number, handle % 2 + 1, first);
                    handles.insert(number, handle);
                }
                for number in 0..8 {
                    let same = |other: &u32| handles.contains_key(other) && handles.get(other) == handles.get(&number);
                    let members: Vec<u32> = (0..8).filter(same).collect();
                    let shares = members.len() > 1;
                    prop_assert_eq!(persons.members(number), shares.then_some(&members[..]));
                    prop_assert_eq!(persons.special().contains(number), shares || erased.contains_key(&number));
                }
            }
        }
    }
}
