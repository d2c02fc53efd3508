//! The manifest: which parts live, and the log position that they contain. Replaced atomically.

use std::{collections::BTreeMap, io, path::Path};

use cairn_analysis::{Ledger, StoreError};
use cairn_commitlog::{OpenMode, Storage};
use cairn_model::Position;
use serde::{Deserialize, Serialize};

const FILE: &str = "MANIFEST";
const NEXT: &str = "MANIFEST.next";
const VERSION: u32 = 2;

/// The durable state of a store, but for the parts' contents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// The number of the next file.
    pub(crate) next_file: u64,
    /// The next position of each partition.
    pub(crate) positions: Vec<Position>,
    /// Files of records that could not be applied, with their sizes.
    pub(crate) quarantine: Vec<(String, u64)>,
    /// By project id.
    pub(crate) projects: BTreeMap<u64, ProjectEntry>,
}

/// A project's part of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProjectEntry {
    /// Its parts.
    pub(crate) parts: Vec<String>,
    /// Files of users, oldest first.
    pub(crate) users: Vec<String>,
    /// Files of dictionary values, oldest first.
    pub(crate) symbols: Vec<String>,
    pub(crate) accepted: u64,
    pub(crate) stored: u64,
    pub(crate) duplicate: u64,
    pub(crate) quarantined: u64,
    pub(crate) erased: u64,
    pub(crate) expired: u64,
    /// The first instant that is kept.
    pub(crate) expiry: Option<i64>,
    /// Files may hold what is erased or has expired.
    #[serde(default)]
    pub(crate) purge_due: bool,
}

impl ProjectEntry {
    /// Takes over the counters and the expiry of an instant, and whether a purge is due since.
    pub(crate) fn set_counts(&mut self, ledger: Ledger, expiry: Option<i64>, due: bool) {
        let Ledger { accepted, stored, duplicate, quarantined, erased, expired } = ledger;
        let (parts, users, symbols) =
            (std::mem::take(&mut self.parts), std::mem::take(&mut self.users), std::mem::take(&mut self.symbols));
        let purge_due = self.purge_due || due;
        *self = Self {
            parts,
            users,
            symbols,
            accepted,
            stored,
            duplicate,
            quarantined,
            erased,
            expired,
            expiry,
            purge_due,
        };
    }

    /// All its files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().chain(&self.users).chain(&self.symbols)
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let Self { accepted, stored, duplicate, quarantined, erased, expired, .. } = *self;
        Ledger { accepted, stored, duplicate, quarantined, erased, expired }
    }
}

impl Manifest {
    pub(crate) fn new() -> Self {
        Self { version: VERSION, ..Self::default() }
    }

    pub(crate) const FILE: &str = FILE;

    /// All files that it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &String> {
        let of_projects = self.projects.values().flat_map(ProjectEntry::files);
        of_projects.chain(self.quarantine.iter().map(|(file, _)| file))
    }

    /// Reads the manifest of the store in `dir`; `None` where there is no store yet.
    pub(crate) fn read(storage: &dyn Storage, dir: &Path) -> Result<Option<Self>, StoreError> {
        let damage = |what: &str| StoreError::Damage { file: FILE.to_owned(), what: what.to_owned() };
        let bytes = match storage.map(&dir.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StoreError::Io { what: "reading the manifest".to_owned(), source });
            }
        };
        let (crc, json) = bytes.split_first_chunk::<4>().ok_or_else(|| damage("it is too short"))?;
        if crc32c::crc32c(json) != u32::from_le_bytes(*crc) {
            return Err(damage("its checksum is wrong"));
        }
        let manifest: Self = serde_json::from_slice(json).map_err(|_| damage("it cannot be read"))?;
        if manifest.version != VERSION {
            return Err(damage("it was written by another version of Cairn"));
        }
        Ok(Some(manifest))
    }

    /// The bytes of its file.
    pub(crate) fn encode(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let mut bytes = crc32c::crc32c(&json).to_le_bytes().to_vec();
        bytes.extend_from_slice(&json);
        Ok(bytes)
    }

    /// Puts this manifest in the place of the last one. After an error either of them stands.
    pub(crate) fn write(&self, storage: &dyn Storage, dir: &Path) -> io::Result<()> {
        let bytes = self.encode()?;
        let next = dir.join(NEXT);
        match storage.remove(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => write_file(storage, &next, &bytes)?,
        }
        storage.rename(&next, &dir.join(FILE))?;
        storage.sync_dir(dir)
    }
}

/// Writes a new file and syncs its contents; its directory entry is the caller's to sync.
pub(crate) fn write_file(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = storage.open(path, OpenMode::CreateNew)?;
    file.write_at(0, bytes)?;
    file.sync()
}
