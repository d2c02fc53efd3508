//! Parquet files. The plan of columns is made once per file; a row lends its text from the batch's buffers.

use std::{fs::File, ops::Range, path::Path, sync::Arc};

use anyhow::{Context, bail};
use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field as ArrowField, Fields, Schema};
use cairn_model::{EventKind, Refusal, TimeMs, Value, decode_value, limits};
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    },
    basic::Encoding,
    file::metadata::ColumnChunkMetaData,
};

use super::{
    Kind, RowBatch, RowReader,
    cell::{Cell, Field, Row, property_of},
    check,
    column::{self, Column},
    columns::{Columns, Dictionary},
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
    /// Of each column of the plan, the dictionary that it had last.
    dictionaries: Vec<Option<Arc<Dictionary>>>,
    by_column: bool,
    next_row: u64,
    bytes_per_row: f64,
}

struct ParquetBatch {
    plan: Arc<[(usize, Target)]>,
    /// In the plan's order.
    columns: Vec<Column>,
    by_column: bool,
    rows: usize,
    first: u64,
    bytes: u64,
}

impl ParquetRows {
    pub(crate) fn open(file: File, kind: Kind, path: &Path) -> anyhow::Result<Self> {
        let size = file.metadata()?.len();
        // The writer's own types (dictionaries, views, ...) are left aside: Parquet's are fewer.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file.try_clone()?, options)
            .with_context(|| format!("{} is not a Parquet file, or damaged", display(path)))?;
        let rows = builder.metadata().file_metadata().num_rows().max(1);
        let json = json_columns(&builder);
        let mut names = Vec::new();
        flat_names("", builder.schema().fields(), false, &mut names, path)?;
        let plan = plan(names, kind, &json, path)?;
        let reader = match kind {
            Kind::Events => with_dictionaries(builder, file, &plan)?,
            Kind::Users => builder,
        };
        let reader = reader.with_batch_size(BATCH_ROWS).build()?;
        // Of equal names the last one with a value counts; rare enough to be left to rows.
        let by_column = kind == Kind::Events
            && plan.windows(2).all(|pair| pair[0].1.name().is_none_or(|name| pair[1].1.name() != Some(name)));
        let dictionaries = vec![None; plan.len()];
        let bytes_per_row = size as f64 / rows as f64;
        Ok(Self { reader, plan: plan.into(), dictionaries, by_column, next_row: 1, bytes_per_row })
    }

    /// The column at a place of the plan.
    fn column(&mut self, place: usize, array: &ArrayRef) -> anyhow::Result<Column> {
        let target = &self.plan[place].1;
        let Some((keys, texts)) = Column::dictionary(array) else {
            return Column::new(array, matches!(target, Target::Property { json: true, .. }));
        };
        let dictionary = match self.dictionaries[place].take().filter(|known| known.is_of(texts)) {
            Some(known) => known,
            None => Dictionary::new(texts.clone(), target.name().unwrap_or("type")),
        };
        self.dictionaries[place] = Some(Arc::clone(&dictionary));
        Ok(Column::Shared(keys.clone(), dictionary))
    }
}

impl Target {
    /// The property's name.
    fn name(&self) -> Option<&str> {
        match self {
            Target::Property { name, .. } => Some(name),
            Target::Field(_) => None,
        }
    }
}

/// Reads the properties as dictionaries that the file has as such throughout: their values need be looked at once.
fn with_dictionaries(
    builder: ParquetRecordBatchReaderBuilder<File>,
    file: File,
    plan: &[(usize, Target)],
) -> anyhow::Result<ParquetRecordBatchReaderBuilder<File>> {
    let metadata = builder.metadata();
    let is_shared = |column: usize| {
        let mut groups = metadata.row_groups().iter();
        metadata.num_row_groups() > 0 && groups.all(|group| group.columns().get(column).is_some_and(has_dictionary))
    };
    let fields = builder.schema().fields();
    // Fields of structs would shift the places.
    if fields.len() != metadata.file_metadata().schema_descr().num_columns() {
        return Ok(builder);
    }
    let fields = fields.iter().enumerate().map(|(at, field)| {
        let text =
            plan.iter().any(|(place, target)| *place == at && matches!(target, Target::Property { json: false, .. }));
        if !text || *field.data_type() != DataType::Utf8 || !is_shared(at) {
            return Arc::clone(field);
        }
        let shared = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        Arc::new(ArrowField::new(field.name(), shared, field.is_nullable()))
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema);
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata), options)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
}

