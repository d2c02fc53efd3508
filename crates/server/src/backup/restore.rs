//! Restoring an archive: everything is written and verified in a folder beside, which then takes its name.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use cairn_analysis::Store;
use cairn_commitlog::{Ack, Disk, EmbeddedLog, Log, LogOptions, Storage};
use cairn_model::Position;
use cairn_store::{EmbeddedStore, SqliteCatalog, StoreOptions};

use super::{
    BackupError, BackupHead,
    read::{ArchiveReader, Piece},
};
use crate::engine::TopicFile;

/// Records that may be on their way to the disk, in bytes.
const IN_FLIGHT_BYTES: usize = 16 << 20;

/// Makes the data folder `dir` of an archive. After an error there is none. If `topic` is given, it must be the archive's, and have all that
/// comes after it.
///
/// A process that is killed meanwhile leaves a folder `.cairn-restore-...` beside, which may be removed.
pub fn restore(archive: impl Read, dir: &Path, topic: Option<&dyn Log>) -> Result<BackupHead, BackupError> {
    refuse_if_used(dir)?;
    // Before anything is made: is it an archive at all?
    let mut reader = ArchiveReader::begin(archive)?;
    if let Some(topic) = topic {
        check_topic(topic, &reader.head)?;
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(io_error("making the folder"))?;
    let made = tempfile::Builder::new().prefix(".cairn-restore-").tempdir_in(parent);
    let made = made.map_err(io_error("making the folder"))?;
    let folder = made.path();
    unpack(&mut reader, folder)?;
    check(folder, &reader.head)?;
    let sync = |dir: &Path| Disk.sync_dir(dir).map_err(io_error("syncing the folder"));
    [folder.join("store/parts"), folder.join("store"), folder.to_owned()].iter().try_for_each(|dir| sync(dir))?;
    refuse_if_used(dir)?;
    // Over an empty folder at most: the system refuses any other.
    fs::rename(folder, dir).map_err(io_error("giving the folder its name"))?;
    drop(made.keep());
    sync(parent)?;
    Ok(reader.head)
}

/// The topic must go on where the archive ends.
fn check_topic(log: &dyn Log, head: &BackupHead) -> Result<(), BackupError> {
    let (Some(topic), Some(given)) = (&head.topic, log.topic()) else { return Err(BackupError::NoTopic) };
    if topic.id != given.id {
        return Err(BackupError::OtherTopic { was: topic.place.clone(), given: given.place.clone() });
    }
    let ends = log.ends();
    for begin in log.begins() {
        let at = |positions: &[Position]| {
            positions.iter().find(|one| one.partition == begin.partition).map_or(0, |one| one.offset)
        };
        let (partition, until, end) = (begin.partition, at(&head.positions), at(&ends));
        let problem = match until {
            _ if until < begin.offset => format!("begins at {} by now", begin.offset),
            _ if until > end => format!("ends at {end}"),
            _ => continue,
        };
        return Err(BackupError::Forgotten { partition, until, problem });
    }
    Ok(())
}

fn refuse_if_used(dir: &Path) -> Result<(), BackupError> {
    match fs::read_dir(dir).map(Iterator::count) {
        Ok(0) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotADirectory => Err(io_error("reading the folder")(error)),
        _ => Err(BackupError::NotEmpty { dir: dir.to_owned() }),
    }
}

fn io_error(what: &str) -> impl Fn(io::Error) -> BackupError {
    move |source| BackupError::Io { what: what.to_owned(), source }
}

fn unpack<R: Read>(reader: &mut ArchiveReader<R>, folder: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(folder.join("store/parts")).map_err(io_error("making the folder"))?;
    let mut file: Option<File> = None;
    let mut log = None;
    let close = |file: Option<File>| match file {
        Some(file) => file.sync_all().map_err(io_error("writing a file")),
        None => Ok(()),
    };
    while let Some(piece) = reader.next()? {
        match piece {
            Piece::File(name) => {
                close(file.take())?;
                let path = place(&name).ok_or_else(|| reader.damage("a file's name is none of Cairn's"))?;
                let made = File::create_new(folder.join(path));
                file = Some(made.map_err(io_error("making a file"))?);
            }
            Piece::Bytes(bytes) => {
                if let Some(file) = &mut file {
                    file.write_all(&bytes).map_err(io_error("writing a file"))?;
                }
            }
            Piece::Record(position, payload) => {
                let log = match &mut log {
                    Some(log) => log,
                    None => log.insert(RestoredLog::begin(folder, &reader.head)?),
                };
                log.append(position, payload)?;
            }
        }
    }
    close(file)?;
    if reader.head.topic.is_some() {
        return if log.is_none() { Ok(()) } else { Err(BackupError::Unfit("it has records of a topic".to_owned())) };
    }
    match log {
        Some(log) => log.finish(),
        None => RestoredLog::begin(folder, &reader.head)?.finish(),
    }
}

/// Where a file of an archive goes; `None` unless it is one that Cairn writes.
fn place(name: &str) -> Option<PathBuf> {
    let plain = |name: &str| {
        !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    match name.strip_prefix("store/parts/") {
        Some(part) if plain(part) && !part.is_empty() => Some(name.into()),
        None if ["catalog.db", "store/MANIFEST", TopicFile::FILE].contains(&name) => Some(name.into()),
        _ => None,
    }
}

/// What was restored must open, and hold what the archive says.
fn check(folder: &Path, head: &BackupHead) -> Result<(), BackupError> {
    drop(SqliteCatalog::open(&folder.join("catalog.db"))?);
    if !folder.join("store/MANIFEST").exists() {
        return Err(BackupError::Unfit("the store's manifest is missing".to_owned()));
    }
    let store = EmbeddedStore::open(Arc::new(Disk), &folder.join("store"), StoreOptions::default())?;
    if store.positions() != head.from {
        return Err(BackupError::Unfit("the store's files end elsewhere than the archive says".to_owned()));
    }
    let followed = TopicFile::of(folder).map_err(|error| BackupError::Unfit(error.to_string()))?;
    if followed.map(|followed| followed.name) != head.topic {
        return Err(BackupError::Unfit("it names another topic than its file does".to_owned()));
    }
    if head.topic.is_some() {
        return Ok(());
    }
    let log = open_log(folder)?;
    if log.ends() != head.positions {
        return Err(BackupError::Unfit("the log ends elsewhere than the archive says".to_owned()));
    }
    Ok(())
}

fn open_log(folder: &Path) -> Result<EmbeddedLog, BackupError> {
    Ok(EmbeddedLog::open(Arc::new(Disk), &folder.join("log"), LogOptions::default())?)
}

/// The log in the making.
struct RestoredLog {
    log: EmbeddedLog,
    in_flight: VecDeque<(Ack, Position, usize)>,
    in_flight_bytes: usize,
}

impl RestoredLog {
    fn begin(folder: &Path, head: &BackupHead) -> Result<Self, BackupError> {
        if head.positions.iter().chain(&head.from).any(|position| position.partition != 0) {
            return Err(BackupError::Unfit("it is of a log with several partitions".to_owned()));
        }
        let first = head.from.first().map_or(0, |from| from.offset);
        EmbeddedLog::begin_at(&Disk, &folder.join("log"), first)?;
        Ok(Self { log: open_log(folder)?, in_flight: VecDeque::new(), in_flight_bytes: 0 })
    }

    fn append(&mut self, position: Position, payload: bytes::Bytes) -> Result<(), BackupError> {
        let bytes = payload.len();
        while self.in_flight_bytes + bytes > IN_FLIGHT_BYTES && self.wait_oldest()? {}
        self.in_flight.push_back((self.log.append(0, payload)?, position, bytes));
        self.in_flight_bytes += bytes;
        Ok(())
    }

    /// False if there is nothing to wait for.
    fn wait_oldest(&mut self) -> Result<bool, BackupError> {
        let Some((ack, position, bytes)) = self.in_flight.pop_front() else { return Ok(false) };
        self.in_flight_bytes -= bytes;
        match ack.wait()? {
            got if got == position => Ok(true),
            got => Err(BackupError::Unfit(format!("record {} became {}", position.offset, got.offset))),
        }
    }

    fn finish(mut self) -> Result<(), BackupError> {
        while self.wait_oldest()? {}
        Ok(())
    }
}
