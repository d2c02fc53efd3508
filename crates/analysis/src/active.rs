//! In which of a few intervals users are active, where nothing else matters.

/// At most this many intervals: as many as a user's bits.
const INTERVALS_MAX: usize = u128::BITS as usize;

/// Intervals, and what matters within one. Interval 0 is before the first of the starts, each other one begins at its start and
/// ends where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals {
    starts: Vec<i64>,
    second: Second,
}

/// What the second event of a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// There is none.
    None,
    /// It is the first one.
    Same,
    /// Another one.
    Other,
}

/// When a user is active. Bit `i` of each set is interval `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Active {
    /// There is an event that matches the query's first event.
    pub first: u128,
    /// There is an event that matches the query's second event, if that is another one.
    pub second: u128,
    /// There is one that matches the second event, after one that matches the first.
    pub after: u128,
}

impl Intervals {
    /// Of these first instants, in milliseconds, which rise; `None` if they are too many.
    pub fn new(starts: Vec<i64>, second: Second) -> Option<Self> {
        (starts.len() < INTERVALS_MAX).then_some(Self { starts, second })
    }

    /// The first instants of all but the interval 0.
    pub fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// What the second event is.
    pub fn second(&self) -> Second {
        self.second
    }

    /// The interval of an instant.
    pub fn of(&self, time: i64) -> usize {
        self.starts.partition_point(|start| *start <= time)
    }
}

impl Active {
    /// Whether nothing is known of the user.
    pub fn is_empty(&self) -> bool {
        self.first | self.second == 0
    }
}

/// The intervals of a set, rising.
pub(crate) fn each(set: u128) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let interval = (left != 0).then(|| left.trailing_zeros() as usize);
        left &= left.wrapping_sub(1);
        interval
    })
}
