//! Who applies which partition: each server takes up to its share, gives away what is more, and takes what others leave.

use std::sync::{PoisonError, atomic::Ordering::Relaxed};

use cairn_analysis::StoreError;
use tokio_postgres::Client;

use super::{FollowedTopic, Seat};
use crate::error::store_error;

const JOIN: &str = include_str!("../../queries/topic/join.sql");
const TAKE: &str = include_str!("../../queries/topic/take.sql");
const SHARES: &str = include_str!("../../queries/topic/shares.sql");

impl FollowedTopic {
    /// Comes nearer to a fair share: to be called every second or so. What is too much is given away as soon as nothing is under way in it.
    pub fn share(&self) -> Result<(), StoreError> {
        if self.has_left.load(Relaxed) {
            return Ok(());
        }
        self.seats.iter().for_each(Seat::notice);
        let (servers, free) = self.look()?;
        let fair = self.seats.len().div_ceil(servers.max(1));
        let ours = self.seats.iter().filter(|seat| seat.is_ours.load(Relaxed));
        // Those it keeps are always the same.
        ours.clone().skip(fair).for_each(|seat| seat.is_ours.store(false, Relaxed));
        let mut room = fair.saturating_sub(ours.count());
        for seat in self.seats.iter().filter(|seat| free.contains(&seat.number)) {
            if room == 0 {
                break;
            }
            room -= usize::from(self.take(seat)?);
        }
        // What was taken while it left.
        if self.has_left.load(Relaxed) {
            self.leave();
        }
        Ok(())
    }

    /// Gives all away, and takes none any more.
    pub fn leave(&self) {
        self.has_left.store(true, Relaxed);
        self.seats.iter().for_each(|seat| seat.let_go(&mut seat.session()));
        *self.member.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How many servers share, this one included, and the partitions that nobody has.
    fn look(&self) -> Result<(usize, Vec<i64>), StoreError> {
        let mut member = self.member.lock().unwrap_or_else(PoisonError::into_inner);
        if member.as_ref().is_none_or(Client::is_closed) {
            let client = self.pool.connect()?;
            self.pool.block_on(client.execute(JOIN, &[])).map_err(|error| failed(&error))?;
            *member = Some(client);
        }
        let Some(client) = member.as_ref() else { return Ok((1, Vec::new())) };
        let row = self.pool.block_on(client.query_one(SHARES, &[&self.id])).map_err(|error| failed(&error))?;
        Ok((row.get::<_, i64>(0) as usize, row.get(1)))
    }

    /// False if another server was quicker.
    fn take(&self, seat: &Seat) -> Result<bool, StoreError> {
        let client = self.pool.connect()?;
        let taken = self.pool.block_on(client.query_one(TAKE, &[&(seat.number as i32)]));
        let taken: bool = taken.map_err(|error| failed(&error))?.get(0);
        if taken {
            let mut session = seat.session();
            *session = Some(client);
            seat.is_ours.store(true, Relaxed);
        }
        Ok(taken)
    }
}

impl Seat {
    /// A session that has ended has no lock any more, and others may have it.
    fn notice(&self) {
        // Whoever is in it notices by itself.
        let Ok(mut session) = self.session.try_lock() else { return };
        if session.as_ref().is_some_and(Client::is_closed) {
            self.let_go(&mut session);
        }
    }
}

fn failed(error: &tokio_postgres::Error) -> StoreError {
    store_error("sharing the topic's partitions", error)
}
