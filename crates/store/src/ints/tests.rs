use proptest::prelude::*;

use super::cpu::Avx2;
use super::layout::{CONSTANT, FEW, PACKED, RUNS, SPARSE, WIDE};
use super::{BLOCK, Encoder, Int, Ints};

fn encoded<T: Int>(values: &[T]) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(), Vec::new());
    encoder.push(values);
    assert_eq!(encoder.len(), values.len());
    encoder.finish(&mut out);
    assert_eq!(out.len() % 8, 0);
    out
}

/// The kinds of the blocks.
fn kinds<T: Int>(column: &Ints<'_, T>) -> Vec<u8> {
    (0..column.blocks()).map(|block| column.entry(block).unwrap().kind).collect()
}

/// The values that a list of runs stands for.
fn expand<T: Int>(runs: &[(u32, T)]) -> Vec<T> {
    let mut out = Vec::new();
    for &(end, value) in runs {
        assert!(end as usize > out.len());
        out.resize(end as usize, value);
    }
    out
}

/// Asserts that every way to read the column gives `values`.
fn assert_reads<T: Int>(bytes: &[u8], values: &[T]) {
    let column = Ints::<T>::parse(bytes).unwrap();
    assert_eq!((column.len(), column.blocks()), (values.len(), values.len().div_ceil(BLOCK)));
    for (row, &value) in values.iter().enumerate() {
        assert_eq!(column.get(row), value, "row {row}");
    }
    assert_eq!(column.get(values.len()), T::default());
    let mut list = Vec::new();
    for (block, wanted) in values.chunks(BLOCK).enumerate() {
        for cpu in [None, Avx2::detect()] {
            let mut out = [T::MAX; BLOCK];
            assert_eq!(column.block_with(cpu, block, &mut out), wanted.len());
            assert_eq!(&out[..wanted.len()], wanted);
        }
        for (word, wanted) in wanted.chunks(64).enumerate() {
            for cpu in [None, Avx2::detect()] {
                let mut out = [T::MAX; 64];
                column.word_with(cpu, block, word, &mut out);
                assert_eq!(&out[..wanted.len()], wanted, "word {word}");
            }
        }
        let kind = column.entry(block).unwrap().kind;
        let constant = column.constant(block);
        assert_eq!(constant.is_some(), kind <= WIDE);
        assert!(constant.is_none_or(|value| wanted.iter().all(|&other| other == value)));
        assert_eq!(column.runs(block, &mut list), kind <= WIDE || kind == RUNS);
        assert!(list.is_empty() || expand(&list) == wanted);
        let mut common = None;
        list.clear();
        let is_few = column.exceptions(
            block,
            |value| {
                common = Some(value);
                true
            },
            |row, value| list.push((row as u32, value)),
        );
        assert_eq!((is_few, common.is_some()), (kind == FEW, kind == FEW));
        if let Some(common) = common {
            let mut out = vec![common; wanted.len()];
            list.iter().for_each(|&(row, value)| out[row as usize] = value);
            assert_eq!(out, wanted);
            assert!(list.is_sorted_by(|a, b| a.0 < b.0));
            assert!(!column.exceptions(block, |_| false, |_, _| panic!("it is not wanted")));
        }
    }
    let mut out = vec![T::MAX];
    column.read(0..usize::MAX, &mut out);
    assert_eq!(&out[1..], values);
    for step in [1, 7, 30, 50, 131, 1_500] {
        let rows: Vec<u32> = (0..values.len() as u32).step_by(step).collect();
        let mut out = Vec::new();
        column.gather(&rows, &mut out);
        assert_eq!(out, rows.iter().map(|row| values[*row as usize]).collect::<Vec<_>>());
    }
    for wanted in [0, 1, values.len() / 2].iter().filter_map(|at| values.get(*at)) {
        for wants in [true, false] {
            let is_wanted = |value: T| (value == *wanted) == wants;
            let (mut rows, mut found) = (Vec::new(), Vec::new());
            (0..column.blocks()).for_each(|block| column.rows_of(block, is_wanted, (&mut rows, &mut found)));
            assert_eq!(found, rows.iter().map(|row| values[*row as usize]).collect::<Vec<_>>());
            let expected = (0..values.len()).filter(|row| is_wanted(values[*row])).map(|row| row as u32);
            assert_eq!(rows, expected.collect::<Vec<_>>());
        }
    }
    let blocks = values.chunks(BLOCK).enumerate();
    for (first, _) in blocks {
        for last in [first, first + 1, column.blocks()] {
            let inside = &values[first * BLOCK..values.len().min(last.max(first + 1) * BLOCK)];
            let constant = column.constant_in(first..last);
            assert!(constant.is_none_or(|value| last <= column.blocks() && inside.iter().all(|other| *other == value)));
        }
    }
    // No value is more common than the most frequent one.
    let least = values.chunks(BLOCK).map(|block| {
        let mut sorted = block.to_vec();
        sorted.sort_unstable();
        let most = sorted.chunk_by(|a, b| a == b).map(<[T]>::len).max().unwrap_or(0);
        if most == block.len() && block[0] == T::default() { 0 } else { block.len() - most }
    });
    let (least, others) = (least.sum::<usize>(), column.others(usize::MAX));
    assert!(least <= others && others <= column.blocks() * BLOCK);
    assert!(others == 0 || column.others(others - 1) >= others);
}

