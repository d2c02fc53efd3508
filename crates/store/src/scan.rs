//! Gathering each user's relevant events, in order, and handing them to a kernel.
//!
//! A [`Snapshot`] holds what a question sees, of one instant. [`Scans`] binds it to columns and runs kernels: ranges of users go
//! to all cores, and in each, the sources of hits are walked side by side: parts block by block ([`cursor`]), and sorted lists
//! ([`list`]) of what tails have, or definition indexes.

mod active;
mod block;
mod bound;
mod columns;
mod cursor;
mod cuts;
mod filled;
mod found;
mod join;
mod keys;
mod list;
mod looked;
mod members;
mod person;
mod run;
mod share;
mod snapshot;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_active;
#[cfg(test)]
mod tests_sparse;
mod unordered;
mod watch;

pub(crate) use block::{each as each_row, mask_of as rows_mask};
pub(crate) use cuts::Cuts;
pub(crate) use filled::Filled;
pub(crate) use keys::UserGroups;
pub(crate) use run::Scans;
pub(crate) use snapshot::Snapshot;

/// At most this many group-by keys.
pub(crate) const KEYS: usize = 3;
