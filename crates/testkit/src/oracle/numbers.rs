//! Graphs over a property's numbers.

use std::collections::BTreeSet;

use cairn_analysis::{GraphAnswer, GraphPlan, Histogram, Measure, Number, Series, Summary, Totals};
use cairn_model::{Predicate, Value};

use super::{Group, Oracle, descending, group};

/// An event that counts: its group, its bucket, and its number, if it has one.
type Fact = (Group, usize, Option<f64>);

impl Oracle {
    /// The answer to a graph whose measure is of a property.
    pub(super) fn numbers(&self, plan: &GraphPlan, event: &Predicate, property: &str) -> GraphAnswer {
        let (mut facts, keys): (Vec<Fact>, _) = (Vec::new(), self.keys(&plan.group_by));
        for (person, events) in self.histories(plan.as_of) {
            let properties = self.properties(&person);
            for event in events.into_iter().filter(|of| event.matches(of, &|name| properties.get(name))) {
                let Some(bucket) = plan.buckets.starts.iter().rposition(|start| *start <= event.time) else { continue };
                if event.time < plan.buckets.end {
                    let number = match event.properties.get(property).cloned() {
                        // -0 equals 0.
                        Some(Value::Number(number)) => Some(number + 0.0),
                        _ => None,
                    };
                    facts.push((group(&keys, event, (&person, &properties)), bucket, number));
                }
            }
        }
        let skipped = facts.iter().filter(|fact| fact.2.is_none()).count() as u64;
        facts.retain(|fact| fact.2.is_some());
        let (mut edges, mut outside) = (Vec::new(), None);
        if let Measure::Histogram(histogram) = &plan.measure {
            edges = edges_of(histogram, facts.iter().filter_map(|fact| fact.2));
            let all = facts.len();
            facts.retain_mut(|fact| {
                let bin = fact.2.and_then(|number| bin(&edges, number));
                fact.1 = bin.unwrap_or(0);
                bin.is_some()
            });
            outside = Some((all - facts.len()) as u64);
        }
        let buckets: Vec<String> = match outside {
            Some(_) => edges.iter().take(edges.len().max(1) - 1).map(f64::to_string).collect(),
            None => plan.buckets.names.clone(),
        };
        let groups: BTreeSet<&Group> = facts.iter().map(|fact| &fact.0).collect();
        let of = |wanted: &dyn Fn(&Group) -> bool| {
            totals((plan, buckets.len()), facts.iter().filter(|fact| wanted(&fact.0)))
        };
        let mut ranked: Vec<(Totals, &Group)> =
            groups.into_iter().map(|group| (of(&|other| other == group), group)).collect();
        // By value, the greatest first; of equals the groups' order stands.
        ranked.sort_by(|a, b| descending(&a.0.total, &b.0.total));
        let (own, rest) = ranked.split_at(ranked.len().min(plan.top));
        let series = own.iter().map(|(totals, group)| Series {
            group: Some((*group).clone()),
            other: false,
            totals: totals.clone(),
        });
        let mut series: Vec<Series> = series.collect();
        if !rest.is_empty() {
            let totals = of(&|group| rest.iter().any(|(_, other)| *other == group));
            series.push(Series { group: None, other: true, totals });
        }
        let total = of(&|_| true);
        if series.is_empty() && plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: total.clone() });
        }
        GraphAnswer { buckets, series, total, skipped: Some(skipped), edges, outside }
    }
}

/// The edges of a histogram's bins: the given ones, or those of bins of equal width.
fn edges_of(histogram: &Histogram, numbers: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let Some(bins) = histogram.bins else {
        return histogram.edges.clone();
    };
    let (Some(least), Some(greatest)) = (numbers.clone().reduce(f64::min), numbers.reduce(f64::max)) else {
        return Vec::new();
    };
    if least == greatest {
        return vec![least, greatest];
    }
    let part = |at: usize| at as f64 / bins as f64;
    let between = (1..bins).map(|at| least * (1.0 - part(at)) + greatest * part(at));
    [least].into_iter().chain(between).chain([greatest]).collect()
}

/// The bin that a number lies in; the last one is closed.
fn bin(edges: &[f64], number: f64) -> Option<usize> {
    let bins = edges.len().checked_sub(1)?;
    (0..bins).find(|at| {
        let last = at + 1 == bins && number == edges[at + 1];
        number >= edges[*at] && (number < edges[at + 1] || last)
    })
}

fn totals<'a>((plan, buckets): (&GraphPlan, usize), facts: impl Iterator<Item = &'a Fact> + Clone) -> Totals {
    let of = |bucket: Option<usize>| {
        let facts = facts.clone().filter(|fact| bucket.is_none_or(|bucket| bucket == fact.1));
        number(&plan.measure, facts.filter_map(|fact| fact.2).collect())
    };
    Totals { values: (0..buckets).map(|bucket| of(Some(bucket))).collect(), total: of(None), trailing: Vec::new() }
}

/// What a measure of a property makes of its values.
pub(super) fn number(measure: &Measure, mut values: Vec<f64>) -> Number {
    if matches!(measure, Measure::Histogram(_)) {
        return Number::Count(values.len() as u64);
    }
    values.sort_by(f64::total_cmp);
    let (Some(min), Some(max)) = (values.first().copied(), values.last().copied()) else {
        return if matches!(measure, Measure::Sum(_)) { Number::Real(0.0) } else { Number::Nothing };
    };
    let (count, sum) = (values.len(), values.iter().sum::<f64>());
    // The first value that so many percent of them do not exceed.
    let percentile = |p: f64| {
        let enough =
            |value: &&f64| values.iter().filter(|other| other <= value).count() as f64 * 100.0 >= p * count as f64;
        values.iter().find(enough).copied().unwrap_or(f64::NAN)
    };
    match measure {
        Measure::Sum(_) => Number::Real(sum),
        Measure::Avg(_) => Number::Real(sum / count as f64),
        Measure::Min(_) => Number::Real(min),
        Measure::Max(_) => Number::Real(max),
        Measure::Percentile { p, .. } => Number::Real(percentile(*p)),
        _ => Number::Summary(Box::new(Summary {
            count: count as u64,
            sum,
            avg: sum / count as f64,
            min,
            max,
            p50: percentile(50.0),
            p90: percentile(90.0),
            p99: percentile(99.0),
        })),
    }
}
