//! The store.

use std::{sync::Arc, time::Duration};

use cairn_analysis::{
    Answer, Applied, Budget, Explained, Ledger, Plan, Preview, QueryError, SeenEvent, SeenUser, Store, StoreError,
};
use cairn_model::{Message, Position, Predicate, ProjectId, StateHash, TimeMs, UserId};

use crate::{
    answer::{answer, query_error},
    apply::{self, Start},
    catalog::PostgresCatalog,
    connect::{Pool, PostgresOptions},
    error::store_error,
    index::{self, IndexProgress, Indexes, Keeper, KeeperOptions},
    inspect::{self, UNLIMITED},
    instant::Instant,
    log::FollowedLog,
    migrate::migrate,
    purge,
    sql::Matcher,
    topic::{FollowedTopic, Topic},
};

const SIZE: &str = include_str!("../queries/size.sql");
const DATABASE: &str = include_str!("../queries/log/database.sql");
/// A transaction costs about as much as some hundred events.
const TOGETHER: usize = 1_000;

/// Projects in a PostgreSQL database.
///
/// One that [follows](PostgresStore::follow) a log, or a topic, calls its positions by its own partitions; its answers name the partitions of
/// all logs, as the database does.
pub struct PostgresStore {
    // Stopped before all else goes.
    keeper: Option<Keeper>,
    pool: Arc<Pool>,
    indexes: Arc<Indexes>,
    front: Option<Front>,
    purge_after: Duration,
    matcher: Matcher,
    faulty: bool,
}

/// What is in front of the database.
enum Front {
    /// This server's own log.
    Log(FollowedLog),
    /// What several servers write to.
    Topic(FollowedTopic),
}

const EXTENSION: &str = include_str!("../queries/extension.sql");

/// The extension's matcher, if it is wanted and there.
fn matcher(pool: &Pool, wanted: bool) -> Result<Matcher, StoreError> {
    if !wanted {
        return Ok(Matcher::Ours);
    }
    let lease = pool.get()?;
    let found = pool.block_on(lease.client()?.query_one(EXTENSION, &[]));
    let found = found.map_err(|error| store_error("looking for the extension", &error))?;
    Ok(if found.get(0) { Matcher::Extension } else { Matcher::Ours })
}

impl PostgresStore {
    /// Opens the store in a database; makes its schema, or brings it to the newest version.
    pub fn open(options: &PostgresOptions) -> Result<Self, StoreError> {
        let (pool, indexes) = (Arc::new(Pool::new(options)?), Arc::new(Indexes::default()));
        migrate(&pool)?;
        let keeper = options.keeper.clone().map(|options| Keeper::start(&pool, &indexes, options)).transpose()?;
        let matcher = matcher(&pool, options.extension)?;
        let PostgresOptions { purge_after, wrong_kernels: faulty, .. } = *options;
        Ok(Self { keeper, pool, indexes, front: None, purge_after, matcher, faulty })
    }

    /// Whether kernels run in the database.
    pub fn has_extension(&self) -> bool {
        self.matcher == Matcher::Extension
    }

    /// How far the indexes of a project's definitions are.
    pub fn index_progress(&self, project: ProjectId) -> Result<Vec<IndexProgress>, StoreError> {
        index::progress(&self.pool, project)
    }

    /// What the whole database takes where it was asked; on Citus, without its workers.
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        let lease = self.pool.get()?;
        let row = self.pool.block_on(lease.client()?.query_one(SIZE, &[]));
        Ok(row.map_err(|error| store_error("asking how large the database is", &error))?.get::<_, i64>(0) as u64)
    }

    /// Test-only: builds and drops the indexes that are to be, now.
    #[doc(hidden)]
    pub fn keep_indexes_now(&self, options: &KeeperOptions) -> Result<(), StoreError> {
        index::build_now(&self.pool, &self.indexes, options.clone())
    }

    /// Follows the log of this id, the only one of this store from now on. Fails while another server does.
    pub fn follow(&mut self, log_id: i64) -> Result<(), StoreError> {
        self.front = Some(Front::Log(FollowedLog::open(&self.pool, log_id)?));
        Ok(())
    }

    /// Follows a topic, with whatever other servers do so. Fails if the database follows another one.
    pub fn follow_topic(&mut self, topic: Topic<'_>) -> Result<(), StoreError> {
        self.front = Some(Front::Topic(FollowedTopic::open(&self.pool, topic)?));
        Ok(())
    }

    /// The topic that it follows, if it does.
    pub fn topic(&self) -> Option<&FollowedTopic> {
        match &self.front {
            Some(Front::Topic(topic)) => Some(topic),
            _ => None,
        }
    }

    /// This server's own log. Kafka forgets what is erased by its own retention.
    fn log(&self) -> Option<&FollowedLog> {
        match &self.front {
            Some(Front::Log(log)) => Some(log),
            _ => None,
        }
    }

    /// Which database it is: another one has another name, whatever its address.
    pub fn database(&self) -> Result<String, StoreError> {
        let lease = self.pool.get()?;
        let row = self.pool.block_on(lease.client()?.query_one(DATABASE, &[]));
        Ok(row.map_err(|error| store_error("asking which database it is", &error))?.get(0))
    }

    /// The catalog in the same database.
    pub fn catalog(&self) -> PostgresCatalog {
        PostgresCatalog::new(Arc::clone(&self.pool))
    }

    /// Takes what is erased or has expired in a project out of the tables. The database's journal and backups are its operator's.
    pub fn purge(&self, project: ProjectId) -> Result<(), StoreError> {
        purge::purge(&self.pool, self.log(), project)
    }

    /// Projects of which something was erased or expired long enough ago, and is still in tables or in the log.
    pub fn purge_due(&self) -> Vec<ProjectId> {
        // What is wrong is reported by whoever applies; it is asked again soon.
        purge::due(&self.pool, self.log(), self.purge_after).unwrap_or_default()
    }

    fn instant<'s>(&'s self, project: ProjectId, budget: &'s Budget) -> Result<Instant<'s>, StoreError> {
        Instant::begin((&self.pool, &self.indexes), project, budget, (self.matcher, self.faulty))
    }

    fn look<T>(
        &self,
        project: ProjectId,
        look: impl FnOnce(&Instant<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        look(&self.instant(project, &UNLIMITED)?)
    }
}

