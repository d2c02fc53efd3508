//! Which rows of a block pass, as bits.

use crate::{
    ints::{BLOCK, Ints, lookup, lookup::Mask},
    predicate::truths::Truth,
};

/// Up to so many rows are looked at one by one.
const FEW: u32 = 10;
/// Up to so many words of a block are decoded one by one.
const WORDS_FEW: usize = 4;
pub(super) fn is_empty(mask: &Mask) -> bool {
    mask.iter().fold(0, |any, word| any | word) == 0
}

pub(super) fn codes_mask(codes: &Ints<'_, u32>, truth: &Truth, block: usize, active: &Mask, out: &mut Mask) {
    if let Some(code) = codes.constant(block) {
        *out = if truth.of(code) { *active } else { [0; BLOCK / 64] };
        return;
    }
    if active.iter().map(|word| word.count_ones()).sum::<u32>() <= FEW {
        return one_by_one(active, out, |at| truth.of(codes.get(block * BLOCK + at)));
    }
    // Where most rows have one value, and it does not pass, only the others are looked at.
    let mut held = [0; BLOCK / 64];
    if codes.exceptions(
        block,
        |common| !truth.of(common),
        |row, code| held[row / 64] |= u64::from(truth.of(code)) << (row % 64),
    ) {
        out.iter_mut().zip(&held).zip(active).for_each(|((out, held), active)| *out = held & active);
        return;
    }
    if active.iter().filter(|word| **word != 0).count() <= WORDS_FEW {
        return word_by_word(codes, truth, block, active, out);
    }
    let mut decoded = [0; BLOCK];
    let rows = codes.block(block, &mut decoded);
    match truth.only() {
        Some(code) => lookup::mask_is(&decoded[..rows], code, out),
        None => lookup::mask_in(&decoded[..rows], &truth.bits, out),
    }
    out.iter_mut().zip(active).for_each(|(out, active)| *out &= active);
}

fn word_by_word(codes: &Ints<'_, u32>, truth: &Truth, block: usize, active: &Mask, out: &mut Mask) {
    let mut decoded = [0; lookup::WORD];
    for (word, (out, active)) in out.iter_mut().zip(active).enumerate() {
        *out = match active {
            0 => 0,
            _ => {
                codes.word(block, word, &mut decoded);
                let held = decoded.iter().enumerate().map(|(bit, code)| u64::from(truth.of(*code)) << bit);
                held.fold(0, |held, bit| held | bit) & active
            }
        };
    }
}

pub(super) fn one_by_one(active: &Mask, out: &mut Mask, holds: impl Fn(usize) -> bool) {
    for (word, (out, active)) in out.iter_mut().zip(active).enumerate() {
        let (mut left, mut held) = (*active, 0);
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            held |= u64::from(holds(word * 64 + bit)) << bit;
            left &= left - 1;
        }
        *out = held;
    }
}
