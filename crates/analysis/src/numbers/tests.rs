//! Numbers summed up, whoever put them in order.
#![allow(clippy::unwrap_used)]

use cairn_model::{TimeMs, Value};

use super::*;
use crate::{Buckets, KeyPlan, Number};

fn plan(measure: Measure, top: usize) -> GraphPlan {
    GraphPlan {
        event: None,
        users: None,
        measure,
        buckets: Buckets {
            starts: [0, 10].map(TimeMs).to_vec(),
            end: TimeMs(20),
            names: vec!["a".to_owned(), "b".to_owned()],
        },
        group_by: vec![KeyPlan::Event("key".to_owned())],
        top,
        segment: None,
        as_of: TimeMs(i64::MAX),
        sentence: String::new(),
    }
}

/// The answer to these (time, key, number), cut into partials there, which are merged in their order.
fn answer(plan: &GraphPlan, events: &[(i64, f64, f64)], cut: usize) -> GraphAnswer {
    answer_of(plan, &[&events[..cut], &events[cut..]], false)
}

/// The same of pieces, each one's partial brought to its `end` before.
fn answer_of(plan: &GraphPlan, pieces: &[&[(i64, f64, f64)]], end: bool) -> GraphAnswer {
    let (groups, budget) = (Groups::default(), Budget::unlimited());
    let kernel = Numbers::new(plan, &groups).unwrap();
    let mut all = kernel.init();
    for events in pieces {
        let mut partial = kernel.init();
        let groups: Vec<_> = events.iter().map(|(_, key, _)| groups.group_of(&[Some(Value::Number(*key))])).collect();
        kernel.push(
            &mut partial,
            &Rows {
                times: &events.iter().map(|(time, ..)| *time).collect::<Vec<_>>(),
                matches: &vec![1; events.len()],
                groups: &groups,
                numbers: &events.iter().map(|(.., number)| *number).collect::<Vec<_>>(),
                ..Rows::default()
            },
        );
        if end {
            kernel.end(&mut partial, &budget).unwrap();
        }
        kernel.merge(&mut all, partial);
    }
    kernel.finish(all, &budget).unwrap()
}

#[test]
fn sums_and_their_order_do_not_depend_on_the_order_of_events() {
    let numbers = [0.1, 0.2, 0.3, 1e16, -1e16, 0.7];
    let events: Vec<_> =
        (0..4).flat_map(|key| numbers.map(|number| (3 * key, f64::from(key as i32), number))).collect();
    for measure in [Measure::Sum("x".to_owned()), Measure::Avg("x".to_owned()), Measure::Summary("x".to_owned())] {
        let plan = plan(measure, 2);
        let expected = answer(&plan, &events, events.len());
        // Equal sums are in the order of keys.
        let keys: Vec<_> = expected.series.iter().map(|series| series.group.clone()).collect();
        assert_eq!(keys, [Some(vec![Some(Value::Number(0.0))]), Some(vec![Some(Value::Number(1.0))]), None]);
        for step in [5, 7, 11, 23] {
            let others: Vec<_> = (0..events.len()).map(|at| events[(at * step + 5) % events.len()]).collect();
            assert_eq!(answer(&plan, &others, step), expected, "{step}");
        }
    }
    let plan = plan(Measure::Sum("x".to_owned()), 2);
    assert_eq!(answer(&plan, &events, 3).total.total, Number::Real(5.2));
}

#[test]
fn what_workers_put_in_order_is_as_if_they_had_not() {
    let mut state = 7_u64;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let odd = [0.0, -0.0, f64::NAN, f64::MAX, f64::MIN, 5e-324, -1e-300];
    let mut events: Vec<(i64, f64, f64)> = (0..12_000)
        .map(|_| {
            let number = match below(20) {
                0 => odd[below(odd.len() as u64) as usize],
                1 => -(below(1 << 40) as f64) / 1e6,
                _ => below(50_000) as f64 / 100.0,
            };
            (below(20) as i64, below(7) as f64, number)
        })
        .collect();
    let of = |name: &str| name.to_owned();
    let percentile = |p| Measure::Percentile { of: of("x"), p };
    let measures = [
        Measure::Summary(of("x")),
        Measure::Sum(of("x")),
        Measure::Avg(of("x")),
        Measure::Min(of("x")),
        Measure::Max(of("x")),
        percentile(0.1),
        percentile(37.0),
        percentile(100.0),
    ];
    for (top, infinite, groups) in [(3, false, 7.0), (20, true, 7.0), (5, false, 1.0), (2, false, 5_000.0)] {
        if infinite {
            events[77].2 = f64::INFINITY;
        }
        for (at, event) in events.iter_mut().enumerate().skip(11_000) {
            event.1 = (at as f64) % groups;
        }
        for measure in &measures {
            let plan = plan(measure.clone(), top);
            let expected = answer(&plan, &events, 0);
            for cuts in [[0, 6_000], [5_000, 10_000], [3, 11_500]] {
                let pieces = [&events[..cuts[0]], &events[cuts[0]..cuts[1]], &events[cuts[1]..]];
                assert_eq!(answer_of(&plan, &pieces, true), expected, "{measure:?} {cuts:?}");
            }
        }
    }
}

#[test]
fn groups_buckets_and_the_rest_have_their_own_numbers() {
    let plan = plan(Measure::Percentile { of: "x".to_owned(), p: 50.0 }, 1);
    let events: Vec<_> = (0..60).map(|at| (at % 20, f64::from(at as i32 % 3), f64::from(at as i32))).collect();
    let of = |wanted: &dyn Fn(i64, f64) -> bool| {
        let mut numbers: Vec<f64> =
            events.iter().filter(|(time, key, _)| wanted(*time, *key)).map(|(.., number)| *number).collect();
        numbers.sort_by(f64::total_cmp);
        Number::Real(numbers[numbers.len().div_ceil(2) - 1])
    };
    let answer = answer(&plan, &events, 17);
    let first = match &answer.series[0].group.as_deref() {
        Some([Some(Value::Number(key))]) => *key,
        other => panic!("{other:?}"),
    };
    let numbers = |totals: &crate::Totals| [&totals.values[0], &totals.values[1], &totals.total].map(Number::clone);
    let expected = |wanted: &dyn Fn(f64) -> bool| {
        [
            of(&|time, key| time < 10 && wanted(key)),
            of(&|time, key| time >= 10 && wanted(key)),
            of(&|_, key| wanted(key)),
        ]
    };
    assert_eq!(numbers(&answer.series[0].totals), expected(&|key| key == first));
    assert_eq!(numbers(&answer.series[1].totals), expected(&|key| key != first));
    assert_eq!(numbers(&answer.total), expected(&|_| true));
    assert_eq!(answer.series.len(), 2);
}
