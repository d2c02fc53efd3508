//! Values summed up.

use super::exact::ExactSum;
use crate::{Budget, Measure, Number, Stopped, Summary};

/// What is made of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stat {
    Sum,
    Avg,
    Min,
    Max,
    Percentile(f64),
    Summary,
    /// How many there are.
    Count,
}

/// A number as an integer of the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(i64);

/// At most so many percentiles are asked for.
const PERCENTILES: usize = 3;

/// What is known of some values.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) count: u64,
    sum: ExactSum,
    least: Key,
    greatest: Key,
    /// The bounds of each percentile; both are it where it is known.
    bounds: [(Key, Key); PERCENTILES],
}

impl Key {
    const MIN: Self = Self(i64::MIN);
    const MAX: Self = Self(i64::MAX);

    #[inline(always)]
    pub(super) fn of(number: f64) -> Self {
        // -0 becomes 0.
        Self(Self::turned((number + 0.0).to_bits() as i64))
    }

    #[inline]
    pub(super) fn number(self) -> f64 {
        f64::from_bits(Self::turned(self.0) as u64)
    }

    /// The bits above the lower ones, which have the same order.
    #[inline]
    pub(super) fn upper(self, lower: u32) -> i64 {
        self.0 >> lower
    }

    /// All bits of a negative one but the sign, turned round.
    #[inline]
    fn turned(bits: i64) -> i64 {
        bits ^ ((bits >> 63) as u64 >> 1) as i64
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            count: 0,
            sum: ExactSum::default(),
            least: Key::MAX,
            greatest: Key::MIN,
            bounds: [(Key::MAX, Key::MIN); PERCENTILES],
        }
    }
}

impl Known {
    pub(super) fn add_sum(&mut self, sum: &ExactSum) {
        self.sum.merge(sum);
    }

    /// The percentiles that are asked for.
    pub(super) fn set_percentiles(&mut self, values: impl Iterator<Item = Key>) {
        self.bounds.iter_mut().zip(values).for_each(|(bounds, value)| *bounds = (value, value));
    }

    pub(super) fn set_extremes(&mut self, least: Key, greatest: Key) {
        (self.least, self.greatest) = (least, greatest);
    }

    /// Adds what is known of other values. A percentile of all lies between those of the pieces: no more of any piece are less than the
    /// least of these, nor greater than the greatest, than may be.
    pub(super) fn add(&mut self, piece: &Self) {
        self.count += piece.count;
        self.sum.merge(&piece.sum);
        (self.least, self.greatest) = (self.least.min(piece.least), self.greatest.max(piece.greatest));
        for (bounds, piece) in self.bounds.iter_mut().zip(&piece.bounds) {
            *bounds = (bounds.0.min(piece.0), bounds.1.max(piece.1));
        }
    }
}

impl Stat {
    /// `None` if the measure is not of a property.
    pub(super) fn of(measure: &Measure) -> Option<Self> {
        Some(match measure {
            Measure::Count | Measure::Users | Measure::Sessions | Measure::CountPerUser => return None,
            Measure::Sum(_) => Self::Sum,
            Measure::Avg(_) => Self::Avg,
            Measure::Min(_) => Self::Min,
            Measure::Max(_) => Self::Max,
            Measure::Percentile { p, .. } => Self::Percentile(*p),
            Measure::Summary(_) => Self::Summary,
            Measure::Histogram(_) => Self::Count,
        })
    }

    /// Rising.
    pub(super) fn percentiles(&self) -> &[f64] {
        match self {
            Self::Percentile(p) => std::slice::from_ref(p),
            Self::Summary => &[50.0, 90.0, 99.0],
            _ => &[],
        }
    }

    /// Whether values are added up.
    pub(super) fn sums(&self) -> bool {
        matches!(self, Self::Sum | Self::Avg | Self::Summary)
    }

    /// Whether the least or the greatest value is asked for.
    pub(super) fn asks_for_extremes(&self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::Summary)
    }

    /// Learns all that matters of some values, at least one, whose order may change. What `known` was before is forgotten.
    pub(super) fn learn(&self, values: &mut [Key], known: &mut Known) {
        known.count = values.len() as u64;
        if self.sums() {
            known.sum.clear();
            known.sum.add(values.iter().map(|value| value.number()));
        }
        // No value before a percentile is greater, and none after it less.
        let (mut first, mut after) = (values.len(), 0);
        for (p, bounds) in self.percentiles().iter().zip(&mut known.bounds) {
            let at = rank(values.len(), *p);
            if at >= after {
                values[after..].select_nth_unstable(at - after);
            }
            *bounds = (values[at], values[at]);
            (first, after) = (first.min(at + 1), at + 1);
        }
        if matches!(self, Self::Min | Self::Summary) {
            known.least = values[..first].iter().copied().fold(Key::MAX, Key::min);
        }
        if matches!(self, Self::Max | Self::Summary) {
            known.greatest = values[after.saturating_sub(1)..].iter().copied().fold(Key::MIN, Key::max);
        }
    }

    /// Finds the percentiles of values that are known piece by piece. Fails if the budget is over.
    pub(super) fn settle<'v>(
        &self,
        known: &mut Known,
        values: impl Iterator<Item = &'v [Key]> + Clone,
        scratch: &mut Vec<Key>,
        budget: &Budget,
    ) -> Result<(), Stopped> {
        for (p, (low, high)) in self.percentiles().iter().zip(&mut known.bounds) {
            if known.count == 0 || low == high {
                continue;
            }
            budget.check()?;
            let mut less = 0;
            scratch.clear();
            for value in values.clone().flatten() {
                less += usize::from(value < low);
                if (*low..=*high).contains(value) {
                    scratch.push(*value);
                }
            }
            let all = rank(known.count as usize, *p);
            let mut at = all.wrapping_sub(less);
            if at >= scratch.len() {
                // Ranks are rounded: so it can be just outside.
                scratch.clear();
                scratch.extend(values.clone().flatten());
                at = all;
            }
            let (_, found, _) = scratch.select_nth_unstable(at);
            (*low, *high) = (*found, *found);
        }
        Ok(())
    }

    /// What it makes of values of which all is known.
    pub(super) fn number(&self, known: &Known) -> Number {
        let Known { count, sum, least, greatest, bounds } = known;
        let percentile = |at: usize| bounds[at].0.number();
        if *count == 0 {
            return match self {
                Self::Sum => Number::Real(0.0),
                Self::Count => Number::Count(0),
                _ => Number::Nothing,
            };
        }
        match self {
            Self::Sum => Number::Real(sum.value()),
            Self::Avg => Number::Real(sum.value() / *count as f64),
            Self::Min => Number::Real(least.number()),
            Self::Max => Number::Real(greatest.number()),
            Self::Percentile(_) => Number::Real(percentile(0)),
            Self::Count => Number::Count(*count),
            Self::Summary => {
                let (sum, [p50, p90, p99]) = (sum.value(), [0, 1, 2].map(percentile));
                let (avg, min, max) = (sum / *count as f64, least.number(), greatest.number());
                Number::Summary(Box::new(Summary { count: *count, sum, avg, min, max, p50, p90, p99 }))
            }
        }
    }
}

