//! What can go wrong with the log, in words that say what to do.

use std::{io, path::PathBuf, sync::Arc};

/// Every error of the log. Cheap to clone: one failure answers a whole batch.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// More waits to be written than the queue may hold. Nothing was written.
    #[error("the log is busy: {waiting_bytes} of {limit_bytes} bytes wait to be written; send it again in a moment")]
    Busy {
        /// Bytes accepted and not yet acknowledged.
        waiting_bytes: usize,
        /// The bound on them.
        limit_bytes: usize,
    },

    /// The record is larger than the log takes.
    #[error("a record of {bytes} bytes is larger than the log's limit of {limit_bytes}; send it in smaller batches")]
    TooLarge {
        /// The record's size.
        bytes: usize,
        /// The largest that is taken.
        limit_bytes: usize,
    },

    /// No space is left. The append was refused; the log goes on by itself once there is space again.
    #[error("the disk under {} is full: free some space, and the log goes on by itself; nothing acknowledged is lost", dir.display())]
    Full {
        /// The log's directory.
        dir: PathBuf,
    },

    /// A write or an fsync failed. Nothing more is written until the process is started again; reads go on.
    #[error(
        "the log has stopped writing: {cause}; check the disk, then start Cairn again; nothing acknowledged is lost"
    )]
    Stopped {
        /// What failed.
        cause: String,
    },

    /// Bytes that were once durable are not what was written.
    #[error("the log is damaged at byte {offset_bytes} of {}: {problem}; restore this file from a copy", file.display())]
    Damage {
        /// The segment file.
        file: PathBuf,
        /// The first byte that cannot be trusted.
        offset_bytes: u64,
        /// What is wrong there.
        problem: String,
    },

    /// A segment was written in a format that this version does not know.
    #[error("{} has log format version {version}, which this Cairn cannot read; use the version that wrote it, or a newer one", file.display())]
    Version {
        /// The segment file.
        file: PathBuf,
        /// The version that it claims.
        version: u32,
    },

    /// The records asked for are no longer kept.
    #[error("the log begins at offset {first}; what came before was dropped")]
    Dropped {
        /// The first offset that can be read.
        first: u64,
    },

    /// The read begins past the log's end: the log is older than the position that the reader remembers.
    #[error("the log ends before offset {end}, and a later position was asked for: is this an older copy of the log?")]
    Beyond {
        /// The next offset that will be written.
        end: u64,
    },

    /// The log has no such partition.
    #[error("the log has no partition {partition}")]
    UnknownPartition {
        /// The partition asked for.
        partition: u32,
    },

    /// The log's servers do not answer, or take nothing now. What was being appended may have been taken all the same: sent again, it
    /// counts once.
    #[error("the log {log} cannot be reached, or takes nothing now: {problem}; send it again in a moment")]
    Unreachable {
        /// Which log.
        log: String,
        /// What is known of it.
        problem: String,
    },

    /// Whoever follows the log here appends nothing to it.
    #[error("this is a replica of {primary}, which alone takes events and changes: send it there")]
    Replica {
        /// Who appends.
        primary: String,
    },

    /// A topic that cannot serve as a log.
    #[error("the topic {topic} cannot be used: {problem}")]
    Topic {
        /// Its name.
        topic: String,
        /// Why not, and what to do.
        problem: String,
    },

    /// A file operation failed, and nothing was changed by it.
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        file: PathBuf,
        /// The system's answer.
        source: Arc<io::Error>,
    },
}

impl LogError {
    pub(crate) fn io(action: &'static str, file: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, file: file.into(), source: Arc::new(source) }
    }

    pub(crate) fn stopped(action: &'static str, file: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Stopped { cause: Self::io(action, file, source).to_string() }
    }
}

/// Whether an operation failed only for want of space.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
