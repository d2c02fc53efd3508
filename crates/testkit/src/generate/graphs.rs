//! Graphs of several events, with formulas, the period before, and trailing averages.

use cairn_analysis::{GraphEvent, GraphsQuery, Interval, Measure, letter};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{filter, frequent, keys, range, segment::maybe_segment};

/// Graphs of one to four events.
pub fn graphs() -> impl Strategy<Value = GraphsQuery> {
    let intervals =
        vec![Interval::Hour, Interval::Day, Interval::Day, Interval::Week, Interval::Month, Interval::Whole];
    let property = || select(vec!["n", "n", "n", "n", "p"]).prop_map(str::to_owned);
    let measure = prop_oneof![
        3 => Just(Measure::Count),
        4 => Just(Measure::Users),
        2 => Just(Measure::Sessions),
        2 => Just(Measure::CountPerUser),
        1 => property().prop_map(Measure::Sum),
        1 => property().prop_map(Measure::Avg),
        1 => property().prop_map(Measure::Min),
        1 => property().prop_map(Measure::Max),
        1 => (property(), select(vec![25.0, 50.0, 99.9])).prop_map(|(of, p)| Measure::Percentile { of, p }),
    ];
    let own_filter = prop_oneof![5 => Just(None), 1 => filter(true)];
    let event =
        (frequent(), measure, own_filter).prop_map(|(event, measure, filter)| GraphEvent { event, measure, filter });
    let events = vec(event, 1..5).prop_flat_map(|events| {
        let count = events.len();
        (Just(events), vec(formula(count), 0..3))
    });
    let filter = (prop_oneof![5 => Just(None), 1 => filter(true)], maybe_segment());
    let groups = (prop_oneof![Just(Vec::new()), keys(false)], 1..5_usize);
    let beside = (any::<bool>(), prop_oneof![Just(None), (2..6_usize).prop_map(Some)]);
    (events, select(intervals), range(), groups, filter, beside, any::<bool>()).prop_map(
        |((events, formulas), interval, (from, to, as_of), (group_by, top), (filter, segment), beside, bots)| {
            let (previous, trailing) = beside;
            let as_of = Some(as_of);
            GraphsQuery {
                events,
                formulas,
                from,
                to,
                interval,
                group_by,
                filter,
                top,
                as_of,
                segment,
                bots,
                previous,
                trailing,
            }
        },
    )
}

/// A formula between so many events.
fn formula(events: usize) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        5 => (0..events).prop_map(|event| letter(event).to_string()),
        1 => select(vec!["100", "0.5", "0", "2"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), select(vec!["+", "-", "*", "/", "/"]), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            2 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.prop_map(|inner| format!("-{inner}")),
        ]
    })
}
