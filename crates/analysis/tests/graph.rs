//! The graph kernel over random users, in any pieces, and where its counts are too many to keep.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use cairn_analysis::{
    Buckets, Budget, Graph, GraphAnswer, GraphPlan, GroupId, Groups, Kernel, KeyPlan, Measure, Number, Rows, Series,
    Totals,
};
use cairn_model::{Predicate, TimeMs, Value};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

/// A time and a group; one without a group is not relevant.
type Event = (i64, Option<u32>);

fn plan(measure: Measure, buckets: &[i64], end: i64, top: usize) -> GraphPlan {
    GraphPlan {
        event: Some(Predicate::every()),
        users: None,
        measure,
        buckets: Buckets {
            starts: buckets.iter().map(|start| TimeMs(*start)).collect(),
            end: TimeMs(end),
            names: buckets.iter().map(i64::to_string).collect(),
        },
        group_by: vec![KeyPlan::Event("key".into())],
        top,
        segment: None,
        as_of: TimeMs(i64::MAX),
        sentence: String::new(),
    }
}

/// Runs the kernel as often as it asks, and says how often that was. Users go to two partials in turn; `many` gives counts.
fn answer(plan: &GraphPlan, users: &[Vec<Event>], piece: usize, many: bool) -> (GraphAnswer, usize) {
    let groups = Groups::default();
    let mut kernel = Graph::new(plan, &groups);
    for runs in 1.. {
        let mut partials = [kernel.init(), kernel.init()];
        for (at, events) in users.iter().enumerate() {
            let partial = &mut partials[at % 2];
            for piece in events.chunks(piece) {
                if many {
                    push_many(&kernel, partial, &groups, piece);
                } else {
                    push(&kernel, partial, &groups, piece);
                }
            }
            kernel.close(partial, 0, GroupId(0));
        }
        let [mut into, from] = partials;
        kernel.merge(&mut into, from);
        match kernel.finish(into, &Budget::unlimited()).unwrap() {
            Ok(answer) => return (answer, runs),
            Err(second) => kernel = second,
        }
    }
    unreachable!()
}

fn id(groups: &Groups, group: u32) -> GroupId {
    groups.group(&[groups.value(Some(&Value::Number(f64::from(group))))])
}

fn push(kernel: &Graph<'_>, partial: &mut <Graph<'_> as Kernel>::Partial, groups: &Groups, piece: &[Event]) {
    let rows = Rows {
        // Where only numbers matter, times need not be there.
        times: &piece.iter().filter(|_| !kernel.counts_only()).map(|event| event.0).collect::<Vec<_>>(),
        matches: &piece.iter().map(|event| u32::from(event.1.is_some())).collect::<Vec<_>>(),
        groups: &piece
            .iter()
            .map(|event| event.1.map_or(GroupId(u32::MAX), |group| id(groups, group)))
            .collect::<Vec<_>>(),
        ..Rows::default()
    };
    kernel.push(partial, &rows);
}

fn push_many(kernel: &Graph<'_>, partial: &mut <Graph<'_> as Kernel>::Partial, groups: &Groups, piece: &[Event]) {
    let mut counts = BTreeMap::new();
    piece.iter().filter_map(|event| event.1).for_each(|group| *counts.entry(group).or_insert(0) += 1);
    counts.into_iter().for_each(|(group, count)| kernel.push_many(partial, id(groups, group), count));
}

fn counts(values: &[u64], total: u64) -> Totals {
    Totals { values: values.iter().copied().map(Number::Count).collect(), total: total.into(), trailing: Vec::new() }
}