impl Store for PostgresStore {
    fn apply(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        Ok(self.apply_all(&[(position, payload)])?.pop().unwrap_or_default())
    }

    fn apply_all(&self, records: &[(Position, &[u8])]) -> Result<Vec<Applied>, StoreError> {
        match &self.front {
            Some(Front::Log(log)) => log.apply(&self.pool, records),
            Some(Front::Topic(topic)) => topic.apply(records),
            None => apply::apply(&self.pool, self.pool.get()?.client_mut()?, records, Start::Earlier),
        }
    }

    fn apply_again(&self, payload: &[u8]) -> Result<Applied, StoreError> {
        apply::again(&self.pool, self.pool.get()?.client_mut()?, payload)
    }

    fn together(&self) -> usize {
        TOGETHER
    }

    fn positions(&self) -> Vec<Position> {
        match &self.front {
            Some(Front::Log(log)) => return vec![log.position()],
            Some(Front::Topic(topic)) => return topic.positions().unwrap_or_default(),
            None => {}
        }
        let any = ProjectId::new(1).map(|project| self.look(project, |instant| Ok(instant.positions.clone())));
        any.and_then(Result::ok).unwrap_or_default()
    }

    fn answer(&self, project: ProjectId, plan: &Plan, budget: &Budget) -> Result<Answer, QueryError> {
        let instant = self.instant(project, budget).map_err(|error| query_error(&error))?;
        let answer = answer(&instant, plan)?;
        // What comes too late is none.
        budget.check()?;
        Ok(answer)
    }

    fn explain(&self, project: ProjectId, plan: &Plan, analyze: bool) -> Result<Vec<Explained>, QueryError> {
        let mut instant = self.instant(project, &UNLIMITED).map_err(|error| query_error(&error))?;
        instant.explain(analyze);
        answer(&instant, plan)?;
        Ok(instant.explained())
    }

    fn preview(
        &self,
        project: ProjectId,
        predicate: &Predicate,
        range: (TimeMs, TimeMs),
        limit: usize,
        budget: &Budget,
    ) -> Result<Preview, QueryError> {
        let found =
            self.instant(project, budget).and_then(|instant| inspect::preview(&instant, predicate, range, limit));
        found.map_err(|error| query_error(&error))
    }

    fn newest(&self, project: ProjectId, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
        self.look(project, |instant| inspect::newest(instant, limit))
    }

    fn person(&self, project: ProjectId, user: UserId) -> Result<Option<String>, StoreError> {
        self.look(project, |instant| inspect::person(instant, user))
    }

    fn members(&self, project: ProjectId, handle: &str) -> Result<Vec<UserId>, StoreError> {
        self.look(project, |instant| inspect::members(instant, handle))
    }

    fn events_of(&self, project: ProjectId, users: &[UserId]) -> Result<u64, StoreError> {
        self.look(project, |instant| inspect::events_of(instant, users))
    }

    fn facts(&self, project: ProjectId, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError> {
        self.look(project, |instant| inspect::facts(instant, users))
    }

    fn names(&self, project: ProjectId) -> Result<(Vec<String>, Vec<String>), StoreError> {
        self.look(project, inspect::names)
    }

    fn values(&self, project: ProjectId, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.look(project, |instant| inspect::values(instant, property, limit))
    }

    fn events(&self, project: ProjectId, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
        self.look(project, |instant| inspect::events(instant, each))
    }

    fn users(&self, project: ProjectId, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
        self.look(project, |instant| inspect::users(instant, each))
    }

    fn index(&self, project: ProjectId, definitions: Vec<Predicate>) {
        // It changes no answer: questions scan.
        if let Err(error) = index::want(&self.pool, project.get() as i64, &definitions) {
            tracing::warn!("{error}");
        }
        self.indexes.forget(project.get() as i64);
        if let Some(keeper) = &self.keeper {
            keeper.wake();
        }
    }

    fn ledger(&self, project: ProjectId) -> Result<Ledger, StoreError> {
        self.look(project, inspect::ledger)
    }

    fn state_hash(&self, project: ProjectId) -> Result<StateHash, StoreError> {
        self.look(project, inspect::state_hash)
    }
}
