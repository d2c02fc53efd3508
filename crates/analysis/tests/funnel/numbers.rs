//! The numbers made of many users: groups, the rest, percentiles.

use cairn_analysis::FunnelStep;
use cairn_model::Value;

use crate::{Event, answer, plan};

/// A user of `group` who takes the second step after `lap_ms`, if at all.
fn user(group: Option<&'static str>, lap_ms: Option<i64>) -> Vec<Event> {
    let start = Event { time: 5, matches: 1, group };
    let next = lap_ms.map(|ms| Event { time: 5 + ms, matches: 2, group: Some("not the start's") });
    [start].into_iter().chain(next).collect()
}

#[test]
fn percentiles_are_nearest_ranks() {
    let users: Vec<_> = (1..=10).rev().map(|ms| user(None, Some(ms * 10))).collect();
    let second = |users| answer(&plan(2, 1_000, 100, 5_000), users, 2, &[]).total[1];
    let expected = |reached, median_ms, p90_ms| FunnelStep { reached, median_ms, p90_ms, ..FunnelStep::default() };
    assert_eq!(second(&users), expected(10, Some(50), Some(90)));
    assert_eq!(second(&users[..1]), expected(1, Some(100), Some(100)));
    assert_eq!(second(&users[..5]), expected(5, Some(80), Some(100)));
    assert_eq!(second(&[user(None, None)]), expected(0, None, None));
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
    let answer = answer(&cairn_analysis::FunnelPlan { top: 3, ..plan(2, 100, 100, 50) }, &users, 3, &[]);
    let groups: Vec<_> = answer.series.iter().map(|series| series.group.clone()).collect();
    let group = |name: &'static str| Some(vec![Some(Value::from(name))]);
    assert_eq!(groups, [group("b"), Some(vec![None]), group("a"), None]);
    let numbers: Vec<_> = answer.series.iter().map(|series| (series.other, series.steps[0], series.steps[1])).collect();
    let first = |reached, open| FunnelStep { reached, open, ..FunnelStep::default() };
    let second = |reached, ms| FunnelStep { reached, median_ms: ms, p90_ms: ms, ..FunnelStep::default() };
    assert_eq!(numbers[0], (false, first(2, 1), second(1, Some(7))));
    assert_eq!(numbers[1], (false, first(1, 1), second(0, None)));
    assert_eq!(numbers[3], (true, first(2, 1), second(1, Some(1))));
    assert_eq!(
        answer.total[1],
        FunnelStep { reached: 3, median_ms: Some(3), p90_ms: Some(7), ..FunnelStep::default() }
    );
}

#[test]
fn nobody_is_a_row_of_zeros_without_keys_and_none_with_them() {
    let with_keys = plan(2, 10, 100, 50);
    let without = cairn_analysis::FunnelPlan { group_by: Vec::new(), ..with_keys.clone() };
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
        let step = |(bit, after): (usize, &i64)| Event { time: minutes(start + after), matches: 1 << bit, group };
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
