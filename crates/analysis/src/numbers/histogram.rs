//! The bins of a histogram.

use super::Seen;
use crate::{Budget, GraphAnswer, Histogram, Stopped};

/// Edges that are known, of one bin more than there are bins; none without numbers.
#[derive(Debug)]
pub(super) struct Bins {
    edges: Vec<f64>,
    outside: u64,
}

impl Bins {
    /// The bins for these values.
    pub(super) fn new(histogram: &Histogram, seen: &[Seen]) -> Self {
        let Some(bins) = histogram.bins else {
            return Self { edges: histogram.edges.clone(), outside: 0 };
        };
        let numbers = || seen.iter().map(|seen| seen.number).filter(|number| !number.is_nan());
        let (least, greatest) = numbers().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), number| {
            (least.min(number), greatest.max(number))
        });
        let edges = match least.partial_cmp(&greatest) {
            Some(std::cmp::Ordering::Less) => equal(least, greatest, bins),
            // One value, again and again.
            Some(std::cmp::Ordering::Equal) => vec![least, greatest],
            _ => Vec::new(),
        };
        Self { edges, outside: 0 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Says of each number in which bin it lies; those that lie in none are left out. Fails if the budget is over.
    pub(super) fn place(&mut self, seen: &mut Vec<Seen>, budget: &Budget) -> Result<(), Stopped> {
        let (edges, mut outside, mut steps) = (&self.edges, 0, 0);
        seen.retain_mut(|seen| {
            let going = budget.check_at(steps).is_ok() && !budget.is_over();
            steps += 1;
            if seen.number.is_nan() || !going {
                return true;
            }
            let bin = bin(edges, seen.number);
            seen.bucket = bin.unwrap_or(0);
            outside += u64::from(bin.is_none());
            bin.is_some()
        });
        self.outside = outside;
        budget.check()
    }

    /// Puts their names into an answer.
    pub(super) fn name(self, answer: &mut GraphAnswer) {
        answer.buckets = self.edges.iter().take(self.len()).map(f64::to_string).collect();
        answer.outside = Some(self.outside);
        answer.edges = self.edges;
    }
}

/// The bin of a number; the last is closed.
fn bin(edges: &[f64], number: f64) -> Option<u32> {
    let last = edges.len().checked_sub(2)?;
    let after = edges.partition_point(|edge| *edge <= number);
    match after {
        0 => None,
        _ if number == edges[last + 1] => Some(last as u32),
        _ if after > last + 1 => None,
        _ => Some(after as u32 - 1),
    }
}

/// Edges of bins of equal width; as many as numbers can tell apart.
fn equal(least: f64, greatest: f64, bins: usize) -> Vec<f64> {
    let edge = |at: usize| {
        let part = at as f64 / bins as f64;
        least * (1.0 - part) + greatest * part
    };
    let between = (1..bins).map(edge).map(|edge| edge.clamp(least, greatest));
    let mut edges: Vec<f64> = [least].into_iter().chain(between).chain([greatest]).collect();
    // Of numbers that are next to each other, no edges lie between.
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_half_open_and_the_last_is_closed() {
        let edges = [0.0, 1.0, 2.5, 3.0];
        let bins = [-0.1, 0.0, 0.9, 1.0, 2.5, 2.9, 3.0, 3.1].map(|number| bin(&edges, number));
        assert_eq!(bins, [None, Some(0), Some(0), Some(1), Some(2), Some(2), Some(2), None]);
        assert_eq!(bin(&[4.0, 4.0], 4.0), Some(0));
        assert_eq!(bin(&[], 4.0), None);
    }

    #[test]
    fn equal_bins_go_from_the_least_to_the_greatest() {
        assert_eq!(equal(0.0, 10.0, 4), [0.0, 2.5, 5.0, 7.5, 10.0]);
        let edges = equal(-f64::MAX, f64::MAX, 3);
        assert!(edges.is_sorted_by(|a, b| a < b) && edges.len() == 4, "{edges:?}");
        let close = equal(1.0, 1.0 + f64::EPSILON, 100);
        assert_eq!((close[0], close[close.len() - 1]), (1.0, 1.0 + f64::EPSILON));
        assert!(close.is_sorted_by(|a, b| a < b), "{close:?}");
    }
}
