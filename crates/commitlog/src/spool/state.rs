//! Where records go: straight to the log elsewhere, or to the spool.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};

use super::{SPOOLED, SpoolOptions, Spooled, place::Place};
use crate::{Ack, EmbeddedLog, Log, LogError, Position, Storage};

/// What a record takes in memory beside its payload.
const OVERHEAD_BYTES: usize = 64;

/// What appends and the forwarder share.
pub(super) struct Shared {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) dir: PathBuf,
    pub(super) options: SpoolOptions,
    /// The log elsewhere, once it has been reached.
    pub(super) log: OnceLock<Box<dyn Log>>,
    pub(super) spool: EmbeddedLog,
    pub(super) place: Place,
    /// As [`Place::forwarded`], now.
    pub(super) forwarded: AtomicU64,
    pub(super) is_over: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    /// Whether what is appended goes to the spool. It does as long as anything waits in it.
    pub(super) is_spooling: bool,
    /// Why the log elsewhere does not take what it is given.
    pub(super) problem: Option<LogError>,
    /// While it has not been reached.
    pub(super) known_ends: Vec<Position>,
    next: u64,
    /// Handed to the log elsewhere and not answered, in the order of handing over.
    in_flight: BTreeMap<u64, (u64, Bytes)>,
    in_flight_bytes: usize,
    /// What was in flight and is in the spool now, for who waits for it.
    copies: HashMap<u64, Result<Ack, LogError>>,
}

/// How many records wait.
pub(super) fn waiting(place: &Place, spool: &EmbeddedLog) -> u64 {
    end(spool).saturating_sub(first(place, spool))
}

/// The first that waits. What the spool has forgotten was forwarded, whether or not that was written down.
pub(super) fn first(place: &Place, spool: &EmbeddedLog) -> u64 {
    place.forwarded.max(spool.begins()[0].offset)
}

/// The offset after the last durable record of a spool.
pub(super) fn end(spool: &EmbeddedLog) -> u64 {
    spool.ends()[0].offset
}

impl State {
    pub(super) fn new(place: &Place, spool: &EmbeddedLog, problem: Option<LogError>) -> Self {
        Self {
            is_spooling: problem.is_some() || waiting(place, spool) > 0,
            problem,
            known_ends: Vec::new(),
            next: 0,
            in_flight: BTreeMap::new(),
            in_flight_bytes: 0,
            copies: HashMap::new(),
        }
    }

    fn take_in_flight(&mut self, number: u64) {
        if let Some((_, payload)) = self.in_flight.remove(&number) {
            self.in_flight_bytes -= payload.len() + OVERHEAD_BYTES;
        }
    }
}

