//! A disk in memory that loses, tears, refuses and corrupts as real disks do.
//!
//! Synced and unsynced state are kept apart. [`FaultyDisk::power_cut`] gives a disk as it may be found afterwards:
//! any part of the unsynced writes (whole, or torn at 512-byte sectors) and of the unsynced directory entries.
//! [`FaultyDisk::fork`] gives the disk as a killed process leaves it: nothing is lost, nothing more is synced.
//! Both images are disks of their own; handles opened before belong to the old one.

mod fault;
mod file;
mod tree;

use std::{
    io,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use cairn_commitlog::{OpenMode, Storage, StorageFile};

use fault::Plan;
pub use fault::{Call, Failure, Fault, Which};
use file::{Change, InodeRef};
use tree::Tree;

/// A disk in memory; clones are the same disk.
#[derive(Clone, Default)]
pub struct FaultyDisk(Arc<Shared>);

#[derive(Default)]
struct Shared {
    world: Mutex<World>,
    released: Condvar,
}

#[derive(Default)]
struct World {
    tree: Tree,
    plan: Plan,
    capacity_bytes: Option<u64>,
    held: usize,
}

impl FaultyDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// The disk as it may be found after a power cut at this moment. The same seed and state give the same image.
    pub fn power_cut(&self, seed: u64) -> Self {
        let tree = self.world().tree.cut(&mut Random::new(seed));
        Self::of(tree)
    }

    /// The disk as another process finds it after this one was killed: what was written is there, unsynced still.
    pub fn fork(&self) -> Self {
        let tree = self.world().tree.fork();
        Self::of(tree)
    }

    /// Makes calls fail, counting from now.
    pub fn fail(&self, fault: Fault) {
        self.world().plan.add(fault);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.world().plan.clear();
    }

    /// Limits the bytes that all files together may have; `None` lifts the limit.
    pub fn limit(&self, capacity_bytes: Option<u64>) {
        self.world().capacity_bytes = capacity_bytes;
    }

    /// The sum of the files' lengths.
    pub fn used_bytes(&self) -> u64 {
        self.world().tree.used_bytes()
    }

    /// How many calls of a kind there have been.
    pub fn calls(&self, which: Which) -> u64 {
        self.world().plan.calls(which)
    }

    /// Flips one bit of a file, durably, as a failing disk does. False if the file has no such bit.
    pub fn flip_bit(&self, path: &Path, bit: u64) -> bool {
        self.world().tree.get(path).is_ok_and(|inode| file::lock(&inode).flip(bit))
    }

    /// What a reader would find in a file.
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let inode = self.world().tree.get(path).ok()?;
        let contents = file::lock(&inode).contents().to_vec();
        Some(contents)
    }

    /// Puts a durable file there, past all faults.
    pub fn put(&self, path: &Path, contents: Vec<u8>) {
        self.world().tree.put(path, contents);
    }

    /// Keeps syncs from returning until the guard is dropped.
    pub fn hold_syncs(&self) -> HeldSyncs {
        self.world().held += 1;
        HeldSyncs(self.clone())
    }

    fn of(tree: Tree) -> Self {
        let world = World { tree, ..World::default() };
        Self(Arc::new(Shared { world: Mutex::new(world), released: Condvar::new() }))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn allowed(&self, call: Call) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world();
        world.plan.check(call)?;
        Ok(world)
    }
}

/// While it lives, syncs wait.
#[must_use]
pub struct HeldSyncs(FaultyDisk);

impl Drop for HeldSyncs {
    fn drop(&mut self) {
        self.0.world().held -= 1;
        self.0.0.released.notify_all();
    }
}

impl World {
    /// The bytes by which files may still grow.
    fn room_bytes(&self) -> u64 {
        self.capacity_bytes.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.tree.used_bytes()))
    }
}

impl Storage for FaultyDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn StorageFile>> {
        let call = if mode == OpenMode::Read { Call::Open } else { Call::Create };
        let mut world = self.allowed(call)?;
        let inode = if mode == OpenMode::CreateNew { world.tree.create(path)? } else { world.tree.get(path)? };
        Ok(Box::new(Handle { disk: self.clone(), inode, writable: mode != OpenMode::Read }))
    }

    fn map(&self, path: &Path) -> io::Result<Bytes> {
        let inode = self.allowed(Call::Map)?.tree.get(path)?;
        let bytes = Bytes::from_owner(file::Snapshot(file::lock(&inode).contents()));
        Ok(bytes)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.allowed(Call::List)?.tree.list(dir)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.allowed(Call::CreateDir)?.tree.create_dir_all(dir);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.allowed(Call::Rename)?.tree.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.allowed(Call::Remove)?.tree.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.allowed(Call::SyncDir)?.tree.sync(dir)
    }
}

struct Handle {
    disk: FaultyDisk,
    inode: InodeRef,
    writable: bool,
}

impl Handle {
    fn change(&self, call: Call, change: Change<'_>) -> io::Result<()> {
        if !self.writable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut world = self.disk.world();
        let checked = world.plan.check(call);
        let growth_bytes = file::lock(&self.inode).grown_by(&change);
        let room_bytes = if growth_bytes == 0 { u64::MAX } else { world.room_bytes() };
        let mut file = file::lock(&self.inode);
        match checked {
            // A call that fails may have done a part of its work.
            Err(error) => {
                file.apply_part(change, world.plan.random());
                Err(error)
            }
            Ok(()) if growth_bytes > room_bytes => {
                file.apply_growing(change, room_bytes);
                Err(Failure::NoSpace.error())
            }
            Ok(()) => {
                file.apply(change);
                Ok(())
            }
        }
    }
}

impl StorageFile for Handle {
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Call::Write, Change::Write { offset, data })
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let _world = self.disk.allowed(Call::Read)?;
        Ok(file::lock(&self.inode).read(offset, buffer))
    }

    fn len(&self) -> io::Result<u64> {
        let _world = self.disk.world();
        let len = file::lock(&self.inode).len();
        Ok(len)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Call::SetLen, Change::SetLen(len))
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.change(Call::Allocate, Change::Extend(len))
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.disk.world();
        while world.held > 0 {
            world = self.disk.0.released.wait(world).unwrap_or_else(PoisonError::into_inner);
        }
        let checked = world.plan.check(Call::Sync);
        let mut file = file::lock(&self.inode);
        match checked {
            Ok(()) => file.sync(),
            // What was unsynced is marked as written, and is not: no later sync makes it durable.
            Err(_) => file.fail_sync(world.plan.random()),
        }
        checked
    }
}

/// A small generator (splitmix64), so that a seed gives the same faults everywhere.
#[derive(Debug, Clone, Default)]
pub struct Random(u64);

impl Random {
    /// A generator that depends on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound
    }

    /// Heads or tails.
    pub fn flip(&mut self) -> bool {
        self.next_u64() & 1 == 1
    }
}
