//! Records become state: one transaction for some, their position in it.

mod again;

use std::collections::BTreeMap;

use cairn_analysis::{Applied, StoreError};
use cairn_model::{Batch, Message, Position};
use tokio_postgres::{Client, Error, Transaction, types::ToSql};

use crate::{
    batch::{Columns, Events, Facts},
    connect::Pool,
    error::{is_conflict, is_of_data, store_error, words},
};

pub(crate) use again::again;

const LOCK_POSITION: &str = include_str!("../queries/apply/lock_position.sql");
const MOVE_POSITION: &str = include_str!("../queries/apply/move_position.sql");
const APPLY_EVENTS: &str = include_str!("../queries/apply/events.sql");
const APPLY_FACTS: &str = include_str!("../queries/apply/facts.sql");
const APPLY_ERASURE: &str = include_str!("../queries/apply/erasure.sql");
const APPLY_EXPIRY: &str = include_str!("../queries/apply/expiry.sql");
const ADD_NAMES: &str = include_str!("../queries/apply/names.sql");
const QUARANTINE: &str = include_str!("../queries/apply/quarantine.sql");
const COUNT: &str = include_str!("../queries/apply/count.sql");
const COVER: &str = include_str!("../queries/purge/cover.sql");
const COVER_LATE: &str = include_str!("../queries/purge/cover_late.sql");

/// So often a transaction that met another one is done again.
const TRIES: usize = 10;

/// A record of the log.
pub(crate) type Record<'r> = (Position, &'r [u8]);

/// Which records may come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The next one, or some before it: those that are applied already change nothing.
    Earlier,
    /// The next one, and no other: whoever comes with another does not know how far the database is.
    Position,
}

/// Why records were not applied.
enum Failed {
    Database(Error),
    /// Before the position that is next comes another one.
    Gap {
        got: Position,
        expected: Position,
    },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Database(error)
    }
}