impl Shared {
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        dir: &Path,
        options: SpoolOptions,
        log: OnceLock<Box<dyn Log>>,
        spool: EmbeddedLog,
        place: Place,
        state: State,
    ) -> Self {
        Self {
            storage,
            dir: dir.to_owned(),
            options,
            log,
            forwarded: AtomicU64::new(first(&place, &spool)),
            spool,
            place,
            is_over: AtomicBool::new(false),
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn append(this: &Arc<Self>, key: u64, payload: Bytes) -> Result<Ack, LogError> {
        if payload.len() > this.place.max_record_bytes {
            return Err(LogError::TooLarge { bytes: payload.len(), limit_bytes: this.place.max_record_bytes });
        }
        let mut state = this.lock();
        if !state.is_spooling {
            match this.hand_over(&mut state, key, &payload) {
                Ok(ack) => return Ok(Self::watched(this, &mut state, key, payload, ack)),
                Err(error @ (LogError::Unreachable { .. } | LogError::Busy { .. })) => this.begin(&mut state, error),
                Err(error) => return Err(error),
            }
        }
        let (waiting_bytes, limit_bytes) = (this.spool.size_bytes(), this.options.limit_bytes);
        if waiting_bytes > limit_bytes {
            return Err(LogError::Busy { waiting_bytes: waiting_bytes as usize, limit_bytes: limit_bytes as usize });
        }
        this.spool(key, &payload)
    }

    /// Straight to the log elsewhere, unless it is known to take nothing.
    fn hand_over(&self, state: &mut State, key: u64, payload: &Bytes) -> Result<Ack, LogError> {
        let log = self.log.get().ok_or_else(|| LogError::Unreachable {
            log: self.place.topic.place.clone(),
            problem: "it has not been reached yet".to_owned(),
        })?;
        log.health()?;
        let (waiting_bytes, limit_bytes) = (state.in_flight_bytes, self.options.log.queue_bytes);
        if waiting_bytes > limit_bytes {
            return Err(LogError::Busy { waiting_bytes, limit_bytes });
        }
        log.append(key, payload.clone())
    }

    /// Goes to the spool after all, should the log elsewhere not take it.
    fn watched(this: &Arc<Self>, state: &mut State, key: u64, payload: Bytes, ack: Ack) -> Ack {
        let number = state.next;
        state.next += 1;
        state.in_flight_bytes += payload.len() + OVERHEAD_BYTES;
        state.in_flight.insert(number, (key, payload));
        let waiting = Waiting { shared: Arc::clone(this), number };
        ack.or_else(move |error| waiting.instead(error))
    }

    /// From now on records go to the spool. First of all those that are on their way: they were handed over before whatever comes now, and it is not
    /// known of which that will be told that they were taken.
    fn begin(&self, state: &mut State, problem: LogError) {
        tracing::warn!("records wait in the spool {} from now on: {problem}", self.dir.display());
        for (number, (key, payload)) in std::mem::take(&mut state.in_flight) {
            state.copies.insert(number, self.spool(key, &payload));
        }
        state.in_flight_bytes = 0;
        state.is_spooling = true;
        state.problem = Some(problem);
        self.changed.notify_all();
    }

    /// Appends to the spool, with the key in front.
    fn spool(&self, key: u64, payload: &Bytes) -> Result<Ack, LogError> {
        let mut record = BytesMut::with_capacity(8 + payload.len());
        record.put_u64(key);
        record.put_slice(payload);
        Ok(self.spool.append(key, record.freeze())?.in_partition(SPOOLED))
    }

    pub(super) fn spooled(&self) -> Spooled {
        let state = self.lock();
        let records = end(&self.spool).saturating_sub(self.forwarded.load(SeqCst));
        let problem = state.problem.as_ref().filter(|_| state.is_spooling).map(ToString::to_string);
        Spooled { records, bytes: self.spool.size_bytes(), problem }
    }

    /// What keeps records from being taken: the spool, or what waits there in vain.
    pub(super) fn health(&self) -> Result<(), LogError> {
        self.spool.health()?;
        let state = self.lock();
        match &state.problem {
            Some(error @ LogError::Topic { .. }) => Err(error.clone()),
            Some(error) if state.is_spooling && self.spool.size_bytes() > self.options.limit_bytes => {
                Err(error.clone())
            }
            _ => Ok(()),
        }
    }

    /// Straight to the log elsewhere from now on: nothing waits.
    pub(super) fn end(&self, state: &mut State) {
        tracing::info!("the spool {} is empty again", self.dir.display());
        state.is_spooling = false;
        state.problem = None;
    }

    pub(super) fn stop(&self) {
        self.is_over.store(true, SeqCst);
        let _state = self.lock();
        self.changed.notify_all();
    }

    /// The log elsewhere is there from now on.
    pub(super) fn reached(&self, log: Box<dyn Log>) {
        let _ = self.log.set(log);
        let _state = self.lock();
        self.changed.notify_all();
    }

    pub(super) fn wait_until_reached(&self, timeout: Duration) {
        self.wait_while(timeout, |_| self.log.get().is_none());
    }

    /// Waits so long, but no longer than until the end.
    pub(super) fn wait_while(&self, timeout: Duration, still: impl Fn(&State) -> bool) {
        let still = |state: &mut State| !self.is_over.load(SeqCst) && still(state);
        let waiting = self.changed.wait_timeout_while(self.lock(), timeout, still);
        drop(waiting.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Somebody waits for a record that was handed to the log elsewhere.
struct Waiting {
    shared: Arc<Shared>,
    number: u64,
}

impl Waiting {
    fn instead(&self, error: LogError) -> Result<Ack, LogError> {
        if !matches!(error, LogError::Unreachable { .. }) {
            return Err(error);
        }
        let mut state = self.shared.lock();
        if state.in_flight.contains_key(&self.number) {
            self.shared.begin(&mut state, error.clone());
        }
        state.copies.remove(&self.number).unwrap_or(Err(error))
    }
}

/// It was taken, or nobody waits any more.
impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.take_in_flight(self.number);
        let copy = state.copies.remove(&self.number);
        drop(state);
        drop(copy);
    }
}
