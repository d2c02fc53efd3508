//! What the codings need to know of a value.

use std::fmt::Debug;
use std::ops::{BitAnd, BitOr, Shl, Shr};

use super::{BLOCK, cpu::Avx2, layout::BITMAP, spread_avx2, view};

/// A value of a column: `u32` or `u64`.
pub(crate) trait Int:
    Copy
    + Default
    + Ord
    + Debug
    + Send
    + Sync
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + 'static
{
    /// Bits of a value.
    const BITS: u32;
    /// Bytes of a value.
    const BYTES: usize = Self::BITS as usize / 8;
    /// Values in a row of the vertical packing.
    const LANES: usize = BLOCK / Self::BITS as usize;
    /// The largest value.
    const MAX: Self;

    /// The value as a `u64`.
    fn wide(self) -> u64;
    /// The low bits of `value`.
    fn narrow(value: u64) -> Self;
    /// The sum, wrapping.
    fn plus(self, other: Self) -> Self;
    /// The difference, wrapping.
    fn minus(self, other: Self) -> Self;
    /// The little-endian value at the start of `bytes`; 0 if they are too few.
    fn load(bytes: &[u8]) -> Self;
    /// Writes the value little-endian to the start of `bytes`; nothing if they are too few.
    fn store(self, bytes: &mut [u8]);
    /// Gives the rows of the bitmap the values in turn, and all others `common`.
    fn spread(
        cpu: Option<Avx2>,
        values: &[Self; BLOCK + 8],
        bitmap: &[u8; BITMAP],
        common: Self,
        out: &mut [Self; BLOCK],
    );
}

macro_rules! int {
    ($type:ty, $spread:expr) => {
        impl Int for $type {
            const BITS: u32 = <$type>::BITS;
            const MAX: Self = <$type>::MAX;

            #[inline(always)]
            fn wide(self) -> u64 {
                u64::from(self)
            }

            #[inline(always)]
            fn narrow(value: u64) -> Self {
                value as $type
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            #[inline(always)]
            fn load(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or(0, |bytes| <$type>::from_le_bytes(*bytes))
            }

            #[inline(always)]
            fn store(self, bytes: &mut [u8]) {
                if let Some(place) = bytes.first_chunk_mut() {
                    *place = self.to_le_bytes();
                }
            }

            fn spread(
                cpu: Option<Avx2>,
                values: &[Self; BLOCK + 8],
                bitmap: &[u8; BITMAP],
                common: Self,
                out: &mut [Self; BLOCK],
            ) {
                $spread(cpu, values, bitmap, common, out);
            }
        }
    };
}

int!(u32, |cpu: Option<Avx2>, values, bitmap, common, out| match cpu {
    Some(cpu) => spread_avx2::spread(cpu, values, bitmap, common, out),
    None => view::spread(values, bitmap, common, out),
});
int!(u64, |_, values, bitmap, common, out| view::spread(values, bitmap, common, out));

/// Bits that the numbers from 0 to `span` need.
#[inline(always)]
pub(super) fn width(span: u64) -> u32 {
    u64::BITS - span.leading_zeros()
}
