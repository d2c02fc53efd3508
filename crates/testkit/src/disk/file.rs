//! One file: what is durable, what a reader sees, and what lies between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Random;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

pub(super) type InodeRef = Arc<Mutex<Inode>>;

pub(super) fn lock(inode: &InodeRef) -> MutexGuard<'_, Inode> {
    inode.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file's contents at one moment.
pub(super) struct Snapshot(pub(super) Arc<Vec<u8>>);

impl AsRef<[u8]> for Snapshot {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A change to a file.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Write {
        offset: u64,
        data: &'a [u8],
    },
    SetLen(u64),
    /// To at least this length.
    Extend(u64),
}

#[derive(Clone)]
enum Unsynced {
    Write { offset: usize, data: Vec<u8> },
    SetLen(usize),
    Extend(usize),
}

/// Images share their bytes with the disk that they were taken from until one of them writes.
#[derive(Clone, Default)]
pub(super) struct Inode {
    durable: Arc<Vec<u8>>,
    cache: Arc<Vec<u8>>,
    unsynced: Vec<Unsynced>,
}

impl Inode {
    pub(super) fn durable(contents: Arc<Vec<u8>>) -> Self {
        Self { cache: Arc::clone(&contents), durable: contents, unsynced: Vec::new() }
    }

    pub(super) fn contents(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.cache)
    }

    pub(super) fn len(&self) -> u64 {
        self.cache.len() as u64
    }

    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let rest = self.cache.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        count
    }

    pub(super) fn flip(&mut self, bit: u64) -> bool {
        let (byte, mask) = ((bit / 8) as usize, 1 << (bit % 8));
        if byte >= self.cache.len() {
            return false;
        }
        Arc::make_mut(&mut self.cache)[byte] ^= mask;
        if byte < self.durable.len() {
            Arc::make_mut(&mut self.durable)[byte] ^= mask;
        }
        true
    }

    /// The bytes by which a change would lengthen the file.
    pub(super) fn grown_by(&self, change: &Change<'_>) -> u64 {
        let len = match *change {
            Change::Write { offset, data } => offset + data.len() as u64,
            Change::SetLen(_) => 0, // makes a hole, which takes no space until it is written
            Change::Extend(len) => len,
        };
        len.saturating_sub(self.len())
    }

    pub(super) fn apply(&mut self, change: Change<'_>) {
        let change = match change {
            Change::Write { offset, data } => Unsynced::Write { offset: offset as usize, data: data.to_vec() },
            Change::SetLen(len) => Unsynced::SetLen(len as usize),
            Change::Extend(len) => Unsynced::Extend(len as usize),
        };
        change.apply(Arc::make_mut(&mut self.cache));
        self.unsynced.push(change);
    }

    /// What a failed call leaves behind: the beginning of a write, the rest undone.
    pub(super) fn apply_part(&mut self, change: Change<'_>, random: &mut Random) {
        if let Change::Write { offset, data } = change {
            let part = random.below(data.len() as u64 + 1) as usize;
            self.apply(Change::Write { offset, data: &data[..part] });
        }
    }

    /// What a full disk leaves behind: the file has grown as far as there was room.
    pub(super) fn apply_growing(&mut self, change: Change<'_>, room_bytes: u64) {
        let limit = self.len() + room_bytes;
        match change {
            Change::Write { offset, data } => {
                let part = limit.saturating_sub(offset).min(data.len() as u64) as usize;
                self.apply(Change::Write { offset, data: &data[..part] });
            }
            Change::SetLen(len) => self.apply(Change::SetLen(len.min(limit))),
            Change::Extend(len) => self.apply(Change::Extend(len.min(limit))),
        }
    }

    pub(super) fn sync(&mut self) {
        for change in self.unsynced.drain(..) {
            change.apply(Arc::make_mut(&mut self.durable));
        }
    }

    /// Some of it reached the disk, and the rest is forgotten, though readers still see it.
    pub(super) fn fail_sync(&mut self, random: &mut Random) {
        let survived = self.survivor(random);
        self.durable = survived;
        self.unsynced.clear();
    }

    /// The file as a power cut may leave it.
    pub(super) fn cut(&self, random: &mut Random) -> Self {
        Self::durable(self.survivor(random))
    }

    fn survivor(&self, random: &mut Random) -> Arc<Vec<u8>> {
        if self.unsynced.is_empty() {
            return Arc::clone(&self.durable);
        }
        let mut seen = self.durable.to_vec();
        let mut image = seen.clone();
        // Often all or nothing: those are the images that a real disk gives most of the time.
        let mood = random.below(6);
        for change in &self.unsynced {
            change.apply(&mut seen);
            match mood {
                0 => {}
                1 => change.apply(&mut image),
                _ => change.survive(&seen, &mut image, random),
            }
        }
        Arc::new(image)
    }
}

impl Unsynced {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { data, .. } if data.is_empty() => {}
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::SetLen(len) => bytes.resize(*len, 0),
            Self::Extend(len) => bytes.resize(bytes.len().max(*len), 0),
        }
    }

    /// Carries any part of the change over to `image`, sector by sector, each as it was when `seen` was the file.
    fn survive(&self, seen: &[u8], image: &mut Vec<u8>, random: &mut Random) {
        let fate = random.below(4);
        match self {
            _ if fate == 0 => {}
            Self::Write { offset, data } if fate > 1 && !data.is_empty() => {
                let (first, end) = (offset / SECTOR_BYTES, (offset + data.len()).div_ceil(SECTOR_BYTES));
                let cut = first + random.below((end - first) as u64 + 1) as usize;
                if random.flip() && image.len() < offset + data.len() {
                    image.resize(offset + data.len(), 0); // the length arrived, the bytes may not have
                }
                for sector in (first..end).filter(|sector| if fate == 2 { *sector < cut } else { random.flip() }) {
                    let from = sector * SECTOR_BYTES;
                    let to = (from + SECTOR_BYTES).min(seen.len());
                    if image.len() < to {
                        image.resize(to, 0);
                    }
                    image[from..to].copy_from_slice(&seen[from..to]);
                }
            }
            _ => self.apply(image),
        }
    }
}
