//! Brings what waits in the spool to the log elsewhere, in order.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    Connect,
    place::Place,
    state::{Shared, end},
};
use crate::{Ack, Log, LogError, Position, Record};

/// Read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// With no more left than this, the rest is forwarded while appends wait.
const REST: usize = 1_024;
/// How long they may have to, beside what waits for the disk.
const HELD: Duration = Duration::from_millis(250);
const LOOK: Duration = Duration::from_millis(1);
const IDLE: Duration = Duration::from_secs(1);

pub(super) struct Forwarder {
    pub(super) shared: Arc<Shared>,
    pub(super) connect: Connect,
}

impl Forwarder {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let shared = &self.shared;
        while !self.is_over() {
            let step = match shared.log.get() {
                None => self.reach(),
                Some(_) if !shared.lock().is_spooling => {
                    shared.wait_while(IDLE, |state| !state.is_spooling);
                    continue;
                }
                Some(log) => self.step(&**log),
            };
            if let Err(error) = step {
                let mut state = shared.lock();
                if state.problem.as_ref().is_none_or(|before| before.to_string() != error.to_string()) {
                    tracing::warn!("what is in the spool {} waits: {error}", shared.dir.display());
                }
                state.problem = Some(error);
                drop(state);
                shared.wait_while(shared.options.retry, |_| true);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.shared.is_over.load(SeqCst)
    }

    /// Opens the log elsewhere, which must be the one that the spool is of.
    fn reach(&self) -> Result<(), LogError> {
        let log = (self.connect)()?;
        Place::of(&*log, &self.shared.dir, Some(self.shared.place.clone()))?;
        self.shared.reached(log);
        Ok(())
    }

    /// Forwards some of what waits; if little does, all of it, and nothing goes to the spool from then on.
    fn step(&self, log: &dyn Log) -> Result<(), LogError> {
        let from = self.shared.forwarded.load(SeqCst);
        let mut records = self.shared.spool.read(0, from, CHUNK_BYTES)?;
        let is_rest = records.len() <= REST && from + records.len() as u64 == end(&self.shared.spool);
        // Whether it takes any is asked with one.
        if self.shared.lock().problem.is_some() {
            records.truncate(1);
        }
        if !records.is_empty() && !self.send(log, &records, None)? {
            return Ok(());
        }
        self.forwarded(from + records.len() as u64);
        let is_well = std::mem::take(&mut self.shared.lock().problem).is_none() || records.is_empty();
        if is_rest && is_well && self.finish(log)? {
            self.forget();
        }
        Ok(())
    }

    /// Forwards the rest while appends wait. False if that takes too long; then they go on to go to the spool.
    fn finish(&self, log: &dyn Log) -> Result<bool, LogError> {
        let shared = &self.shared;
        let mut state = shared.lock();
        log.health()?;
        while !shared.spool.is_idle() {
            if self.is_over() {
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
        let until = Instant::now() + HELD;
        let (from, end) = (shared.forwarded.load(SeqCst), end(&shared.spool));
        if end - from > 2 * REST as u64 {
            return Ok(false);
        }
        let mut next = from;
        while next < end {
            let records = shared.spool.read(0, next, CHUNK_BYTES)?;
            next += records.len() as u64;
            if !self.send(log, &records, Some(until))? {
                return Ok(false);
            }
        }
        shared.forwarded.store(end, SeqCst);
        shared.end(&mut state);
        Ok(true)
    }

    /// Hands records over, of each key one at a time: the next only once the one before was taken. True if all were; false if it is over, or too late.
    fn send(&self, log: &dyn Log, records: &[Record], until: Option<Instant>) -> Result<bool, LogError> {
        let mut rest: Vec<(u64, Bytes)> = records.iter().map(unpacked).collect::<Result<_, _>>()?;
        while !rest.is_empty() {
            let mut keys = HashSet::new();
            let (now, later): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(key, _)| keys.insert(*key));
            let acks = now.into_iter().map(|(key, payload)| log.append(key, payload)).collect::<Result<Vec<_>, _>>();
            let acks = acks.map_err(|error| self.told(error))?;
            for ack in acks {
                match self.answer(ack, until) {
                    Some(answer) => answer.map(drop).map_err(|error| self.told(error))?,
                    None => return Ok(false),
                }
            }
            rest = later;
        }
        Ok(true)
    }

    /// A record that was acknowledged is not given up, whatever the topic says of it.
    fn told(&self, error: LogError) -> LogError {
        let LogError::TooLarge { bytes, limit_bytes } = error else { return error };
        let problem = format!(
            "a record of {bytes} bytes waits for it in the spool {}, and it takes {limit_bytes} by now: raise its max.message.bytes to what it was, \
             then start Cairn again",
            self.shared.dir.display()
        );
        LogError::Topic { topic: self.shared.place.topic.place.clone(), problem }
    }

    fn answer(&self, mut ack: Ack, until: Option<Instant>) -> Option<Result<Position, LogError>> {
        loop {
            if let Some(answer) = ack.answer() {
                return Some(answer);
            }
            if self.is_over() || until.is_some_and(|until| Instant::now() > until) {
                return None;
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Writes down how far it is. That it cannot only means that some is forwarded once more after a crash.
    fn forwarded(&self, next: u64) {
        let shared = &self.shared;
        shared.forwarded.store(next, SeqCst);
        let place = Place { forwarded: next, ..shared.place.clone() };
        let kept = place.write(&*shared.storage, &shared.dir);
        if let Err(error) = kept.and_then(|()| shared.spool.drop_before(Position { partition: 0, offset: next })) {
            tracing::warn!("the spool keeps what it could drop: {error}");
        }
    }

    /// Nothing that was forwarded stays in its files.
    fn forget(&self) {
        if let Err(error) = self.shared.spool.rotate() {
            tracing::warn!("the spool keeps what it could drop: {error}");
        }
        self.forwarded(self.shared.forwarded.load(SeqCst));
    }
}

/// The key of a record, and what was appended.
fn unpacked(record: &Record) -> Result<(u64, Bytes), LogError> {
    match record.payload.split_first_chunk::<8>() {
        Some((key, _)) => Ok((u64::from_be_bytes(*key), record.payload.slice(8..))),
        None => Err(LogError::Stopped { cause: format!("record {} of the spool has no key", record.position.offset) }),
    }
}
