//! Tests and translations of the dictionary codes of a decoded block.

use super::cpu::Avx2;
use super::{BLOCK, lookup_avx2};

/// A set of rows of a block: bit `i % 64` of word `i / 64` is row `i`.
pub(crate) type Mask = [u64; BLOCK / 64];

/// Codes of a word of a mask.
pub(crate) const WORD: usize = 64;

/// Sets `out` to the rows, of at most `BLOCK`, whose code is `code`.
pub(crate) fn mask_is(codes: &[u32], code: u32, out: &mut Mask) {
    mask_is_with(Avx2::detect(), codes, code, out);
}

/// Sets `out` to the rows, of at most `BLOCK`, whose code is in the set `bits`: bit `c % 32` of word `c / 32` is code
/// `c`. Codes past the end of `bits` are not in it.
pub(crate) fn mask_in(codes: &[u32], bits: &[u32], out: &mut Mask) {
    mask_in_with(Avx2::detect(), codes, bits, out);
}

/// Sets `out[i]` to `table[codes[i]]`, and to 0 past the end of the table, as far as `codes` and `out` go.
pub(crate) fn map(codes: &[u32], table: &[u32], out: &mut [u32]) {
    map_with::<false>(Avx2::detect(), codes, table, out);
}

/// Sets in `out[i]` the bits of `table[codes[i]]`, none past the end of the table, as far as `codes` and `out` go.
#[cfg(test)]
pub(crate) fn map_or(codes: &[u32], table: &[u32], out: &mut [u32]) {
    map_with::<true>(Avx2::detect(), codes, table, out);
}

/// [`mask_is`] with a choice of instructions.
pub(super) fn mask_is_with(cpu: Option<Avx2>, codes: &[u32], code: u32, out: &mut Mask) {
    let done = cpu.map_or(0, |avx2| lookup_avx2::mask_is(avx2, codes, code, out));
    rest(codes, done, out, |other| other == code);
}

/// [`mask_in`] with a choice of instructions.
pub(super) fn mask_in_with(cpu: Option<Avx2>, codes: &[u32], bits: &[u32], out: &mut Mask) {
    let done = cpu.map_or(0, |avx2| lookup_avx2::mask_in(avx2, codes, bits, out));
    rest(codes, done, out, |code| bits.get(code as usize / 32).is_some_and(|word| word >> (code % 32) & 1 == 1));
}

/// [`map`], or if `OR` [`map_or`], with a choice of instructions.
pub(super) fn map_with<const OR: bool>(cpu: Option<Avx2>, codes: &[u32], table: &[u32], out: &mut [u32]) {
    let done = cpu.map_or(0, |avx2| lookup_avx2::map::<OR>(avx2, codes, table, out));
    for (&code, out) in codes.iter().zip(out).skip(done) {
        let value = table.get(code as usize).copied().unwrap_or(0);
        *out = if OR { *out | value } else { value };
    }
}

/// Sets all words of `out` after the first `done`.
fn rest(codes: &[u32], done: usize, out: &mut Mask, holds: impl Fn(u32) -> bool) {
    let codes = codes.get(done * WORD..).unwrap_or_default();
    let out = out.get_mut(done..).unwrap_or_default();
    let used = codes.len().div_ceil(WORD).min(out.len());
    out[used..].fill(0);
    for (out, codes) in out.iter_mut().zip(codes.chunks(WORD)) {
        *out = codes.iter().enumerate().fold(0, |word, (i, &code)| word | (u64::from(holds(code)) << i));
    }
}
