//! Where messages go.

use std::ops::Range;

use cairn_model::{Message, TimeMs};

use super::Tally;
use crate::rows::RowBatch;

/// Where a row stands: which of the files, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) row: u64,
}

/// Takes messages; may hold some back until it has enough.
pub(crate) trait Sink {
    /// Takes a message. Rows that turn out to be refused, this one or earlier ones, are told to `tally`.
    fn push(&mut self, message: &Message<'_>, place: Place, tally: &mut Tally) -> anyhow::Result<()>;

    /// Whether it takes events by column, which is faster.
    fn takes_columns(&self) -> bool {
        false
    }

    /// Takes the events of some rows of a batch that has them by column, if it takes any like that, and gives the rows that
    /// it has not taken.
    fn push_columns(&mut self, _: &dyn RowBatch, rows: Range<usize>, _now: TimeMs) -> anyhow::Result<Vec<usize>> {
        Ok(rows.collect())
    }

    /// Hands over what was held back, and waits until everything is durable and in the answers.
    fn finish(&mut self, tally: &mut Tally) -> anyhow::Result<()>;

    /// How many events were there already, if that is known.
    fn duplicates(&self) -> Option<u64> {
        None
    }
}

/// Takes everything, keeps nothing.
pub(crate) struct DrySink;

impl Sink for DrySink {
    fn push(&mut self, _: &Message<'_>, _: Place, _: &mut Tally) -> anyhow::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _: &mut Tally) -> anyhow::Result<()> {
        Ok(())
    }
}
