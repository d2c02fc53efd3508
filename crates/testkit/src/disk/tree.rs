//! The names of files: which are durable, which are only seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    Random,
    file::{Inode, InodeRef, lock},
};

type Entries = BTreeMap<PathBuf, InodeRef>;

#[derive(Clone)]
enum EntryChange {
    Link { path: PathBuf, inode: InodeRef },
    Unlink { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf, inode: InodeRef },
}

/// Directories are durable as soon as they exist; the entries in them only once they are synced.
#[derive(Default)]
pub(super) struct Tree {
    durable: Entries,
    seen: Entries,
    unsynced: Vec<EntryChange>,
    dirs: BTreeSet<PathBuf>,
}

impl EntryChange {
    fn apply(&self, entries: &mut Entries) {
        match self {
            Self::Link { path, inode } => {
                entries.insert(path.clone(), Arc::clone(inode));
            }
            Self::Unlink { path } => {
                entries.remove(path);
            }
            Self::Rename { from, to, inode } => {
                entries.remove(from);
                entries.insert(to.clone(), Arc::clone(inode));
            }
        }
    }

    fn dir(&self) -> Option<&Path> {
        match self {
            Self::Link { path, .. } | Self::Unlink { path } => path.parent(),
            Self::Rename { to, .. } => to.parent(),
        }
    }
}

impl Tree {
    pub(super) fn get(&self, path: &Path) -> io::Result<InodeRef> {
        self.seen.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn create(&mut self, path: &Path) -> io::Result<InodeRef> {
        self.need_dir(path.parent())?;
        if self.seen.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = InodeRef::default();
        self.change(EntryChange::Link { path: path.to_owned(), inode: Arc::clone(&inode) });
        Ok(inode)
    }

    pub(super) fn put(&mut self, path: &Path, contents: Vec<u8>) {
        if let Some(dir) = path.parent() {
            self.create_dir_all(dir);
        }
        let inode = Arc::new(Mutex::new(Inode::durable(Arc::new(contents))));
        self.durable.insert(path.to_owned(), Arc::clone(&inode));
        self.seen.insert(path.to_owned(), inode);
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.get(path)?;
        self.change(EntryChange::Unlink { path: path.to_owned() });
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let inode = self.get(from)?;
        self.need_dir(to.parent())?;
        self.change(EntryChange::Rename { from: from.to_owned(), to: to.to_owned(), inode });
        Ok(())
    }

    pub(super) fn create_dir_all(&mut self, dir: &Path) {
        self.dirs.extend(dir.ancestors().map(Path::to_owned));
    }

    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.need_dir(Some(dir))?;
        let inside = self.seen.keys().chain(&self.dirs).filter(|path| path.parent() == Some(dir));
        let mut names: Vec<String> = inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    pub(super) fn sync(&mut self, dir: &Path) -> io::Result<()> {
        self.need_dir(Some(dir))?;
        let durable = &mut self.durable;
        self.unsynced.retain(|change| {
            let here = change.dir() == Some(dir);
            if here {
                change.apply(durable);
            }
            !here
        });
        Ok(())
    }

    pub(super) fn used_bytes(&self) -> u64 {
        self.seen.values().map(|inode| lock(inode).len()).sum()
    }

    /// The tree as a power cut may leave it, of files that it may leave.
    pub(super) fn cut(&self, random: &mut Random) -> Self {
        let mut entries = self.durable.clone();
        let mood = random.below(6);
        for change in &self.unsynced {
            let survives = match mood {
                0 => false,
                1 => true,
                _ => random.flip(),
            };
            if survives {
                change.apply(&mut entries);
            }
        }
        for inode in entries.values_mut() {
            let survivor = lock(inode).cut(random);
            *inode = Arc::new(Mutex::new(survivor));
        }
        Self { seen: entries.clone(), durable: entries, unsynced: Vec::new(), dirs: self.dirs.clone() }
    }

    /// The same tree, of files of its own.
    pub(super) fn fork(&self) -> Self {
        let mut copies: BTreeMap<*const Mutex<Inode>, InodeRef> = BTreeMap::new();
        let mut copy = |inode: &InodeRef| {
            let copied = copies.entry(Arc::as_ptr(inode)).or_insert_with(|| Arc::new(Mutex::new(lock(inode).clone())));
            Arc::clone(copied)
        };
        let mut copy_entries =
            |entries: &Entries| entries.iter().map(|(path, inode)| (path.clone(), copy(inode))).collect();
        let (durable, seen) = (copy_entries(&self.durable), copy_entries(&self.seen));
        let mut unsynced = self.unsynced.clone();
        for change in &mut unsynced {
            if let EntryChange::Link { inode, .. } | EntryChange::Rename { inode, .. } = change {
                *inode = copy(inode);
            }
        }
        Self { durable, seen, unsynced, dirs: self.dirs.clone() }
    }

    fn change(&mut self, change: EntryChange) {
        change.apply(&mut self.seen);
        self.unsynced.push(change);
    }

    fn need_dir(&self, dir: Option<&Path>) -> io::Result<()> {
        if dir.is_some_and(|dir| self.dirs.contains(dir)) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}