/// Whether all pages refer to a dictionary.
fn has_dictionary(column: &ColumnChunkMetaData) -> bool {
    let of_dictionary = |encoding| matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    column.dictionary_page_offset().is_some()
        && column.page_encoding_stats_mask().is_none_or(|mask| mask.encodings().all(of_dictionary))
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
        let plan = Arc::clone(&self.plan);
        let columns = plan.iter().enumerate().map(|(place, (at, _))| self.column(place, &arrays[*at].1));
        let columns = columns.collect::<anyhow::Result<_>>()?;
        let (rows, first) = (batch.num_rows(), self.next_row);
        self.next_row += rows as u64;
        let bytes = (rows as f64 * self.bytes_per_row) as u64;
        Ok(Some(Box::new(ParquetBatch { plan, columns, by_column: self.by_column, rows, first, bytes })))
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

    fn has_columns(&self) -> bool {
        self.by_column
    }

    fn fitting(&self, first: usize, bytes: usize) -> Range<usize> {
        let mut rows = first..self.rows;
        while rows.len() > 1 && self.columns.iter().map(|column| column.bytes(&rows)).sum::<usize>() > bytes {
            rows.end = first + rows.len() / 2;
        }
        rows
    }

    fn push_columns(&self, rows: Range<usize>, now: TimeMs, into: &mut Columns) -> Vec<usize> {
        let fields: Vec<_> = rows.clone().map(|row| self.fields(row, now).ok()).collect();
        let mut kept: Vec<bool> = fields.iter().map(Option::is_some).collect();
        let first = into.events().len();
        let mut properties = Vec::new();
        for ((_, target), column) in self.plan.iter().zip(&self.columns) {
            if let Some(name) = target.name() {
                properties.push((name, into.set(name, column, rows.clone(), &mut kept)));
            }
        }
        let mut heads = Vec::with_capacity(rows.len());
        for (at, fields) in fields.into_iter().enumerate() {
            let events = into.events();
            let values =
                || properties.iter().filter_map(|(name, column)| Some((*name, events.value(*column, first + at)?)));
            let head = fields.filter(|_| kept[at]).and_then(|(fields, event_id)| {
                let too_many = properties.len() > limits::PROPERTIES && values().count() > limits::PROPERTIES;
                let nameless = fields.kind == EventKind::Custom
                    && !values().any(|(name, value)| name == "name" && has_name(value));
                if too_many || nameless {
                    return None;
                }
                let add_all = |digest: &mut check::Content| values().for_each(|(name, value)| digest.add(name, value));
                fields.head(&event_id, add_all).ok()
            });
            kept[at] = head.is_some();
            heads.extend(head);
        }
        let refused: Vec<_> = rows.zip(&kept).filter(|(_, kept)| !**kept).map(|(row, _)| row).collect();
        if !refused.is_empty() {
            into.events_mut().retain(first, &kept);
        }
        heads.into_iter().for_each(|head| into.events_mut().push(head));
        refused
    }
}

/// Whether an encoded value is the name of a custom event.
fn has_name(value: &[u8]) -> bool {
    matches!(decode_value(value), Ok(Value::String(name)) if check::is_name(&name))
}

impl ParquetBatch {
    /// The fields of a row's event, and the cell of its id.
    fn fields(&self, row: usize, now: TimeMs) -> Result<(check::Fields, Cell<'_>), Refusal> {
        let mut cells = Row::default();
        for ((_, target), column) in self.plan.iter().zip(&self.columns) {
            // Fields come first.
            let Target::Field(field) = target else { break };
            *cells.cell_mut(*field) = column.cell(row)?;
        }
        Ok((check::fields(&cells, now)?, cells.event_id))
    }
}

#[cfg(test)]
mod tests;