/// The same by plain sets of (user, place of the event).
fn expected(plan: &GraphPlan, users: &[Vec<Event>]) -> GraphAnswer {
    type Facts = BTreeSet<(usize, usize, usize)>;
    let mut facts: BTreeMap<u32, Facts> = BTreeMap::new();
    for (user, events) in users.iter().enumerate() {
        for (at, (time, group)) in events.iter().enumerate() {
            let bucket = plan.buckets.of(TimeMs(*time));
            let at = if plan.measure == Measure::Users { 0 } else { at };
            group.map(|group| facts.entry(group).or_default().insert((user, at, bucket)));
        }
    }
    let total = |facts: &Facts| facts.iter().map(|fact| (fact.0, fact.1)).collect::<BTreeSet<_>>().len() as u64;
    let totals = |facts: &Facts| {
        let mut values = vec![0; plan.buckets.len()];
        facts.iter().for_each(|fact| values[fact.2] += 1);
        counts(&values, total(facts))
    };
    let mut ranked: Vec<_> = facts.iter().map(|(group, facts)| (Reverse(total(facts)), *group)).collect();
    ranked.sort_unstable();
    let union = |groups: &[(Reverse<u64>, u32)]| groups.iter().flat_map(|(_, group)| facts[group].clone()).collect();
    let (own, rest) = ranked.split_at(plan.top.min(ranked.len()));
    let of_group = |group: u32| Series {
        group: Some(vec![Some(Value::Number(f64::from(group)))]),
        other: false,
        totals: totals(&facts[&group]),
    };
    let mut series: Vec<_> = own.iter().map(|(_, group)| of_group(*group)).collect();
    if !rest.is_empty() {
        series.push(Series { group: None, other: true, totals: totals(&union(rest)) });
    }
    GraphAnswer {
        buckets: plan.buckets.names.clone(),
        series,
        total: totals(&union(&ranked)),
        ..GraphAnswer::default()
    }
}

#[test]
fn any_users_in_any_pieces_are_counted_once() {
    let event = (0..100_i64, prop_oneof![4 => (0..6_u32).prop_map(Some), 1 => Just(None)]);
    let user = vec(event, 0..20).prop_map(|mut events| {
        events.sort_by_key(|event| event.0);
        events
    });
    let buckets = select(vec![vec![0], vec![0, 50], vec![0, 1, 2, 30, 31, 77, 98]]);
    let measure = select(vec![Measure::Count, Measure::Users]);
    let random = (vec(user, 0..20), buckets, measure, 1..8_usize, 1..8_usize);
    let config = ProptestConfig { cases: 2_000, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&random, |(users, buckets, measure, top, piece)| {
        let plan = plan(measure, &buckets, 100, top);
        let expected = expected(&plan, &users);
        prop_assert_eq!(&answer(&plan, &users, piece, false).0, &expected);
        if buckets.len() == 1 {
            prop_assert_eq!(&answer(&plan, &users, piece, true).0, &expected);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn too_many_counts_are_given_up_and_a_second_run_finds_the_same() {
    const GROUPS: u32 = 300;
    let starts: Vec<i64> = (0..5_000).collect();
    // Users of few groups in the one partial, so that only the other one gives up.
    let user = |user: u32, many: bool| {
        let groups = if many { GROUPS } else { 7 };
        (0..GROUPS).map(|i| (i64::from(i * 16 + user), Some((i + user) % groups))).collect::<Vec<_>>()
    };
    for measure in [Measure::Count, Measure::Users] {
        for (top, odd) in [(5, 0), (5, 1), (1_000, 0), (1_000, 1)] {
            let users: Vec<_> = (0..8).map(|at| user(at, at % 2 == odd)).collect();
            let plan = plan(measure.clone(), &starts, 5_000, top);
            let (answer, runs) = answer(&plan, &users, 100, false);
            assert!(answer == expected(&plan, &users), "{measure:?}, top {top}");
            assert_eq!(runs, 2);
        }
    }
}

#[test]
fn events_of_no_group_share_the_only_series() {
    let groups = Groups::default();
    let plan = GraphPlan { group_by: Vec::new(), ..plan(Measure::Users, &[0, 10], 20, 3) };
    let kernel = Graph::new(&plan, &groups);
    let mut partial = kernel.init();
    let rows = Rows { times: &[1, 2, 12], matches: &[1, 1, 1], ..Rows::default() };
    let answer =
        |partial| kernel.finish(partial, &Budget::unlimited()).unwrap().unwrap_or_else(|_| panic!("a second run"));
    assert_eq!(answer(kernel.init()).series[0].totals, counts(&[0, 0], 0));
    kernel.push(&mut partial, &rows);
    kernel.close(&mut partial, 0, GroupId(0));
    let answer = answer(partial);
    assert_eq!(answer.series[0].totals, counts(&[1, 1], 1));
    assert_eq!(answer.total, answer.series[0].totals);
    assert_eq!(answer.series[0].group, Some(Vec::new()));
}
