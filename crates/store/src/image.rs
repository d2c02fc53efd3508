//! All files of a store at one instant, for a backup.
//!
//! Files never change once a manifest names them, so an image is a manifest and a promise: while it lives, what it names is
//! not removed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cairn_analysis::StoreError;
use cairn_model::Position;

use crate::{container, manifest::Manifest, store::Shared};

/// Files that are to stay for a while.
#[derive(Debug, Default)]
pub(crate) struct Pins(Mutex<PinState>);

#[derive(Debug, Default)]
struct PinState {
    images: usize,
    /// No longer needed but for images.
    waiting: Vec<String>,
}

impl Pins {
    /// The files of `files` that can be removed now; the others are told of once the last image is gone.
    pub(crate) fn removable(&self, files: &[String]) -> Vec<String> {
        let mut state = self.lock();
        if state.images == 0 {
            return files.to_vec();
        }
        state.waiting.extend_from_slice(files);
        Vec::new()
    }

    fn pin(&self) {
        self.lock().images += 1;
    }

    /// What waited for the last image.
    fn unpin(&self) -> Vec<String> {
        let mut state = self.lock();
        state.images -= 1;
        if state.images == 0 { std::mem::take(&mut state.waiting) } else { Vec::new() }
    }

    fn lock(&self) -> MutexGuard<'_, PinState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The files of a store at one instant. None of them is removed while it lives.
pub struct StoreImage {
    shared: Arc<Shared>,
    manifest: Manifest,
}

impl StoreImage {
    pub(crate) fn take(shared: &Arc<Shared>) -> Self {
        // A file is removed after the manifest that no longer names it is written, which waits for this lock.
        let manifest = shared.manifest();
        shared.pins.pin();
        Self { shared: Arc::clone(shared), manifest: manifest.clone() }
    }

    /// The next position of each partition: what stands before is in the files.
    pub fn positions(&self) -> &[Position] {
        &self.manifest.positions
    }

    /// How many projects have files.
    pub fn projects(&self) -> usize {
        self.manifest.projects.len()
    }

    /// Names of the files, relative to the store's folder, but for the manifest.
    pub fn files(&self) -> Vec<String> {
        self.manifest.files().map(|file| format!("parts/{file}")).collect()
    }

    /// The size of all files in bytes, as far as it is known.
    pub fn bytes(&self) -> u64 {
        let len = |file: String| self.shared.storage.open(&self.shared.dir.join(file), cairn_commitlog::OpenMode::Read);
        self.files().into_iter().filter_map(|file| len(file).ok()?.len().ok()).sum()
    }

    /// The contents of a file, every checksum in it verified.
    pub fn read(&self, file: &str) -> Result<Bytes, StoreError> {
        let bytes = self.shared.map(file.trim_start_matches("parts/"))?;
        if !file.ends_with(".quarantine") {
            container::verify(file, bytes.clone())?;
        }
        Ok(bytes)
    }

    /// The name and the contents of the manifest, which belongs behind all the other files.
    pub fn manifest(&self) -> Result<(&'static str, Vec<u8>), StoreError> {
        let bytes = self.manifest.encode();
        bytes
            .map(|bytes| (Manifest::FILE, bytes))
            .map_err(|error| StoreError::Io { what: "writing the manifest".to_owned(), source: error })
    }
}

impl Drop for StoreImage {
    fn drop(&mut self) {
        let waiting = self.shared.pins.unpin();
        self.shared.remove(&waiting);
    }
}
