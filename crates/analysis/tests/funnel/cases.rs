//! What one user's events make of a funnel. An event is written as the steps that it matches (0: none), its group, and its time:
//! `12a@7` matches steps 1 and 2, is of group a, and happened at 7. `x` is what is excluded.

use cairn_analysis::{FunnelOrder, FunnelPlan};
use cairn_model::Predicate;

use crate::{Event, answer, plan};

const WINDOW_MS: i64 = 10;
const TO: i64 = 100;
pub(crate) const LATE: i64 = 1_000;
/// Of how many steps the funnels are.
const STEPS: usize = 3;

fn event(text: &str) -> Event {
    let (what, time) = text.split_once('@').unwrap();
    let bit = |c: char| if c == 'x' { Some(STEPS as u32 + 1) } else { c.to_digit(10) };
    let matches = what.chars().filter_map(bit).fold(0, |bits, step| bits | (1 << step) >> 1);
    let group = ["a", "b"].into_iter().find(|group| what.ends_with(group));
    Event { time: time.parse().unwrap(), matches, group, ..Event::default() }
}

/// How far the user came in a funnel of three steps, the times from step to step, the group, and whether it is open.
fn outcome(events: &str, as_of: i64) -> String {
    outcome_in(FunnelOrder::Sequential, events, as_of)
}

/// The same in any order.
pub(crate) fn outcome_in(order: FunnelOrder, events: &str, as_of: i64) -> String {
    let exclude = if events.contains('x') { vec![Predicate::every()] } else { Vec::new() };
    let plan = FunnelPlan { order, exclude, ..plan(STEPS, WINDOW_MS, TO, as_of) };
    let events: Vec<_> = events.split(' ').map(event).collect();
    let answer = answer(&plan, &[events], 1, &[1]);
    let Some(group) = answer.series.first().and_then(|series| series.group.clone()) else {
        return "nothing".to_owned();
    };
    let level = answer.total.iter().filter(|step| step.counts.reached == 1).count();
    let mut text = format!("{level}");
    if let Some(group) = group[0].as_ref().and_then(|value| value.as_str()) {
        text += group;
    }
    answer.total.iter().filter_map(|step| step.times.median_ms).for_each(|ms| text += &format!(" +{ms}"));
    if answer.total.iter().any(|step| step.counts.open == 1) {
        text += " open";
    }
    text
}

#[test]
fn attempts_start_in_the_range_and_may_end_after_it() {
    for (events, expected) in [
        ("1@0", "1"),
        ("1@99 2@105 3@109", "3 +6 +4"),
        ("1@100 2@105", "nothing"),
        ("2@50 3@51", "nothing"),
        ("0@1 1@2", "1"),
    ] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn the_window_counts_from_the_start_and_includes_its_end() {
    for (events, expected) in [
        ("1@0 2@10", "2 +10"),
        ("1@0 2@11", "1"),
        ("1@0 2@6 3@10", "3 +6 +4"),
        ("1@0 2@6 3@11", "2 +6"),
        // The later start lasts longer.
        ("1@0 1@8 2@9 3@15", "3 +1 +6"),
        ("1@0 2@10 1@10 2@12 3@13", "3 +2 +1"),
    ] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn one_event_never_fills_two_steps() {
    for (events, expected) in [
        ("12@0", "1"),
        ("123@0", "1"),
        ("12@0 12@0", "2 +0"),
        ("123@0 123@1 123@3", "3 +1 +2"),
        ("1@0 23@2", "2 +2"),
        // It can fill the second step of one attempt and start another.
        ("1@0 12@4 3@12", "2 +4"),
        ("1@0 12@4 23@8 3@12", "3 +4 +4"),
        ("1@0 12@4 2@11 3@13", "3 +7 +2"),
    ] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn steps_at_one_time_follow_the_order_of_events() {
    for (events, expected) in [("1@0 2@0 3@0", "3 +0 +0"), ("2@0 1@0", "1"), ("1@0 3@0 2@0", "2 +0")] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn an_attempt_moves_at_the_first_matching_event() {
    for (events, expected) in [
        ("1@0 2@1 2@5 3@6", "3 +1 +5"),
        ("1@0 3@1 2@5 3@6", "3 +5 +1"),
        ("1@0 2@1 1@3 2@5 3@6", "3 +2 +1"),
        ("1@0 2@1 1@3 3@6 2@7 3@8", "3 +1 +5"),
    ] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn the_furthest_attempt_counts_then_the_first_there_then_the_latest_start() {
    for (events, expected) in [
        ("1a@0 2@1 1b@20 2@23 3@25", "3b +3 +2"),
        ("1a@0 2@3 3@5 1b@20 2@21 3@22", "3a +3 +2"),
        ("1a@0 2@1 1b@5 2@9", "2a +1"),
        ("1a@0 1b@3 2@5", "2b +2"),
        ("1a@0 1b@0 2@5", "2b +5"),
        ("1a@0 1b@50", "1a"),
        // Both are at step 2, the later start takes step 3.
        ("1a@0 2@1 1b@2 2@5 3@8", "3b +3 +3"),
    ] {
        assert_eq!(outcome(events, LATE), expected, "{events}");
    }
}

#[test]
fn a_user_is_open_while_an_attempt_could_beat_the_counted_one() {
    for (events, as_of, expected) in [
        ("1@0", 9, "1 open"),
        // The next event could come at 11 at the earliest.
        ("1@0", 10, "1"),
        ("1@0 2@10", 9, "1 open"),
        ("1@0 2@10", 10, "2 +10"),
        ("1@0 2@1 1@8", 15, "2 +1 open"),
        ("1@0 2@1 1@8", 18, "2 +1"),
        ("1@0 2@1 3@2 1@8", 9, "3 +1 +1"),
        ("1@99", 105, "1 open"),
        ("1@99 1@100", 109, "1"),
    ] {
        assert_eq!(outcome(events, as_of), expected, "{events} as of {as_of}");
    }
}

#[test]
fn what_is_known_of_one_user_does_not_reach_the_next() {
    let users = [vec![event("1@0"), event("2@1")], vec![event("3@2")], vec![event("2@3"), event("1@4")]];
    let reached: Vec<_> =
        answer(&plan(3, WINDOW_MS, TO, LATE), &users, 1, &[]).total.iter().map(|step| step.counts.reached).collect();
    assert_eq!(reached, [2, 1, 0]);
}