/// Applies records that follow each other in one partition. All of them are, or, after an error, none.
pub(crate) fn apply(
    pool: &Pool,
    client: &mut Client,
    records: &[Record<'_>],
    from: Start,
) -> Result<Vec<Applied>, StoreError> {
    let mut tries = 0;
    loop {
        let error = match once(pool, client, records, (from, None)) {
            Ok(applied) => return Ok(applied),
            Err(Failed::Gap { got, expected }) => return Err(StoreError::Gap { got, expected }),
            Err(Failed::Database(error)) => error,
        };
        tries += 1;
        if is_conflict(&error) && tries < TRIES {
            continue;
        }
        if !is_of_data(&error) {
            return Err(store_error("applying messages", &error));
        }
        // One of them has what the database cannot hold: it is found, and put aside.
        let (first, second) = records.split_at(records.len() / 2);
        if first.is_empty() {
            let reason = words(&error);
            return match once(pool, client, records, (from, Some(&reason))) {
                Ok(applied) => Ok(applied),
                Err(Failed::Database(error)) => Err(store_error("putting a message aside", &error)),
                Err(Failed::Gap { got, expected }) => Err(StoreError::Gap { got, expected }),
            };
        }
        let mut applied = apply(pool, client, first, from)?;
        applied.extend(apply(pool, client, second, from)?);
        return Ok(applied);
    }
}

/// Applies them in one transaction; with a reason, puts them aside instead.
fn once(
    pool: &Pool,
    client: &mut Client,
    records: &[Record<'_>],
    how: (Start, Option<&str>),
) -> Result<Vec<Applied>, Failed> {
    pool.block_on(async {
        let transaction = client.transaction().await?;
        let applied = within(&transaction, records, how).await?;
        transaction.commit().await?;
        Ok(applied)
    })
}

async fn within(
    transaction: &Transaction<'_>,
    records: &[Record<'_>],
    (from, aside): (Start, Option<&str>),
) -> Result<Vec<Applied>, Failed> {
    let Some(((first, _), (last, _))) = records.first().zip(records.last()) else { return Ok(Vec::new()) };
    let partition = i64::from(first.partition);
    let next = transaction.query_one(LOCK_POSITION, &[&partition]).await?.get::<_, i64>(0) as u64;
    if first.offset > next || from == Start::Position && first.offset < next {
        let expected = Position { partition: first.partition, offset: next };
        return Err(Failed::Gap { got: *first, expected });
    }
    let mut applied = vec![Applied::default(); records.len()];
    let mut projects: BTreeMap<i64, Columns> = BTreeMap::new();
    for (number, (position, payload)) in records.iter().enumerate().filter(|(_, record)| record.0.offset >= next) {
        let problem = match (aside, Batch::parse(payload)) {
            (Some(reason), _) => Some(reason.to_owned()),
            (None, Err(error)) => Some(error.to_string()),
            (None, Ok(batch)) => {
                let columns = projects.entry(batch.project.get() as i64).or_default();
                match columns.add(number, &batch, &mut applied[number]) {
                    Ok(true) => None,
                    Ok(false) => {
                        put_aside(transaction, (*position, payload), "a text has a NUL, which PostgreSQL cannot hold")
                            .await?;
                        None
                    }
                    Err(error) => Some(error.to_string()),
                }
            }
        };
        if let Some(reason) = problem {
            put_aside(transaction, (*position, payload), &reason).await?;
            if let Ok(batch) = Batch::parse(payload) {
                let (project, events) = (batch.project.get() as i64, batch.count as i64);
                count(transaction, (project, partition), (events, events)).await?;
            }
        }
    }
    for (project, columns) in &projects {
        of_project(transaction, (*project, partition), columns, &mut applied).await?;
    }
    let end = (last.offset + 1).max(next) as i64;
    transaction.execute(MOVE_POSITION, &[&partition, &end]).await?;
    Ok(applied)
}

/// Applies one project's messages.
async fn of_project(
    transaction: &Transaction<'_>,
    (project, partition): (i64, i64),
    columns: &Columns,
    applied: &mut [Applied],
) -> Result<(), Error> {
    let Columns { events, facts, taking, refused, names } = columns;
    if *refused > 0 {
        let refused = *refused as i64;
        count(transaction, (project, partition), (refused, refused)).await?;
    }
    for (kind, names) in ["e", "u"].iter().zip(names).filter(|(_, names)| !names.is_empty()) {
        transaction.execute(ADD_NAMES, &[&project, kind, names]).await?;
    }
    take_out(transaction, (project, partition), taking).await?;
    put_facts(transaction, project, facts).await?;
    put_events(transaction, (project, partition), events, applied).await
}

/// Applies erasures and expiries.
async fn take_out(
    transaction: &Transaction<'_>,
    (project, partition): (i64, i64),
    taking: &[Message<'static>],
) -> Result<(), Error> {
    for message in taking {
        match message {
            Message::Erase { user_ids, at } => {
                let ids: Vec<i64> = user_ids.iter().map(|id| id.get() as i64).collect();
                transaction.execute(APPLY_ERASURE, &[&project, &partition, &ids, &at.0]).await?;
            }
            Message::Expire { before } => {
                transaction.execute(APPLY_EXPIRY, &[&project, &partition, &before.0]).await?;
            }
            _ => {}
        }
    }
    if !taking.is_empty() {
        transaction.execute(COVER, &[&project]).await?;
    }
    Ok(())
}

/// Applies what is said of users.
async fn put_facts(transaction: &Transaction<'_>, project: i64, facts: &Facts) -> Result<(), Error> {
    let Facts { user_ids, kinds, names, times, received, values, ranks } = facts;
    if user_ids.is_empty() {
        return Ok(());
    }
    cover_late(transaction, project, (user_ids, received), &[]).await?;
    transaction.execute(APPLY_FACTS, &[&project, user_ids, kinds, names, times, received, values, ranks]).await?;
    Ok(())
}

/// Applies events, and notes what became of each in its record.
async fn put_events(
    transaction: &Transaction<'_>,
    (project, partition): (i64, i64),
    events: &Events,
    applied: &mut [Applied],
) -> Result<(), Error> {
    let Events { user_ids, event_ids, times, received, types, properties, places } = events;
    if user_ids.is_empty() {
        return Ok(());
    }
    let columns: [&(dyn ToSql + Sync); 8] =
        [&project, &partition, user_ids, event_ids, times, received, types, properties];
    let row = transaction.query_one(APPLY_EVENTS, &columns).await?;
    places.iter().for_each(|(record, _)| applied[*record].stored += 1);
    let left_out = row.get::<_, Option<Vec<i64>>>(0).unwrap_or_default();
    if !left_out.is_empty() {
        let of = |column: &[i64]| -> Vec<i64> { left_out.iter().map(|place| column[*place as usize - 1]).collect() };
        cover_late(transaction, project, (&of(user_ids), &of(received)), &of(times)).await?;
    }
    for place in left_out {
        let (record, place) = places[place as usize - 1];
        applied[record].stored -= 1;
        applied[record].left_out.push(place);
    }
    applied.iter_mut().for_each(|applied| applied.left_out.sort_unstable());
    Ok(())
}

/// Has the project purged once more if what came, of these users, received then, and of these times, was covered before it came: the
/// log holds it.
async fn cover_late(
    transaction: &Transaction<'_>,
    project: i64,
    (user_ids, received): (&Vec<i64>, &Vec<i64>),
    times: &[i64],
) -> Result<(), Error> {
    transaction.execute(COVER_LATE, &[&project, user_ids, received, &times]).await?;
    Ok(())
}

async fn put_aside(transaction: &Transaction<'_>, (position, payload): Record<'_>, reason: &str) -> Result<(), Error> {
    let project = Batch::parse(payload).ok().map(|batch| batch.project.get() as i64);
    let (partition, offset) = (i64::from(position.partition), position.offset as i64);
    transaction.execute(QUARANTINE, &[&partition, &offset, &project, &reason, &payload]).await?;
    Ok(())
}

/// Counts events that were accepted and put aside.
async fn count(
    transaction: &Transaction<'_>,
    (project, partition): (i64, i64),
    (accepted, quarantined): (i64, i64),
) -> Result<(), Error> {
    transaction.execute(COUNT, &[&project, &partition, &accepted, &quarantined]).await?;
    Ok(())
}
