//! Partials that travel: whoever they are made by, and in however many pieces, the answer is that of one run.
#![allow(clippy::unwrap_used, missing_docs)]

use cairn_analysis::{
    Budget, Calendar, Funnel, Gathered, Graph, GraphAnswer, GraphPlan, GroupId, Groups, Kernel, KernelSpec, Lifecycle,
    Numbers, Pairs, Paths, Plan, Portable, Query, Retention, Rows, Stickiness, Worker, decode_partial, encode_partial,
    partial_of,
};
use cairn_model::{TimeMs, Value};
use proptest::prelude::*;
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const DAYS: i64 = 21;

/// An event: when, what it matches, its key, number, session and what is held of it; 0 of these is none.
type Event = (i64, u32, u8, u8, u8, u8);

/// The questions, with whether they have a key.
fn questions() -> Vec<(Plan, bool)> {
    let event = json!({"type": "pageview"});
    let range = |mut query: serde_json::Value| {
        query["from"] = json!(0);
        query["to"] = json!(DAYS * DAY_MS);
        query
    };
    let by = |mut query: serde_json::Value| {
        query["group_by"] = json!([{"event": "key"}]);
        query["top"] = json!(2);
        query
    };
    let user = json!([{"user": "key"}]);
    let mut queries = Vec::new();
    for measure in ["count", "users", "sessions", "count_per_user"] {
        for interval in ["day", "whole"] {
            let graph = range(json!({"event": event, "measure": measure, "interval": interval}));
            queries.extend([(json!({"graph": graph.clone()}), false), (json!({"graph": by(graph)}), true)]);
        }
    }
    for measure in [json!({"sum": "n"}), json!({"summary": "n"}), json!({"percentile": {"of": "n", "p": 50}})] {
        let graph = range(json!({"event": event, "measure": measure, "interval": "week"}));
        queries.extend([(json!({"graph": graph.clone()}), false), (json!({"graph": by(graph)}), true)]);
    }
    let histogram = json!({"histogram": {"of": "n", "bins": 3}});
    queries.push((json!({"graph": range(json!({"event": event, "measure": histogram, "interval": "whole"}))}), false));
    for more in [
        json!({}),
        json!({"order": "strict", "interval": "week"}),
        json!({"order": "any", "exclude": [event]}),
        json!({"hold": ["h"]}),
        json!({"per": "session"}),
    ] {
        let mut funnel = range(json!({"steps": [event, event, event], "window": "2d"}));
        more.as_object().unwrap().iter().for_each(|(name, value)| funnel[name] = value.clone());
        queries.extend([(json!({"funnel": funnel.clone()}), false), (json!({"funnel": by(funnel)}), true)]);
    }
    for (mode, returned) in [("calendar", "on"), ("rolling", "on_or_after")] {
        let retention = range(json!({
            "start": event, "return": {"type": "click"}, "interval": "day", "periods": 5, "mode": mode, "returned": returned
        }));
        let mut grouped = retention.clone();
        grouped["group_by"] = user.clone();
        queries.extend([(json!({"retention": retention}), false), (json!({"retention": grouped}), true)]);
    }
    queries.push((json!({"stickiness": range(json!({"event": event, "interval": "week"}))}), false));
    queries.push((json!({"lifecycle": range(json!({"event": event, "interval": "week"}))}), false));
    let nodes = json!([event, {"type": "click"}]);
    for kind in ["paths", "pairs"] {
        let by_path = range(json!({"top": 3, "collapse": true}));
        let by_event = range(json!({"nodes": nodes}));
        queries.extend([(json!({kind: by_path}), true), (json!({kind: by_event}), false)]);
    }
    queries.push((json!({"paths": range(json!({"start": {"type": "submit"}, "depth": 2, "top": 2}))}), true));
    queries.push((json!({"paths": range(json!({"end": {"type": "submit"}, "nodes": nodes}))}), false));
    let resolved = queries.into_iter().map(|(query, keyed)| {
        let parsed: Query = serde_json::from_value(query.clone()).unwrap_or_else(|error| panic!("{error}: {query}"));
        let plan = Plan::resolve(&parsed, &Calendar::new("UTC").unwrap(), TimeMs(DAYS * DAY_MS), &|_: &str| None);
        (plan.unwrap_or_else(|error| panic!("{error}: {query}")), keyed)
    });
    resolved.collect()
}

