//! How far indexes are, for people.

use cairn_analysis::StoreError;
use cairn_model::ProjectId;

use crate::{connect::Pool, error::store_error};

const PROGRESS: &str = include_str!("../../queries/index/progress.sql");

/// A definition's index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexProgress {
    /// Its name in the database.
    pub name: String,
    /// The definition's predicate, as JSON.
    pub predicate: String,
    /// How it stands.
    pub state: IndexState,
    /// Builds that failed since the last one that did not.
    pub tries: u32,
    /// Why the last of them failed.
    pub last_error: Option<String>,
    /// What it takes on disk.
    pub size_bytes: Option<u64>,
    /// What PostgreSQL does to build it, in its words.
    pub phase: Option<String>,
    /// How much of that is done, from 0 to 1, where that is known.
    pub done: Option<f64>,
}

/// How a definition's index stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// It is to be built, or there are as many as there may be.
    Wanted,
    /// It is being built.
    Building,
    /// It serves.
    Valid,
    /// It was tried too often; a definition made, or a server started, tries it anew.
    Failed,
    /// No question has used it for long. The next one that does brings it back.
    Retired,
}

/// How far the indexes of a project are.
pub(crate) fn progress(pool: &Pool, project: ProjectId) -> Result<Vec<IndexProgress>, StoreError> {
    let lease = pool.get()?;
    let rows = pool.block_on(lease.client()?.query(PROGRESS, &[&(project.get() as i64)]));
    let rows = rows.map_err(|error| store_error("asking how far indexes are", &error))?;
    let of = rows.iter().map(|row| IndexProgress {
        name: row.get(0),
        predicate: row.get(1),
        state: match row.get(2) {
            "building" => IndexState::Building,
            "valid" => IndexState::Valid,
            "failed" => IndexState::Failed,
            "retired" => IndexState::Retired,
            _ => IndexState::Wanted,
        },
        tries: row.get::<_, i32>(3) as u32,
        last_error: row.get(4),
        size_bytes: row.get::<_, Option<i64>>(5).map(|size| size as u64),
        phase: row.get(6),
        done: row.get(7),
    });
    Ok(of.collect())
}
