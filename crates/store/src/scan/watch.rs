//! Looking after what one thread does for a question: whether it may go on, and what memory it holds.

use cairn_analysis::{Held, StoreError};

use super::{columns::Columns, snapshot::Snapshot};

/// From one look to the next there are so many steps.
const STEPS: u32 = 64;

/// One thread's share of a question's budget.
pub(super) struct Watch<'q> {
    held: Held<'q>,
    /// Their groups are the question's, not the thread's.
    columns: &'q Columns<'q>,
    /// Held all the time, in bytes.
    base: usize,
    steps: u32,
}

impl<'q> Watch<'q> {
    /// A share that holds `base` bytes all the time.
    pub(super) fn new(snapshot: &'q Snapshot<'_>, base: usize) -> Self {
        Self { held: snapshot.budget.hold(), columns: &snapshot.columns, base, steps: 0 }
    }

    /// Something small was done, say a user or a block; `bytes` tells how much is held by now. Fails if the budget is over.
    #[inline]
    pub(super) fn step(&mut self, bytes: impl FnOnce() -> usize) -> Result<(), StoreError> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(STEPS) {
            return self.look(bytes());
        }
        if self.held.budget().is_over() { self.look(0) } else { Ok(()) }
    }

    /// So many bytes are held by now. Fails if the budget is over.
    #[cold]
    pub(super) fn look(&mut self, bytes: usize) -> Result<(), StoreError> {
        self.held.set(self.base + bytes);
        let budget = self.held.budget();
        budget.look(self.columns.groups_bytes());
        budget.stopped().map_or(Ok(()), |stopped| Err(stopped.into()))
    }
}
