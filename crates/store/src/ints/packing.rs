//! The vertical packing of a whole block. Plain code in the shape that compilers turn into vector instructions; it is
//! inlined into the functions of [`super::cpu`], which choose the instructions.

use super::lookup::WORD;
use super::{BLOCK, Int};

/// Bytes of a row of words, one word for each lane.
pub(super) const ROW: usize = 128;

/// The lowest `width` bits; `width` is from 1 to the bits of `T`.
#[inline(always)]
fn mask<T: Int>(width: u32) -> T {
    T::MAX >> (T::BITS - width)
}

/// Packs the values minus `base`, which must fit `width` bits, into the `width * ROW` bytes of `out`, which are zero.
#[inline(always)]
pub(super) fn pack<T: Int>(values: &[T; BLOCK], base: T, width: u32, out: &mut [u8]) {
    let (words, _) = out.as_chunks_mut::<ROW>();
    for (row, values) in values.chunks_exact(T::LANES).enumerate() {
        let bit = row as u32 * width;
        let (word, shift) = ((bit / T::BITS) as usize, bit % T::BITS);
        if let Some(low) = words.get_mut(word) {
            for (place, &value) in low.chunks_exact_mut(T::BYTES).zip(values) {
                (T::load(place) | (value.minus(base) << shift)).store(place);
            }
        }
        // A value across two words: shift is not 0.
        if shift + width > T::BITS
            && let Some(high) = words.get_mut(word + 1)
        {
            for (place, &value) in high.chunks_exact_mut(T::BYTES).zip(values) {
                (value.minus(base) >> (T::BITS - shift)).store(place);
            }
        }
    }
}

/// Unpacks the values and adds `base`. `packed` has `width * ROW` bytes; values of missing bytes stay as they are.
#[inline(always)]
pub(super) fn unpack<T: Int>(packed: &[u8], base: T, width: u32, out: &mut [T; BLOCK]) {
    if width == 0 || width > T::BITS {
        out.fill(base);
        return;
    }
    unpack_rows(packed, base, width, 0, out);
}

/// Unpacks the 64 values of word `word` of a mask and adds `base`.
#[inline(always)]
pub(super) fn unpack_word<T: Int>(packed: &[u8], base: T, width: u32, word: usize, out: &mut [T; WORD]) {
    if width == 0 || width > T::BITS {
        out.fill(base);
        return;
    }
    unpack_rows(packed, base, width, word * WORD / T::LANES, out);
}

/// Unpacks rows of the packing from `first` on; `width` is from 1 to the bits of `T`.
#[inline(always)]
fn unpack_rows<T: Int>(packed: &[u8], base: T, width: u32, first: usize, out: &mut [T]) {
    let mask = mask::<T>(width);
    let (words, _) = packed.as_chunks::<ROW>();
    for (row, values) in (first..).zip(out.chunks_exact_mut(T::LANES)) {
        let bit = row as u32 * width;
        let (word, shift) = ((bit / T::BITS) as usize, bit % T::BITS);
        let Some(low) = words.get(word) else { return };
        if shift + width <= T::BITS {
            for (value, low) in values.iter_mut().zip(low.chunks_exact(T::BYTES)) {
                *value = base.plus((T::load(low) >> shift) & mask);
            }
        } else {
            let Some(high) = words.get(word + 1) else { return };
            let parts = low.chunks_exact(T::BYTES).zip(high.chunks_exact(T::BYTES));
            for (value, (low, high)) in values.iter_mut().zip(parts) {
                let bits = (T::load(low) >> shift) | (T::load(high) << (T::BITS - shift));
                *value = base.plus(bits & mask);
            }
        }
    }
}

/// Where in a packing the bits of value `index` begin, in bytes, and how far to the left in the word there.
#[inline(always)]
fn place_of<T: Int>(width: u32, index: usize) -> (usize, u32) {
    let bit = (index / T::LANES) as u32 * width;
    ((bit / T::BITS) as usize * ROW + index % T::LANES * T::BYTES, bit % T::BITS)
}

/// Where in a packing the bits of value `index` stand: one byte of each word.
#[inline(always)]
pub(super) fn places_of<T: Int>(width: u32, index: usize) -> [usize; 2] {
    let (at, shift) = place_of::<T>(width, index);
    [at, if shift + width > T::BITS { at + ROW } else { at }]
}

/// Value `index` of a packing, below `BLOCK`, plus `base`; bits of missing bytes are 0.
#[inline(always)]
pub(super) fn unpack_one<T: Int>(packed: &[u8], base: T, width: u32, index: usize) -> T {
    if width == 0 || width > T::BITS {
        return base;
    }
    let (at, shift) = place_of::<T>(width, index);
    let mut bits = T::load(packed.get(at..).unwrap_or_default()) >> shift;
    if shift + width > T::BITS {
        bits = bits | (T::load(packed.get(at + ROW..).unwrap_or_default()) << (T::BITS - shift));
    }
    base.plus(bits & mask(width))
}
