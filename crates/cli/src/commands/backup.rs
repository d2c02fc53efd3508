//! `cairn backup` and `cairn restore`.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use anyhow::{Context, bail};
use cairn_commitlog::{KafkaLog, KafkaOptions, Log};
use cairn_server::{BackupHead, inspect_backup, restore_backup};

use super::serve::no_url;
use crate::{
    args::{BackupArgs, Place, RestoreArgs},
    backend::{self, explained, log_address},
    export::beside,
    import::Progress,
    output::{say, thousands},
};

/// Of the archive, as much as its head may take.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Writes an archive, or looks at one.
pub(crate) fn run(place: &Place, args: &BackupArgs) -> anyhow::Result<()> {
    match (&args.out, &args.show) {
        (Some(out), _) => make(place, out),
        (None, Some(file)) => {
            let (head, bytes) = read(file, |archive| Ok(inspect_backup(archive)?))?;
            say(format!("{} is whole: {}", file.display(), described(&head, bytes)));
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

/// Makes a data folder.
pub(crate) fn restore(place: &Place, args: &RestoreArgs) -> anyhow::Result<()> {
    no_url(place, "restore")?;
    if place.store.is_some() {
        bail!(
            "`cairn restore` makes a data folder with a store of its own: leave out --store (or unset CAIRN_STORE). A PostgreSQL database is \
             restored by its own tools, such as `pg_restore --dbname=DATABASE cairn.dump`, while no server runs on it"
        );
    }
    let address = place.log.as_deref().map(log_address).transpose()?;
    let open = |address| KafkaLog::open(&address, &KafkaOptions::default()).map_err(|error| explained(error.into()));
    let log = address.map(open).transpose()?;
    let topic = log.as_ref().map(|log| log as &dyn Log);
    let (head, bytes) = read(&args.from, |archive| Ok(restore_backup(archive, &place.data, topic)?))?;
    say(format!("Restored {}: {}", place.data.display(), described(&head, bytes)));
    if let Some(topic) = &head.topic {
        say(format!(
            "It follows {}. Start it as a replica of the server that the backup is of: cairn serve --log … --replica-of URL; or in its place, \
             if that one is gone for good: cairn serve --log … --take-over",
            topic.place
        ));
    }
    Ok(())
}

fn make(place: &Place, out: &Path) -> anyhow::Result<()> {
    if place.store.is_some() && place.url.is_none() {
        bail!(
            "a PostgreSQL database is backed up by its own tools, such as `pg_dump --format=custom --file=cairn.dump DATABASE`: the schema \
             \"cairn\" holds everything but what servers have captured and not applied yet, which is in their data folders (to back up \
             a data folder with a store of its own, leave out --store or unset CAIRN_STORE)"
        );
    }
    let backend = backend::open(place)?;
    let file = beside(out)?;
    let mut counted = Counted { inner: BufWriter::with_capacity(1 << 20, file), progress: None, head: Vec::new() };
    backend.backup(&mut counted).context("the backup was not made")?;
    counted.finish();
    let file = counted.inner.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    // What cannot be restored is no backup.
    let (head, bytes) = read(file.path(), |archive| Ok(inspect_backup(archive)?)).context("the backup was not made")?;
    file.persist(out).with_context(|| format!("{} cannot be written", out.display()))?;
    let dir = out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()?;
    say(format!("{}: {}", out.display(), described(&head, bytes)));
    backend.close()
}

fn described(head: &BackupHead, bytes: u64) -> String {
    let positions =
        head.positions.iter().map(|end| format!("{} of partition {}", thousands(end.offset), end.partition));
    let positions = positions.collect::<Vec<_>>().join(", ");
    let made_at = jiff::Timestamp::from_millisecond(head.made_at.0).unwrap_or_default();
    format!(
        "{} bytes, made {made_at:.0} by Cairn {}; it contains {} up to record {positions}.",
        thousands(bytes),
        head.cairn,
        head.topic
            .as_ref()
            .map_or_else(|| "the log".to_owned(), |topic| format!("the topic {} ({})", topic.place, topic.id)),
    )
}

fn read<T>(file: &Path, work: impl FnOnce(&mut dyn Read) -> anyhow::Result<T>) -> anyhow::Result<(T, u64)> {
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let bytes = opened.metadata()?.len();
    let mut counted = Counted {
        inner: BufReader::with_capacity(1 << 20, opened),
        progress: Some(Progress::new(bytes, "bytes")),
        head: Vec::new(),
    };
    let done = work(&mut counted);
    counted.finish();
    Ok((done.with_context(|| file.display().to_string())?, bytes))
}

/// Shows how many bytes have passed.
struct Counted<T> {
    inner: T,
    /// Begins once it is known how many there will be.
    progress: Option<Progress>,
    head: Vec<u8>,
}

impl<T> Counted<T> {
    fn advance(&mut self, bytes: usize) {
        if let Some(progress) = &mut self.progress {
            progress.advance(bytes as u64, progress.done() + bytes as u64);
        }
    }

    fn finish(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.finish();
        }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        if self.progress.is_none() {
            self.head.extend_from_slice(&bytes[..written]);
            let head = BackupHead::peek(&self.head);
            if head.is_some() || self.head.len() > HEAD_BYTES_MAX {
                self.progress = Some(Progress::new(head.map_or(0, |head| head.bytes), "bytes"));
                self.advance(self.head.len());
            }
        } else {
            self.advance(written);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.advance(read);
        Ok(read)
    }
}
