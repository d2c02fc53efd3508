//! Where messages go.

use cairn_model::{EventHead, Message};

use super::Tally;
use crate::rows::EncodedRow;

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

    /// Whether it takes events encoded, which is faster.
    fn takes_encoded(&self) -> bool {
        false
    }

    /// Takes an event with the properties of `row`, if it takes any like that.
    fn push_encoded(&mut self, _event: &EventHead, _row: &EncodedRow<'_>) -> anyhow::Result<()> {
        anyhow::bail!("encoded events cannot be taken here")
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
