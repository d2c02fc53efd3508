//! The numbers made of many users: groups, the rest, percentiles.

use cairn_analysis::{Buckets, FunnelCounts, FunnelPlan, FunnelStep, FunnelTimes};
use cairn_model::{TimeMs, Value};

use crate::{Event, answer, plan};

/// A user of `group` who takes the second step after `lap_ms`, if at all.
fn user(group: Option<&'static str>, lap_ms: Option<i64>) -> Vec<Event> {
    let start = Event { time: 5, matches: 1, group, ..Event::default() };
    let next = lap_ms.map(|ms| Event { time: 5 + ms, matches: 2, group: Some("not the start's"), ..Event::default() });
    [start].into_iter().chain(next).collect()
}

#[test]
fn percentiles_are_nearest_ranks() {
    let users: Vec<_> = (1..=10).rev().map(|ms| user(None, Some(ms * 10))).collect();
    let second = |users| {
        let step = &answer(&plan(2, 1_000, 100, 5_000), users, 2, &[]).total[1];
        (step.counts.reached, step.times.median_ms, step.times.p90_ms)
    };
    assert_eq!(second(&users), (10, Some(50), Some(90)));
    assert_eq!(second(&users[..1]), (1, Some(100), Some(100)));
    assert_eq!(second(&users[..5]), (5, Some(80), Some(100)));
    assert_eq!(second(&[user(None, None)]), (0, None, None));
}

#[test]
fn the_first_groups_stand_alone_and_the_rest_is_one() {
    let users = [
        user(Some("d"), Some(1)),
        user(Some("c"), None),
        user(None, None),
        user(Some("b"), Some(7)),
        user(Some("b"), None),
        user(Some("a"), Some(3)),
    ];
    let answer = answer(&FunnelPlan { top: 3, ..plan(2, 100, 100, 50) }, &users, 3, &[]);
    let groups: Vec<_> = answer.series.iter().map(|series| series.group.clone()).collect();
    let group = |name: &'static str| Some(vec![Some(Value::from(name))]);
    assert_eq!(groups, [group("b"), Some(vec![None]), group("a"), None]);
    let counts = |steps: &[FunnelStep]| {
        let of = |step: &FunnelStep| (step.counts.reached, step.counts.open, step.times.median_ms);
        steps.iter().map(of).collect::<Vec<_>>()
    };
    let numbers: Vec<_> = answer.series.iter().map(|series| (series.other, counts(&series.steps))).collect();
    assert_eq!(numbers[0], (false, vec![(2, 1, None), (1, 0, Some(7))]));
    assert_eq!(numbers[1], (false, vec![(1, 1, None), (0, 0, None)]));
    assert_eq!(numbers[3], (true, vec![(2, 1, None), (1, 0, Some(1))]));
    assert_eq!(counts(&answer.total), [(6, 3, None), (3, 0, Some(3))]);
    assert_eq!(answer.total[1].times.p90_ms, Some(7));
}

#[test]
fn histograms_have_the_times_by_bins_and_the_last_has_the_windows_end() {
    let times = [0, 999, 1_000, 1_999, 2_000, 59_999, 60_000, 89_999, 90_000];
    let users: Vec<_> = times.into_iter().map(|ms| user(None, Some(ms))).collect();
    let answer = answer(&plan(2, 90_000, 100, 500_000), &users, 2, &[]);
    assert_eq!(answer.edges_ms, [0, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 90_000]);
    assert_eq!(answer.total[1].times.histogram, [2, 2, 1, 0, 0, 1, 3]);
    assert_eq!(answer.total[0].times, FunnelTimes::default());
    // Of two steps the second ends the conversion.
    assert_eq!(answer.conversion, answer.total[1].times);
}

