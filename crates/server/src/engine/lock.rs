//! The lock on a data folder: one process at a time has it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use super::EngineError;

/// The kernel lets go of it when the process ends, however it ends.
pub(super) struct FolderLock {
    file: File,
    path: PathBuf,
}

impl FolderLock {
    pub(super) fn take(dir: &Path) -> Result<Self, EngineError> {
        let path = dir.join("lock");
        let failed = |source| EngineError::Folder { dir: dir.to_owned(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                // Whoever holds it may be writing this very moment: an unreadable name is no reason to fail otherwise.
                let _ = file.read_to_string(&mut holder);
                return Err(EngineError::InUse { dir: dir.to_owned(), holder: describe(&holder) });
            }
            Err(errno) => return Err(failed(errno.into())),
        }
        let lock = Self { file, path };
        lock.write("")?;
        Ok(lock)
    }

    pub(super) fn announce(&self, url: &str) -> Result<(), EngineError> {
        self.write(url)
    }

    fn write(&self, url: &str) -> Result<(), EngineError> {
        let text = format!("{}\n{url}\n", std::process::id());
        let write = || -> io::Result<()> {
            let mut file = &self.file;
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(text.as_bytes())
        };
        write().map_err(|source| EngineError::Folder { dir: self.path.clone(), source })
    }
}

/// A child process between its fork and its exec has this file, too: closing ours alone would leave the folder locked
/// until then.
impl Drop for FolderLock {
    fn drop(&mut self) {
        // Not unlocked here, it is when the last of them closes the file.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn describe(holder: &str) -> String {
    let mut lines = holder.lines();
    match (lines.next().filter(|pid| !pid.is_empty()), lines.next().filter(|url| !url.is_empty())) {
        (Some(pid), Some(url)) => format!("process {pid} (cairn serve at {url}): ask it with --url, or stop it"),
        (Some(pid), None) => format!("process {pid}: wait until it has finished, or stop it"),
        _ => "another process: stop it first".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let first = FolderLock::take(dir.path()).unwrap();
        let pid = std::process::id();
        let told = |error: EngineError| error.to_string().replace(&dir.path().display().to_string(), "DIR");
        let error = FolderLock::take(dir.path()).err().unwrap();
        let waits = "wait until it has finished, or stop it";
        assert_eq!(told(error), format!("the data folder DIR is in use by process {pid}: {waits}"));

        first.announce("http://127.0.0.1:7777").unwrap();
        let error = FolderLock::take(dir.path()).err().unwrap();
        let serves = "(cairn serve at http://127.0.0.1:7777): ask it with --url, or stop it";
        assert_eq!(told(error), format!("the data folder DIR is in use by process {pid} {serves}"));

        drop(first);
        assert!(FolderLock::take(dir.path()).is_ok());
    }

    #[test]
    fn who_lets_go_of_it_does_so_for_copies_of_the_file_too() {
        let dir = tempfile::tempdir().unwrap();
        let first = FolderLock::take(dir.path()).unwrap();
        let forked = first.file.try_clone().unwrap();
        drop(first);
        assert!(FolderLock::take(dir.path()).is_ok());
        drop(forked);
    }
}
