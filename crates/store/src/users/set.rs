//! Sets of users.

use std::ops::RangeInclusive;

use crate::bits;

/// A set of user numbers: a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserSet {
    words: Vec<u64>,
    len: usize,
}

impl UserSet {
    /// How many users there are in it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The users in it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.starting_at_word(0)
    }

    /// Those of a range, ascending.
    pub(crate) fn iter_in(&self, range: RangeInclusive<u32>) -> impl Iterator<Item = u32> {
        let (first, last) = range.into_inner();
        let users = self.starting_at_word(first as usize / 64).skip_while(move |user| *user < first);
        users.take_while(move |user| *user <= last)
    }

    fn starting_at_word(&self, first: usize) -> impl Iterator<Item = u32> {
        bits::ones(&self.words, first)
    }

    pub(crate) fn insert(&mut self, number: u32) {
        let at = number as usize / 64;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.len += usize::from(!self.contains(number));
        self.words[at] |= 1 << (number % 64);
    }

    pub(super) fn remove(&mut self, number: u32) {
        if self.contains(number) {
            self.words[number as usize / 64] &= !(1 << (number % 64));
            self.len -= 1;
        }
    }
}

/// A set of users, and each one's place in it.
pub(crate) struct Ranks {
    set: UserSet,
    /// How many there are before each word.
    before: Vec<u32>,
}

impl Ranks {
    pub(crate) fn new(set: UserSet) -> Self {
        Self { before: bits::before(&set.words).collect(), set }
    }

    /// How many users there are.
    pub(crate) fn len(&self) -> usize {
        self.set.len
    }

    #[inline]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.set.contains(number)
    }

    /// The users of a range in it, ascending.
    pub(crate) fn iter(&self, range: RangeInclusive<u32>) -> impl Iterator<Item = u32> {
        self.set.iter_in(range)
    }

    /// How many lie before a user.
    #[inline]
    pub(crate) fn of(&self, number: u32) -> u32 {
        let at = number as usize / 64;
        let word = self.set.words.get(at).copied().unwrap_or(0);
        self.before.get(at).copied().unwrap_or(self.set.len as u32) + bits::below(word, number as usize % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_and_not_removed_is_in_it() {
        let mut set = UserSet::default();
        for number in [3, 64, 63, 3, 1_000, 127] {
            set.insert(number);
        }
        set.remove(63);
        set.remove(63);
        set.remove(5_000);
        assert_eq!(set.iter().collect::<Vec<_>>(), [3, 64, 127, 1_000]);
        assert_eq!((set.len(), set.is_empty()), (4, false));
        assert!(set.contains(64) && !set.contains(63) && !set.contains(4_000_000_000));
        let ranks = Ranks::new(set);
        assert_eq!([3, 64, 65, 127, 1_000, 2_000].map(|number| ranks.of(number)), [0, 1, 2, 2, 3, 4]);
        assert!(ranks.contains(64) && !ranks.contains(65));
    }
}
