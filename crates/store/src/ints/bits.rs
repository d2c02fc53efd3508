//! Numbers of a given width in bits, one after the other, lowest bit first ("packed horizontally").

use super::{BLOCK, Int, cpu::Avx2, spread_avx2};

/// Bytes that `count` numbers of `width` bits take.
#[inline(always)]
pub(super) fn size(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(8)
}

/// Appends packed numbers to a byte vector.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// The bits that do not fill a word yet.
    held: u64,
    /// How many they are; below 64.
    bits: u32,
}

impl<'a> Writer<'a> {
    /// A packing of about `size` bytes that starts at the end of `out`.
    pub(super) fn new(out: &'a mut Vec<u8>, size: usize) -> Self {
        out.reserve(size);
        Writer { out, held: 0, bits: 0 }
    }

    /// Appends `value`, which has at most `width` bits; `width` is at most 64.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, width: u32) {
        self.held |= value << self.bits;
        let bits = self.bits + width;
        if bits >= 64 {
            self.out.extend_from_slice(&self.held.to_le_bytes());
            self.held = value.checked_shr(64 - self.bits).unwrap_or(0);
        }
        self.bits = bits % 64;
    }

    /// Writes what is held, padded with zero bits to a whole byte.
    pub(super) fn finish(self) {
        let bytes = self.held.to_le_bytes();
        self.out.extend_from_slice(&bytes[..self.bits.div_ceil(8) as usize]);
    }
}

/// A packing, read in place.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    width: u32,
    mask: u64,
}

impl<'a> Reader<'a> {
    /// Reads numbers of `width` bits, at most 64, from the start of `bytes`. `bytes` may go on past the packing, and
    /// reads are faster if they do.
    #[inline(always)]
    pub(super) fn new(bytes: &'a [u8], width: u32) -> Self {
        let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width.min(64)) };
        Reader { bytes, width, mask }
    }

    /// Number `index`; bits past the end of the bytes are 0.
    #[inline(always)]
    pub(super) fn get(&self, index: usize) -> u64 {
        let bit = index * self.width as usize;
        let (byte, shift) = (bit / 8, (bit % 8) as u32);
        let Some(&low) = self.bytes.get(byte..).and_then(|rest| rest.first_chunk()) else {
            return self.tail(byte, shift);
        };
        let mut value = u64::from_le_bytes(low) >> shift;
        if shift + self.width > 64 {
            // Here shift is not 0.
            let high = self.bytes.get(byte + 8).copied().unwrap_or(0);
            value |= u64::from(high) << (64 - shift);
        }
        value & self.mask
    }

    /// The first `count` numbers, at most a block, each plus `base`.
    pub(super) fn all<T: Int>(&self, cpu: Option<Avx2>, count: usize, base: T, out: &mut [T; BLOCK + 8]) {
        let count = count.min(BLOCK);
        let mut narrow = [0; BLOCK];
        let done = cpu.map_or(0, |cpu| spread_avx2::unpack(cpu, self.bytes, self.width, count, &mut narrow));
        for (out, number) in out.iter_mut().zip(&narrow[..done]) {
            *out = base.plus(T::narrow(u64::from(*number)));
        }
        (done..count).for_each(|index| out[index] = base.plus(T::narrow(self.get(index))));
    }

    /// A number that starts in the last 7 bytes.
    #[cold]
    fn tail(&self, byte: usize, shift: u32) -> u64 {
        let mut low = [0; 8];
        let rest = self.bytes.get(byte..).unwrap_or_default();
        low[..rest.len()].copy_from_slice(rest);
        (u64::from_le_bytes(low) >> shift) & self.mask
    }
}
