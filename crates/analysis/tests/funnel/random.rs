//! Random users against the oracle, and against what the future could bring.

use std::{cell::Cell, env};

use cairn_analysis::{Calendar, FunnelPlan, Plan, Query};
use cairn_model::{TimeMs, Value};
use cairn_testkit::{
    generate,
    oracle::{Happening, Oracle, funnel},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

use crate::{Event, answer, plan};

/// How many cases each test runs.
fn config() -> ProptestConfig {
    let cases = env::var("CAIRN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_000);
    ProptestConfig { cases, ..ProptestConfig::default() }
}

/// A user's events: often at one time, mostly of one step, sometimes of several or of none.
fn user(steps: usize) -> impl Strategy<Value = Vec<Event>> {
    let matches = prop_oneof![
        8 => (0..steps).prop_map(|step| 1 << step),
        2 => Just(1),
        2 => 0..1_u32 << steps,
    ];
    let group = select(vec![None, Some("a"), Some("b"), Some("c"), Some("d")]);
    vec((select(vec![0, 0, 0, 1, 1, 2, 4, 9, 40]), matches, group), 0..30).prop_map(|events| {
        let mut time = -3;
        let event = |(gap, matches, group)| {
            time += gap;
            Event { time, matches, group }
        };
        events.into_iter().map(event).collect()
    })
}

fn question(users: usize) -> impl Strategy<Value = (FunnelPlan, Vec<Vec<Event>>)> {
    let steps = prop_oneof![6 => 2..5_usize, 1 => 5..17_usize];
    (steps, 1..60_i64, 1..150_i64, -1..200_i64, 1..5_usize, any::<bool>()).prop_flat_map(
        move |(steps, window_ms, to, as_of, top, grouped)| {
            let mut plan = FunnelPlan { top, ..plan(steps, window_ms, to, as_of) };
            if !grouped {
                plan.group_by = Vec::new();
            }
            (Just(plan), vec(user(steps), 1..users))
        },
    )
}

fn happenings(plan: &FunnelPlan, events: &[Event]) -> Vec<Happening> {
    let keys = plan.group_by.len();
    let happening = |event: &Event| Happening {
        time: event.time,
        matches: (0..plan.steps.len()).map(|step| event.matches >> step & 1 == 1).collect(),
        group: [event.group.map(Value::from)].into_iter().take(keys).collect(),
    };
    events.iter().filter(|event| event.time <= plan.as_of.0).map(happening).collect()
}

#[test]
fn any_users_in_any_pieces_equal_the_oracle() {
    let (cases, open, converted) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let random = (question(40), 1..5_usize, vec(1..9_usize, 1..6));
    let result = TestRunner::new(config()).run(&random, |((plan, users), partials, pieces)| {
        let people: Vec<_> = users.iter().map(|events| happenings(&plan, events)).collect();
        let expected = funnel(&plan, &people);
        cases.set(cases.get() + 1);
        open.set(open.get() + u32::from(expected.total.iter().any(|step| step.open > 0)));
        converted.set(converted.get() + u32::from(expected.total.last().is_some_and(|step| step.reached > 0)));
        for steps in expected.series.iter().map(|series| &series.steps).chain([&expected.total]) {
            prop_assert!(
                steps.windows(2).all(|pair| pair[0].reached == pair[1].reached + pair[0].dropped + pair[0].open)
            );
        }
        prop_assert_eq!(answer(&plan, &users, partials, &pieces), expected);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(open.get() * 4 > cases.get() && converted.get() * 2 > cases.get());
}

/// "Still open" by its meaning: whether the user gets further if all the other steps are taken right after "as of".
#[test]
fn open_is_whoever_the_next_millisecond_could_take_further() {
    let furthest = |plan: &FunnelPlan, events: &[Event]| {
        let total = answer(plan, &[events.to_vec()], 1, &[]).total;
        (total.iter().filter(|step| step.reached > 0).count(), total.iter().any(|step| step.open > 0))
    };
    let result = TestRunner::new(config()).run(&question(2), |(plan, users)| {
        let (level, open) = furthest(&plan, &users[0]);
        let later = FunnelPlan { as_of: TimeMs(plan.as_of.0 + 1), ..plan.clone() };
        let mut events: Vec<_> = users[0].iter().filter(|event| event.time <= plan.as_of.0).cloned().collect();
        events.extend((1..plan.steps.len()).map(|step| Event { time: later.as_of.0, matches: 1 << step, group: None }));
        prop_assert_eq!(furthest(&later, &events).0 > level, open);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Random funnels must count something, or what they are compared with proves little.
#[test]
fn generated_funnels_get_somewhere_in_generated_histories() {
    let (cases, started, further) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let config = ProptestConfig { cases: 300, ..ProptestConfig::default() };
    let random = (vec(generate::message(), 1..120), vec(generate::funnel(), 4));
    let result = TestRunner::new(config).run(&random, |(messages, queries)| {
        let oracle = Oracle { messages, ..Oracle::default() };
        for query in queries {
            let query = Query::Funnel(query);
            let plan = Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(0), &|_| None);
            let Ok(Plan::Funnel(plan)) = plan else {
                return Err(TestCaseError::fail(format!("{plan:?}")));
            };
            let answer = oracle.funnel(&plan);
            let sum: u64 = answer.series.iter().map(|series| series.steps[0].reached).sum();
            prop_assert_eq!(sum, answer.total[0].reached);
            cases.set(cases.get() + 1);
            started.set(started.get() + u32::from(answer.total[0].reached > 0));
            further.set(further.get() + u32::from(answer.total[1].reached > 0));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (cases, started, further) = (cases.get(), started.get(), further.get());
    assert!(started * 2 > cases && further * 4 > cases, "{started} and {further} of {cases}");
}