/// `count` values of one of many shapes, at most `top`.
fn shape(top: u64) -> impl Strategy<Value = Vec<u64>> {
    let count =
        prop_oneof![Just(0usize), Just(1), Just(BLOCK - 1), Just(BLOCK), Just(BLOCK + 1), Just(5000), 0..3000usize];
    let span = (0..=64u32).prop_map(move |bits| (u64::MAX >> 1 >> (63 - bits.min(63))).min(top));
    (count, span, 0..6u8, any::<u64>(), 1..200u64).prop_flat_map(move |(count, span, shape, base, often)| {
        let base = base % (top - span).saturating_add(1);
        prop::collection::vec(any::<u64>(), count).prop_map(move |noise| {
            let value = |v: u64| base + v.checked_rem(span.saturating_add(1)).unwrap_or(v);
            let mut last = value(often);
            let pick = |v: &u64| {
                let new = v >> 7;
                match shape {
                    0 => last = base,
                    1 => last = value(new),
                    2 if v.is_multiple_of(often) => last = value(new),
                    3 => last = if v.is_multiple_of(often) { value(new) } else { base },
                    4 => last = if v.is_multiple_of(often) { value(new) } else { top },
                    5 => last = if v.is_multiple_of(2) { 0 } else { top },
                    _ => {}
                }
                last
            };
            noise.iter().map(pick).collect()
        })
    })
}

/// Calls everything, on rows and blocks in the column and outside.
fn touch<T: Int>(bytes: &[u8]) {
    let Some(column) = Ints::<T>::parse(bytes) else { return };
    let (mut list, mut out) = (Vec::new(), [T::default(); BLOCK]);
    for block in (0..column.blocks().min(8)).chain([column.blocks(), usize::MAX]) {
        let rows = column.rows(block);
        assert_eq!(column.block_with(None, block, &mut out), rows);
        assert_eq!(column.block(block, &mut out), rows);
        column.constant(block);
        if column.runs(block, &mut list) {
            assert_eq!(expand(&list).len(), rows);
        }
        list.clear();
        column.exceptions(block, |_| true, |row, value| list.push((row as u32, value)));
        assert!(list.iter().all(|&(row, _)| (row as usize) < rows) && list.is_sorted_by(|a, b| a.0 < b.0));
        for row in [0, 1, 31, 63, 64, 500, 1023] {
            column.get(block.saturating_mul(BLOCK).saturating_add(row));
        }
    }
    let mut values = Vec::new();
    column.read(column.len().saturating_sub(1500)..usize::MAX, &mut values);
    let (from, to) = (7, 3);
    column.read(from..to, &mut values);
    assert_eq!(values.len(), column.len().min(1500));
}

