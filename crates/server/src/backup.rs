//! Backup and restore: a data folder as one archive, made while everything goes on. Drawn byte by byte in docs/format.md.
//!
//! ```text
//! catalog, files of the store, log records behind them  ->  archive  ->  a new data folder
//! ```

mod make;
mod read;
mod restore;
mod write;

use std::{io, path::PathBuf};

use cairn_analysis::StoreError;
use cairn_analysis::catalog::CatalogError;
use cairn_commitlog::{LogError, TopicName};
use cairn_model::{Position, TimeMs};
use serde::{Deserialize, Serialize};

pub(crate) use write::broken;

pub use read::inspect;
pub use restore::restore;

/// The first bytes of an archive; the last of them is the version.
const MAGIC: [u8; 8] = *b"CAIRNBK\x01";
/// Kind, length, checksum.
const CHUNK_HEADER_BYTES: usize = 1 + 4 + 4;
/// No chunk is longer: a log record is the longest.
const CHUNK_BYTES_MAX: usize = 64 << 20;

const HEAD: u8 = 1;
const FILE: u8 = 2;
const BYTES: u8 = 3;
const RECORD: u8 = 4;
const END: u8 = 5;
const BROKEN: u8 = 6;

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHead {
    /// The version of Cairn that made it.
    pub cairn: String,
    /// When it was begun.
    pub made_at: TimeMs,
    /// Per partition of the log, the first record that stands in it as a record: what is before is in the store's files.
    pub from: Vec<Position>,
    /// Per partition of the log, the next position: the archive contains everything before it.
    pub positions: Vec<Position>,
    /// About how many bytes the archive has.
    pub bytes: u64,
    /// The topic of Kafka's that has what comes after these positions; none where the archive has the log's records itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicName>,
}

impl BackupHead {
    /// What an archive begins with, once enough of it is there.
    pub fn peek(archive: &[u8]) -> Option<Self> {
        let header = archive.get(MAGIC.len()..MAGIC.len() + CHUNK_HEADER_BYTES)?;
        let bytes = u32::from_le_bytes(header[1..5].try_into().ok()?) as usize;
        let at = MAGIC.len() + CHUNK_HEADER_BYTES;
        serde_json::from_slice(archive.get(at..at.checked_add(bytes)?)?).ok()
    }
}

/// Why a backup was not made or not restored, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nobody takes the archive any more.
    #[error("the archive cannot be written: {0}")]
    Write(io::Error),
    /// The archive cannot be read.
    #[error("the archive cannot be read: {0}")]
    Read(io::Error),
    /// The store's files are elsewhere.
    #[error("this store keeps no files here: back it up by its database's own means")]
    NoFiles,
    /// Records wait in the spool.
    #[error(
        "{0} records that were acknowledged wait in the spool and would be neither in the archive nor in the topic that it names: make the backup \
         once they are in Kafka (`/healthz` has no `warning` then)"
    )]
    Spooled(u64),
    /// The topic that was named is not the archive's.
    #[error(
        "the archive is of a server that follows the topic {was}, and the one given is another ({given}); a topic that was removed and \
         made again is another, too: give the right --log, or none to restore without asking it"
    )]
    OtherTopic {
        /// Where the archive's topic was.
        was: String,
        /// The one that was given.
        given: String,
    },
    /// The archive's log is no topic.
    #[error("the archive is of a folder with a log of its own: leave out --log (or unset CAIRN_LOG)")]
    NoTopic,
    /// The topic does not have what comes after the archive.
    #[error(
        "the archive contains partition {partition} of the topic up to {until}, but the topic {problem}: what is between is lost to this \
         backup, so nothing was restored; take a newer one, or restore without --log and export what is in it"
    )]
    Forgotten {
        /// Which partition.
        partition: u32,
        /// The archive's next offset.
        until: u64,
        /// How the topic differs.
        problem: String,
    },
    /// Bytes of the archive are not what was written, or its end is missing.
    #[error("the archive is damaged at byte {at}{}: {problem}; nothing was restored: use another copy, or another backup", within(.file))]
    Damage {
        /// Where the first bad chunk begins.
        at: u64,
        /// The file within, if it lies in one.
        file: Option<String>,
        /// What is wrong.
        problem: String,
    },
    /// Whoever made the archive could not finish it.
    #[error("the archive is not whole, since its making broke off ({0}): make another backup")]
    Broken(String),
    /// A folder with something in it.
    #[error("{} is not empty: a backup is restored into a new folder; choose another with --data, or move this one away", dir.display())]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
    },
    /// What was restored does not hold together.
    #[error("what is in the archive does not fit together ({0}); nothing was restored: use another backup")]
    Unfit(String),
    /// The disk failed or is full.
    #[error("{what} failed: {source}; nothing was restored")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

fn within(file: &Option<String>) -> String {
    file.as_ref().map(|file| format!(", in {file}")).unwrap_or_default()
}
