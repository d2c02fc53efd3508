//! Which users satisfy a condition.

use super::column::UserColumn;
use crate::{bits, predicate::Test};

/// The users that a condition holds for, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserBits {
    words: Vec<u64>,
    /// How many numbers are known; what holds for those beyond.
    users: usize,
    beyond: bool,
}

impl UserBits {
    /// The users whose value in the column, or lack of one, passes.
    pub(super) fn new(column: &UserColumn, test: &Test) -> Self {
        let missing = test.holds(None);
        let values =
            (1..=column.len() as u32).map(|code| column.value(code).is_some_and(|value| test.holds_for(value)));
        let truths: Vec<bool> = std::iter::once(missing).chain(values).collect();
        let word = |codes: &[u32]| {
            (0..).zip(codes).fold(0, |word, (bit, code)| word | u64::from(truths[*code as usize]) << bit)
        };
        Self { words: column.codes.chunks(64).map(word).collect(), users: column.codes.len(), beyond: missing }
    }

    /// Those whose bits are set, of so many.
    pub(crate) fn of_words(words: Vec<u64>, users: usize) -> Self {
        Self { words, users, beyond: false }
    }

    /// The users with known numbers that it holds for, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        bits::ones(&self.words, 0).take_while(|user| (*user as usize) < self.users)
    }

    /// Whether it holds for a user.
    #[inline]
    pub(crate) fn of(&self, user: u32) -> bool {
        match (user as usize) < self.users {
            true => self.words[user as usize / 64] >> (user % 64) & 1 == 1,
            false => self.beyond,
        }
    }
}
