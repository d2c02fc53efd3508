//! Who belongs to which person.

use std::{hash::BuildHasher, ops::RangeInclusive, sync::Arc};

use cairn_analysis::StoreError;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{Erased, set::UserSet};
use crate::paged::Paged;

/// As a power of two: of a change after a clone, one in so many of the entries by handle is copied.
const SHARD_BITS: u32 = 10;

/// The persons of users with a handle: 12 bytes per user, and 5 to 10 per person. A clone is cheap and stays as it is: of what
/// changes afterwards a page or a shard is copied first.
///
/// A person stands under one of its members, its *first*; the members are a ring. Handles themselves are not here; where two have
/// the same hash, the caller compares them.
#[derive(Clone, Debug)]
pub(super) struct Persons {
    /// By number: the hash of the user's handle; 0 for none. Users beyond the end have none.
    hashes: Paged<u64>,
    /// By number: the next member of the person, who is the user itself where there is no other. As long as the hashes.
    next: Paged<u32>,
    /// The first of every person, by hash.
    firsts: Vec<Arc<HashTable<u32>>>,
    /// Users who share a person with another or have an erasure.
    special: Arc<UserSet>,
    hasher: RandomState,
}

impl Persons {
    pub(super) fn new(erased: &Erased) -> Self {
        let mut special = UserSet::default();
        erased.keys().for_each(|number| special.insert(*number));
        let firsts = vec![Arc::default(); 1 << SHARD_BITS];
        let (hashes, next, hasher) = Default::default();
        Self { hashes, next, firsts, special: Arc::new(special), hasher }
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

    /// Whether the person of `number` has other members.
    pub(super) fn is_shared(&self, number: u32) -> bool {
        self.next(number) != number
    }

    /// The members of the person of `number`, ascending.
    pub(super) fn members(&self, number: u32) -> Vec<u32> {
        let mut members: Vec<u32> = self.ring(number).collect();
        members.sort_unstable();
        members
    }

    /// The members of every person of several, ascending, that has its least member in a range.
    pub(super) fn shared(&self, range: RangeInclusive<u32>) -> impl Iterator<Item = Vec<u32>> {
        self.special.iter_in(range).filter_map(|number| self.members_of_least(number))
    }

    /// The members of the person of `number`, ascending, if it is the least of several.
    pub(super) fn members_of_least(&self, number: u32) -> Option<Vec<u32>> {
        // Each joined behind the first: mostly the next one is less, or all are to be seen.
        let is_least = self.is_shared(number) && self.ring(number).all(|member| number <= member);
        is_least.then(|| self.members(number))
    }

    /// The first of the person whose handle has the hash `hash`; `same` says of a first whether it is of that handle.
    pub(super) fn find(
        &self,
        hash: u64,
        mut same: impl FnMut(u32) -> Result<bool, StoreError>,
    ) -> Result<Option<u32>, StoreError> {
        for first in self.firsts[shard(hash)].iter_hash(hash).filter(|first| self.hashes[**first as usize] == hash) {
            if same(*first)? {
                return Ok(Some(*first));
            }
        }
        Ok(None)
    }

    /// Adds a user without a person to the one of `first`, or to a new one.
    pub(super) fn join(&mut self, number: u32, hash: u64, first: Option<u32>) {
        for new in self.next.len()..=number as usize {
            self.hashes.push(0);
            self.next.push(new as u32);
        }
        self.hashes.set(number as usize, hash);
        match first {
            Some(first) => {
                self.next.set(number as usize, self.next(first));
                self.next.set(first as usize, number);
                let special = Arc::make_mut(&mut self.special);
                special.insert(first);
                special.insert(number);
            }
            None => self.add_first(number, hash),
        }
    }

    /// Takes a user away from its person, if any. Gives one of those that stay.
    pub(super) fn leave(&mut self, number: u32, erased: &Erased) -> Option<u32> {
        let hash = self.hashes.get(number as usize).copied().filter(|hash| *hash != 0)?;
        self.hashes.set(number as usize, 0);
        let stays = self.is_shared(number).then(|| self.next(number));
        let is_first = |first: &u32| *first == number;
        if let Ok(entry) = Arc::make_mut(&mut self.firsts[shard(hash)]).find_entry(hash, is_first) {
            entry.remove();
            stays.into_iter().for_each(|stays| self.add_first(stays, hash));
        }
        let stays = stays?;
        let before = self.ring(number).last().unwrap_or(number);
        self.next.set(before as usize, stays);
        self.next.set(number as usize, number);
        let special = Arc::make_mut(&mut self.special);
        let alone = std::iter::once(number).chain((before == stays).then_some(stays));
        alone.filter(|user| !erased.contains_key(user)).for_each(|user| special.remove(user));
        Some(stays)
    }

    fn next(&self, number: u32) -> u32 {
        self.next.get(number as usize).copied().unwrap_or(number)
    }

    /// All members of the person of `number`, beginning with it.
    fn ring(&self, number: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(number), move |member| Some(self.next(*member)).filter(|next| *next != number))
    }

    fn add_first(&mut self, number: u32, hash: u64) {
        let hashes = &self.hashes;
        Arc::make_mut(&mut self.firsts[shard(hash)]).insert_unique(hash, number, |first| hashes[*first as usize]);
    }
}

/// Where a hash is; tables go by its other end.
fn shard(hash: u64) -> usize {
    (hash >> 20) as usize & ((1 << SHARD_BITS) - 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use foldhash::fast::FixedState;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Users move between persons whose handles have one of two hashes; the persons are those of their handles.
        #[test]
        fn handles_with_the_same_hash_are_kept_apart(
            moves in proptest::collection::vec((0..8_u32, 0..6_u64, any::<bool>()), 0..60),
        ) {
            let mut persons = Persons::new(&Erased::default());
            let mut clones = Vec::new();
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
                    prop_assert_eq!(persons.special().contains(number), shares || erased.contains_key(&number));
                    let least = shares && members[0] == number;
                    prop_assert_eq!(persons.members_of_least(number), least.then(|| members.clone()));
                    let members = if shares { members } else { vec![number] };
                    prop_assert_eq!((persons.members(number), persons.is_shared(number)), (members, shares));
                }
                let shared = |persons: &Persons| persons.shared(0..=u32::MAX).collect::<Vec<_>>();
                clones.push((persons.clone(), shared(&persons)));
                prop_assert!(clones.iter().all(|(clone, before)| shared(clone) == *before));
            }
        }
    }

    #[test]
    fn of_a_change_after_a_clone_little_is_copied() {
        let (mut persons, erased) = (Persons::new(&Erased::default()), Erased::default());
        let hash = |handle: u32| FixedState::default().hash_one(handle).max(1);
        for number in 0..100_000 {
            let first = persons.find(hash(number / 2), |_| Ok(true)).unwrap();
            persons.join(number, hash(number / 2), first);
        }
        let before = persons.clone();
        persons.leave(0, &erased);
        persons.join(0, hash(7), Some(14));
        let shared = persons.firsts.iter().zip(&before.firsts).filter(|(one, other)| Arc::ptr_eq(one, other));
        assert!(shared.count() >= (1 << SHARD_BITS) - 1);
        assert_eq!((persons.members(15), before.members(15)), (vec![0, 14, 15], vec![14, 15]));
        assert_eq!((persons.members(1), before.members(1)), (vec![1], vec![0, 1]));
    }
}
