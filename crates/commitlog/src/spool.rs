//! A log on this machine in front of one elsewhere, for when that one is away.
//!
//! ```text
//! append -> the log elsewhere                            while it takes records and nothing waits here
//!       \-> spool -> forwarder -> the log elsewhere      from the first record on that it did not take, until all has got there
//! ```
//!
//! `state` holds the decisions, `forward` the thread that empties the spool, `place` the file that says up to where it has.

mod forward;
mod place;
mod state;

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;

use crate::{Ack, EmbeddedLog, Log, LogError, LogOptions, Position, Record, Storage, TopicName};
use forward::Forwarder;
use place::Place;
use state::{Shared, State};

/// The partition in the position of a record that waits in a spool: it has no place in the log yet. No log has so many partitions.
pub const SPOOLED: u32 = u32::MAX;

/// How a spool is set up. The defaults suit a server.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    /// Sizes of its files.
    pub log: LogOptions,
    /// Bytes that it may hold before appends are refused as busy: 8 GiB. It may hold a little more.
    pub limit_bytes: u64,
    /// How long to wait before a log that is away is asked again: 1 second.
    pub retry: Duration,
}

impl Default for SpoolOptions {
    fn default() -> Self {
        Self { log: LogOptions::default(), limit_bytes: 8 << 30, retry: Duration::from_secs(1) }
    }
}

/// What waits in a spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Durable here, and not known to be in the log elsewhere.
    pub records: u64,
    /// What its files hold.
    pub bytes: u64,
    /// Why records go to the spool now; none while they go straight to the log.
    pub problem: Option<String>,
}

/// Opens the log elsewhere.
pub type Connect = Box<dyn Fn() -> Result<Box<dyn Log>, LogError> + Send>;

/// A log elsewhere with a spool in front. Dropping it ends the forwarding; what waits stays in the spool for the next time.
pub struct SpooledLog {
    shared: Arc<Shared>,
    forwarder: Option<JoinHandle<()>>,
}

impl SpooledLog {
    /// Opens the spool in `dir`, making it if need be, and the log elsewhere. If that one is away, it is waited for in the background, provided that the
    /// spool has been in front of it before.
    pub fn open(
        storage: Arc<dyn Storage>,
        dir: &Path,
        options: SpoolOptions,
        connect: Connect,
    ) -> Result<Self, LogError> {
        let known = Place::read(&*storage, dir)?;
        let log = OnceLock::new();
        let (place, problem) = match (connect(), known) {
            (Ok(opened), known) => {
                let place = Place::of(&*opened, dir, known)?;
                let _ = log.set(opened);
                (place, None)
            }
            (Err(error @ LogError::Unreachable { .. }), Some(known)) => (known, Some(error)),
            (Err(error), _) => return Err(error),
        };
        storage.create_dir_all(dir).map_err(|error| LogError::io("create", dir, error))?;
        // Before there is a record whose place it tells.
        place.write(&*storage, dir)?;
        // What is on its way elsewhere comes here at once when that fails: there is room for twice as much.
        let files = LogOptions { queue_bytes: options.log.queue_bytes.saturating_mul(2), ..options.log.clone() };
        let spool = EmbeddedLog::open(Arc::clone(&storage), &dir.join("log"), files)?;
        place.check(dir, &spool)?;
        let state = State::new(&place, &spool, problem);
        let shared = Arc::new(Shared::new(storage, dir, options, log, spool, place, state));
        let forwarder = Forwarder { shared: Arc::clone(&shared), connect };
        let forwarder = std::thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || forwarder.run())
            .map_err(|error| LogError::io("start a thread for", dir, error))?;
        Ok(Self { shared, forwarder: Some(forwarder) })
    }

    /// How many records wait in the spool in `dir`, if there is one. Nobody may have it open.
    pub fn waiting(storage: Arc<dyn Storage>, dir: &Path) -> Result<u64, LogError> {
        let Some(place) = Place::read(&*storage, dir)? else { return Ok(0) };
        let spool = EmbeddedLog::open(storage, &dir.join("log"), LogOptions::default())?;
        place.check(dir, &spool)?;
        Ok(state::waiting(&place, &spool))
    }

    /// Where readers of the log stand: until it has been reached, these are its ends.
    pub fn read_up_to(&self, positions: Vec<Position>) {
        self.shared.lock().known_ends = positions;
    }

    fn reached(&self) -> Option<&dyn Log> {
        self.shared.log.get().map(|log| &**log)
    }

    fn away(&self) -> LogError {
        self.shared.lock().problem.clone().unwrap_or_else(|| LogError::Unreachable {
            log: self.shared.place.topic.place.clone(),
            problem: "it has not been reached yet".to_owned(),
        })
    }

    /// Where each partition is that has not been reached.
    fn known_ends(&self) -> Vec<Position> {
        let state = self.shared.lock();
        let offset =
            |partition| state.known_ends.iter().find(|one| one.partition == partition).map_or(0, |one| one.offset);
        (0..self.shared.place.partitions).map(|partition| Position { partition, offset: offset(partition) }).collect()
    }
}

