//! The clock and the randomness, passed in so that tests can own them.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use cairn_model::TimeMs;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> TimeMs + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            TimeMs(since.as_millis() as i64)
        })
    }

    /// A clock that tells what `now` says.
    pub fn new(now: impl Fn() -> TimeMs + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> TimeMs {
        (self.0)()
    }
}

type Fill = dyn Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync;

/// Fills buffers with bytes that nobody can guess.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// The operating system's.
    pub fn system() -> Self {
        Self::new(|bytes| getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string())))
    }

    /// What `fill` gives.
    pub fn new(fill: impl Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `prefix` and 2 hexadecimal digits for each of `N` random bytes.
    pub fn token<const N: usize>(&self, prefix: &str) -> std::io::Result<String> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        let mut token = prefix.to_owned();
        token.extend(
            bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|n| char::from_digit(n.into(), 16)),
        );
        Ok(token)
    }
}
