//! The file that says of which topic a spool is, and up to where it has been forwarded: five lines.

use std::{io, path::Path};

use crate::{Log, LogError, OpenMode, Storage, TopicName};

const FILE: &str = "forwarded";
const FRESH: &str = "forwarded.new";

/// What a spool knows of the log that it is in front of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) topic: TopicName,
    pub(super) partitions: u32,
    /// The longest record that the topic takes.
    pub(super) max_record_bytes: usize,
    /// The first record of the spool that is not known to be in the topic.
    pub(super) forwarded: u64,
}

impl Place {
    /// Of a log that was reached; it must be the one that the spool was in front of before.
    pub(super) fn of(log: &dyn Log, dir: &Path, known: Option<Self>) -> Result<Self, LogError> {
        let topic =
            log.topic().cloned().ok_or_else(|| wrong("none", "only a topic can have a spool in front".to_owned()))?;
        let (partitions, max_record_bytes) = (log.partitions(), log.max_record_bytes());
        if let Some(known) = &known
            && (known.topic.id != topic.id || known.partitions != partitions)
        {
            let problem = format!(
                "the spool in {} is of another one, which was {} with {} partitions (a topic that was removed and made again is another, too): \
                 give the right one, or another folder as the spool",
                dir.display(),
                known.topic.place,
                known.partitions
            );
            return Err(wrong(&topic.place, problem));
        }
        Ok(Self { topic, partitions, max_record_bytes, forwarded: known.map_or(0, |known| known.forwarded) })
    }

    /// A spool whose records were taken away would give new ones the numbers of some that were forwarded.
    pub(super) fn check(&self, dir: &Path, spool: &dyn Log) -> Result<(), LogError> {
        let end = spool.ends()[0].offset;
        let problem = || format!("{} records were forwarded, but the spool beside it ends at {end}", self.forwarded);
        let missing = || LogError::Damage { file: dir.join(FILE), offset_bytes: 0, problem: problem() };
        if self.forwarded > end { Err(missing()) } else { Ok(()) }
    }

    /// None where there is no spool.
    pub(super) fn read(storage: &dyn Storage, dir: &Path) -> Result<Option<Self>, LogError> {
        let path = dir.join(FILE);
        let failed = |error| LogError::io("read", &path, error);
        let file = match storage.open(&path, OpenMode::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = vec![0; file.len().map_err(failed)? as usize];
        let read = file.read_full(0, &mut bytes).map_err(failed)?;
        let text = std::str::from_utf8(&bytes[..read]).unwrap_or_default();
        let damaged = || LogError::Damage {
            file: path.clone(),
            offset_bytes: 0,
            problem: "it does not say up to where the spool has been forwarded".to_owned(),
        };
        Self::parse(text).ok_or_else(damaged).map(Some)
    }

    fn parse(text: &str) -> Option<Self> {
        // A line that is cut off has no end.
        let mut lines = text.strip_suffix('\n')?.lines();
        let topic = TopicName { id: lines.next()?.to_owned(), place: lines.next()?.to_owned() };
        let (partitions, max_record_bytes) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
        Some(Self { topic, partitions, max_record_bytes, forwarded: lines.next()?.parse().ok()? })
    }

    /// Durable when this returns.
    pub(super) fn write(&self, storage: &dyn Storage, dir: &Path) -> Result<(), LogError> {
        let Self { topic, partitions, max_record_bytes, forwarded } = self;
        let text = format!("{}\n{}\n{partitions}\n{max_record_bytes}\n{forwarded}\n", topic.id, topic.place);
        let (path, fresh) = (dir.join(FILE), dir.join(FRESH));
        let write = || {
            // Left by a start that was cut off.
            match storage.remove(&fresh) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let file = storage.open(&fresh, OpenMode::CreateNew)?;
            file.write_at(0, text.as_bytes())?;
            file.sync()?;
            storage.rename(&fresh, &path)?;
            storage.sync_dir(dir)
        };
        write().map_err(|error| LogError::io("write", path.clone(), error))
    }
}

fn wrong(topic: &str, problem: String) -> LogError {
    LogError::Topic { topic: topic.to_owned(), problem }
}
