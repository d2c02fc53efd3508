//! Values summed up.

use crate::{Measure, Number, Summary};

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

    /// Of these values, whose order may change.
    pub(super) fn of_values(self, values: &mut [f64]) -> Number {
        if values.is_empty() {
            return match self {
                Self::Sum => Number::Real(0.0),
                Self::Count => Number::Count(0),
                _ => Number::Nothing,
            };
        }
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match self {
            Self::Sum => Number::Real(sum(values)),
            Self::Avg => Number::Real(sum(values) / values.len() as f64),
            Self::Min => Number::Real(least(values)),
            Self::Max => Number::Real(greatest(values)),
            Self::Percentile(p) => Number::Real(percentile(values, p).0),
            Self::Count => Number::Count(values.len() as u64),
            Self::Summary => {
                let (count, sum, min, max) = (values.len(), sum(values), least(values), greatest(values));
                // Those below a percentile are all that matters for a lower one.
                let (p99, below) = percentile(values, 99.0);
                let (p90, below) = nth(&mut values[..=below], rank(count, 90.0));
                let (p50, _) = nth(&mut values[..=below], rank(count, 50.0));
                Number::Summary(Summary { count: count as u64, sum, avg: sum / count as f64, min, max, p50, p90, p99 })
            }
        }
    }
}

/// The least value that at least `p` percent of them do not exceed, and its place: no value before it is greater.
fn percentile(values: &mut [f64], p: f64) -> (f64, usize) {
    let rank = rank(values.len(), p);
    nth(values, rank)
}

/// The place of the percentile among `count` values in order.
fn rank(count: usize, p: f64) -> usize {
    ((p * count as f64 / 100.0).ceil() as usize).clamp(1, count) - 1
}

fn nth(values: &mut [f64], at: usize) -> (f64, usize) {
    let (_, value, _) = values.select_nth_unstable_by(at, f64::total_cmp);
    (*value, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_by_nearest_rank() {
        let of = |p: f64, count: u32| {
            let mut values: Vec<f64> = (1..=count).rev().map(f64::from).collect();
            percentile(&mut values, p).0
        };
        assert_eq!([of(50.0, 10), of(90.0, 10), of(99.0, 10), of(0.1, 10), of(100.0, 10)], [5.0, 9.0, 10.0, 1.0, 10.0]);
        assert_eq!([of(50.0, 1), of(50.0, 3), of(25.0, 4)], [1.0, 2.0, 1.0]);
    }

    #[test]
    fn a_summary_is_all_of_them() {
        let mut values: Vec<f64> = (0..1_000).map(|at| f64::from(at * 7 % 1_000)).collect();
        let Number::Summary(summary) = Stat::Summary.of_values(&mut values) else { panic!("no summary") };
        assert_eq!((summary.count, summary.sum, summary.avg), (1_000, 499_500.0, 499.5));
        let found = [summary.min, summary.p50, summary.p90, summary.p99, summary.max];
        assert_eq!(found, [0.0, 499.0, 899.0, 989.0, 999.0]);
        assert_eq!(Stat::Summary.of_values(&mut []), Number::Nothing);
        assert_eq!(Stat::Sum.of_values(&mut []), Number::Real(0.0));
    }
}
