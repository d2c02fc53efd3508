//! The batch that an import is filling: values that rows share stand in it once.

use cairn_model::{BatchWriter, EventHead, Message, ProjectId};

use crate::rows::{EncodedRow, Shared};

/// A batch, and what it knows already.
pub(super) struct ImportBatch {
    project: ProjectId,
    writer: BatchWriter,
    /// By place of the column.
    columns: Vec<Known>,
}

/// A column's name in the batch, and the numbers of its dictionary's values there.
#[derive(Debug, Default)]
struct Known {
    name: Option<u32>,
    dictionary: Option<u64>,
    values: Vec<Option<u32>>,
}

impl ImportBatch {
    pub(super) fn new(project: ProjectId) -> Self {
        Self { project, writer: BatchWriter::new(project), columns: Vec::new() }
    }

    pub(super) fn writer(&self) -> &BatchWriter {
        &self.writer
    }

    pub(super) fn push(&mut self, message: &Message<'_>) {
        self.writer.push(message);
    }

    pub(super) fn push_encoded(&mut self, event: &EventHead, row: &EncodedRow<'_>) {
        let properties = row.properties();
        self.writer.begin_event(event, properties.len());
        for (property, value) in properties {
            if property.column >= self.columns.len() {
                self.columns.resize_with(property.column + 1, Known::default);
            }
            let known = &mut self.columns[property.column];
            let name = *known.name.get_or_insert_with(|| self.writer.name(property.name));
            let Some(shared) = property.shared else {
                self.writer.put_value(name, value);
                continue;
            };
            match known.value(shared) {
                Some(number) => self.writer.put_known(name, *number),
                number => *number = Some(self.writer.put_value(name, value)),
            }
        }
    }

    /// The batch; the next one knows nothing.
    pub(super) fn take(&mut self) -> BatchWriter {
        for known in &mut self.columns {
            (known.name, known.dictionary) = (None, None);
        }
        let next = BatchWriter::with_capacity(self.project, self.writer.size_bytes());
        std::mem::replace(&mut self.writer, next)
    }
}

impl Known {
    /// The number of a value in the batch.
    fn value(&mut self, shared: Shared) -> &mut Option<u32> {
        if self.dictionary != Some(shared.dictionary) {
            self.dictionary = Some(shared.dictionary);
            self.values.clear();
            self.values.resize(shared.count as usize, None);
        }
        &mut self.values[shared.at as usize]
    }
}
