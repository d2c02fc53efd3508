//! The files of a store: their names, opening them, and the manifest that says which of them live.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, MutexGuard, PoisonError, atomic::Ordering},
};

use cairn_analysis::StoreError;

use crate::{
    manifest::{Manifest, write_file},
    part::Part,
    store::Shared,
    symbols::SymbolsFile,
    users::UsersFile,
};

impl Shared {
    /// Where all files but the manifest are.
    pub(crate) fn parts_dir(&self) -> PathBuf {
        self.dir.join("parts")
    }

    /// The manifest as it stands on disk.
    pub(crate) fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the manifest, durably. After an error the last one is to be taken for what stands, though on disk either may.
    pub(crate) fn commit(&self, change: impl FnOnce(&mut Manifest)) -> io::Result<()> {
        let mut manifest = self.manifest();
        let mut next = manifest.clone();
        change(&mut next);
        next.next_file = self.next_file.load(Ordering::SeqCst);
        next.write(self.storage.as_ref(), &self.dir)?;
        *manifest = next;
        Ok(())
    }

    /// A file name that was never used, not even by a write that failed.
    pub(crate) fn next_file(&self, prefix: &str, kind: &str) -> String {
        let number = self.next_file.fetch_add(1, Ordering::SeqCst);
        format!("{prefix}{number:08}.{kind}")
    }

    /// Writes and syncs a new file; its directory entry is the caller's to sync. Gives its name.
    pub(crate) fn write_new(&self, prefix: &str, kind: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let file = self.next_file(prefix, kind);
        write_file(self.storage.as_ref(), &self.parts_dir().join(&file), bytes)
            .map_err(|source| StoreError::Io { what: format!("writing parts/{file}"), source })?;
        Ok(file)
    }

    pub(crate) fn open_part(&self, file: &str) -> Result<Part, StoreError> {
        Part::open(format!("parts/{file}"), self.map(file)?, self.check())
    }

    pub(crate) fn open_users(&self, file: &str) -> Result<UsersFile, StoreError> {
        UsersFile::open(format!("parts/{file}"), self.map(file)?, self.check())
    }

    pub(crate) fn open_symbols(&self, file: &str) -> Result<Arc<SymbolsFile>, StoreError> {
        SymbolsFile::open(format!("parts/{file}"), self.map(file)?, self.check()).map(Arc::new)
    }

    /// Removes files that the manifest no longer names. Whoever has them open keeps them; what cannot be removed now is
    /// when the store is opened again. What a backup is copying goes when that is done.
    pub(crate) fn remove(&self, files: &[String]) {
        self.remove_paths(self.pins.removable(files).into_iter().map(|file| self.parts_dir().join(file)));
    }

    /// The same for any files. Those that cannot be removed are noted: a purge tries again.
    pub(crate) fn remove_paths(&self, paths: impl Iterator<Item = PathBuf>) {
        for path in paths {
            match self.storage.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, path = %path.display(), "a file that is no longer needed cannot be removed");
                    self.tidy.unremoved().push(path);
                }
                _ => {}
            }
        }
    }

    fn check(&self) -> bool {
        !self.options.faults.skip_crc
    }

    pub(crate) fn map(&self, file: &str) -> Result<bytes::Bytes, StoreError> {
        self.storage.map(&self.parts_dir().join(file)).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => {
                StoreError::Damage { file: format!("parts/{file}"), what: "it is missing".to_owned() }
            }
            _ => StoreError::Io { what: format!("opening parts/{file}"), source },
        })
    }
}
