//! Making a log that does not begin at record 0: one that goes on where a backup ends.

use std::{io, path::Path};

use super::{
    EmbeddedLog,
    format::{SegmentHeader, segment_name},
};
use crate::{LogError, OpenMode, Storage};

impl EmbeddedLog {
    /// Makes an empty log in `dir` whose next record is `first`, durably. There must be none yet.
    pub fn begin_at(storage: &dyn Storage, dir: &Path, first: u64) -> Result<(), LogError> {
        storage.create_dir_all(dir).map_err(|error| LogError::io("create", dir, error))?;
        if !storage.list(dir).map_err(|error| LogError::io("list", dir, error))?.is_empty() {
            return Err(LogError::io("begin a log in", dir, io::ErrorKind::DirectoryNotEmpty.into()));
        }
        let path = dir.join(segment_name(first));
        let salt = getrandom::u64().map_err(|error| LogError::io("draw a salt for", &path, io::Error::other(error)))?;
        let write = || {
            let file = storage.open(&path, OpenMode::CreateNew)?;
            file.write_at(0, &SegmentHeader { first, salt }.encode())?;
            file.sync()?;
            storage.sync_dir(dir)
        };
        write().map_err(|error| LogError::io("create", &path, error))
    }
}
