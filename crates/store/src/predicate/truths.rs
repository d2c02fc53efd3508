//! What conditions hold for which values: kept, and extended as values come.

use std::sync::Arc;

use cairn_analysis::{Budget, StoreError};
use cairn_model::{Value, decode_value};
use rayon::prelude::*;

use super::Test;
use crate::{kept::Kept, symbols::Interner};

/// Fewer values than this are not worth a second thread.
const PARALLEL_MIN: usize = 2_048;
/// After so many values the clock is looked at.
const VALUES_PER_LOOK: u32 = 256;

/// For which codes a condition holds: bit `c` is code `c`, bit 0 a missing value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) bits: Vec<u32>,
    /// Codes known, 0 among them.
    pub(crate) codes: usize,
    /// For how many of them it holds.
    pub(crate) holds: usize,
}

impl Truth {
    #[inline]
    pub(crate) fn of(&self, code: u32) -> bool {
        self.bits.get(code as usize / 32).is_some_and(|word| word >> (code % 32) & 1 == 1)
    }

    /// The code that it holds for, if it is one.
    pub(crate) fn only(&self) -> Option<u32> {
        let word = self.bits.iter().position(|word| *word != 0).filter(|_| self.holds == 1)?;
        Some(word as u32 * 32 + self.bits[word].trailing_zeros())
    }

    /// The codes that it holds for, but for "missing".
    pub(crate) fn values(&self) -> impl Iterator<Item = u32> {
        let words = self.bits.iter().enumerate().filter(|(_, word)| **word != 0);
        let codes = words
            .flat_map(|(at, word)| (0..32).filter(|bit| *word >> bit & 1 == 1).map(move |bit| at as u32 * 32 + bit));
        codes.filter(|code| *code > 0)
    }

    /// What holds where both do.
    pub(super) fn and(&self, other: &Self) -> Self {
        let codes = self.codes.max(other.codes);
        let mut bits: Vec<u32> = self.bits.iter().zip(&other.bits).map(|(one, other)| one & other).collect();
        bits.resize(codes.div_ceil(32), 0);
        Self::of_bits(bits, codes)
    }

    /// What holds for each of a list of codes, by place.
    pub(super) fn through(&self, codes: &[u32]) -> Self {
        let word =
            |codes: &[u32]| (0..).zip(codes).fold(0, |word, (bit, code)| word | u32::from(self.of(*code)) << bit);
        Self::of_bits(codes.chunks(32).map(word).collect(), codes.len())
    }

    /// What holds for "missing", or else for all other codes, of so many.
    pub(super) fn of_presence(codes: usize, missing: bool) -> Self {
        let mut bits = vec![if missing { 0 } else { u32::MAX }; codes.div_ceil(32)];
        if let Some(last) = bits.last_mut() {
            *last &= u32::MAX >> ((32 - codes % 32) % 32);
        }
        if let Some(first) = bits.first_mut() {
            *first ^= 1;
        }
        Self::of_bits(bits, codes)
    }

    fn of_bits(bits: Vec<u32>, codes: usize) -> Self {
        let holds = bits.iter().map(|word| word.count_ones() as usize).sum();
        Self { bits, codes, holds }
    }

    /// Adds the next codes.
    pub(super) fn extend(&mut self, holds: impl Iterator<Item = bool>) {
        for holds in holds {
            if self.codes.is_multiple_of(32) {
                self.bits.push(0);
            }
            self.bits[self.codes / 32] |= u32::from(holds) << (self.codes % 32);
            self.holds += usize::from(holds);
            self.codes += 1;
        }
    }
}

/// What is known of a project's dictionaries.
#[derive(Debug, Default)]
pub(crate) struct Truths(Kept<Arc<Truth>>);

impl Truths {
    /// For which of `values` the test holds. `condition` names property and test. Fails, and keeps nothing, if the budget is over.
    pub(crate) fn of(
        &self,
        condition: &str,
        test: &Test,
        values: Option<&Interner>,
        budget: &Budget,
    ) -> Result<Arc<Truth>, StoreError> {
        let codes = values.map_or(0, Interner::len) + 1;
        let known = self.0.get(condition);
        // A later instant has more values, which none of this one's rows has.
        if let Some(known) = known.as_ref().filter(|known| known.codes >= codes) {
            return Ok(known.clone());
        }
        let mut truth = known.map_or_else(Truth::default, |known| Truth::clone(&known));
        if truth.codes == 0 {
            truth.extend([test.holds(None)].into_iter());
        }
        let new = truth.codes as u32..codes as u32;
        let holds = |code: u32| {
            let stop = if code.is_multiple_of(VALUES_PER_LOOK) { budget.look(0) } else { budget.is_over() };
            !stop && values.and_then(|values| values.get(code)).is_some_and(|value| holds_for(test, value))
        };
        if new.len() < PARALLEL_MIN {
            truth.extend(new.map(holds));
        } else {
            let held: Vec<bool> = new.into_par_iter().with_min_len(256).map(holds).collect();
            truth.extend(held.into_iter());
        }
        // Once it is over it stays so: what is kept was asked in full.
        budget.stopped().map_or(Ok(()), Err)?;
        let truth = Arc::new(truth);
        self.0.put(condition, truth.clone(), 4 * truth.bits.len());
        Ok(truth)
    }
}

/// Whether a test holds for an encoded value. One that cannot be decoded was not written by us, or is forgotten.
pub(super) fn holds_for(test: &Test, value: &[u8]) -> bool {
    decode_value(value).is_ok_and(|value: Value<'_>| test.holds(Some(&value)))
}
