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

/// Builds the filter's bytes.
pub(crate) fn build(keys: Vec<u64>) -> Vec<u8> {
    let blocks = (keys.len() * BITS_PER_KEY).div_ceil(8 * BLOCK_BYTES).max(1);
    let mut bytes = vec![0; blocks * BLOCK_BYTES];
    for key in keys {
        let block = block_of(key, blocks) * BLOCK_BYTES;
        for (word, salt) in SALT.iter().enumerate() {
            let bit = bit_of(key, *salt);
            bytes[block + 4 * word + bit / 8] |= 1 << (bit % 8);
        }
    }
    bytes
}

/// Whether the key may be in the filter; never false for one that is.
pub(crate) fn may_contain(bytes: &[u8], key: u64) -> bool {
    let blocks = bytes.len() / BLOCK_BYTES;
    if blocks == 0 {
        return true;
    }
    let block = block_of(key, blocks) * BLOCK_BYTES;
    SALT.iter().enumerate().all(|(word, salt)| {
        let bit = bit_of(key, *salt);
        bytes[block + 4 * word + bit / 8] & (1 << (bit % 8)) != 0
    })
}

fn block_of(key: u64, blocks: usize) -> usize {
    (((key >> 32) * blocks as u64) >> 32) as usize
}

fn bit_of(key: u64, salt: u32) -> usize {
    ((key as u32).wrapping_mul(salt) >> 27) as usize
}
