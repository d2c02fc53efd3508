//! Parquet files. The plan of columns is made once per file; a row lends its text from the batch's buffers.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context, bail};
use arrow_schema::{DataType, Fields};
use cairn_model::{Refusal, limits};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::{
    Kind, RowBatch, RowReader,
    cell::{Field, Row, property_of},
    column::{self, Column},
    display,
};

/// Under this key of the file's metadata, Cairn's exports list the columns whose text is JSON.
pub(crate) const JSON_COLUMNS_KEY: &str = "cairn.json_columns";

const BATCH_ROWS: usize = 8_192;

/// What the column at a place in the flattened batch holds.
#[derive(Clone, Debug)]
enum Target {
    Field(Field),
    Property { name: String, json: bool },
}

/// Reads a Parquet file.
pub(crate) struct ParquetRows {
    reader: ParquetRecordBatchReader,
    plan: Arc<[(usize, Target)]>,
    next_row: u64,
    bytes_per_row: f64,
}

struct ParquetBatch {
    plan: Arc<[(usize, Target)]>,
    /// In the plan's order.
    columns: Vec<Column>,
    rows: usize,
    first: u64,
    bytes: u64,
}

impl ParquetRows {
    pub(crate) fn open(file: File, kind: Kind, path: &Path) -> anyhow::Result<Self> {
        let size = file.metadata()?.len();
        // The writer's own types (dictionaries, views, ...) are left aside: Parquet's are fewer.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .with_context(|| format!("{} is not a Parquet file, or damaged", display(path)))?;
        let rows = builder.metadata().file_metadata().num_rows().max(1);
        let json = json_columns(&builder);
        let mut names = Vec::new();
        flat_names("", builder.schema().fields(), false, &mut names, path)?;
        let plan = plan(names, kind, &json, path)?;
        let reader = builder.with_batch_size(BATCH_ROWS).build()?;
        Ok(Self { reader, plan: plan.into(), next_row: 1, bytes_per_row: size as f64 / rows as f64 })
    }
}

fn json_columns(builder: &ParquetRecordBatchReaderBuilder<File>) -> Vec<String> {
    let pairs = builder.metadata().file_metadata().key_value_metadata();
    let entry = pairs.into_iter().flatten().find(|pair| pair.key == JSON_COLUMNS_KEY);
    entry.and_then(|pair| serde_json::from_str(pair.value.as_deref()?).ok()).unwrap_or_default()
}

fn flat_names(prefix: &str, fields: &Fields, optional: bool, out: &mut Vec<String>, path: &Path) -> anyhow::Result<()> {
    for field in fields {
        let name = format!("{prefix}{}", field.name());
        // Within a struct that can be null, a field that cannot would show a value where there is none.
        let hidden = optional && !field.is_nullable();
        match field.data_type() {
            DataType::Struct(members) if !hidden => {
                flat_names(&format!("{name}."), members, optional || field.is_nullable(), out, path)?;
            }
            readable if column::is_readable(readable) && !hidden => out.push(name),
            other => bail!("{}: column {name:?} of the type {other} cannot be read; cast it to text", display(path)),
        }
    }
    Ok(())
}

/// Fields first, then properties by name, so that rows come out sorted.
fn plan(names: Vec<String>, kind: Kind, json: &[String], path: &Path) -> anyhow::Result<Vec<(usize, Target)>> {
    let mut plan = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        if name.is_empty() || name.len() > limits::NAME_BYTES {
            bail!("{}: a column has no name, or one of more than {} bytes", display(path), limits::NAME_BYTES);
        }
        let target = match Field::of(kind, &name) {
            Some(field) => Target::Field(field),
            None => Target::Property { json: json.contains(&name), name: property_of(&name).to_owned() },
        };
        plan.push((at, target));
    }
    if !plan.iter().any(|(_, target)| matches!(target, Target::Field(Field::UserId))) {
        bail!("{}: there is no column user_id", display(path));
    }
    plan.sort_by_key(|(_, target)| match target {
        Target::Field(_) => None,
        Target::Property { name, .. } => Some(name.clone()),
    });
    Ok(plan)
}

impl RowReader for ParquetRows {
    fn next_batch(&mut self) -> anyhow::Result<Option<Box<dyn RowBatch>>> {
        let Some(batch) = self.reader.next().transpose()? else { return Ok(None) };
        let mut arrays = Vec::new();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            column::flatten(field.name(), array, &mut arrays);
        }
        let columns = self.plan.iter().map(|(at, target)| {
            let json = matches!(target, Target::Property { json: true, .. });
            Column::new(&arrays[*at].1, json)
        });
        let columns = columns.collect::<anyhow::Result<_>>()?;
        let (rows, first) = (batch.num_rows(), self.next_row);
        self.next_row += rows as u64;
        let bytes = (rows as f64 * self.bytes_per_row) as u64;
        Ok(Some(Box::new(ParquetBatch { plan: self.plan.clone(), columns, rows, first, bytes })))
    }
}

impl RowBatch for ParquetBatch {
    fn len(&self) -> usize {
        self.rows
    }

    fn number(&self, row: usize) -> u64 {
        self.first + row as u64
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn row(&self, at: usize) -> Result<Row<'_>, Refusal> {
        let mut row = Row { properties: Vec::with_capacity(self.plan.len()), ..Row::default() };
        for ((_, target), column) in self.plan.iter().zip(&self.columns) {
            match target {
                Target::Field(field) => *row.cell_mut(*field) = column.cell(at)?,
                Target::Property { name, .. } => {
                    if let Some(value) = column.value(at)? {
                        row.properties.push((name.as_str().into(), value));
                    }
                }
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests;