impl Log for SpooledLog {
    fn append(&self, key: u64, payload: Bytes) -> Result<Ack, LogError> {
        Shared::append(&self.shared, key, payload)
    }

    fn partitions(&self) -> u32 {
        self.shared.place.partitions
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn topic(&self) -> Option<&TopicName> {
        Some(&self.shared.place.topic)
    }

    fn spooled(&self) -> Option<Spooled> {
        Some(self.shared.spooled())
    }

    fn max_record_bytes(&self) -> usize {
        self.shared.place.max_record_bytes
    }

    fn read(&self, partition: u32, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        self.reached().map_or(Ok(Vec::new()), |log| log.read(partition, from, max_bytes))
    }

    /// What has not been reached is found wrong by who reads it, once it has.
    fn check(&self, partition: u32, from: u64) -> Result<(), LogError> {
        self.reached().map_or(Ok(()), |log| log.check(partition, from))
    }

    fn leave(&self, partition: u32) {
        if let Some(log) = self.reached() {
            log.leave(partition);
        }
    }

    fn wait(&self, partition: u32, from: u64, timeout: Duration) -> bool {
        match self.reached() {
            Some(log) => log.wait(partition, from, timeout),
            None => {
                self.shared.wait_until_reached(timeout);
                false
            }
        }
    }

    fn ends(&self) -> Vec<Position> {
        self.reached().map_or_else(|| self.known_ends(), Log::ends)
    }

    fn begins(&self) -> Vec<Position> {
        self.reached().map_or_else(|| self.known_ends(), Log::begins)
    }

    fn read_back(&self, from: Position, to: u64, each: &mut dyn FnMut(Record) -> bool) -> Result<(), LogError> {
        self.reached().ok_or_else(|| self.away())?.read_back(from, to, each)
    }

    fn positions_at(&self, time_ms: i64) -> Result<Option<Vec<Position>>, LogError> {
        self.reached().ok_or_else(|| self.away())?.positions_at(time_ms)
    }

    fn retention(&self) -> Option<Duration> {
        self.reached().and_then(Log::retention)
    }

    fn drop_before(&self, position: Position) -> Result<(), LogError> {
        self.reached().map_or(Ok(()), |log| log.drop_before(position))
    }

    fn rotate(&self) -> Result<(), LogError> {
        self.reached().map_or(Ok(()), Log::rotate)
    }

    fn size_bytes(&self) -> u64 {
        self.reached().map_or(0, Log::size_bytes)
    }

    fn health(&self) -> Result<(), LogError> {
        self.shared.health()
    }
}

impl Drop for SpooledLog {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(forwarder) = self.forwarder.take() {
            let _ = forwarder.join();
        }
    }
}
