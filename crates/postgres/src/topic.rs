//! A topic of Kafka's in front of the database: its positions, and the partitions of it that are applied here.
//!
//! Servers share the partitions by locks of sessions. Whoever has a partition applies it in the session that has its lock, so the lock ends
//! with whatever could still write. But nothing depends on locks for being right: a transaction applies records from the position that
//! stands in the database, and from no other.

mod share;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use cairn_analysis::{Applied, StoreError};
use cairn_model::Position;
use tokio_postgres::{Client, Error};

use crate::{
    apply::{self, Start},
    connect::Pool,
    error::store_error,
};

const FOLLOWED: &str = include_str!("../queries/topic/followed.sql");
const SET: &str = include_str!("../queries/topic/set.sql");
const PARTITIONS: &str = include_str!("../queries/topic/partitions.sql");
const ADD: &str = include_str!("../queries/topic/add.sql");
const POSITIONS: &str = include_str!("../queries/topic/positions.sql");
const POSITION: &str = include_str!("../queries/log/position.sql");

/// A topic, as a database is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Topic<'t> {
    /// What no other topic has.
    pub id: &'t str,
    /// Where it is, for people; without passwords.
    pub place: &'t str,
    /// How many partitions it has.
    pub partitions: u32,
}

/// The topic that a store follows, together with other servers on the same database.
pub struct FollowedTopic {
    pool: Arc<Pool>,
    id: String,
    seats: Vec<Seat>,
    /// The session by which other servers count this one.
    member: Mutex<Option<Client>>,
    /// It takes no partition any more.
    has_left: AtomicBool,
}

/// A partition of the topic.
struct Seat {
    /// Its number among all logs' partitions.
    number: i64,
    /// Whether it is to be applied here.
    is_ours: AtomicBool,
    /// The session that has its lock.
    session: Mutex<Option<Client>>,
}

impl FollowedTopic {
    /// Has the database follow the topic, if it follows none yet; fails if it follows another one.
    pub(crate) fn open(pool: &Arc<Pool>, topic: Topic<'_>) -> Result<Self, StoreError> {
        let lease = &mut pool.get()?;
        let found = pool.block_on(numbers(lease.client_mut()?, topic));
        let numbers = found.map_err(|error| store_error("finding the topic's place in the database", &error))?;
        let numbers = numbers.map_err(StoreError::Database)?;
        let seat = |number| Seat { number, is_ours: AtomicBool::new(false), session: Mutex::default() };
        Ok(Self {
            pool: Arc::clone(pool),
            id: topic.id.to_owned(),
            seats: numbers.into_iter().map(seat).collect(),
            member: Mutex::default(),
            has_left: AtomicBool::new(false),
        })
    }

    /// The next offset of each partition, whoever applied what is before.
    pub fn positions(&self) -> Result<Vec<Position>, StoreError> {
        let lease = self.pool.get()?;
        let rows = self.pool.block_on(lease.client()?.query(POSITIONS, &[&self.id]));
        let rows = rows.map_err(|error| store_error("asking for the topic's positions", &error))?;
        let position =
            |(partition, row): (u32, &tokio_postgres::Row)| Position { partition, offset: row.get::<_, i64>(0) as u64 };
        Ok((0..).zip(&rows).map(position).collect())
    }

    /// Whether the partition is to be applied here.
    pub fn holds(&self, partition: u32) -> bool {
        self.seat(partition).is_some_and(|seat| seat.is_ours.load(Relaxed))
    }

    /// From where to apply a partition; nothing if it is not to be applied here.
    pub fn begin(&self, partition: u32) -> Option<u64> {
        let seat = self.seat(partition).filter(|seat| seat.is_ours.load(Relaxed))?;
        let mut session = seat.session();
        let next = self.pool.block_on(session.as_ref()?.query_one(POSITION, &[&seat.number]));
        match next {
            Ok(row) => Some(row.get::<_, i64>(0) as u64),
            Err(error) => {
                tracing::debug!("partition {partition} is let go: {error}");
                seat.let_go(&mut session);
                None
            }
        }
    }

    /// Lets others apply a partition that is not to be applied here any more. Nothing is under way in it.
    pub fn let_go(&self, partition: u32) {
        let Some(seat) = self.seat(partition) else { return };
        let mut session = seat.session();
        if !seat.is_ours.load(Relaxed) {
            *session = None;
        }
    }

    /// Applies records of one partition that is held, from the position in the database on; [`StoreError::Gap`] if they begin elsewhere.
    pub(crate) fn apply(&self, records: &[apply::Record<'_>]) -> Result<Vec<Applied>, StoreError> {
        let Some((first, _)) = records.first() else { return Ok(Vec::new()) };
        let lost = || StoreError::Unreachable {
            what: "applying messages".to_owned(),
            problem: format!("another server may apply partition {} now", first.partition),
        };
        let seat = self.seat(first.partition).ok_or_else(lost)?;
        let number = seat.number as u32;
        let renamed: Vec<_> =
            records.iter().map(|(position, payload)| (Position { partition: number, ..*position }, *payload)).collect();
        let mut session = seat.session();
        let applied = apply::apply(&self.pool, session.as_mut().ok_or_else(lost)?, &renamed, Start::Position);
        match applied {
            Err(StoreError::Unreachable { .. }) => seat.let_go(&mut session),
            Err(StoreError::Gap { got, expected }) => {
                let named = |position: Position| Position { partition: first.partition, ..position };
                return Err(StoreError::Gap { got: named(got), expected: named(expected) });
            }
            _ => {}
        }
        applied
    }

    fn seat(&self, partition: u32) -> Option<&Seat> {
        self.seats.get(partition as usize)
    }
}

impl Seat {
    fn session(&self) -> MutexGuard<'_, Option<Client>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock ends with the session.
    fn let_go(&self, session: &mut Option<Client>) {
        self.is_ours.store(false, Relaxed);
        *session = None;
    }
}

/// The numbers of the topic's partitions; why not, in words, if it cannot be followed.
async fn numbers(client: &mut Client, topic: Topic<'_>) -> Result<Result<Vec<i64>, String>, Error> {
    let Topic { id, place, partitions } = topic;
    let transaction = client.transaction().await?;
    let row = transaction.query_one(FOLLOWED, &[]).await?;
    match row.get::<_, Option<&str>>(0) {
        Some(followed) if followed == id => {}
        Some(_) => return Ok(Err(other_topic(row.get::<_, Option<&str>>(1).unwrap_or_default()))),
        None => {
            transaction.execute(SET, &[&id, &place]).await?;
            transaction.execute(ADD, &[&id, &(partitions as i32)]).await?;
        }
    }
    let rows = transaction.query(PARTITIONS, &[&id]).await?;
    let numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    if numbers.len() != partitions as usize {
        return Ok(Err(other_number(place, numbers.len(), partitions)));
    }
    transaction.commit().await?;
    Ok(Ok(numbers))
}

fn other_topic(was: &str) -> String {
    format!(
        "the database follows another topic, which was {was}; a topic that was removed and made again is another, too: start with the \
         right --log, or with another database"
    )
}

fn other_number(place: &str, had: usize, has: u32) -> String {
    format!(
        "{place} has {has} partitions, and had {had} when this database began to follow it: which partition a user's events are in follows \
         from that number, so begin with a new topic and a new database (docs/kafka.md), and never change it"
    )
}
