//! States of users in memory.

use std::{collections::BTreeMap, sync::Arc};

/// So many numbers, as a power of two, are copied together.
const PAGE_BITS: u32 = 8;

/// Encoded states by user number: decoded, they would take several times the memory. A clone is cheap and stays as it is: of what
/// changes afterwards a few neighbours are copied first.
#[derive(Clone, Debug, Default)]
pub(super) struct States(BTreeMap<u32, Arc<Page>>);

type Page = BTreeMap<u32, Arc<[u8]>>;

impl States {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.get(number).is_some()
    }

    pub(super) fn get(&self, number: u32) -> Option<&[u8]> {
        self.0.get(&(number >> PAGE_BITS))?.get(&number).map(AsRef::as_ref)
    }

    /// Gives the state that it replaces.
    pub(super) fn insert(&mut self, number: u32, state: &[u8]) -> Option<Arc<[u8]>> {
        Arc::make_mut(self.0.entry(number >> PAGE_BITS).or_default()).insert(number, state.into())
    }

    /// By number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.0.values().flat_map(|page| page.iter()).map(|(number, state)| (*number, &**state))
    }

    /// The users, ascending.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.iter().map(|(number, _)| number)
    }
}
