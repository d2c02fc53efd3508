//! Making an archive of an open data folder. Capture, queries and merging go on meanwhile.

use std::io::Write;

use cairn_model::Position;

use super::{BackupError, BackupHead, write::ArchiveWriter};
use crate::{Engine, engine::TopicFile};

/// Read from the log at once.
const READ_BYTES: usize = 1 << 20;

impl Engine {
    /// Writes an archive of everything to `out`: all that was acknowledged before the call is in it, or in the topic that it names,
    /// behind the positions that it tells.
    ///
    /// A full disk or a store that has stopped does not keep it from its work.
    pub fn backup(&self, out: &mut dyn Write) -> Result<BackupHead, BackupError> {
        // From here on the log forgets nothing: it has whatever the store's files lack.
        let _kept = self.keep_log();
        let topic = self.log.topic().cloned();
        if let Some(records) = self.spooled().map(|spooled| spooled.records).filter(|records| *records > 0) {
            return Err(BackupError::Spooled(records));
        }
        if topic.is_some()
            && let Err(error) = self.store.flush()
        {
            tracing::warn!("the backup begins further back than it could: {error}");
        }
        let image = self.store.image().ok_or(BackupError::NoFiles)?;
        let positions = if topic.is_some() { image.positions().to_vec() } else { self.log.ends() };
        // After the log's end was taken: every project that has a record before it is in the catalog.
        let catalog = self.registry.copy()?;
        let head = BackupHead {
            cairn: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: self.now(),
            from: image.positions().to_vec(),
            positions,
            bytes: image.bytes() + catalog.len() as u64,
            topic,
        };
        let mut archive = ArchiveWriter::begin(out, &head)?;
        archive.file("catalog.db", &catalog)?;
        if let Some(topic) = &head.topic {
            archive.file(TopicFile::FILE, TopicFile::restored(topic).to_string().as_bytes())?;
        }
        for file in image.files() {
            archive.file(&format!("store/{file}"), &image.read(&file)?)?;
        }
        let (name, manifest) = image.manifest()?;
        archive.file(&format!("store/{name}"), &manifest)?;
        drop(image);
        for end in &head.positions {
            self.write_records(&mut archive, &head, *end)?;
        }
        archive.end()?;
        Ok(head)
    }

    fn write_records(
        &self,
        archive: &mut ArchiveWriter<'_>,
        head: &BackupHead,
        end: Position,
    ) -> Result<(), BackupError> {
        let from = head.from.iter().find(|from| from.partition == end.partition);
        let mut next = from.map_or(0, |from| from.offset);
        while next < end.offset {
            for record in self.log.read(end.partition, next, READ_BYTES)? {
                next = record.position.offset + 1;
                if next > end.offset {
                    break;
                }
                archive.record(record.position, &record.payload)?;
            }
        }
        Ok(())
    }
}
