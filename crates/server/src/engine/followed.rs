//! Which topic a data folder follows, and as what: the file `topic` in it, of two lines or three.

use std::{fmt, fs, io, path::Path};

use cairn_commitlog::TopicName;

use super::{EngineError, open::write_durably};

/// As what a server follows a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// As its folder was used before. One that was restored changes nothing until it is said what it is.
    #[default]
    AsBefore,
    /// As a replica of the server at this URL.
    ReplicaOf(String),
    /// As the one that takes events and changes; no other one does any more.
    Primary,
}

/// What a folder is, of those that follow a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that takes events and changes.
    Primary,
    /// Restored from a backup: the server that it is of may still be there.
    Restored,
    /// A replica of the server at this URL.
    ReplicaOf(String),
    /// One of those that keep what comes by the topic in this database.
    OnDatabase(String),
}

/// The topic that a folder follows, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicFile {
    pub(crate) name: TopicName,
    pub(crate) role: Role,
}

impl TopicFile {
    /// The file's name.
    pub(crate) const FILE: &'static str = "topic";

    /// As a backup's folder has it.
    pub(crate) fn restored(name: &TopicName) -> Self {
        Self { name: name.clone(), role: Role::Restored }
    }

    /// Of a folder; none if it follows none.
    pub(crate) fn of(dir: &Path) -> Result<Option<Self>, EngineError> {
        let failed = |source| EngineError::Folder { dir: dir.to_owned(), source };
        let damaged = || {
            let problem = "the file `topic` in it is damaged: restore the folder from a copy";
            failed(io::Error::new(io::ErrorKind::InvalidData, problem))
        };
        match fs::read_to_string(dir.join(Self::FILE)) {
            Ok(text) => Self::parse(&text).ok_or_else(damaged).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let name = TopicName { id: lines.next()?.to_owned(), place: lines.next()?.to_owned() };
        let role = match lines.next() {
            None => Role::Primary,
            Some("restored") => Role::Restored,
            Some(line) => match line.strip_prefix("replica of ") {
                Some(url) => Role::ReplicaOf(url.to_owned()),
                None => Role::OnDatabase(line.to_owned()),
            },
        };
        Some(Self { name, role })
    }

    pub(super) fn write(&self, dir: &Path) -> Result<(), EngineError> {
        write_durably(dir, Self::FILE, &self.to_string())
    }

    /// What the folder is from now on; an error if that would leave a topic with two catalogs, or none.
    pub(super) fn become_what(known: Option<&Self>, wanted: &Follow, dir: &Path) -> Result<Role, EngineError> {
        match (known.map(|known| &known.role), wanted) {
            (Some(Role::Primary | Role::OnDatabase(_)), Follow::ReplicaOf(_)) => {
                Err(EngineError::IsPrimary { dir: dir.to_owned() })
            }
            (_, Follow::ReplicaOf(url)) => Ok(Role::ReplicaOf(url.clone())),
            (_, Follow::Primary) | (None, Follow::AsBefore) => Ok(Role::Primary),
            (Some(role), Follow::AsBefore) => Ok(role.clone()),
        }
    }
}

impl Role {
    /// Who takes events and changes, where this one does not.
    pub(super) fn primary(&self) -> Option<&str> {
        match self {
            Role::Primary | Role::OnDatabase(_) => None,
            Role::Restored => Some("the server that its backup is of"),
            Role::ReplicaOf(url) => Some(url),
        }
    }
}

impl fmt::Display for TopicFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TopicName { id, place } = &self.name;
        writeln!(f, "{id}\n{place}")?;
        match &self.role {
            Role::Primary => Ok(()),
            Role::Restored => writeln!(f, "restored"),
            Role::ReplicaOf(url) => writeln!(f, "replica of {url}"),
            Role::OnDatabase(database) => writeln!(f, "{database}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_folder_stays_what_it_is_until_it_is_told_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(TopicFile::of(dir.path()).unwrap(), None);
        let name = TopicName { id: "a".to_owned(), place: "kafka://b/c".to_owned() };
        let url = || "http://d".to_owned();
        let database = TopicFile { name: name.clone(), role: Role::OnDatabase("1/2".to_owned()) };
        database.write(dir.path()).unwrap();
        assert_eq!(TopicFile::of(dir.path()).unwrap(), Some(database));
        for role in [Role::Primary, Role::Restored, Role::ReplicaOf(url())] {
            let followed = TopicFile { name: name.clone(), role: role.clone() };
            followed.write(dir.path()).unwrap();
            assert_eq!(TopicFile::of(dir.path()).unwrap(), Some(followed.clone()));
            let becomes = |wanted: Follow| TopicFile::become_what(Some(&followed), &wanted, dir.path());
            assert_eq!(becomes(Follow::AsBefore).unwrap(), role);
            assert_eq!(becomes(Follow::Primary).unwrap(), Role::Primary);
            match becomes(Follow::ReplicaOf(url())) {
                Err(EngineError::IsPrimary { .. }) => assert_eq!(role, Role::Primary),
                replica => assert_eq!((replica.unwrap(), role == Role::Primary), (Role::ReplicaOf(url()), false)),
            }
        }
        fs::write(dir.path().join("topic"), "a\n").unwrap();
        assert!(TopicFile::of(dir.path()).is_err());
    }
}
