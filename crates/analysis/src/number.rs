//! The numbers of a graph.

use serde::{Deserialize, Serialize};

/// A number of a graph. In JSON: a whole number, a number, an object, or null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// How many.
    Count(u64),
    /// A value made of values.
    Real(f64),
    /// Several of those. Apart, as there are very many numbers in an answer.
    Summary(Box<Summary>),
    /// There were no values.
    Nothing,
}

/// Some values, summed up. Percentiles are exact, by nearest rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many values there are, at least one.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Their mean.
    pub avg: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
}

impl Default for Number {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl From<u64> for Number {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl Number {
    /// What it is worth beside others: its sum, if it is a summary; nothing without values.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Real(value) => Some(*value),
            Self::Summary(summary) => Some(summary.sum),
            Self::Nothing => None,
        }
    }

    /// Whether it is zero or nothing.
    pub fn is_zero(&self) -> bool {
        self.value().is_none_or(|value| value == 0.0)
    }

    /// A whole number in the order of [`Number::value`]; nothing comes first.
    pub(crate) fn order(&self) -> u64 {
        let Some(value) = self.value() else { return 0 };
        // Bits of a positive number are in its order; of a negative one, in the order turned round.
        let bits = (value + 0.0).to_bits();
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_order() {
        let rising = [f64::NEG_INFINITY, -3.5, -1.0, 0.0, 1e-300, 2.0, 1e9].map(Number::Real);
        let orders: Vec<_> = [Number::Nothing].iter().chain(&rising).map(Number::order).collect();
        assert!(orders.is_sorted_by(|a, b| a < b), "{orders:?}");
        assert_eq!(Number::Real(-0.0).order(), Number::Real(0.0).order());
        assert_eq!(Number::Count(2).order(), Number::Real(2.0).order());
    }

    #[test]
    fn an_answer_may_have_very_many_numbers() {
        assert_eq!(size_of::<Number>(), 16);
    }

    #[test]
    fn numbers_are_json() {
        let texts = [Number::Count(3), Number::Real(2.5), Number::Nothing].map(|n| serde_json::to_string(&n).unwrap());
        assert_eq!(texts, ["3", "2.5", "null"]);
        let summary = Summary { count: 2, sum: 3.0, avg: 1.5, min: 1.0, max: 2.0, p50: 1.0, p90: 2.0, p99: 2.0 };
        let text = serde_json::to_string(&Number::Summary(Box::new(summary))).unwrap();
        assert!(text.starts_with(r#"{"count":2,"sum":3.0"#), "{text}");
        for text in ["3", "2.5", "null", &text] {
            assert_eq!(serde_json::to_string(&serde_json::from_str::<Number>(text).unwrap()).unwrap(), text);
        }
    }
}