proptest! {
    #[test]
    fn shapes_round_trip(wide in shape(u64::MAX), narrow in shape(u64::from(u32::MAX))) {
        assert_reads(&encoded(&wide), &wide);
        let narrow: Vec<u32> = narrow.into_iter().map(|v| v as u32).collect();
        assert_reads(&encoded(&narrow), &narrow);
    }

    #[test]
    fn pieces_make_the_same_column(pieces in prop::collection::vec((any::<bool>(), 0..5u32, 0..2500usize), 0..8)) {
        let (mut encoder, mut values) = (Encoder::new(), Vec::new());
        for (run, value, count) in pieces {
            let from = values.len();
            if run {
                encoder.push_run(value, count);
                values.resize(from + count, value);
            } else {
                values.extend((0..count).map(|i| value + (i / 9) as u32));
                encoder.push(&values[from..]);
            }
            prop_assert_eq!(encoder.len(), values.len());
        }
        let mut out = vec![0xaa; 64];
        encoder.finish(&mut out);
        assert_reads(&out[64..], &values);
    }

    #[test]
    fn ranges_are_the_slices(values in shape(u64::MAX), a in 0..6000usize, b in 0..6000usize) {
        let bytes = encoded(&values);
        let mut out = Vec::new();
        Ints::<u64>::parse(&bytes).unwrap().read(a..b, &mut out);
        let end = b.min(values.len());
        prop_assert_eq!(out.as_slice(), values.get(a..end).unwrap_or_default());
    }

    #[test]
    fn any_bytes_do_no_harm(
        count in 0..9000u64,
        entries in prop::collection::vec((0..64u32, 0..8u8, 0..70u8, 0..1100u16), 9),
        tail in prop::collection::vec(any::<u8>(), 0..6000),
    ) {
        touch::<u32>(&tail);
        touch::<u64>(&tail);
        let mut bytes = count.to_le_bytes().to_vec();
        for (at, kind, width, extra) in entries {
            bytes.extend(super::layout::Entry { at, kind, width, extra }.to_bytes());
        }
        bytes.extend(tail);
        touch::<u32>(&bytes);
        touch::<u64>(&bytes);
    }

    #[test]
    fn flipped_bits_do_no_harm(
        values in shape(u64::MAX),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u32), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let narrow: Vec<u32> = values.iter().map(|v| *v as u32).collect();
        for mut bytes in [encoded(&values), encoded(&narrow)] {
            for (at, bit) in &flips {
                let at = at.index(bytes.len());
                // Half of them where they do most: in the count and the directory.
                let at = if bit % 2 == 0 { at } else { at % (8 + values.len().div_ceil(BLOCK) * 8) };
                bytes[at] ^= 1 << bit;
            }
            touch::<u32>(&bytes);
            touch::<u64>(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            touch::<u32>(&bytes);
            touch::<u64>(&bytes);
        }
    }
}

#[test]
fn every_width_is_packed_and_read() {
    for bits in 0..=64u32 {
        let mask = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
        let wide: Vec<u64> =
            (0..2048u64).map(|i| (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) & mask).collect();
        assert_reads(&encoded(&wide), &wide);
        let column = encoded(&wide);
        assert!(bits < 4 || kinds(&Ints::<u64>::parse(&column).unwrap()) == [PACKED; 2]);
        let narrow: Vec<u32> = wide.iter().map(|&v| v as u32).collect();
        assert_reads(&encoded(&narrow), &narrow);
    }
}

