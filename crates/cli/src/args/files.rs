//! Data that comes from files and goes to them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::rows::Format;

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    pub(crate) what: ImportWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportWhat {
    /// Bring in events.
    #[command(after_help = "\
Columns:
  user_id      who: an integer from 1 to 2^63 - 1, or its decimal text
  time         when: milliseconds since 1970, or RFC 3339 such as 2026-08-01T12:00:00Z
  type         session, pageview, click, change, submit or custom
  name         which, of custom events
  event_id     unique within the user. Without it an id is made from the row's content, so two rows that are equal in
               all columns count once
  received_at  when Cairn took it; default now. A running server always takes now
All other columns are properties. A column called properties.X is the property X, whatever X is.

What cells are: CSV has true and false, numbers as in JSON, and text; an empty cell is missing; whole numbers beyond 2^53
and numbers with leading zeros stay text, and so does every column of --text-columns. JSON lines are flat, or have an object
\"properties\"; nested objects become dotted names. In Parquet null is missing, decimals are numbers, times and dates are
milliseconds.

The same import twice counts nothing twice: after a failure, run it again.

Examples:
  cairn import events history.parquet
  cairn import events 2026-*.csv --text-columns zip,phone --dry-run
  generate | cairn import events - --format jsonl")]
    Events(ImportFiles),
    /// Bring in users' handles and properties.
    #[command(after_help = "\
Columns:
  user_id      who: an integer from 1 to 2^63 - 1, or its decimal text
  handle       the person, such as an e-mail address; the users of one handle are one person
  time         since when it is so; default now. The latest value of each property stands
All other columns are properties. Cells are read as by `cairn import events`.

Example:
  cairn import users customers.csv --text-columns zip")]
    Users(ImportFiles),
}

#[derive(Debug, Args)]
pub(crate) struct ImportFiles {
    /// Files to read, in this order; - is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The files' format; default: by their names (.jsonl, .csv, .parquet).
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// CSV columns that are text, whatever their cells look like.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) text_columns: Vec<String>,
    /// Read and check everything, write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn export events --out events.parquet
  cairn export events --out august.jsonl --from 2026-08-01 --to 2026-09-01
  cairn export users --out users.jsonl

`cairn import` reads both formats back to the same events. The file appears when it is whole.")]
pub(crate) struct ExportArgs {
    /// What to write.
    #[arg(value_enum)]
    pub(crate) what: ExportWhat,
    /// The file to write: .parquet or .jsonl.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Events from this date (in the project's time zone) or instant on.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Events before this date or instant.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn backup --out monday.backup
  cairn backup --out monday.backup --data /var/lib/cairn
  cairn backup --show monday.backup             verifies it, and tells what is in it

All that was acknowledged before the command is in the archive: events, users, projects and their keys, definitions. A server
on the data folder is asked for it and goes on. The file appears when it is whole and verified. It holds everything that the
data folder does: keep it as safe.")]
pub(crate) struct BackupArgs {
    /// The file to write; one of this name is replaced.
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    pub(crate) out: Option<PathBuf>,
    /// Verify an archive, and tell what is in it.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(crate) show: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn restore --from monday.backup --data /var/lib/cairn
  cairn serve --data /var/lib/cairn
  cairn restore --from monday.backup --data ./replica --log kafka://kafka.example.com/cairn
                                                of a server on Kafka; makes sure that Kafka has what comes after it

The data folder must not exist, or be empty. It appears when everything is written and verified. API tokens go on to work;
`cairn serve --new-token` makes another one.")]
pub(crate) struct RestoreArgs {
    /// The archive that `cairn backup` wrote.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// Every event with its properties.
    Events,
    /// Every user with handle and current properties.
    Users,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn copy --from ./cairn-data --to postgres://cairn@db.example.com/cairn
  cairn copy --project Shop --to postgres://cairn@db.example.com/cairn

Events, users, definitions and lists are copied, and both sides compared in the end. The data folder stays as it is; no server
may run on it meanwhile. If it breaks off, run it again: it goes on where it was. The project there has the same write key, so that
sites go on as before once they reach a server on the database: cairn serve --store postgres://...")]
pub(crate) struct CopyArgs {
    /// The data folder to copy from; default: that of --data.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// The database to copy to.
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
}
