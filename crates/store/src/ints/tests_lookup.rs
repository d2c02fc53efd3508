use proptest::prelude::*;

use super::BLOCK;
use super::cpu::Avx2;
use super::lookup::{self, Mask};

/// The mask of the rows for which `holds` is true.
fn naive(codes: &[u32], holds: impl Fn(u32) -> bool) -> Mask {
    let mut mask = [0; BLOCK / 64];
    for (row, _) in codes.iter().enumerate().filter(|&(_, &code)| holds(code)) {
        mask[row / 64] |= 1 << (row % 64);
    }
    mask
}

/// Codes of a block, with a dictionary size they may go beyond.
fn codes() -> impl Strategy<Value = (Vec<u32>, usize)> {
    let top = prop_oneof![Just(1u32), Just(8), 1..300u32, 1..40_000u32, Just(u32::MAX)];
    let count = prop_oneof![0..=BLOCK, Just(BLOCK), Just(64)];
    (top, count).prop_flat_map(|(top, count)| {
        (prop::collection::vec(0..top, count), prop_oneof![Just(top.min(50_000) as usize), 0..600usize])
    })
}

proptest! {
    #[test]
    fn masks_are_the_naive_ones((codes, size) in codes(), seed in any::<u32>()) {
        let bits: Vec<u32> = (0..size.div_ceil(32) as u32).map(|i| i.wrapping_add(seed).wrapping_mul(0x9e37_79b9)).collect();
        let holds = |code: u32| bits.get(code as usize / 32).is_some_and(|word| word >> (code % 32) & 1 == 1);
        let code = codes.get(seed as usize % codes.len().max(1)).copied().unwrap_or(seed);
        for cpu in [None, Avx2::detect()] {
            let mut out = [!0; BLOCK / 64];
            lookup::mask_is_with(cpu, &codes, code, &mut out);
            prop_assert_eq!(out, naive(&codes, |other| other == code));
            out = [!0; BLOCK / 64];
            lookup::mask_in_with(cpu, &codes, &bits, &mut out);
            prop_assert_eq!(out, naive(&codes, holds));
        }
    }

    #[test]
    fn maps_are_the_naive_ones((codes, size) in codes(), seed in any::<u32>(), spare in 0..20usize) {
        let table: Vec<u32> = (0..size as u32).map(|i| i.wrapping_add(seed).wrapping_mul(0x9e37_79b9)).collect();
        let find = |code: &u32| table.get(*code as usize).copied().unwrap_or(0);
        for cpu in [None, Avx2::detect()] {
            let mut out = vec![seed; codes.len() + spare];
            lookup::map_with::<false>(cpu, &codes, &table, &mut out);
            let mut wanted: Vec<u32> = codes.iter().map(find).collect();
            wanted.resize(out.len(), seed);
            prop_assert_eq!(&out, &wanted);
            out.fill(seed);
            lookup::map_with::<true>(cpu, &codes, &table, &mut out);
            wanted.iter_mut().for_each(|value| *value |= seed);
            prop_assert_eq!(&out, &wanted);
        }
    }
}

#[test]
fn more_codes_than_a_block_and_less_room_do_no_harm() {
    let codes = vec![3; BLOCK + 70];
    let mut mask = [0; BLOCK / 64];
    lookup::mask_is(&codes, 3, &mut mask);
    assert_eq!(mask, [!0; BLOCK / 64]);
    lookup::mask_in(&codes, &[1 << 3], &mut mask);
    assert_eq!(mask, [!0; BLOCK / 64]);
    let mut out = [0; 21];
    lookup::map(&codes, &[0, 0, 0, 9], &mut out);
    assert_eq!(out, [9; 21]);
    lookup::map_or(&codes, &[0, 0, 0, 4], &mut out);
    assert_eq!(out, [13; 21]);
}
