//! Random users against the oracle, and against what the future could bring.

use std::{cell::Cell, env};

use cairn_analysis::{Buckets, Calendar, FunnelOrder, FunnelPer, FunnelPlan, KeyPlan, Plan, Query};
use cairn_model::{Predicate, TimeMs, Value};
use cairn_testkit::{
    generate,
    oracle::{Happening, Oracle, funnel},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

use crate::{Event, answer, answer_of, plan};

/// How many cases each test runs.
fn config() -> ProptestConfig {
    let cases = env::var("CAIRN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_000);
    ProptestConfig { cases, ..ProptestConfig::default() }
}

/// A user's events: often at one time, mostly of one step, sometimes of several or of none.
fn user(steps: usize, excluded: u32) -> impl Strategy<Value = Vec<Event>> {
    let matches = prop_oneof![
        32 => (0..steps).prop_map(|step| 1 << step),
        8 => Just(1),
        8 => 0..1_u32 << steps,
        excluded => (0..excluded.max(1)).prop_map(move |which| 1_u32 << steps << which),
        1 => 0..1_u32 << (steps as u32 + excluded),
    ];
    let group = select(vec![None, Some("a"), Some("b"), Some("c"), Some("d")]);
    let of = (select(vec![0, 1, 1, 1, 2, 3]), select(vec![0, 1, 1, 1, 1, 2, 2]));
    vec((select(vec![0, 0, 0, 1, 1, 2, 4, 9, 40]), matches, group, of), 0..30).prop_map(|events| {
        let mut time = -3;
        let event = |(gap, matches, group, (session, hold))| {
            time += gap;
            Event { time, matches, group, session, hold }
        };
        events.into_iter().map(event).collect()
    })
}

fn question(users: usize) -> impl Strategy<Value = (FunnelPlan, Vec<Vec<Event>>)> {
    let orders = vec![FunnelOrder::Sequential, FunnelOrder::Strict, FunnelOrder::Any];
    select(orders).prop_flat_map(move |order| question_in(order, users))
}

fn question_in(order: FunnelOrder, users: usize) -> impl Strategy<Value = (FunnelPlan, Vec<Vec<Event>>)> {
    // In any order, the oracle looks at each choice of steps.
    let most: usize = if order == FunnelOrder::Any { 8 } else { 17 };
    let steps = prop_oneof![6 => 2..5_usize, 1 => 5_usize..most];
    let excluded = prop_oneof![2 => Just(0), 1 => 1..4_u32];
    let over_time = prop::option::of(vec(1..50_i64, 0..4));
    let per = prop_oneof![3 => Just(FunnelPer::User), 1 => Just(FunnelPer::Session)];
    let of = (per, prop_oneof![3 => Just(Vec::new()), 1 => Just(vec![KeyPlan::Event("held".into())])]);
    ((steps, excluded, over_time), of, 1..60_i64, 1..150_i64, -1..200_i64, 1..5_usize, any::<bool>()).prop_flat_map(
        move |((steps, excluded, over_time), (per, hold), window_ms, to, as_of, top, grouped)| {
            let exclude = vec![Predicate::every(); excluded as usize];
            let over_time = over_time.map(|lengths| buckets(&lengths, to));
            let mut plan =
                FunnelPlan { top, order, exclude, per, hold, over_time, ..plan(steps, window_ms, to, as_of) };
            if !grouped {
                plan.group_by = Vec::new();
            }
            (Just(plan), vec(user(steps, excluded), 1..users))
        },
    )
}

/// Buckets of these lengths, as many as fit into `[0, to)`.
fn buckets(lengths: &[i64], to: i64) -> Buckets {
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    let starts: Vec<_> = [0].into_iter().chain(ends).take_while(|start| *start < to).map(TimeMs).collect();
    Buckets { names: (0..starts.len()).map(|at| at.to_string()).collect(), starts, end: TimeMs(to) }
}

/// The events of a user as one, or by session.
fn units(plan: &FunnelPlan, events: &[Event]) -> Vec<Vec<Happening>> {
    let happening = |event: &Event| Happening {
        time: event.time,
        matches: (0..plan.steps.len()).map(|step| event.matches >> step & 1 == 1).collect(),
        excluded: event.matches >> plan.steps.len() != 0,
        group: [event.group.map(Value::from)].into_iter().take(plan.group_by.len()).collect(),
        held: [(event.hold > 0).then(|| Value::from(f64::from(event.hold)))]
            .into_iter()
            .take(plan.hold.len())
            .collect(),
    };
    let seen = events.iter().filter(|event| event.time <= plan.as_of.0);
    let of = |session: u64| seen.clone().filter(|event| event.session == session).map(happening).collect();
    match plan.per {
        FunnelPer::User => vec![seen.map(happening).collect()],
        FunnelPer::Session => (1..4).map(of).collect(),
    }
}

#[test]
fn any_users_in_any_pieces_equal_the_oracle() {
    let (cases, open, converted) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let random = (question(40), 1..5_usize, vec(1..9_usize, 1..6));
    let result = TestRunner::new(config()).run(&random, |((plan, users), partials, pieces)| {
        let people: Vec<_> = users.iter().flat_map(|events| units(&plan, events)).collect();
        let expected = funnel(&plan, &people);
        cases.set(cases.get() + 1);
        open.set(open.get() + u32::from(expected.total.iter().any(|step| step.counts.open > 0)));
        converted.set(converted.get() + u32::from(expected.total.last().is_some_and(|step| step.counts.reached > 0)));
        for steps in expected.series.iter().map(|series| &series.steps).chain([&expected.total]) {
            let counts: Vec<_> = steps.iter().map(|step| step.counts).collect();
            prop_assert!(
                counts.windows(2).all(|pair| pair[0].reached == pair[1].reached + pair[0].dropped + pair[0].open)
            );
        }
        prop_assert_eq!(answer(&plan, &users, partials, &pieces), expected);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(open.get() * 4 > cases.get() && converted.get() * 2 > cases.get());
}

/// A fault in the kernel is noticed in every order.
#[test]
fn a_fault_is_noticed_in_every_order() {
    for order in [FunnelOrder::Sequential, FunnelOrder::Strict, FunnelOrder::Any] {
        let result = TestRunner::new(ProptestConfig { failure_persistence: None, ..config() }).run(
            &question_in(order, 40),
            |(plan, users)| {
                prop_assert_eq!(answer_of(&plan, &users, (1, &[]), true), answer(&plan, &users, 1, &[]));
                Ok(())
            },
        );
        assert!(result.is_err(), "{order:?}");
    }
}

/// "Still open" by its meaning: whether the user gets further if steps from some one on are taken right after "as of".
#[test]
fn open_is_whoever_the_next_millisecond_could_take_further() {
    let furthest = |plan: &FunnelPlan, events: &[Event]| {
        let total = answer(plan, &[events.to_vec()], 1, &[]).total;
        (total.iter().filter(|step| step.counts.reached > 0).count(), total.iter().any(|step| step.counts.open > 0))
    };
    let result = TestRunner::new(config()).run(&question(2), |(plan, users)| {
        let plan = FunnelPlan { per: FunnelPer::User, ..plan };
        let (level, open) = furthest(&plan, &users[0]);
        let later = FunnelPlan { as_of: TimeMs(plan.as_of.0 + 1), ..plan.clone() };
        let events: Vec<_> = users[0].iter().filter(|event| event.time <= plan.as_of.0).cloned().collect();
        let gets_further = (1..plan.steps.len()).any(|first| {
            // Of what is held, either could be what the attempt has.
            [1, 2].into_iter().any(|hold| {
                let next = |step: usize| Event { time: later.as_of.0, matches: 1 << step, hold, ..Event::default() };
                let events: Vec<_> = events.iter().cloned().chain((first..plan.steps.len()).map(next)).collect();
                furthest(&later, &events).0 > level
            })
        });
        prop_assert_eq!(gets_further, open);
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
            let plan = Plan::resolve(&query, &Calendar::new("UTC").unwrap(), TimeMs(0), &|_: &str| None);
            let Ok(Plan::Funnel(plan)) = plan else {
                return Err(TestCaseError::fail(format!("{plan:?}")));
            };
            let answer = oracle.funnel(&plan);
            let sum: u64 = answer.series.iter().map(|series| series.steps[0].counts.reached).sum();
            prop_assert_eq!(sum, answer.total[0].counts.reached);
            cases.set(cases.get() + 1);
            started.set(started.get() + u32::from(answer.total[0].counts.reached > 0));
            further.set(further.get() + u32::from(answer.total[1].counts.reached > 0));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (cases, started, further) = (cases.get(), started.get(), further.get());
    assert!(started * 2 > cases && further * 4 > cases, "{started} and {further} of {cases}");
}
