//! For benchmarks alone: the inner loops of packed columns, which are nobody's interface.

use crate::ints::{BLOCK, Encoder, Ints, lookup};

/// A packed column of codes.
pub struct Codes(Vec<u8>);

impl Codes {
    /// Packs `codes`.
    pub fn pack(codes: &[u32]) -> Self {
        let (mut encoder, mut bytes) = (Encoder::new(), Vec::new());
        encoder.push(codes);
        encoder.finish(&mut bytes);
        Self(bytes)
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Unpacks every block and returns the sum of all codes.
    pub fn unpack(&self) -> u64 {
        let mut block = [0; BLOCK];
        let Some(column) = Ints::<u32>::parse(&self.0) else { return 0 };
        let mut sum = 0;
        for at in 0..column.blocks() {
            let rows = column.block(at, &mut block);
            sum += block[..rows].iter().map(|code| u64::from(*code)).sum::<u64>();
        }
        sum
    }

    /// Lists the runs of every block that is coded as such, and returns how many there are.
    pub fn runs(&self) -> usize {
        let (mut runs, mut count) = (Vec::new(), 0);
        let Some(column) = Ints::<u32>::parse(&self.0) else { return 0 };
        for at in 0..column.blocks() {
            column.runs(at, &mut runs);
            count += runs.len();
        }
        count
    }

    /// Unpacks every block and counts the codes of the set `bits`: bit `c % 32` of word `c / 32` is code `c`.
    pub fn count_in(&self, bits: &[u32]) -> u64 {
        let (mut block, mut mask) = ([0; BLOCK], [0; BLOCK / 64]);
        let Some(column) = Ints::<u32>::parse(&self.0) else { return 0 };
        let mut count = 0;
        for at in 0..column.blocks() {
            let rows = column.block(at, &mut block);
            lookup::mask_in(&block[..rows], bits, &mut mask);
            count += mask.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        }
        count
    }
}
