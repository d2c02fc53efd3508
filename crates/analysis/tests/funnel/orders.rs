//! What one user's events make of funnels in strict and in any order, and with events that are excluded; written as in `cases`.

use cairn_analysis::{FunnelOrder, FunnelPer, FunnelPlan, KeyPlan};
use cairn_model::Predicate;

use crate::{
    Event, answer,
    cases::{LATE, outcome_in},
    plan,
};

fn check(order: FunnelOrder, cases: &[(&str, i64, &str)]) {
    for (events, as_of, expected) in cases {
        assert_eq!(outcome_in(order, events, *as_of), *expected, "{events} as of {as_of}");
    }
}

#[test]
fn in_strict_order_a_step_out_of_turn_ends_an_attempt() {
    check(
        FunnelOrder::Strict,
        &[
            ("1@0 2@1 3@2", LATE, "3 +1 +1"),
            ("1@0 0@1 2@2 0@3 3@4", LATE, "3 +2 +2"),
            ("1@0 3@1 2@2 3@3", LATE, "1"),
            ("1@0 2@1 2@2 3@3", LATE, "2 +1"),
            // A start out of turn ends the attempt, and starts its own.
            ("1@0 2@1 1@2 3@3", LATE, "2 +1"),
            ("1a@0 1b@1 2@2 3@3", LATE, "3b +1 +1"),
            // What matches the next step is not out of turn, whatever else it matches.
            ("1@0 12@1 3@2", LATE, "3 +1 +1"),
            ("1@0 12@1 2@2 3@3", LATE, "3 +1 +1"),
            ("1a@0 12b@1 23@2", LATE, "3a +1 +1"),
            // After the window nothing ends it any more, and nothing takes it on.
            ("1@0 2@6 3@11 1@20", LATE, "2 +6"),
            // A start past the range ends an attempt, too.
            ("1@95 1@101 2@102", LATE, "1"),
        ],
    );
}

#[test]
fn in_strict_order_who_was_ended_is_not_open() {
    check(
        FunnelOrder::Strict,
        &[
            ("1@0", 5, "1 open"),
            ("1@0 3@4", 5, "1"),
            ("1@0 2@1 1@4", 5, "2 +1 open"),
            ("1@0 2@1 2@4", 5, "2 +1"),
            ("1@99 1@100", 105, "1"),
        ],
    );
}

#[test]
fn in_any_order_the_first_step_comes_first() {
    check(
        FunnelOrder::Any,
        &[
            ("1@0 2@1 3@2", LATE, "3 +1 +1"),
            ("1@0 3@1 2@3", LATE, "3 +1 +2"),
            ("3@0 1@1 2@3", LATE, "2 +2"),
            ("1@0 3@1 3@2 3@3", LATE, "2 +1"),
            ("1@0 3@1 2@11", LATE, "2 +1"),
            ("1@0 3@1 2@10", LATE, "3 +1 +9"),
            ("1@0 3@1", 5, "2 +1 open"),
            ("1a@0 3@1 1b@3 2@5 3@8", LATE, "3a +1 +4"),
            ("1a@0 3@1 1b@3 3@4 2@5", LATE, "3b +1 +1"),
        ],
    );
}

#[test]
fn in_any_order_an_event_fills_the_step_that_lets_most_be_filled() {
    check(
        FunnelOrder::Any,
        &[
            ("1@0 23@1 2@3", LATE, "3 +1 +2"),
            ("1@0 23@1 3@3", LATE, "3 +1 +2"),
            ("1@0 23@1", LATE, "2 +1"),
            ("1@0 23@1 23@1", LATE, "3 +1 +0"),
            ("123@0 123@4", LATE, "2 +4"),
        ],
    );
}

#[test]
fn an_excluded_event_ends_what_it_falls_into() {
    check(
        FunnelOrder::Sequential,
        &[
            ("x@0 1@1 2@2 3@3", LATE, "3 +1 +1"),
            ("1@0 x@1 2@2 3@3", LATE, "1"),
            ("1@0 2@1 x@2 3@3", LATE, "2 +1"),
            ("1@0 2@1 3@2 x@3", LATE, "3 +1 +1"),
            ("1a@0 x@1 1b@2 2@3", LATE, "2b +1"),
            ("1@0 1@1 x@2 2@3 3@4", LATE, "1"),
            // At one time the order of events decides.
            ("1@0 x@0 2@0", LATE, "1"),
            ("x@0 1@0 2@0", LATE, "2 +0"),
            // What is excluded fills no step.
            ("1@0 2x@1 3@2", LATE, "1"),
            ("1x@0 2@1", LATE, "nothing"),
            ("1@0 x@3", 5, "1"),
            ("1@0 x@3 1@4", 5, "1 open"),
            ("1@0 x@11", 5, "1 open"),
        ],
    );
    check(FunnelOrder::Strict, &[("1@0 2@1 x@2 3@3", LATE, "2 +1"), ("1@0 x@1 1@2 2@3", LATE, "2 +1")]);
    check(FunnelOrder::Any, &[("1@0 3@1 x@2 2@3", LATE, "2 +1"), ("1@0 3@1 2@3 x@4", LATE, "3 +1 +2")]);
}

/// So many events of one user that all attempts together could not be followed.
#[test]
fn a_user_of_many_events_takes_time_in_proportion() {
    const EVENTS: i64 = 100_000;
    const STEPS: usize = 16;
    let hold = vec![KeyPlan::Event("key".into())];
    for (order, per, hold) in [
        (FunnelOrder::Sequential, FunnelPer::User, Vec::new()),
        (FunnelOrder::Strict, FunnelPer::User, Vec::new()),
        (FunnelOrder::Any, FunnelPer::User, Vec::new()),
        (FunnelOrder::Any, FunnelPer::User, hold.clone()),
        (FunnelOrder::Sequential, FunnelPer::Session, hold),
    ] {
        let exclude = vec![Predicate::every()];
        let plan = FunnelPlan { order, per, hold, exclude, ..plan(STEPS, EVENTS, EVENTS, 3 * EVENTS) };
        // Nothing matches the last step. In the first half every other event is excluded; each has its own value and session.
        let events = (0..EVENTS).map(|time| Event {
            time,
            matches: if time % 2 == 1 && time < EVENTS / 2 { 1 << STEPS } else { (1 << (STEPS - 1)) - 1 },
            group: None,
            session: (time as u64).min(EVENTS as u64 / 2),
            hold: (time as u32).min(EVENTS as u32 / 2),
        });
        let answer = answer(&plan, &[events.collect()], 1, &[]);
        assert_eq!(answer.total[STEPS - 2].counts.dropped, 1, "{order:?} per {per:?}");
    }
}
