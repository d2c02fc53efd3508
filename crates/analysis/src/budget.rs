//! What a question may take, and how it is stopped.
//!
//! Whoever answers asks [`Budget::is_over`] for every few rows, which costs next to nothing, and [`Budget::look`] from time to
//! time. Once it is over it stays so: what was found is thrown away, and [`Budget::check`] says why.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::QueryError;

/// How much a question may take; any, where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take.
    pub time: Option<Duration>,
    /// How much memory its threads may hold together, in bytes.
    pub memory_bytes: Option<usize>,
}

/// Stops one question, from any thread; clones stop the same one.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicU8>);

/// Why a question was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Nobody wants the answer any more.
    #[error("the question was cancelled")]
    Cancelled,
    /// It took too long.
    #[error(
        "the answer takes longer than the {} s that a question may take: ask about a shorter range or fewer groups, or raise \
         the limit (CAIRN_QUERY_SECONDS; --timeout of `cairn query`)",
        .0.as_secs_f64()
    )]
    Time(Duration),
    /// It took too much memory.
    #[error(
        "the answer needs more than the {:.1} MiB of memory that a question may take: ask about a shorter range, longer \
         intervals or fewer groups, or raise the limit (CAIRN_QUERY_MEMORY_BYTES)",
        *.0 as f64 / f64::from(1 << 20)
    )]
    Memory(usize),
}

/// From one look to the next there are so many small steps.
const STEPS: usize = 1_024;

const GOING: u8 = 0;
const CANCELLED: u8 = 1;
const TIME: u8 = 2;
const MEMORY: u8 = 3;

/// What one question may take, shared by the threads that answer it. Its time runs from when it is made.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    start: Instant,
    state: Cancel,
    held_bytes: AtomicUsize,
    /// Test-only.
    watched: Option<Watched>,
}

/// Who is told of each look, and how many there were.
struct Watched(Box<SeeLook>, AtomicUsize);

type SeeLook = dyn Fn(usize, &Cancel) + Send + Sync;

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.1).finish()
    }
}

impl Cancel {
    /// Stops the question.
    pub fn cancel(&self) {
        self.stop(CANCELLED);
    }

    /// The first reason stands.
    fn stop(&self, why: u8) {
        let _ = self.0.compare_exchange(GOING, why, Relaxed, Relaxed);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::unlimited()
    }
}

impl Budget {
    /// A budget within `limits` that `cancel` stops. `cancel` is of this question alone.
    pub fn new(limits: Limits, cancel: Cancel) -> Self {
        Self { limits, start: Instant::now(), state: cancel, held_bytes: AtomicUsize::new(0), watched: None }
    }

    /// A budget that is never over.
    pub fn unlimited() -> Self {
        Self::new(Limits::default(), Cancel::default())
    }

    /// Test-only: is cancelled at the look after so many.
    #[doc(hidden)]
    pub fn cancelled_after(looks: usize) -> Self {
        Self::watched(move |look, cancel| {
            if look >= looks {
                cancel.cancel();
            }
        })
    }

    /// Test-only: `see` is told of each look, on whatever thread it is; they are counted from 0.
    #[doc(hidden)]
    pub fn watched(see: impl Fn(usize, &Cancel) + Send + Sync + 'static) -> Self {
        Self { watched: Some(Watched(Box::new(see), AtomicUsize::new(0))), ..Self::unlimited() }
    }

    /// Whether the question has to stop, as far as that is known.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.state.0.load(Relaxed) != GOING
    }

    /// The same after a look at the clock, and at the memory that is held: by threads, and `shared_bytes` besides.
    pub fn look(&self, shared_bytes: usize) -> bool {
        if let Some(Watched(see, looks)) = &self.watched {
            see(looks.fetch_add(1, Relaxed), &self.state);
        }
        if self.limits.time.is_some_and(|time| self.start.elapsed() >= time) {
            self.state.stop(TIME);
        }
        let held_bytes = || self.held_bytes.load(Relaxed).saturating_add(shared_bytes);
        if self.limits.memory_bytes.is_some_and(|most| held_bytes() > most) {
            self.state.stop(MEMORY);
        }
        self.is_over()
    }

    /// Looks, and says why the question has to stop if it has to.
    pub fn check(&self) -> Result<(), Stopped> {
        self.look(0);
        self.stopped().map_or(Ok(()), Err)
    }

    /// The same at one in many of small steps, the first one among them; `step` is the step's number.
    #[inline]
    pub fn check_at(&self, step: usize) -> Result<(), Stopped> {
        if step.is_multiple_of(STEPS) { self.check() } else { Ok(()) }
    }

    /// Why the question has to stop, if that is known.
    pub fn stopped(&self) -> Option<Stopped> {
        match self.state.0.load(Relaxed) {
            GOING => None,
            TIME => Some(Stopped::Time(self.limits.time.unwrap_or_default())),
            MEMORY => Some(Stopped::Memory(self.limits.memory_bytes.unwrap_or_default())),
            _ => Some(Stopped::Cancelled),
        }
    }

    /// Holds so many bytes, unless they are more than may be held.
    pub fn afford(&self, bytes: usize) -> Result<Held<'_>, Stopped> {
        let mut held = self.hold();
        held.set(bytes);
        self.check().map(|()| held)
    }

    /// A thread's account of the memory that it holds for the question: nothing yet.
    pub fn hold(&self) -> Held<'_> {
        Held { budget: self, bytes: 0 }
    }
}

