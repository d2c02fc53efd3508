//! What a store does.

use cairn_model::{Event, Message, Position, Predicate, ProjectId, Properties, StateHash, TimeMs, UserId};
use serde::{Deserialize, Serialize};

use crate::{Answer, Budget, Plan, QueryError, Stopped};

/// Holds the state that the messages of a log make, and answers questions about it.
pub trait Store: Send + Sync {
    /// Applies the payload of one log record, written by `cairn_model::BatchWriter`. A position already applied changes
    /// nothing; one beyond the next is an error. What cannot be read goes to quarantine and is counted.
    fn apply(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError>;

    /// Applies records of one partition that follow each other, as [`Store::apply`] does one: where it is worth it, together. After
    /// an error the first of them may be applied.
    fn apply_all(&self, records: &[(Position, &[u8])]) -> Result<Vec<Applied>, StoreError> {
        records.iter().map(|(position, payload)| self.apply(*position, payload)).collect()
    }

    /// How many records are worth handing to [`Store::apply_all`] at once.
    fn together(&self) -> usize {
        1
    }

    /// The next position of each partition: everything before it is applied, and in the answers.
    fn positions(&self) -> Vec<Position>;

    /// Answers a question, unless `budget` is over before.
    fn answer(&self, project: ProjectId, plan: &Plan, budget: &Budget) -> Result<Answer, QueryError>;

    /// The queries that a question becomes, each with its plan; with `analyze` the plan says how it went. None where the store asks no
    /// database.
    fn explain(&self, project: ProjectId, plan: &Plan, analyze: bool) -> Result<Vec<Explained>, QueryError> {
        let _ = (project, plan, analyze);
        Ok(Vec::new())
    }

    /// What `predicate` matches from the first instant to before the second: how many events, how many users, and the latest
    /// `limit`.
    fn preview(
        &self,
        project: ProjectId,
        predicate: &Predicate,
        range: (TimeMs, TimeMs),
        limit: usize,
        budget: &Budget,
    ) -> Result<Preview, QueryError>;

    /// The events received last, newest first.
    fn newest(&self, project: ProjectId, limit: usize) -> Result<Vec<SeenEvent>, StoreError>;

    /// The handle of the person that a user id belongs to.
    fn person(&self, project: ProjectId, user: UserId) -> Result<Option<String>, StoreError>;

    /// The user ids that belong to a handle.
    fn members(&self, project: ProjectId, handle: &str) -> Result<Vec<UserId>, StoreError>;

    /// How many events of these users are in the answers.
    fn events_of(&self, project: ProjectId, users: &[UserId]) -> Result<u64, StoreError>;

    /// What messages other than events say of user ids, as far as it is kept: identifications, what revokes them, and properties,
    /// also values that others beat. In the order of `users`; erasures are not among them.
    fn facts(&self, project: ProjectId, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError>;

    /// The names of event properties and of user properties.
    fn names(&self, project: ProjectId) -> Result<(Vec<String>, Vec<String>), StoreError>;

    /// Values of an event property as strings, most frequent first where that is known, for completion.
    fn values(&self, project: ProjectId, property: &str, limit: usize) -> Result<Vec<String>, StoreError>;

    /// Calls `each` with every event, by user and time.
    fn events(&self, project: ProjectId, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError>;

    /// Calls `each` with every user id.
    fn users(&self, project: ProjectId, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError>;

    /// Says which definitions a project has, so that questions about them can be made faster. It changes no answer.
    fn index(&self, project: ProjectId, definitions: Vec<Predicate>) {
        drop((project, definitions));
    }

    /// Where every accepted event went.
    fn ledger(&self, project: ProjectId) -> Result<Ledger, StoreError>;

    /// A hash of all that the project's answers depend on.
    fn state_hash(&self, project: ProjectId) -> Result<StateHash, StoreError>;

    /// The states of some projects at one instant, while nobody applies anything; what is applied once `taken` was called is not in them.
    fn states(&self, projects: &[ProjectId], by: &Parting<'_>, taken: &mut dyn FnMut()) -> Result<States, StoreError> {
        let _ = by;
        let positions = self.positions();
        let whole = |project: &ProjectId| Ok(vec![self.state_hash(*project)?]);
        let hashes = projects.iter().map(whole).collect::<Result<_, StoreError>>()?;
        taken();
        Ok(States { positions, hashes })
    }

    /// Applies the payload of a record once more that was applied before, at whichever position. What is there already changes nothing,
    /// and is counted nowhere; what is missing is added, and counted as accepted. It is durable after the next flush.
    fn apply_again(&self, payload: &[u8]) -> Result<Applied, StoreError>;
}

/// How the users of projects are told apart.
pub struct Parting<'a> {
    /// How many parts there are.
    pub parts: u32,
    /// The part of a user, below `parts`.
    pub of: &'a (dyn Fn(ProjectId, UserId) -> u32 + Sync),
}

/// States at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// The next position of each partition: everything before it is in them.
    pub positions: Vec<Position>,
    /// Of each project, in order: a hash for each part of its users and one for what is of no user; or one for all together.
    pub hashes: Vec<Vec<StateHash>>,
}

/// What became of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Events that are new in the answers.
    pub stored: u64,
    /// The indexes, within the record, of events that are not: already there, erased or expired.
    pub left_out: Vec<u32>,
}

/// A query of a database, and how the database answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its text; parameters stand in it by number.
    pub sql: String,
    /// Its plan, in the database's words.
    pub plan_text: String,
}

/// Where every accepted event went: `accepted = stored + duplicate + quarantined + erased + expired`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Events in the log, up to the applied position.
    pub accepted: u64,
    /// In the answers.
    pub stored: u64,
    /// Already there when they came.
    pub duplicate: u64,
    /// Could not be read.
    pub quarantined: u64,
    /// Covered by an erasure.
    pub erased: u64,
    /// Older than the project keeps.
    pub expired: u64,
}

/// An event as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenEvent {
    /// The event.
    #[serde(flatten)]
    pub event: Event<'static>,
    /// The handle of the person who did it.
    pub person: Option<String>,
}

/// A user id as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenUser {
    /// The id.
    pub user_id: UserId,
    /// The person it belongs to.
    pub handle: Option<String>,
    /// The person's current properties.
    pub properties: Properties<'static>,
}

/// What a predicate matches.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Preview {
    /// Events.
    pub count: u64,
    /// Distinct users.
    pub users: u64,
    /// The latest events, newest first.
    pub latest: Vec<SeenEvent>,
}

/// Why a store cannot go on, in words for its operator.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk failed or is full.
    #[error("{what} failed: {source}; the store stopped applying, reads go on")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Bytes on disk are not what was written.
    #[error("{file} is damaged ({what}): restore it from a backup")]
    Damage {
        /// Which file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// The log and the store do not fit together.
    #[error("the log gave {got} where {expected} was next: log and store are not of one data folder")]
    Gap {
        /// The position that came.
        got: Position,
        /// The position that was due.
        expected: Position,
    },
    /// A question's budget is over; of the store it says nothing.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The database cannot be reached, or can do nothing now: it is tried again, and what is captured meanwhile waits in the log.
    #[error("{what}: the database cannot be reached now ({problem}); what is captured waits in the log until it can")]
    Unreachable {
        /// What was being done.
        what: String,
        /// What the system or the database said.
        problem: String,
    },
    /// The database refused something, and would refuse it again.
    #[error("{0}")]
    Database(String),
    /// A catalog failure.
    #[error("the catalog cannot be used: {0}")]
    Catalog(String),
}
