//! The batch that an import is filling: messages, and events by column.

use std::{mem, ops::Range};

use cairn_model::{BatchWriter, Message, ProjectId, TimeMs};

use crate::rows::{Columns, RowBatch};

/// A batch.
pub(super) struct ImportBatch {
    project: ProjectId,
    writer: BatchWriter,
    columns: Columns,
}

impl ImportBatch {
    pub(super) fn new(project: ProjectId) -> Self {
        Self { project, writer: BatchWriter::new(project), columns: Columns::default() }
    }

    /// How many messages are in it.
    pub(super) fn len(&self) -> usize {
        self.writer.len() + self.columns.events().len()
    }

    /// About how many bytes it will have.
    pub(super) fn size_bytes(&self) -> usize {
        self.writer.size_bytes() + self.columns.events().size_bytes()
    }

    pub(super) fn push(&mut self, message: &Message<'_>) {
        self.writer.push(message);
    }

    pub(super) fn push_columns(&mut self, batch: &dyn RowBatch, rows: Range<usize>, now: TimeMs) -> Vec<usize> {
        batch.push_columns(rows, now, &mut self.columns)
    }

    /// The batch; the next one is empty.
    pub(super) fn take(&mut self) -> BatchWriter {
        self.writer.push_events(self.columns.events());
        self.columns.clear();
        let next = BatchWriter::with_capacity(self.project, self.writer.size_bytes());
        mem::replace(&mut self.writer, next)
    }
}