/// Memory that is held for a question, until this is dropped.
#[derive(Debug)]
pub struct Held<'b> {
    budget: &'b Budget,
    bytes: usize,
}

impl<'b> Held<'b> {
    /// Whose account it is.
    pub fn budget(&self) -> &'b Budget {
        self.budget
    }

    /// So many bytes are held now.
    pub fn set(&mut self, bytes: usize) {
        // What is added and subtracted wraps around in the same way.
        self.budget.held_bytes.fetch_add(bytes.wrapping_sub(self.bytes), Relaxed);
        self.bytes = bytes;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl From<Stopped> for QueryError {
    fn from(stopped: Stopped) -> Self {
        let code = match stopped {
            Stopped::Cancelled => "cancelled",
            Stopped::Time(_) => "timeout",
            Stopped::Memory(_) => "memory",
        };
        QueryError::new(code, stopped.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(time: Option<Duration>, memory_bytes: Option<usize>) -> Budget {
        Budget::new(Limits { time, memory_bytes }, Cancel::default())
    }

    #[test]
    fn memory_is_summed_over_threads_and_given_back() {
        let budget = limited(None, Some(100));
        let (mut one, mut other) = (budget.hold(), budget.hold());
        one.set(90);
        other.set(30);
        one.set(60);
        assert_eq!(budget.check(), Ok(()));
        assert!(!budget.look(10) && budget.look(11));
        drop((one, other));
        assert_eq!(budget.check(), Err(Stopped::Memory(100)));
        let budget = limited(None, Some(100));
        drop(std::iter::repeat_with(|| budget.hold()).take(3).map(|mut held| held.set(60)).collect::<Vec<_>>());
        assert_eq!(budget.check(), Ok(()));
    }

    #[test]
    fn what_cannot_be_afforded_is_not_held() {
        let budget = limited(None, Some(100));
        let held = budget.afford(60).unwrap();
        assert_eq!(budget.afford(41).map(drop), Err(Stopped::Memory(100)));
        assert_eq!(budget.held_bytes.load(Relaxed), 60);
        drop(held);
        assert!(limited(None, Some(100)).afford(100).is_ok());
    }

    #[test]
    fn the_first_reason_stands_and_is_told_in_words() {
        let (cancel, time) = (Cancel::default(), Some(Duration::ZERO));
        let budget = Budget::new(Limits { time, memory_bytes: None }, cancel.clone());
        assert!(!budget.is_over());
        assert_eq!(budget.check(), Err(Stopped::Time(Duration::ZERO)));
        cancel.cancel();
        assert_eq!(budget.stopped(), Some(Stopped::Time(Duration::ZERO)));
        let error = QueryError::from(Stopped::Time(Duration::from_secs(30)));
        assert!(error.code == "timeout" && error.to_string().contains("30 s"), "{error}");
        let error = QueryError::from(Stopped::Memory(3 << 19));
        assert!(error.code == "memory" && error.to_string().contains("1.5 MiB"), "{error}");
    }

    #[test]
    fn a_clone_cancels_and_what_has_no_limit_goes_on() {
        let cancel = Cancel::default();
        let budget = Budget::new(Limits::default(), cancel.clone());
        assert_eq!(budget.check(), Ok(()));
        cancel.cancel();
        assert!(budget.is_over());
        assert_eq!(budget.check(), Err(Stopped::Cancelled));
        let looks = Budget::cancelled_after(2);
        assert_eq!([looks.look(0), looks.look(0), looks.look(0)], [false, false, true]);
        let looks = Budget::cancelled_after(2);
        assert_eq!((0..).find(|step| looks.check_at(*step).is_err()), Some(2 * STEPS));
    }
}
