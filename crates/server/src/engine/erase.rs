//! Taking data out for good: erasing users, letting events expire, purging files.

use std::{collections::BTreeSet, time::Duration};

use cairn_analysis::StoreError;
use cairn_commitlog::LogError;
use cairn_model::{BatchWriter, Message, ProjectId, TimeMs, UserId};
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::registry::{Mentions, RegistryError};

/// How long the store may take to come to a record.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose data is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// These user ids, and no others.
    Users(Vec<UserId>),
    /// All user ids that belong to a handle.
    Handle(String),
}

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Of these user ids ...
    pub users: Vec<UserId>,
    /// ... all that was received up to this instant.
    pub at: TimeMs,
    /// How many of their events were in the answers.
    pub events: u64,
    /// Out of how many lists of people they were taken.
    pub lists: u64,
    /// What still names them: that is for a person to change, as another question would be asked without it.
    pub mentions: Mentions,
    /// Whether no file holds it any more.
    #[serde(flatten)]
    pub purge: Purge,
}

/// What has expired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// The first instant that is kept; an earlier expiry that reached further stands.
    pub before: TimeMs,
    /// How many events of the project have expired, in all.
    pub expired: u64,
    /// Whether no file holds them any more.
    #[serde(flatten)]
    pub purge: Purge,
}

/// Whether the files are free of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// They are.
    pub purged: bool,
    /// Else: when a purge begins by itself.
    pub purge_at: Option<TimeMs>,
}

/// Why something was not taken out.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody has this handle.
    #[error("nobody is identified as {0:?}")]
    Nobody(String),
    /// The user id does not belong to that handle.
    #[error("the user id {0} does not belong to {1:?}: it was never identified so, or that was revoked")]
    Stranger(UserId, String),
    /// The instant lies ahead: everything would expire, for ever.
    #[error("events can expire up to now; the instant given lies ahead")]
    Ahead,
    /// It may be done later: what was asked for is in the log.
    #[error("the store is behind the log; ask again in a moment")]
    Behind,
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lists of people failed.
    #[error(transparent)]
    Lists(#[from] RegistryError),
}

impl Engine {
    /// Erases all that was received of some users up to now: from the answers at once, from the files by a purge, at once if
    /// `purge`, else by itself soon. Asked again, it erases what came since.
    pub fn erase(&self, project: ProjectId, whom: &Whom, purge: bool) -> Result<Erasure, EraseError> {
        self.caught_up()?;
        let users: Vec<UserId> = match whom {
            Whom::Users(users) => users.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
            Whom::Handle(handle) => self.store.members(project, handle)?,
        };
        // Lists first: whose handle it was is not known any more once all else is erased.
        let handles = self.handles_of(project, whom, &users)?;
        let lists = self.registry.erase_listed(project, &handles, &users)?;
        let mentions = self.registry.mentions(project, &handles, &users)?;
        let is_nobody = users.is_empty() && lists == 0 && mentions.is_empty();
        if let (Whom::Handle(handle), true) = (whom, is_nobody) {
            return Err(EraseError::Nobody(handle.clone()));
        }
        let (events, at) = (self.store.events_of(project, &users)?, self.now());
        if !users.is_empty() {
            self.apply_now(project, &Message::Erase { user_ids: users.clone(), at })?;
        }
        Ok(Erasure { users, at, events, lists, mentions, purge: self.purge_or_tell(project, purge)? })
    }

    /// The handles that are nobody's any more without these users.
    fn handles_of(&self, project: ProjectId, whom: &Whom, users: &[UserId]) -> Result<Vec<String>, EraseError> {
        if let Whom::Handle(handle) = whom {
            return Ok(vec![handle.clone()]);
        }
        let handles = users.iter().map(|user| self.store.person(project, *user)).collect::<Result<Vec<_>, _>>()?;
        let handles: BTreeSet<String> = handles.into_iter().flatten().collect();
        let mut own = Vec::new();
        for handle in handles {
            if self.store.members(project, &handle)?.iter().all(|member| users.contains(member)) {
                own.push(handle);
            }
        }
        Ok(own)
    }

    /// Lets the events of a project before an instant expire, those that are to come too; else as [`Engine::erase`].
    pub fn expire(&self, project: ProjectId, before: TimeMs, purge: bool) -> Result<Expiry, EraseError> {
        if before > self.now() {
            return Err(EraseError::Ahead);
        }
        self.apply_now(project, &Message::Expire { before })?;
        let expired = self.store.ledger(project)?.expired;
        Ok(Expiry { before, expired, purge: self.purge_or_tell(project, purge)? })
    }

    /// Takes what is erased or has expired in a project out of all files, the log's too.
    pub fn purge(&self, project: ProjectId) -> Result<(), EraseError> {
        self.purger.purge(project)
    }

    fn purge_or_tell(&self, project: ProjectId, purge: bool) -> Result<Purge, EraseError> {
        if purge {
            self.purge(project)?;
        }
        let purge_at = TimeMs(self.now().0.saturating_add(self.purge_after.as_millis() as i64));
        Ok(Purge { purged: purge, purge_at: (!purge).then_some(purge_at) })
    }

    pub(super) fn apply_now(&self, project: ProjectId, message: &Message<'_>) -> Result<(), EraseError> {
        let mut batch = BatchWriter::new(project);
        batch.push(message);
        let position = self.append(project, batch)?.wait()?;
        if self.wait_applied(position, PATIENCE) { Ok(()) } else { Err(EraseError::Behind) }
    }

    pub(super) fn caught_up(&self) -> Result<(), EraseError> {
        if self.wait_caught_up(PATIENCE) { Ok(()) } else { Err(EraseError::Behind) }
    }
}
