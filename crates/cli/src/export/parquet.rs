//! JSON lines to Parquet.

use std::{fs::File, sync::Arc};

use anyhow::{anyhow, bail};
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, Field as ArrowField, Schema};
use cairn_model::Value;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::{metadata::KeyValue, properties::WriterProperties},
};

use super::columns::{Columns, Type};
use crate::rows::{
    self, Cell, JSON_COLUMNS_KEY, Kind, Row, RowReader,
    cell::{Field, column_of},
};

const BATCH_ROWS: usize = 8_192;
const GROUP_ROWS: usize = 128 << 10;

/// Fields in the order in which they stand in a file.
const EVENT_FIELDS: [(&str, Field); 5] = [
    ("user_id", Field::UserId),
    ("event_id", Field::EventId),
    ("time", Field::Time),
    ("received_at", Field::ReceivedAt),
    ("type", Field::EventType),
];
const USER_FIELDS: [(&str, Field); 2] = [("user_id", Field::UserId), ("handle", Field::Handle)];

enum Builder {
    Integer(Int64Builder),
    Bool(BooleanBuilder),
    Number(Float64Builder),
    Text(StringBuilder),
    Json(StringBuilder),
}

/// Rows in the making: the fields' columns, then the properties' by name.
struct Table {
    schema: Arc<Schema>,
    fields: Vec<(Field, Builder)>,
    properties: Vec<(String, Builder)>,
    rows: usize,
}

/// Writes the rows of `lines` to `out`.
pub(super) fn write(lines: File, kind: Kind, columns: &Columns, out: File) -> anyhow::Result<()> {
    let mut table = Table::new(kind, columns);
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&table.schema), Some(properties(kind, columns)?))?;
    let mut reader = rows::json_lines(Box::new(lines), kind);
    while let Some(batch) = reader.next_batch()? {
        for at in 0..batch.len() {
            table.push(batch.row(at).map_err(|refusal| anyhow!("a row of the export: {refusal}"))?)?;
            if table.rows == BATCH_ROWS {
                writer.write(&table.take()?)?;
            }
        }
    }
    writer.write(&table.take()?)?;
    writer.close()?;
    Ok(())
}

fn properties(kind: Kind, columns: &Columns) -> anyhow::Result<WriterProperties> {
    let json = columns.iter().filter(|(_, column)| *column == Type::Json);
    let json: Vec<_> = json.map(|(name, _)| column_of(kind, name)).collect();
    let entry = KeyValue::new(JSON_COLUMNS_KEY.to_owned(), serde_json::to_string(&json)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_key_value_metadata(Some(vec![entry]));
    Ok(properties.build())
}

impl Builder {
    fn of(kind: Type) -> Self {
        match kind {
            Type::Bool => Builder::Bool(BooleanBuilder::new()),
            Type::Number => Builder::Number(Float64Builder::new()),
            Type::Text => Builder::Text(StringBuilder::new()),
            Type::Json => Builder::Json(StringBuilder::new()),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Builder::Integer(_) => DataType::Int64,
            Builder::Bool(_) => DataType::Boolean,
            Builder::Number(_) => DataType::Float64,
            Builder::Text(_) | Builder::Json(_) => DataType::Utf8,
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Integer(builder) => Arc::new(builder.finish()),
            Builder::Bool(builder) => Arc::new(builder.finish()),
            Builder::Number(builder) => Arc::new(builder.finish()),
            Builder::Text(builder) | Builder::Json(builder) => Arc::new(builder.finish()),
        }
    }

    fn push_cell(&mut self, cell: &Cell<'_>) -> anyhow::Result<()> {
        match (self, cell) {
            (Builder::Integer(builder), Cell::Integer(n)) => builder.append_value(*n),
            // Ids are text in JSON.
            (Builder::Integer(builder), Cell::Text(text)) => builder.append_value(text.parse()?),
            (Builder::Integer(builder), Cell::Missing) => builder.append_null(),
            (Builder::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Builder::Text(builder), Cell::Missing) => builder.append_null(),
            (_, cell) => bail!("a column cannot hold {cell:?}"),
        }
        Ok(())
    }

    fn push_value(&mut self, value: Option<&Value<'_>>) -> anyhow::Result<()> {
        match (self, value) {
            (Builder::Bool(builder), Some(Value::Bool(truth))) => builder.append_value(*truth),
            (Builder::Number(builder), Some(Value::Number(n))) => builder.append_value(*n),
            (Builder::Text(builder), Some(Value::String(text))) => builder.append_value(text),
            (Builder::Json(builder), Some(value)) => builder.append_value(serde_json::to_string(value)?),
            (Builder::Bool(builder), None) => builder.append_null(),
            (Builder::Number(builder), None) => builder.append_null(),
            (Builder::Text(builder) | Builder::Json(builder), None) => builder.append_null(),
            (Builder::Integer(_), _) | (_, Some(_)) => bail!("a column has values of another type"),
        }
        Ok(())
    }
}

impl Table {
    fn new(kind: Kind, columns: &Columns) -> Self {
        let known = if kind == Kind::Events { &EVENT_FIELDS[..] } else { &USER_FIELDS[..] };
        let fields: Vec<_> = known.iter().map(|(name, field)| (*name, *field, Builder::of_field(*field))).collect();
        let properties: Vec<_> = columns.iter().map(|(name, column)| (name.to_owned(), Builder::of(column))).collect();
        let of_fields = fields.iter().map(|(name, field, builder)| {
            let required = !matches!(field, Field::Handle);
            ArrowField::new(*name, builder.data_type(), !required)
        });
        let of_properties =
            properties.iter().map(|(name, builder)| ArrowField::new(column_of(kind, name), builder.data_type(), true));
        let schema = Schema::new(of_fields.chain(of_properties).collect::<Vec<_>>());
        let fields = fields.into_iter().map(|(_, field, builder)| (field, builder)).collect();
        Self { schema: Arc::new(schema), fields, properties, rows: 0 }
    }

    fn push(&mut self, mut row: Row<'_>) -> anyhow::Result<()> {
        for (field, builder) in &mut self.fields {
            builder.push_cell(row.cell_mut(*field))?;
        }
        // Both are sorted by name; each property of the row has its column.
        let mut values = row.properties.iter().peekable();
        for (name, builder) in &mut self.properties {
            let value = values.next_if(|(property, _)| property == name).map(|(_, value)| value);
            builder.push_value(value)?;
        }
        if let Some((name, _)) = values.next() {
            bail!("the property {name:?} has no column");
        }
        self.rows += 1;
        Ok(())
    }

    fn take(&mut self) -> anyhow::Result<RecordBatch> {
        self.rows = 0;
        let fields = self.fields.iter_mut().map(|(_, builder)| builder.finish());
        let columns = fields.chain(self.properties.iter_mut().map(|(_, builder)| builder.finish())).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Builder {
    fn of_field(field: Field) -> Self {
        match field {
            Field::EventType | Field::Handle => Builder::Text(StringBuilder::new()),
            _ => Builder::Integer(Int64Builder::new()),
        }
    }
}
