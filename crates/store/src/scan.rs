//! Gathering each user's relevant events, in order, and handing them to a kernel.

mod gather;
mod run;

pub(crate) use gather::{Scan, Snapshot};
pub(crate) use run::Prepared;

use cairn_analysis::ValueId;

/// At most this many group-by keys.
pub(crate) const KEYS: usize = 3;

/// A relevant event: what a kernel needs of it, and its values of the group-by keys on events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) user: u64,
    pub(crate) time: i64,
    pub(crate) event_id: u64,
    pub(crate) values: [ValueId; KEYS],
}

impl Hit {
    /// The order within a person.
    pub(crate) fn order(&self) -> (i64, u64, u64) {
        (self.time, self.event_id, self.user)
    }
}