/// The place, in order, of the least of `count` values that at least `p` percent of them do not exceed.
pub(super) fn rank(count: usize, p: f64) -> usize {
    ((p * count as f64 / 100.0).ceil() as usize).clamp(1, count) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(values: impl Iterator<Item = f64>) -> Vec<Key> {
        values.map(Key::of).collect()
    }

    fn number(stat: Stat, mut values: Vec<Key>) -> Number {
        let mut known = Known::default();
        if !values.is_empty() {
            stat.learn(&mut values, &mut known);
        }
        stat.number(&known)
    }

    #[test]
    fn keys_have_the_order_of_numbers() {
        let rising = [f64::MIN, -2.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 2.5, f64::MAX];
        assert!(keys(rising.into_iter()).is_sorted_by(|a, b| a < b));
        assert_eq!(rising.map(|value| Key::of(value).number()), rising);
        assert_eq!(Key::of(-0.0), Key::of(0.0));
    }

    #[test]
    fn percentiles_are_values_by_nearest_rank() {
        let of = |p: f64, count: u32| number(Stat::Percentile(p), keys((1..=count).rev().map(f64::from))).value();
        let found = [of(50.0, 10), of(90.0, 10), of(99.0, 10), of(0.1, 10), of(100.0, 10)];
        assert_eq!(found, [5.0, 9.0, 10.0, 1.0, 10.0].map(Some));
        assert_eq!([of(50.0, 1), of(50.0, 3), of(25.0, 4)], [1.0, 2.0, 1.0].map(Some));
    }

    #[test]
    fn a_summary_is_all_of_them() {
        let values = keys((0..1_000).map(|at| f64::from(at * 7 % 1_000)));
        let Number::Summary(summary) = number(Stat::Summary, values) else { panic!("no summary") };
        assert_eq!((summary.count, summary.sum, summary.avg), (1_000, 499_500.0, 499.5));
        let found = [summary.min, summary.p50, summary.p90, summary.p99, summary.max];
        assert_eq!(found, [0.0, 499.0, 899.0, 989.0, 999.0]);
        assert_eq!(number(Stat::Summary, Vec::new()), Number::Nothing);
        assert_eq!(number(Stat::Sum, Vec::new()), Number::Real(0.0));
    }

    #[test]
    fn a_percentile_may_lie_outside_of_those_of_the_pieces() {
        // 1.1 % of 1,000 are 11, but of 3,000 a little more than 33.
        let stat = Stat::Percentile(1.1);
        let pieces: Vec<_> = [0.0, 0.1, 0.2].map(|off| keys((0..1_000).map(|at| f64::from(at) + off))).to_vec();
        let mut all = Known::default();
        for piece in &pieces {
            let mut known = Known::default();
            stat.learn(&mut piece.clone(), &mut known);
            all.add(&known);
        }
        stat.settle(&mut all, pieces.iter().map(Vec::as_slice), &mut Vec::new(), &Budget::unlimited()).unwrap();
        assert_eq!(stat.number(&all), number(stat, pieces.concat()));
    }

    #[test]
    fn what_is_known_of_pieces_is_known_of_all() {
        let values = keys((0..500_u32).map(|at| f64::from(at * at * 31 % 997)));
        for cuts in [[0, 0, 500], [1, 2, 3], [3, 90, 470], [250, 250, 251]] {
            for stat in [Stat::Summary, Stat::Percentile(37.0), Stat::Min, Stat::Max, Stat::Avg, Stat::Count] {
                let (mut all, mut pieces, mut scratch) = (Known::default(), Vec::new(), Vec::new());
                for (from, to) in [(0, cuts[0]), (cuts[0], cuts[1]), (cuts[1], cuts[2]), (cuts[2], 500)] {
                    let mut piece = values[from..to].to_vec();
                    if !piece.is_empty() {
                        let mut known = Known::default();
                        stat.learn(&mut piece, &mut known);
                        all.add(&known);
                    }
                    pieces.push(piece);
                }
                stat.settle(&mut all, pieces.iter().map(Vec::as_slice), &mut scratch, &Budget::unlimited()).unwrap();
                assert_eq!(stat.number(&all), number(stat, values.clone()), "{stat:?} {cuts:?}");
            }
        }
    }
}
