//! Columns of whole numbers, in blocks of 1024 values, each block coded as small as possible and read in place.
//!
//! # Format
//!
//! A column holds `u32` or `u64` values; which of the two is known from outside. `B` below is the size of a value in
//! bytes, 4 or 8. All numbers are little-endian. A column starts at a multiple of 64 bytes; places are counted from
//! its start.
//!
//! ```text
//! 0          u64       count of values
//! 8          8 bytes   directory entry of block 0
//! 16         8 bytes   directory entry of block 1
//! ...                  one entry for each 1024 values begun
//!            payloads, each at a multiple of 8 bytes and padded to one with zero bytes
//!
//! directory entry
//! 0  u32  at     place of the payload, in units of 8 bytes from the start of the column; in a constant: the value
//! 4  u8   kind   0 constant, 1 wide constant, 2 packed, 3 runs, 4 few, 5 sparse
//! 5  u8   width  bits for each coded value, 0 to 8 * B
//! 6  u16  extra  runs: the count of runs; few and sparse: the count of exceptions, n below; otherwise 0
//!
//! constant       no payload
//!
//! wide constant  several blocks may share one payload
//! 0          u64   the value
//!
//! packed
//! 0          u64   base
//! 8          width * 128 bytes   1024 values minus base, packed vertically
//!
//! runs
//! 0          B     base
//! B          ceil(10 n / 8)      for each run: row of its last value, 10 bits, packed horizontally
//! ...        ceil(width n / 8)   for each run: value minus base, packed horizontally
//!
//! few
//! 0          B     common value
//! B          B     base
//! 2B         ceil(10 n / 8)      for each exception: its row, rising, 10 bits, packed horizontally
//! ...        ceil(width n / 8)   for each exception: value minus base, packed horizontally
//!
//! sparse
//! 0          B     common value
//! B          B     base
//! 2B         128   bitmap: bit i % 8 of byte i / 8 is set if row i is an exception
//! 2B + 128   ceil(width n / 8)   for each exception: value minus base, packed horizontally
//! ```
//!
//! Packed horizontally: value `i` takes the bits from `width * i` on, lowest bit first; bit `b` is bit `b % 8` of byte
//! `b / 8`.
//!
//! Packed vertically: the values stand in `8 * B` rows of `L = 128 / B` lanes, value `i` in row `i / L`, lane `i % L`.
//! Each lane is a horizontal packing of its values into `width` words of `B` bytes. Word `k` of lane `l` is at
//! `B * (k * L + l)`, so that neighbouring values are unpacked by the same shift and fill a vector register.
//!
//! A last block that is not full is coded as if its last value went on to the end of the block.

mod bits;
mod choose;
mod column;
pub(crate) mod cpu;
mod encode;
mod int;
mod layout;
pub(crate) mod lookup;
mod lookup_avx2;
mod marks;
mod packing;
mod spread_avx2;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_lookup;
mod view;

pub(crate) use column::Ints;
pub(crate) use encode::Encoder;
pub(crate) use int::Int;

/// Values in a block.
pub(crate) const BLOCK: usize = 1024;
