//! The log of one server: its partition in the database, and the session that alone writes what is in it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::{Applied, StoreError};
use cairn_model::Position;
use tokio_postgres::Client;

use crate::{apply, connect::Pool, error::store_error};

const LOCK: &str = include_str!("../queries/log/lock.sql");
const PARTITION: &str = include_str!("../queries/log/partition.sql");
const ADD: &str = include_str!("../queries/log/add.sql");
const POSITION: &str = include_str!("../queries/log/position.sql");
/// A server that was killed may have left a transaction that is still under way.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_LOOK: Duration = Duration::from_millis(100);
/// What the log calls itself.
const OWN: u32 = 0;

/// The log that a store follows.
///
/// All its records are applied in one session, which holds a lock on the log: of two servers with copies of one data folder the
/// second would take its records for some that are applied.
pub(crate) struct FollowedLog {
    id: i64,
    partition: u32,
    /// The next offset of the log, as far as it is known here.
    next: AtomicU64,
    session: Mutex<Option<Client>>,
}

impl FollowedLog {
    /// Finds the partition of a log, or gives it one.
    pub(crate) fn open(pool: &Pool, id: i64) -> Result<Self, StoreError> {
        let mut log = Self { id, partition: 0, next: AtomicU64::new(0), session: Mutex::default() };
        let until = Instant::now() + LOCK_PATIENCE;
        let session = loop {
            match log.begin_session(pool)? {
                Some(session) => break session,
                None if Instant::now() > until => return Err(StoreError::Database(in_use().to_owned())),
                None => thread::sleep(LOCK_LOOK),
            }
        };
        let found = pool.block_on(async {
            let row = match session.query_opt(PARTITION, &[&id]).await? {
                Some(row) => row,
                None => session.query_one(ADD, &[&id]).await?,
            };
            let partition: i64 = row.get(0);
            let next: i64 = session.query_one(POSITION, &[&partition]).await?.get(0);
            Ok((partition as u32, next as u64))
        });
        let (partition, next) =
            found.map_err(|error| store_error("finding the log's place in the database", &error))?;
        (log.partition, log.next, log.session) = (partition, AtomicU64::new(next), Mutex::new(Some(session)));
        Ok(log)
    }

    pub(crate) fn partition(&self) -> i64 {
        i64::from(self.partition)
    }

    /// The next position, as the log calls it.
    pub(crate) fn position(&self) -> Position {
        Position { partition: OWN, offset: self.next.load(Relaxed) }
    }

    /// Applies records of the log.
    pub(crate) fn apply(&self, pool: &Pool, records: &[apply::Record<'_>]) -> Result<Vec<Applied>, StoreError> {
        let Some((last, _)) = records.last() else { return Ok(Vec::new()) };
        let renamed: Vec<_> = records.iter().map(|(position, payload)| (self.renamed(*position), *payload)).collect();
        let mut session = self.session();
        if session.as_ref().is_none_or(Client::is_closed) {
            let begun = self.begin_session(pool)?;
            // Mostly it is the session before, of which the database does not know yet that it has gone.
            let busy =
                || StoreError::Unreachable { what: "applying messages".to_owned(), problem: in_use().to_owned() };
            *session = Some(begun.ok_or_else(busy)?);
        }
        let Some(client) = session.as_mut() else { return Ok(Vec::new()) };
        let applied = apply::apply(pool, client, &renamed, apply::Start::Earlier);
        match applied {
            Ok(_) => {
                self.next.fetch_max(last.offset + 1, Relaxed);
            }
            // Another server may answer under the address by now.
            Err(StoreError::Unreachable { .. }) => *session = None,
            Err(StoreError::Gap { got, expected }) => return Err(gone_back(got, expected)),
            Err(_) => {}
        }
        applied
    }

    fn renamed(&self, position: Position) -> Position {
        Position { partition: self.partition, ..position }
    }

    /// A session with the lock on the log; none if another session has it.
    fn begin_session(&self, pool: &Pool) -> Result<Option<Client>, StoreError> {
        let client = pool.connect()?;
        let locked = pool.block_on(client.query_one(LOCK, &[&self.id]));
        let locked: bool = locked.map_err(|error| store_error("locking the log in the database", &error))?.get(0);
        Ok(locked.then_some(client))
    }

    fn session(&self) -> MutexGuard<'_, Option<Client>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_use() -> &'static str {
    "another server writes to the database what is in this log: is it one on a copy of this data folder? Each server needs a \
     data folder of its own, made by itself. If it is this server's connection from before, it is gone within a minute"
}

fn gone_back(got: Position, expected: Position) -> StoreError {
    StoreError::Database(format!(
        "the database has gone back to an earlier state: it expects record {} of this server's log, and has had all before {}; \
         start the server again, and it goes on from there if its log still has those records",
        expected.offset, got.offset
    ))
}