/// What is done with the kernel of a plan, whichever it is.
trait Ask {
    type Said;
    fn ask<K: Portable>(self, kernel: &K, groups: &Groups, say: impl Fn(K::Output) -> String) -> Self::Said;
}

fn of_plan<A: Ask>(plan: &Plan, ask: A) -> A::Said {
    let groups = Groups::default();
    match plan {
        Plan::Graph(plan) => match Numbers::new(plan, &groups) {
            Some(kernel) => ask.ask(&kernel, &groups, |answer| format!("{answer:?}")),
            None => ask.ask(&Graph::new(plan, &groups), &groups, said),
        },
        Plan::Funnel(plan) => ask.ask(&Funnel::new(plan, &groups), &groups, |answer| format!("{answer:?}")),
        Plan::Retention(plan) => ask.ask(&Retention::new(plan, &groups), &groups, |answer| format!("{answer:?}")),
        Plan::Stickiness(plan) => ask.ask(&Stickiness::new(plan), &groups, |answer| format!("{answer:?}")),
        Plan::Lifecycle(plan) => ask.ask(&Lifecycle::new(plan), &groups, |answer| format!("{answer:?}")),
        Plan::Paths(plan) => ask.ask(&Paths::new(plan, &groups), &groups, |answer| format!("{answer:?}")),
        Plan::Pairs(plan) => ask.ask(&Pairs::new(plan, &groups), &groups, |answer| format!("{answer:?}")),
        other => panic!("{other:?}"),
    }
}

/// A graph's answer, or that it asks for a second run, of which groups.
fn said(answer: Result<GraphAnswer, Graph<'_>>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(second) => format!("once more: {}", second.spec().to_json()),
    }
}

fn key(of: u8) -> Option<Value<'static>> {
    match of {
        0 => None,
        1 => Some(Value::Null),
        2 => Some(Value::Number(0.1 + 0.2)),
        of => Some(Value::from(format!("\"k\" {of}"))),
    }
}

fn push<K: Kernel>(kernel: &K, groups: &Groups, keyed: bool, persons: &[Vec<Event>]) -> K::Partial {
    let mut partial = kernel.init();
    for events in persons.iter().filter(|events| !events.is_empty()) {
        let group = |event: &Event| groups.group_of(&[key(event.2)]);
        let number = |event: &Event| if event.3 == 0 { f64::NAN } else { f64::from(event.3) * 0.1 };
        let rows = Rows {
            times: &events.iter().map(|event| event.0).collect::<Vec<_>>(),
            matches: &events.iter().map(|event| event.1).collect::<Vec<_>>(),
            groups: &events.iter().filter(|_| keyed).map(group).collect::<Vec<_>>(),
            numbers: &events.iter().map(number).collect::<Vec<_>>(),
            sessions: &events.iter().map(|event| event.4.into()).collect::<Vec<_>>(),
            holds: &events.iter().map(|event| event.5.into()).collect::<Vec<_>>(),
            ..Rows::default()
        };
        kernel.push(&mut partial, &rows);
        kernel.close(&mut partial, 0, GroupId(0));
    }
    partial
}

