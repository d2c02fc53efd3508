//! Times between steps, kept small.

use crate::{GroupId, plan::WINDOW_MAX_MS};

/// The milliseconds between two steps of a user, and the user's group, in one number: no window is longer than the lower
/// bits hold, and there are fewer groups than the upper ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lap(u64);

const MS_BITS: u32 = 35;
const MS_MASK: u64 = (1 << MS_BITS) - 1;
const _: () = assert!(WINDOW_MAX_MS as u64 <= MS_MASK);

impl Lap {
    /// The times of an attempt are in order, and lie within a window.
    #[inline]
    pub(super) fn new(group: GroupId, ms: i64) -> Self {
        debug_assert!((0..=WINDOW_MAX_MS).contains(&ms));
        debug_assert!(group.0 >> (u64::BITS - MS_BITS) == 0);
        Self(u64::from(group.0) << MS_BITS | ms as u64)
    }

    /// The same of numbers from elsewhere, if they fit.
    pub(super) fn checked(group: GroupId, ms: usize) -> Option<Self> {
        let fits = group.0 >> (u64::BITS - MS_BITS) == 0 && ms <= WINDOW_MAX_MS as usize;
        fits.then(|| Self::new(group, ms as i64))
    }

    #[inline]
    pub(super) fn group(self) -> usize {
        (self.0 >> MS_BITS) as usize
    }

    #[inline]
    pub(super) fn ms(self) -> u64 {
        self.0 & MS_MASK
    }
}