#[test]
fn a_conversion_takes_from_the_first_step_to_the_last() {
    let events = |steps: &[i64]| {
        let event =
            |(step, time): (usize, &i64)| Event { time: *time, matches: 1 << step, group: None, ..Event::default() };
        steps.iter().enumerate().map(event).collect::<Vec<_>>()
    };
    let users = [events(&[0, 300, 900]), events(&[5, 10, 2_005]), events(&[7, 8])];
    let answer = answer(&plan(3, 5_000, 100, 50_000), &users, 2, &[]);
    let conversion = FunnelTimes { median_ms: Some(900), p90_ms: Some(2_000), histogram: vec![1, 0, 1] };
    assert_eq!((answer.edges_ms, answer.conversion), (vec![0, 1_000, 2_000, 5_000], conversion));
}

#[test]
fn conversions_are_told_apart_by_the_bucket_of_the_start() {
    let names = ["first", "second", "third"].map(str::to_owned).to_vec();
    let buckets = Buckets { starts: vec![TimeMs(0), TimeMs(50), TimeMs(80)], end: TimeMs(100), names: names.clone() };
    let plan = FunnelPlan { over_time: Some(buckets), group_by: Vec::new(), ..plan(2, 1_000, 100, 1_090) };
    let started = |time: i64, next: Option<i64>| {
        let start = Event { time, matches: 1, group: None, ..Event::default() };
        let next = next.map(|time| Event { time, matches: 2, group: None, ..Event::default() });
        [start].into_iter().chain(next).collect::<Vec<_>>()
    };
    let users = [started(49, Some(60)), started(50, None), started(79, Some(79)), started(20, None), started(95, None)];
    let answer = answer(&plan, &users, 2, &[]);
    let counts = |reached, dropped, open| FunnelCounts { reached, dropped, open };
    assert_eq!(answer.buckets, names);
    assert_eq!(
        answer.over_time,
        [
            vec![counts(2, 1, 0), counts(1, 0, 0)],
            vec![counts(2, 1, 0), counts(1, 0, 0)],
            vec![counts(1, 0, 1), counts(0, 0, 0)],
        ]
    );
    assert_eq!(answer.series[0].over_time, answer.over_time);
}

#[test]
fn nobody_is_a_row_of_zeros_without_keys_and_none_with_them() {
    let with_keys = plan(2, 10, 100, 50);
    let without = FunnelPlan { group_by: Vec::new(), ..with_keys.clone() };
    assert_eq!(answer(&with_keys, &[], 1, &[]).series, []);
    let answer = answer(&without, &[], 1, &[]);
    assert_eq!(answer.series[0].group, Some(Vec::new()));
    assert_eq!((&answer.series[0].steps, &answer.total), (&vec![FunnelStep::default(); 2], &answer.series[0].steps));
}

/// The example of docs/api.md.
#[test]
fn the_documented_answer_is_true() {
    let minutes = |minutes: i64| minutes * 60_000;
    let user = |group, start: i64, steps: &[i64]| {
        let step = |(bit, after): (usize, &i64)| Event {
            time: minutes(start + after),
            matches: 1 << bit,
            group,
            ..Event::default()
        };
        [0].iter().chain(steps).enumerate().map(step).collect::<Vec<_>>()
    };
    let users = [
        user(Some("Chrome"), 1, &[2, 9]),
        user(Some("Chrome"), 3, &[4, 5]),
        user(Some("Chrome"), 60, &[30]),
        user(Some("Chrome"), 90, &[]),
        user(None, 2, &[1]),
        user(None, 95, &[]),
    ];
    let answer = answer(&plan(3, minutes(60), minutes(120), minutes(130)), &users, 2, &[1]);
    let documented = include_str!("../../../../docs/api.md");
    let body = cairn_analysis::Body::Funnel(answer);
    let example = documented.split("```json\n").find(|block| block.starts_with("{\"funnel\": {\"series\"")).unwrap();
    let example = example.split("```").next().unwrap();
    let mut example: serde_json::Value = serde_json::from_str(example).unwrap();
    example.as_object_mut().unwrap().retain(|key, _| key == "funnel");
    assert_eq!(serde_json::to_value(&body).unwrap(), example);
}
