//! Packed columns.

use cairn_bench::random::Rng;
use cairn_store::bench_support::Codes;
use criterion::{Criterion, Throughput};

const ROWS: usize = 1 << 20;
/// As many as there are paths.
const DISTINCT: u32 = 2_000;

pub(crate) fn packed_columns(criterion: &mut Criterion) {
    let mut rng = Rng::new(1, 0);
    let mixed: Vec<u32> = (0..ROWS).map(|_| rng.below(DISTINCT)).collect();
    // A user's country: the same for about 100 events.
    let steady: Vec<u32> = (0..ROWS).map(|row| mixed[row / 100]).collect();
    let (packed, runs) = (Codes::pack(&mixed), Codes::pack(&steady));
    assert!(runs.bytes() * 10 < packed.bytes() && runs.runs() > 0);
    let sum = mixed.iter().map(|code| u64::from(*code)).sum::<u64>();
    assert_eq!(packed.unpack(), sum);
    let wanted: Vec<u32> = (0..DISTINCT.div_ceil(32)).map(|word| if word % 7 == 0 { 0x10 } else { 0 }).collect();

    let mut group = criterion.benchmark_group("columns");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("pack mixed codes", |bencher| bencher.iter(|| Codes::pack(&mixed)));
    group.bench_function("pack runs", |bencher| bencher.iter(|| Codes::pack(&steady)));
    group.bench_function("unpack", |bencher| bencher.iter(|| packed.unpack()));
    group.bench_function("unpack and test", |bencher| bencher.iter(|| packed.count_in(&wanted)));
    group.bench_function("list runs", |bencher| bencher.iter(|| runs.runs()));
    group.finish();
}
