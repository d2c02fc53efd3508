//! Which coding makes a block smallest.

use super::cpu::{self, Avx2};
use super::int::width;
use super::layout::{BITMAP, ROW_BITS, UNIT};
use super::packing::ROW;
use super::{BLOCK, Int, bits};

/// A packed block is taken if its size is at most this part of the smallest one's, in percent: it decodes fastest.
const PACKED_SLACK: usize = 120;

/// How to code a block. `width` is in bits, and holds every coded value minus `base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan<T> {
    /// All values are this one.
    Constant(T),
    /// All values are packed.
    Packed { base: T, width: u32 },
    /// `count` runs.
    Runs { base: T, width: u32, count: usize },
    /// `common` with `count` exceptions whose rows are listed.
    Few { common: T, base: T, width: u32, count: usize },
    /// `common` with `count` exceptions whose rows are in a bitmap.
    Sparse { common: T, base: T, width: u32, count: usize },
}

/// What one pass over a block finds.
pub(super) struct Survey<T> {
    min: T,
    max: T,
    /// Count of runs of equal values.
    runs: usize,
    /// Of each candidate: how many values are not it.
    others: [usize; 3],
}

/// Looks at all values once; the loops are apart because each becomes vector instructions by itself.
#[inline(always)]
pub(super) fn survey<T: Int>(values: &[T; BLOCK], candidates: [T; 3]) -> Survey<T> {
    let (min, max) = values.iter().fold((T::MAX, T::default()), |(min, max), &v| (min.min(v), max.max(v)));
    // The counts are kept in `T`, so that they have as many lanes as the values.
    let one = |yes: bool| T::narrow(u64::from(yes));
    let ends = values.iter().zip(&values[1..]).fold(T::default(), |sum, (a, b)| sum.plus(one(a != b)));
    let [a, b, c] = candidates;
    let zero = T::default();
    let (a, b, c) = values
        .iter()
        .fold((zero, zero, zero), |(x, y, z), &v| (x.plus(one(v != a)), y.plus(one(v != b)), z.plus(one(v != c))));
    let others = [a.wide() as usize, b.wide() as usize, c.wide() as usize];
    Survey { min, max, runs: ends.wide() as usize + 1, others }
}

/// How far the value nearest to `end`, the smallest or if `above` is false the largest value, is from it, minus 1.
#[inline(always)]
pub(super) fn gap<T: Int>(values: &[T; BLOCK], end: T, above: bool) -> T {
    // `end` itself wraps to the maximum.
    let one = T::narrow(1);
    if above {
        values.iter().fold(T::MAX, |gap, &v| gap.min(v.minus(end).minus(one)))
    } else {
        values.iter().fold(T::MAX, |gap, &v| gap.min(end.minus(v).minus(one)))
    }
}

/// The value that is most frequent in a sample of eight rows, the first of them row 0.
fn frequent<T: Int>(values: &[T; BLOCK]) -> T {
    // An odd step, so that data of an even period is not sampled at one phase.
    let sample: [T; 8] = std::array::from_fn(|i| values[i * 131]);
    let mut best = (0, values[0]);
    for value in sample {
        let count = sample.iter().filter(|&&other| other == value).count();
        if count > best.0 {
            best = (count, value);
        }
    }
    best.1
}

/// Bytes in whole units.
fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(UNIT)
}

/// The plan with the smallest payload. `common` is a guess at the block's common value; the one found replaces it if
/// most values are that.
pub(super) fn plan<T: Int>(cpu: Option<Avx2>, values: &[T; BLOCK], common: &mut T) -> Plan<T> {
    let candidates = [frequent(values), *common, T::default()];
    let survey = cpu::survey(cpu, values, candidates);
    let (base, span) = (survey.min, survey.max.minus(survey.min));
    if span == T::default() {
        *common = base;
        return Plan::Constant(base);
    }
    let width = width(span.wide());
    let packed = UNIT + ROW * width as usize;
    let count = survey.runs;
    let runs = padded(T::BYTES + bits::size(count, ROW_BITS) + bits::size(count, width));
    let mut best = (runs, Plan::Runs { base, width, count });
    if let Some((count, found)) = survey.others.into_iter().zip(candidates).min_by_key(|&(count, _)| count) {
        if count < BLOCK / 2 {
            *common = found;
        }
        // Without the values; no more can be saved than this.
        let least = 2 * T::BYTES + bits::size(count, ROW_BITS).min(BITMAP);
        if least < best.0.min(packed) {
            let around = around(cpu, values, (base, survey.max), found, count);
            if around.0 < best.0 {
                best = around;
            }
        }
    }
    if packed * 100 <= best.0 * PACKED_SLACK { Plan::Packed { base, width } } else { best.1 }
}

/// The better of the plans that code `common` and `count` exceptions, and its size in bytes. `min` and `max` are those
/// of all values, and differ.
fn around<T: Int>(
    cpu: Option<Avx2>,
    values: &[T; BLOCK],
    (min, max): (T, T),
    common: T,
    count: usize,
) -> (usize, Plan<T>) {
    let one = T::narrow(1);
    let base = if common == min { min.plus(cpu::gap(cpu, values, min, true)).plus(one) } else { min };
    let max = if common == max { max.minus(cpu::gap(cpu, values, max, false)).minus(one) } else { max };
    let width = width(max.minus(base).wide());
    let others = 2 * T::BYTES + bits::size(count, width);
    let (few, sparse) = (padded(others + bits::size(count, ROW_BITS)), padded(others + BITMAP));
    if few <= sparse {
        (few, Plan::Few { common, base, width, count })
    } else {
        (sparse, Plan::Sparse { common, base, width, count })
    }
}
