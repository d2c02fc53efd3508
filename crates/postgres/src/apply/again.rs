//! Applying records once more that were applied before.

use cairn_analysis::{Applied, StoreError};
use cairn_model::Batch;
use tokio_postgres::{Client, Error, Transaction};

use super::{TRIES, of_project};
use crate::{
    batch::Columns,
    connect::Pool,
    error::{is_conflict, is_of_data, store_error},
};

const FORGET_REPEATED: &str = include_str!("../../queries/apply/forget_repeated.sql");

/// Where what they bring back is counted: no log has this partition.
const REPLAYS: i64 = -1;

/// Applies a record's messages at no position. What is there already is counted nowhere: visitors did not send it twice.
pub(crate) fn again(pool: &Pool, client: &mut Client, payload: &[u8]) -> Result<Applied, StoreError> {
    let mut tries = 0;
    loop {
        let done = pool.block_on(async {
            let transaction = client.transaction().await?;
            let applied = within(&transaction, payload).await?;
            transaction.commit().await?;
            Ok(applied)
        });
        match done {
            Err(error) if is_conflict(&error) && tries < TRIES => tries += 1,
            // What the database cannot hold was put aside the first time.
            Err(error) if is_of_data(&error) => return Ok(Applied::default()),
            done => return done.map_err(|error| store_error("applying messages once more", &error)),
        }
    }
}

async fn within(transaction: &Transaction<'_>, payload: &[u8]) -> Result<Applied, Error> {
    let (mut columns, mut applied) = (Columns::default(), [Applied::default()]);
    let Ok(batch) = Batch::parse(payload) else { return Ok(Applied::default()) };
    if columns.add(0, &batch, &mut applied[0]).is_err() {
        return Ok(Applied::default());
    }
    columns.refused = 0;
    let project = batch.project.get() as i64;
    of_project(transaction, (project, REPLAYS), &columns, &mut applied).await?;
    transaction.execute(FORGET_REPEATED, &[&project, &REPLAYS]).await?;
    let [applied] = applied;
    Ok(applied)
}
