//! What messages other than events say of users, and what a project takes on disk.

use cairn_analysis::StoreError;
use cairn_commitlog::OpenMode;
use cairn_model::{Message, ProjectId, UserId};

use crate::{project::Project, store::EmbeddedStore};

/// What messages other than events say of user ids, in their order, as far as it is kept.
pub(crate) fn facts(project: &Project, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError> {
    let mut facts = Vec::new();
    for user in users {
        let number = project.users.find(user.get())?;
        let state = number.map(|number| project.users.state(number)).transpose()?.flatten().unwrap_or_default();
        facts.extend(state.messages(*user).into_iter().filter(|fact| !matches!(fact, Message::Erase { .. })));
    }
    Ok(facts)
}

impl EmbeddedStore {
    /// The size of a project's files. What is only in memory is not in it.
    pub fn size_bytes(&self, project: ProjectId) -> Result<u64, StoreError> {
        let manifest = self.shared.manifest();
        let files = manifest.projects.get(&project.get()).into_iter().flat_map(|entry| entry.files());
        let size = |file: &String| self.shared.storage.open(&self.shared.parts_dir().join(file), OpenMode::Read)?.len();
        let sizes = files.map(size).sum::<Result<u64, _>>();
        sizes.map_err(|source| StoreError::Io { what: "measuring the store's files".to_owned(), source })
    }
}
