//! The state at given positions, to be held against another store's.
//!
//! ```text
//! hold one, hold the other  ->  the further of both positions, of each partition  ->  both go on exactly to there  ->  their states
//! ```

use std::time::{Duration, Instant};

use cairn_analysis::{Ledger, Parting, StoreError};
use cairn_commitlog::TopicName;
use cairn_model::{Position, ProjectId, StateHash};
use serde::{Deserialize, Serialize};

use super::{Engine, parted::of_user};

/// A store is held no longer than this, unless it is asked for more.
const HELD: Duration = Duration::from_secs(10);
/// How long a store may take to come to given positions.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(2);

/// What a store holds at some positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineState {
    /// The topic that it follows, if it does.
    pub topic: Option<TopicName>,
    /// The next position of each partition.
    pub positions: Vec<Position>,
    /// By id; nothing where only positions were asked for.
    pub projects: Vec<ProjectState>,
}

/// What a store holds of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectState {
    /// Which project.
    pub id: ProjectId,
    /// For people.
    pub name: String,
    /// The hash of all that answers depend on.
    pub hash: String,
    /// The same of the users of each partition of the log, and last of what is of none of them; one alone where the store does not tell them apart.
    pub parts: Vec<String>,
    /// Where events went.
    pub ledger: Ledger,
}

/// Why a state is not told.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Somebody else compares, or an applier does not stop.
    #[error("the store is held for another comparison, or does not stop applying now; ask again in a moment")]
    Held,
    /// It is held no longer.
    #[error("the store was held for too long and went on: compare again")]
    Over,
    /// It has not come so far in time.
    #[error("the store is at {at}, and has not come to {wanted} in time")]
    NotThere {
        /// Where it is.
        at: String,
        /// Where it was to come.
        wanted: String,
    },
    /// It is beyond already.
    #[error("the store is at {at}, which is beyond {wanted}")]
    Beyond {
        /// Where it is.
        at: String,
        /// Where it was asked for.
        wanted: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Where the store is.
    pub fn positions(&self) -> EngineState {
        self.state_at(self.store.positions(), Vec::new())
    }

    /// Stops applying where the store is, for a moment: until [`Engine::state`] was asked for, or that is not in time.
    pub fn hold(&self) -> Result<EngineState, StateError> {
        let positions = self.gate.hold(HELD, || self.store.positions()).ok_or(StateError::Held)?;
        Ok(self.state_at(positions, Vec::new()))
    }

    /// The state at exactly these positions, at which or before which the store is held; applying goes on then. Without positions, the
    /// state of this moment.
    pub fn state(&self, at: Option<&[Position]>) -> Result<EngineState, StateError> {
        let at = match at {
            Some(at) => at.to_vec(),
            None => self.hold()?.positions,
        };
        let state = self.advance(&at).and_then(|()| self.take_state(&at));
        self.gate.release();
        state
    }

    /// Goes on up to there and no further.
    fn advance(&self, to: &[Position]) -> Result<(), StateError> {
        let now = self.store.positions();
        let at = |positions: &[Position], partition| {
            positions.iter().find(|one| one.partition == partition).map_or(0, |one| one.offset)
        };
        let places = |positions: &[Position]| positions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if now.iter().any(|one| one.offset > at(to, one.partition)) {
            return Err(StateError::Beyond { at: places(&now), wanted: places(to) });
        }
        let until = Instant::now() + PATIENCE;
        if !self.gate.advance(to, PATIENCE + HELD) {
            return Err(StateError::Over);
        }
        loop {
            let now = self.store.positions();
            if to.iter().all(|one| at(&now, one.partition) == one.offset) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(StateError::NotThere { at: places(&now), wanted: places(to) });
            }
            std::thread::sleep(LOOK);
        }
    }

    fn take_state(&self, at: &[Position]) -> Result<EngineState, StateError> {
        let projects = self.registry.projects();
        let ids: Vec<ProjectId> = projects.iter().map(|project| project.id).collect();
        // Nothing is applied now: they are of the same instant as the hashes.
        let ledgers = ids.iter().map(|id| self.store.ledger(*id)).collect::<Result<Vec<_>, _>>()?;
        let parting = Parting {
            parts: self.log.partitions(),
            of: &|project, user| self.log.partition_of(of_user(project, user)),
        };
        let mut in_time = true;
        let states = self.store.states(&ids, &parting, &mut || in_time = self.gate.release())?;
        if !in_time || states.positions.iter().any(|one| !at.contains(one)) {
            return Err(StateError::Over);
        }
        let project = |((project, parts), ledger): ((cairn_analysis::catalog::Project, Vec<StateHash>), Ledger)| {
            let sum = parts.iter().fold(0_u128, |sum, part| sum.wrapping_add(part.0));
            let hash = StateHash(sum).to_string();
            let parts = parts.iter().map(ToString::to_string).collect();
            ProjectState { id: project.id, name: project.name, hash, parts, ledger }
        };
        let projects = projects.into_iter().zip(states.hashes).zip(ledgers).map(project).collect();
        Ok(self.state_at(states.positions, projects))
    }

    fn state_at(&self, positions: Vec<Position>, projects: Vec<ProjectState>) -> EngineState {
        EngineState { topic: self.log.topic().cloned(), positions, projects }
    }
}