#[test]
fn the_same_bytes_with_and_without_avx2() {
    let mut seed = 1u64;
    for width in 1..=64u32 {
        let values: [u64; BLOCK] = std::array::from_fn(|_| {
            seed = seed.wrapping_mul(0xd129_42f0_5a2b_7c15).wrapping_add(99);
            seed.rotate_left(23) >> (64 - width)
        });
        let mut packed = [vec![0; 128 * width as usize], vec![0; 128 * width as usize]];
        super::cpu::pack(None, &values, 0, width, &mut packed[0]);
        super::cpu::pack(Avx2::detect(), &values, 0, width, &mut packed[1]);
        assert_eq!(packed[0], packed[1]);
        let mut common = [5, 5];
        let plans = [
            super::choose::plan(None, &values, &mut common[0]),
            super::choose::plan(Avx2::detect(), &values, &mut common[1]),
        ];
        assert_eq!((plans[0], common[0]), (plans[1], common[1]));
        let cpus = [None, Avx2::detect()];
        let [a, b] = cpus.map(|cpu| (super::cpu::others(cpu, &values, 1), super::cpu::run_ends(cpu, &values)));
        assert_eq!(a, b);
    }
}

#[test]
fn each_kind_is_chosen_for_its_data() {
    let noise = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    type Values = Box<dyn Fn(u64) -> u64>;
    let blocks: [(u8, Values); 6] = [
        (CONSTANT, Box::new(|_| u64::from(u32::MAX))),
        (WIDE, Box::new(|_| 1 << 32)),
        (PACKED, Box::new(noise)),
        (RUNS, Box::new(move |i| noise(i / 40))),
        (FEW, Box::new(move |i| if i % 50 == 7 { noise(i) } else { 1 << 50 })),
        (SPARSE, Box::new(move |i| if i % 4 == 1 { noise(i) } else { 1 << 50 })),
    ];
    let values: Vec<u64> = blocks.iter().flat_map(|(_, value)| (0..BLOCK as u64).map(value)).collect();
    let bytes = encoded(&values);
    let column = Ints::<u64>::parse(&bytes).unwrap();
    assert_eq!(kinds(&column), [CONSTANT, WIDE, PACKED, RUNS, FEW, SPARSE]);
    assert_reads(&bytes, &values);
    let narrow: Vec<u32> = values.iter().map(|v| *v as u32).collect();
    let bytes = encoded(&narrow);
    assert_eq!(kinds(&Ints::<u32>::parse(&bytes).unwrap()), [CONSTANT, CONSTANT, PACKED, RUNS, FEW, SPARSE]);
    assert_reads(&bytes, &narrow);
}

#[test]
fn sizes_are_those_of_the_format() {
    assert_eq!(encoded::<u32>(&[]), [0; 8]);
    assert_eq!(encoded(&[7u32; 3000]), [3000u64, 7, 7, 7].map(u64::to_le_bytes).concat());
    let mut runs = Encoder::new();
    runs.push_run(1u64 << 40, 100 * BLOCK);
    let mut out = Vec::new();
    runs.finish(&mut out);
    assert_eq!(out.len(), 8 + 100 * 8 + 8);
    let packed: Vec<u32> = (0..BLOCK as u32).map(|i| i * 7 % 1024).collect();
    assert_eq!(encoded(&packed).len(), 8 + 8 + 8 + 10 * 128);
    let mut few = [5u32; BLOCK];
    few[1000] = 9;
    assert_eq!(encoded(&few).len(), 8 + 8 + 16);
    // The exceptions, not the common value, decide the base and the width.
    for common in [5u64, u64::MAX - 5] {
        let mut few = [common; BLOCK];
        (0..50).for_each(|i| few[i * 20] = (1 << 40) + i as u64 % 4);
        let bytes = encoded(&few);
        assert_eq!(bytes.len(), 8 + 8 + (16 + 63 + 13_usize).next_multiple_of(8));
        assert_reads(&bytes, &few);
    }
}
