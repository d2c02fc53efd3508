//! Events to Parquet, as another product's export would be: one column per property, missing values null, in order of
//! arrival.

use std::{fmt::Write, fs::File, path::Path, sync::Arc, sync::mpsc, thread};

use anyhow::{Context, anyhow};
use arrow_array::{
    ArrayRef, RecordBatch,
    array::{Float64Array, Int64Array},
    builder::StringBuilder,
};
use arrow_schema::{Field, Schema};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties, schema::types::ColumnPath};

use super::{
    Event, Events, Spec, TYPES, World,
    hostile::{self, Custom},
};

const BATCH_ROWS: usize = 16 << 10;
const GROUP_ROWS: usize = 128 << 10;
const BATCHES_WAITING: usize = 4;

/// Writes the data set of `spec`. One thread makes the events, this one packs them; `progress` hears of every batch's rows.
pub fn write_parquet(path: &Path, spec: Spec, mut progress: impl FnMut(u64)) -> anyhow::Result<()> {
    let world = World::new(spec.seed);
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(BATCHES_WAITING);
        let maker = scope.spawn(move || make(&world, spec, &sender));
        let mut writer: Option<ArrowWriter<File>> = None;
        for batch in receiver {
            let batch: RecordBatch = batch;
            let writer = match &mut writer {
                Some(writer) => writer,
                none => none.insert(ArrowWriter::try_new(file.try_clone()?, batch.schema(), Some(properties()))?),
            };
            writer.write(&batch)?;
            progress(batch.num_rows() as u64);
        }
        maker.join().map_err(|_| anyhow!("the generator stopped"))??;
        writer.context("there are no events")?.close()?;
        Ok(())
    })
}

fn properties() -> WriterProperties {
    let mut properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP_ROWS));
    for unique in ["event_id", "time"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(unique), false);
    }
    properties.build()
}

/// Ends early when nobody listens any more.
fn make(world: &World, spec: Spec, sender: &mpsc::SyncSender<RecordBatch>) -> anyhow::Result<()> {
    let mut events = Events::new(world, spec);
    let custom = spec.hostile.then(Custom::new);
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    loop {
        rows.clear();
        rows.extend(events.by_ref().take(BATCH_ROWS));
        if rows.is_empty() || sender.send(batch(world, &rows, custom.as_ref())?).is_err() {
            return Ok(());
        }
    }
}

fn batch(world: &World, rows: &[Event], custom: Option<&Custom>) -> anyhow::Result<RecordBatch> {
    let whole = |value: fn(&Event) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|event| Some(value(event) as i64)).collect::<Int64Array>())
    };
    let word = |list: &[String], at: &dyn Fn(&Event) -> Option<usize>| text(rows, |event| Some(&list[at(event)?]));
    let index = |at: Option<u16>| at.map(usize::from);
    let path = match custom {
        None => word(&world.paths, &|event| Some(event.path.into())),
        Some(_) => hostile::paths(world, rows),
    };
    let columns: [(&str, ArrayRef); 20] = [
        ("user_id", whole(|event| event.user_id)),
        ("event_id", whole(|event| event.event_id)),
        ("time", whole(|event| event.time_ms as u64)),
        ("type", text(rows, |event| Some(TYPES[usize::from(event.kind)]))),
        ("name", word(&world.names, &|event| index(event.name))),
        ("path", path),
        ("title", word(&world.titles, &|event| Some(event.path.into()))),
        ("href", word(&world.hrefs, &|event| world.href_of(event.chain?))),
        ("target_text", word(&world.texts, &|event| Some(world.text_of(event.chain?)))),
        ("chain", word(&world.chains, &|event| index(event.chain))),
        ("referrer", word(&world.referrers, &|event| index(event.referrer))),
        ("utm_source", word(&world.sources, &|event| index(event.source))),
        ("browser", word(&world.browsers, &|event| Some(event.browser.into()))),
        ("device", word(&world.devices, &|event| Some(event.device.into()))),
        ("country", word(&world.countries, &|event| Some(world.country_of(event.city)))),
        ("region", word(&world.regions, &|event| Some(world.region_of(event.city)))),
        ("city", word(&world.cities, &|event| Some(event.city.into()))),
        ("session_id", session_ids(rows)),
        ("plan", word(&world.plans, &|event| index(event.plan))),
        ("amount", Arc::new(rows.iter().map(|event| event.amount).collect::<Float64Array>())),
    ];
    let mut columns: Vec<(String, ArrayRef)> = columns.map(|(name, array)| (name.to_owned(), array)).into();
    if let Some(custom) = custom {
        columns.push(("query".to_owned(), hostile::queries(rows)));
        columns.extend(custom.columns(rows));
    }
    let fields = columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Ok(RecordBatch::try_new(schema, columns.into_iter().map(|(_, array)| array).collect())?)
}

fn text<'a>(rows: &'a [Event], of: impl Fn(&'a Event) -> Option<&'a str>) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(rows.len(), rows.len() * 24);
    rows.iter().for_each(|event| out.append_option(of(event)));
    Arc::new(out.finish())
}

/// Too large for other tools' numbers, so text.
fn session_ids(rows: &[Event]) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(rows.len(), rows.len() * 20);
    for event in rows {
        // Writing to a builder cannot fail.
        let _ = write!(out, "{}", event.session_id);
        out.append_value("");
    }
    Arc::new(out.finish())
}
