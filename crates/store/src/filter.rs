//! A small filter over (user, event id): which parts may hold an event. A hit is always verified.
//!
//! A split block Bloom filter as in the Parquet specification: 256-bit blocks, one bit in each of a block's eight words.

/// Bytes of a block.
const BLOCK_BYTES: usize = 32;
/// About one false hit in 80.
const BITS_PER_KEY: usize = 10;
/// Odd constants, one per word, that choose its bit.
const SALT: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

/// The key of an event: the same on every machine, for ever.
pub(crate) fn key(user: u32, event_id: u64) -> u64 {
    let mut x = u64::from(user).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ event_id.rotate_left(32);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Builds the filter's bytes, for so many keys.
pub(crate) fn build(count: usize, keys: impl Iterator<Item = u64>) -> Vec<u8> {
    let blocks = (count * BITS_PER_KEY).div_ceil(8 * BLOCK_BYTES).max(1);
    let mut bytes = vec![0; blocks * BLOCK_BYTES];
    let (chunks, _) = bytes.as_chunks_mut::<BLOCK_BYTES>();
    for key in keys {
        let probe = Probe::new(key);
        let (words, _) = chunks[block_of(key, blocks)].as_chunks_mut::<8>();
        for (word, bits) in words.iter_mut().zip(probe.bits) {
            *word = (u64::from_le_bytes(*word) | bits).to_le_bytes();
        }
    }
    bytes
}

/// A key, ready to be looked for in many filters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    key: u64,
    /// The bits that it sets in its block.
    bits: [u64; BLOCK_BYTES / 8],
}

impl Probe {
    /// Of [`key`].
    pub(crate) fn new(key: u64) -> Self {
        let word = |word: usize| 1_u64 << bit_of(key, SALT[word]);
        Self { key, bits: std::array::from_fn(|pair| word(2 * pair) | word(2 * pair + 1) << 32) }
    }
}

/// So many keys are looked for at once.
pub(crate) const LANES: usize = 64;

/// Which of the keys, at most [`LANES`], may be in the filter: bit by bit, never unset for one that is.
///
/// There is no branch between one key and the next, so that the processor waits for many blocks at once.
pub(crate) fn may_contain<'p>(bytes: &[u8], probes: impl Iterator<Item = &'p Probe>) -> u64 {
    let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
    if blocks.is_empty() {
        return u64::MAX;
    }
    probes.take(LANES).enumerate().fold(0, |found, (lane, probe)| {
        let (words, _) = blocks[block_of(probe.key, blocks.len())].as_chunks::<8>();
        let missing = |(word, bits): (&[u8; 8], &u64)| !u64::from_le_bytes(*word) & bits;
        let missing = words.iter().zip(&probe.bits).map(missing).fold(0, |all, missing| all | missing);
        found | u64::from(missing == 0) << lane
    })
}

fn block_of(key: u64, blocks: usize) -> usize {
    (((key >> 32) * blocks as u64) >> 32) as usize
}

fn bit_of(key: u64, salt: u32) -> usize {
    ((key as u32).wrapping_mul(salt) >> 27) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_few_others_are() {
        let keys = |from: u64| (from..from + 10_000).map(|id| key(id as u32 % 700, id));
        let filter = build(keys(1).count(), keys(1));
        let count = |from: u64| {
            let probes: Vec<Probe> = keys(from).map(Probe::new).collect();
            probes.chunks(LANES).map(|probes| may_contain(&filter, probes.iter()).count_ones()).sum::<u32>()
        };
        assert_eq!(count(1), 10_000);
        assert!(count(1_000_000) < 300, "{} of 10,000 others", count(1_000_000));
        assert_eq!(may_contain(&[], [].iter()), u64::MAX, "no filter excludes nothing");
    }
}
