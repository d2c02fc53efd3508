//! Rows of files, whatever the format: read on one thread, turned into messages on another.
//!
//! A reader hands over batches; a batch lends its rows as [`Row`]s, whose text borrows from the batch. [`check`] makes
//! messages of them, by the same limits as capture.

pub(crate) mod cell;
pub(crate) mod check;
mod column;
mod columns;
mod csv;
mod json_value;
mod jsonl;
mod parquet;

use std::{
    fs::File,
    io::{BufReader, Read},
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use cairn_model::{Refusal, TimeMs};
pub(crate) use cell::{Cell, Row};
use clap::ValueEnum;
pub(crate) use columns::Columns;

pub(crate) use parquet::JSON_COLUMNS_KEY;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One event each.
    Events,
    /// One user each.
    Users,
}

/// A file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated, with a header line.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// How a file is to be read.
#[derive(Clone, Debug)]
pub(crate) struct ReadOptions {
    pub(crate) kind: Kind,
    pub(crate) format: Option<Format>,
    /// Columns of CSV whose cells are text, whatever they look like.
    pub(crate) text_columns: Vec<String>,
}

/// Reads a file, batch by batch.
pub(crate) trait RowReader: Send {
    /// The next batch; nothing at the end.
    fn next_batch(&mut self) -> anyhow::Result<Option<Box<dyn RowBatch>>>;
}

/// Some rows, held in memory.
pub(crate) trait RowBatch: Send {
    /// How many there are.
    fn len(&self) -> usize;

    /// The number that a person would look the row up by: a line of text, or a row of a table, from 1.
    fn number(&self, row: usize) -> u64;

    /// Of the file's bytes, how many this batch stands for.
    fn bytes(&self) -> u64;

    /// The cells of a row, or why it cannot be read.
    fn row(&self, row: usize) -> Result<Row<'_>, Refusal>;

    /// Whether [`RowBatch::push_columns`] can be used: its rows are events, and their values at hand by column.
    fn has_columns(&self) -> bool {
        false
    }

    /// The rows from `first` on that have together no more than about so many bytes; at least one.
    fn fitting(&self, first: usize, _bytes: usize) -> Range<usize> {
        first..self.len()
    }

    /// Adds the events of `rows`. Gives the rows that cannot be taken so; [`RowBatch::row`] and [`check`] say why.
    fn push_columns(&self, rows: Range<usize>, _now: TimeMs, _into: &mut Columns) -> Vec<usize> {
        rows.collect()
    }
}

/// Opens `path` for reading; `-` is the standard input.
pub(crate) fn open(path: &Path, options: &ReadOptions) -> anyhow::Result<(Box<dyn RowReader>, u64)> {
    let format = match options.format.or_else(|| by_extension(path)) {
        Some(format) => format,
        None => {
            bail!("{}: the format cannot be told from the name; add --format jsonl, csv or parquet", path.display())
        }
    };
    if path == Path::new("-") {
        if format == Format::Parquet {
            bail!("Parquet cannot be read from the standard input: save it as a file first");
        }
        return Ok((of_text(format, Box::new(std::io::stdin()), options, path)?, 0));
    }
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let reader = match format {
        Format::Parquet => Box::new(parquet::ParquetRows::open(file, options.kind, path)?) as Box<dyn RowReader>,
        _ => of_text(format, Box::new(file), options, path)?,
    };
    Ok((reader, size))
}

fn of_text(
    format: Format,
    input: Box<dyn Read + Send>,
    options: &ReadOptions,
    path: &Path,
) -> anyhow::Result<Box<dyn RowReader>> {
    let input = BufReader::with_capacity(1 << 20, input);
    Ok(match format {
        Format::Csv => Box::new(csv::CsvRows::open(input, options, path)?),
        _ => Box::new(jsonl::JsonRows::new(Box::new(input), options.kind)),
    })
}

/// JSON lines from anything that can be read.
pub(crate) fn json_lines(input: Box<dyn Read + Send>, kind: Kind) -> impl RowReader {
    jsonl::JsonRows::new(Box::new(BufReader::with_capacity(1 << 20, input)), kind)
}

/// The format that a file's name tells.
pub(crate) fn by_extension(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
        "csv" => Some(Format::Csv),
        "parquet" | "pq" => Some(Format::Parquet),
        _ => None,
    }
}

/// A file's name for messages.
pub(crate) fn display(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| PathBuf::from(name).display().to_string())
}
