//! Sets of rows of a block, found by comparing values. Plain code in the shape that compilers turn into vector
//! instructions; it is inlined into the functions of [`super::cpu`], which choose the instructions.

use super::{BLOCK, Int};

/// A set of rows: bit `i % 64` of word `i / 64` is row `i`.
pub(super) type Rows = [u64; BLOCK / 64];

/// The rows whose value is not `common`.
#[inline(always)]
pub(super) fn others<T: Int>(values: &[T; BLOCK], common: T) -> Rows {
    let mut rows = [0; BLOCK / 64];
    for (word, values) in rows.iter_mut().zip(values.as_chunks::<64>().0) {
        let mut flags = [0; 64];
        flags.iter_mut().zip(values).for_each(|(flag, &value)| *flag = u8::from(value != common));
        *word = gather(&flags);
    }
    rows
}

/// The last row of each run of equal values.
#[inline(always)]
pub(super) fn run_ends<T: Int>(values: &[T; BLOCK]) -> Rows {
    let mut flags = [1; BLOCK];
    let pairs = values.iter().zip(&values[1..]);
    flags.iter_mut().zip(pairs).for_each(|(flag, (value, next))| *flag = u8::from(value != next));
    let mut rows = [0; BLOCK / 64];
    rows.iter_mut().zip(flags.as_chunks().0).for_each(|(word, flags)| *word = gather(flags));
    rows
}

/// The word whose bit `i` is `flags[i]`, which is 0 or 1.
#[inline(always)]
fn gather(flags: &[u8; 64]) -> u64 {
    // The product has flag `i` of eight, bit `8 i` of the factor, at bit `56 + i`: the other factor has bit `56 - 7 i`.
    // No two of the products meet at a bit, so nothing is carried.
    const SPREAD: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks();
    let byte = |&eight| u64::from_le_bytes(eight).wrapping_mul(SPREAD) >> 56;
    eights.iter().enumerate().fold(0, |word, (i, eight)| word | (byte(eight) << (i * 8)))
}

/// The rows of a set, rising.
pub(super) fn each(rows: &Rows) -> impl Iterator<Item = usize> {
    rows.iter().enumerate().flat_map(|(i, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            bit.map(|bit| i * 64 + bit)
        })
    })
}
