//! Writing everything to a file that `cairn import` reads back to the same events.
//!
//! Rows are written as JSON lines first. For Parquet those lines are kept aside until all are there: only then is it known
//! which type each property has. The file appears under its name when it is whole.

mod columns;
mod parquet;

use std::{
    io::{BufWriter, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use cairn_analysis::SeenUser;
use cairn_model::{Event, Properties};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::rows::{Format, Kind};
use columns::Columns;

/// A file in the making.
pub(crate) struct Export {
    lines: BufWriter<NamedTempFile>,
    out: PathBuf,
    kind: Kind,
    format: Format,
    columns: Columns,
    count: u64,
}

/// A user as a line.
#[derive(Serialize)]
struct UserLine<'u> {
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<&'u str>,
    properties: &'u Properties<'u>,
}

impl Export {
    /// Begins an export to `out`.
    pub(crate) fn begin(out: &Path, kind: Kind, format: Format) -> anyhow::Result<Self> {
        let lines = BufWriter::with_capacity(1 << 20, beside(out)?);
        Ok(Self { lines, out: out.to_owned(), kind, format, columns: Columns::default(), count: 0 })
    }

    /// Adds an event.
    pub(crate) fn event(&mut self, event: &Event<'_>) -> anyhow::Result<()> {
        self.line(event, &event.properties)
    }

    /// Adds a user.
    pub(crate) fn user(&mut self, user: &SeenUser) -> anyhow::Result<()> {
        let (user_id, handle) = (user.user_id.to_string(), user.handle.as_deref());
        self.line(&UserLine { user_id, handle, properties: &user.properties }, &user.properties)
    }

    /// How many rows there are so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Puts the file in its place.
    pub(crate) fn finish(self) -> anyhow::Result<u64> {
        let mut lines = self.lines.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let whole = match self.format {
            Format::Parquet => {
                let whole = beside(&self.out)?;
                lines.rewind()?;
                parquet::write(lines.into_file(), self.kind, &self.columns, whole.reopen()?)?;
                whole
            }
            _ => lines,
        };
        whole.as_file().sync_all()?;
        whole.persist(&self.out).with_context(|| format!("{} cannot be written", self.out.display()))?;
        Ok(self.count)
    }

    fn line(&mut self, row: &impl Serialize, properties: &Properties<'_>) -> anyhow::Result<()> {
        if self.format == Format::Parquet {
            self.columns.see(properties);
        }
        serde_json::to_writer(&mut self.lines, row)?;
        self.lines.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }
}

/// A file in the making in the folder of `out`, for its name.
pub(crate) fn beside(out: &Path) -> anyhow::Result<NamedTempFile> {
    let dir = out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".cairn-export-").tempfile_in(dir);
    made.with_context(|| format!("{} cannot be written to", dir.display()))
}
