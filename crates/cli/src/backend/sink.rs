//! Taking messages into a data folder that is open in this process.

use std::{collections::VecDeque, ops::Range};

use cairn_commitlog::LogError;
use cairn_model::{Message, Position, ProjectId, TimeMs};
use cairn_server::{Appended, Engine};

use super::{
    batch::ImportBatch,
    folder::{PATIENCE, catch_up, stop_if_stopped},
};
use crate::{
    import::{Place, Sink, Tally},
    rows::RowBatch,
};

const BATCH_MESSAGES: usize = 64_000;
const BATCH_BYTES: usize = 8 << 20;
/// So many batches may be on their way to the disk, and so many may wait to be applied: far below what the log refuses.
const IN_FLIGHT: usize = 4;
const UNAPPLIED: usize = 16;
/// An import of so many messages ends with the files in their final order.
const SETTLE_FROM: u64 = 500_000;

/// Encodes messages into log records and keeps several on their way.
pub(crate) struct FolderSink<'e> {
    engine: &'e Engine,
    project: ProjectId,
    batch: ImportBatch,
    in_flight: VecDeque<Appended>,
    unapplied: VecDeque<Position>,
    duplicates_before: Option<u64>,
    pushed: u64,
    settle_from: u64,
}

impl<'e> FolderSink<'e> {
    /// A sink into `project`.
    pub(crate) fn new(engine: &'e Engine, project: ProjectId) -> Self {
        Self {
            engine,
            project,
            batch: ImportBatch::new(project),
            in_flight: VecDeque::new(),
            unapplied: VecDeque::new(),
            duplicates_before: engine.store().ledger(project).ok().map(|ledger| ledger.duplicate),
            pushed: 0,
            settle_from: SETTLE_FROM,
        }
    }

    /// The same; the files are put in order at the end, however little it was.
    pub(super) fn settling(self) -> Self {
        Self { settle_from: 0, ..self }
    }

    /// Adds a message.
    pub(crate) fn push_message(&mut self, message: &Message<'_>) -> anyhow::Result<()> {
        self.batch.push(message);
        self.append_if_full(1)
    }

    /// After so many messages more.
    fn append_if_full(&mut self, messages: usize) -> anyhow::Result<()> {
        let before = self.pushed;
        self.pushed += messages as u64;
        if before < self.settle_from && self.pushed >= self.settle_from {
            self.engine.expect_bulk();
        }
        if self.batch.len() >= BATCH_MESSAGES || self.batch.size_bytes() >= BATCH_BYTES {
            self.append()
        } else {
            Ok(())
        }
    }

    /// Hands over what was held back, and waits until everything is in the answers and on the disk.
    pub(crate) fn finish_all(&mut self) -> anyhow::Result<()> {
        self.append()?;
        while let Some(oldest) = self.in_flight.pop_front() {
            oldest.wait().map_err(stopped)?;
        }
        self.unapplied.clear();
        catch_up(self.engine)?;
        // After a large import the files are put in order at once; else in the background, as time goes by.
        if self.pushed >= self.settle_from {
            self.engine.settle()?
        } else {
            self.engine.flush()?
        }
        Ok(())
    }

    fn append(&mut self) -> anyhow::Result<()> {
        if self.batch.len() == 0 {
            return Ok(());
        }
        let batch = self.batch.take();
        self.in_flight.push_back(self.engine.append(self.project, batch).map_err(stopped)?);
        if self.in_flight.len() >= IN_FLIGHT
            && let Some(oldest) = self.in_flight.pop_front()
        {
            self.unapplied.push_back(oldest.wait().map_err(stopped)?);
        }
        if self.unapplied.len() >= UNAPPLIED
            && let Some(oldest) = self.unapplied.pop_front()
        {
            while !self.engine.wait_applied(oldest, PATIENCE) {
                stop_if_stopped(self.engine)?;
            }
        }
        Ok(())
    }
}

fn stopped(error: LogError) -> anyhow::Error {
    anyhow::Error::new(error).context("the import stopped; run it again when this is solved, nothing counts twice")
}

impl Sink for FolderSink<'_> {
    fn push(&mut self, message: &Message<'_>, _: Place, _: &mut Tally) -> anyhow::Result<()> {
        self.push_message(message)
    }

    fn takes_columns(&self) -> bool {
        true
    }

    fn push_columns(&mut self, batch: &dyn RowBatch, rows: Range<usize>, now: TimeMs) -> anyhow::Result<Vec<usize>> {
        let count = rows.len();
        let refused = self.batch.push_columns(batch, rows, now);
        self.append_if_full(count - refused.len())?;
        Ok(refused)
    }

    fn finish(&mut self, _: &mut Tally) -> anyhow::Result<()> {
        self.finish_all()
    }

    fn duplicates(&self) -> Option<u64> {
        let now = self.engine.store().ledger(self.project).ok()?.duplicate;
        Some(now.saturating_sub(self.duplicates_before?))
    }
}