/// Events as SQL gathers them, in another order, and every third one twice, each time with some of what it matches.
fn gathered(events: &[Event], keyed: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, event) in events.iter().enumerate().rev() {
        let text = |value: &Value<'_>| serde_json::to_string(value).unwrap();
        let (key, session) = (key(event.2).as_ref().map(text), event.4.to_string());
        let hold = event.5.to_string();
        let mut put = |matches| {
            let number = (event.3 > 0).then(|| f64::from(event.3) * 0.1);
            let session = (event.4 > 0).then_some(&*session);
            let (time, event_id) = (event.0, at as i64);
            Gathered { time, event_id, original_user_id: 1, matches, number, session }.put(
                keyed.then_some(key.as_deref().map(str::as_bytes)),
                [(event.5 > 0).then_some(hold.as_bytes())],
                &mut bytes,
            );
        };
        match at % 3 {
            0 => [event.1 & 1, event.1 & !1].into_iter().for_each(&mut put),
            _ => put(event.1),
        }
    }
    bytes
}

struct Whole<'p>(&'p [Vec<Event>], bool);

impl Ask for Whole<'_> {
    type Said = String;
    fn ask<K: Portable>(self, kernel: &K, groups: &Groups, say: impl Fn(K::Output) -> String) -> String {
        let partial = push(kernel, groups, self.1, self.0);
        say(kernel.finish(partial, &Budget::unlimited()).unwrap())
    }
}

struct Bytes<'p>(&'p [Vec<Event>], bool);

impl Ask for Bytes<'_> {
    type Said = Vec<u8>;
    fn ask<K: Portable>(self, kernel: &K, groups: &Groups, _: impl Fn(K::Output) -> String) -> Vec<u8> {
        encode_partial(kernel, groups, &push(kernel, groups, self.1, self.0))
    }
}

struct Joined<'b>(&'b [Vec<u8>]);

impl Ask for Joined<'_> {
    type Said = Result<String, String>;
    fn ask<K: Portable>(self, kernel: &K, groups: &Groups, say: impl Fn(K::Output) -> String) -> Self::Said {
        let mut into = kernel.init();
        for bytes in self.0 {
            kernel.merge(&mut into, decode_partial(kernel, groups, bytes).map_err(|error| error.to_string())?);
        }
        Ok(say(kernel.finish(into, &Budget::unlimited()).unwrap()))
    }
}

struct SpecOf;

impl Ask for SpecOf {
    type Said = KernelSpec;
    fn ask<K: Portable>(self, kernel: &K, _: &Groups, _: impl Fn(K::Output) -> String) -> KernelSpec {
        kernel.spec()
    }
}

fn state(spec: &KernelSpec, persons: &[Vec<Event>], keyed: bool) -> Vec<u8> {
    let mut worker = Worker::new(&spec.to_json()).unwrap();
    persons.iter().for_each(|events| worker.push(&gathered(events, keyed)).unwrap());
    worker.state()
}

fn persons() -> impl Strategy<Value = Vec<Vec<Event>>> {
    // Sessions are told apart by their numbers; a user id is one person's here.
    let event = (0..DAYS * DAY_MS / HOUR_MS, 1_u32..16, 0_u8..8, 0_u8..6, 0_u8..3, 0_u8..3);
    let event = event
        .prop_map(|(hour, matches, key, number, session, held)| (hour * HOUR_MS, matches, key, number, session, held));
    let events = prop::collection::vec(event, 0..12).prop_map(|mut events| {
        events.sort_by_key(|event| event.0);
        events
    });
    prop::collection::vec(events, 0..24)
}

