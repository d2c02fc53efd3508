//! Taking back that a user id belongs to a handle.

use cairn_model::{Message, ProjectId, TimeMs, UserId};
use serde::{Deserialize, Serialize};

use super::{Engine, EraseError};

/// What was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// This user id ...
    pub user_id: UserId,
    /// ... is not this person any more.
    pub handle: String,
    /// All identifications up to this instant are revoked.
    pub until: TimeMs,
    /// The handle that the user id belongs to now: an earlier identification may have come to light.
    pub belongs_to: Option<String>,
}

impl Engine {
    /// Revokes all identifications of a user id as `handle` up to now. The user id is a user of its own again, or belongs to the handle of
    /// another identification; its events go with it, from the next question on. A site that identifies it again later joins it again.
    pub fn unidentify(&self, project: ProjectId, user_id: UserId, handle: &str) -> Result<Revocation, EraseError> {
        self.caught_up()?;
        if self.store.person(project, user_id)?.as_deref() != Some(handle) {
            return Err(EraseError::Stranger(user_id, handle.to_owned()));
        }
        let now = self.now();
        // A sender's clock may be ahead by up to a day: what was said is revoked all the same.
        let facts = self.store.facts(project, &[user_id])?;
        let said = facts.iter().filter_map(|fact| match fact {
            Message::Identify { handle: other, time, .. } if other == handle => Some(*time),
            _ => None,
        });
        let until = said.fold(now, TimeMs::max);
        let handle = handle.to_owned();
        let message = Message::Unidentify { user_id, handle: handle.clone(), time: until, received_at: now };
        self.apply_now(project, &message)?;
        Ok(Revocation { user_id, handle, until, belongs_to: self.store.person(project, user_id)? })
    }
}