proptest! {
    #[test]
    fn pieces_are_as_good_as_the_whole(persons in persons(), cut in 0.0..=1.0_f64) {
        let cut = (persons.len() as f64 * cut) as usize;
        let (first, second) = persons.split_at(cut);
        for (plan, keyed) in questions() {
            // What a row matches of events that are not asked about is not there.
            let spec = of_plan(&plan, SpecOf);
            let only = |persons: &[Vec<Event>]| -> Vec<Vec<Event>> {
                let bits = (1 << plan.events().len()) - 1;
                let of = |event: &Event| (event.0, event.1 & bits, event.2, event.3, event.4, event.5);
                persons.iter().map(|events| events.iter().map(of).collect()).collect()
            };
            let (all, first, second) = (only(&persons), only(first), only(second));
            let whole = of_plan(&plan, Whole(&all, keyed));
            // The second one's groups come first.
            let parts = [&second, &first].map(|part| of_plan(&plan, Bytes(part, keyed)));
            prop_assert_eq!(&of_plan(&plan, Joined(&parts)).unwrap(), &whole);

            let states = [&second, &first].map(|part| state(&spec, part, keyed));
            let partials: Vec<_> = states.iter().map(|state| partial_of(state, &spec).unwrap().to_vec()).collect();
            prop_assert_eq!(&of_plan(&plan, Joined(&partials)).unwrap(), &whole);
            let mut worker = Worker::of_state(&states[0]).unwrap();
            first.iter().for_each(|events| worker.push(&gathered(events, keyed)).unwrap());
            let state = worker.state();
            prop_assert_eq!(&of_plan(&plan, Joined(&[partial_of(&state, &spec).unwrap().to_vec()])).unwrap(), &whole);
            let mut worker = Worker::new(&spec.to_json()).unwrap();
            states.iter().for_each(|state| worker.merge(state).unwrap());
            let state = worker.state();
            prop_assert_eq!(&of_plan(&plan, Joined(&[partial_of(&state, &spec).unwrap().to_vec()])).unwrap(), &whole);
        }
    }

    #[test]
    fn bytes_that_were_changed_are_an_error_or_other_numbers(
        persons in persons(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
        events in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for (plan, keyed) in questions() {
            let partial = of_plan(&plan, Bytes(&persons, keyed));
            let cut = partial[..end.index(partial.len())].to_vec();
            prop_assert!(of_plan(&plan, Joined(&[cut])).is_err());
            let mut changed = partial.clone();
            changes.iter().for_each(|(at, to)| changed[at.index(partial.len())] = *to);
            let _ = of_plan(&plan, Joined(&[changed, partial]));

            let spec = of_plan(&plan, SpecOf);
            let good = state(&spec, &persons, keyed);
            let mut changed = good.clone();
            changes.iter().for_each(|(at, to)| changed[at.index(good.len())] = *to);
            if let Ok(mut worker) = Worker::of_state(&changed) {
                let _ = worker.merge(&good);
                let _ = worker.push(&events);
                let person = persons.first().map(|events| gathered(events, keyed)).unwrap_or_default();
                let mut changed = person.clone();
                changes.iter().filter(|_| !person.is_empty()).for_each(|(at, to)| changed[at.index(person.len())] = *to);
                let _ = worker.push(&changed);
                worker.state();
            }
        }
    }
}

#[test]
fn a_second_run_knows_which_groups_stand_on_their_own() {
    let persons: Vec<Vec<Event>> =
        (0..60_u8).map(|at| (0..4).map(|n| (i64::from(n) * DAY_MS, 1, (at + n) % 7, 0, 1, 0)).collect()).collect();
    for (plan, _) in questions() {
        let Plan::Graph(GraphPlan { group_by, .. }) = &plan else { continue };
        if group_by.is_empty() {
            continue;
        }
        let Plan::Graph(plan) = &plan else { unreachable!() };
        let groups = Groups::default();
        if Numbers::new(plan, &groups).is_some() {
            continue;
        }
        let kernel = Graph::new(plan, &groups);
        let first = kernel.finish(push(&kernel, &groups, true, &persons), &Budget::unlimited()).unwrap();
        let Err(second) = first else { continue };
        let whole = second.finish(push(&second, &groups, true, &persons), &Budget::unlimited()).unwrap();
        let spec = second.spec();
        let mut into = second.init();
        for part in [&persons[20..], &persons[..20]] {
            let state = state(&spec, part, true);
            second.merge(&mut into, decode_partial(&second, &groups, partial_of(&state, &spec).unwrap()).unwrap());
        }
        let travelled = second.finish(into, &Budget::unlimited()).unwrap();
        assert_eq!(said(travelled), said(whole));
    }
}

#[test]
fn a_question_that_cannot_be_answered_is_refused() {
    let graph = |buckets: &str| format!(r#"{{"kernel": {{"graph": {{"count": "events", "buckets": {buckets}}}}}}}"#);
    Worker::new(&graph(r#"{"starts": [0, 1], "end": 2}"#)).map(drop).unwrap();
    for buckets in [
        r#"{"starts": [], "end": 2}"#,
        r#"{"starts": [1, 1], "end": 2}"#,
        r#"{"starts": [0, 2], "end": 2}"#,
        r#"{"starts": [-9223372036854775808], "end": 2}"#,
        r#"{"starts": [0], "end": 9223372036854775807}"#,
        r#"{"starts": [0]}"#,
        "1",
    ] {
        assert!(Worker::new(&graph(buckets)).is_err(), "{buckets}");
    }
    for kernel in [
        r#"{"pairs": {"nodes": {"events": 0, "by_group": false}, "collapse": false}}"#,
        r#"{"pairs": {"nodes": {"events": 32, "by_group": false}, "collapse": false}}"#,
        r#"{"pairs": {"nodes": {"events": 1, "by_group": true}, "collapse": false}}"#,
        r#"{"paths": {"nodes": {"events": 1, "by_group": false}, "turns": true, "backwards": true, "depth": 21, "collapse": false}}"#,
        r#"{"retention": {"cohorts": {"starts": [0], "end": 9}, "periods": {"rolling": 0}, "count": 3, "returned": "on"}}"#,
        r#"{"retention": {"cohorts": {"starts": [0], "end": 9}, "periods": {"rolling": 7}, "count": 121, "returned": "on"}}"#,
        r#"{"retention": {"cohorts": {"starts": [0, 5], "end": 9}, "periods": {"calendar": {"starts": [0], "end": 9}}, "count": 1, "returned": "on"}}"#,
        r#"{"stickiness": {"buckets": {"starts": [0], "end": 90}, "days": {"starts": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31], "end": 90}}}"#,
        r#"{"lifecycle": {"before": 5, "buckets": {"starts": [5], "end": 9}, "as_of": 9}}"#,
        r#"{"other": {}}"#,
    ] {
        let error = Worker::new(&format!(r#"{{"kernel": {kernel}}}"#)).map(|_| kernel).unwrap_err();
        assert!(error.to_string().contains("its question"), "{error}");
    }
}

#[test]
fn states_of_two_questions_do_not_join() {
    let Some(specs) = questions().get(..2).map(|two| [&two[0].0, &two[1].0].map(|plan| of_plan(plan, SpecOf))) else {
        panic!("there are questions")
    };
    let [one, other] = specs.each_ref().map(|spec| state(spec, &[], false));
    assert!(partial_of(&one, &specs[1]).is_err());
    let mut worker = Worker::of_state(&one).unwrap();
    assert!(worker.merge(&other).is_err());
    worker.merge(&one).unwrap();
}

/// Times of a funnel between its steps take the most room; they are exact.
#[test]
fn times_between_steps_arrive() {
    let plan = questions().into_iter().map(|(plan, _)| plan).find(|plan| matches!(plan, Plan::Funnel(_))).unwrap();
    let persons: Vec<Vec<Event>> =
        (0..500).map(|at| vec![(0, 1, 0, 0, 0, 0), (at * 7, 2, 0, 0, 0, 0), (at * 9, 4, 0, 0, 0, 0)]).collect();
    let whole = of_plan(&plan, Whole(&persons, false));
    // The second step is 7 ms after the first for each number, the third 2 ms after the second.
    for median in [249 * 7, 249 * 2, 249 * 9] {
        assert!(whole.contains(&format!("median_ms: Some({median})")), "{median} is not in {whole}");
    }
    assert_eq!(of_plan(&plan, Joined(&[of_plan(&plan, Bytes(&persons, false))])).unwrap(), whole);
}
