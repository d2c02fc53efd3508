//! What a question runs: selectors over distinct chains, and the funnel's kernel over users.

use std::hint::black_box;

use cairn_analysis::{Calendar, Funnel, GroupId, Groups, Kernel, Plan, Rows};
use cairn_bench::{data::World, random::Rng};
use cairn_model::{TimeMs, selector::Selector};
use criterion::{Criterion, Throughput};

const SELECTORS: [&str; 3] = ["button.btn", ".checkout button.btn", ".card a.link[href^=\"/go/a\"]"];
const USERS: usize = 2_000;
const EVENTS: usize = 100;

pub(crate) fn selectors(criterion: &mut Criterion) {
    let world = World::new(3);
    let mut group = criterion.benchmark_group("selectors");
    group.throughput(Throughput::Elements(world.chains.len() as u64));
    for text in SELECTORS {
        let selector = Selector::parse(text).unwrap();
        let count = || world.chains.iter().filter(|chain| selector.matches_text(chain)).count();
        group.bench_function(text, |bencher| bencher.iter(count));
    }
    group.finish();
}

pub(crate) fn funnels(criterion: &mut Criterion) {
    let steps = ["pageview", "click", "submit"].map(|kind| serde_json::json!({"type": kind}));
    let query = serde_json::json!({"funnel": {"steps": steps, "window": "7d", "from": 0, "to": 7_776_000_000_i64}});
    let query = serde_json::from_value(query).unwrap();
    let calendar = Calendar::new("UTC").unwrap();
    let plan = Plan::resolve(&query, &calendar, TimeMs(7_776_000_000), &|_: &str| None).unwrap();
    let Plan::Funnel(plan) = plan else { panic!("a funnel's plan is one") };
    let mut rng = Rng::new(2, 0);
    let times: Vec<i64> = (0..EVENTS as i64).map(|at| at * 60_000_000).collect();
    // Of a data set's events 35 % are pageviews, 40 % clicks, 5 % submits.
    let kinds = [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 4, 0, 0, 0, 0];
    let users: Vec<Vec<u32>> =
        (0..USERS).map(|_| (0..EVENTS).map(|_| kinds[rng.below(kinds.len() as u32) as usize]).collect()).collect();
    let mut group = criterion.benchmark_group("kernels");
    group.throughput(Throughput::Elements((USERS * EVENTS) as u64));
    group.bench_function("funnel", |bencher| {
        bencher.iter(|| {
            let groups = Groups::default();
            groups.group(&[]);
            let funnel = Funnel::new(&plan, &groups);
            let mut partial = funnel.init();
            for matches in &users {
                funnel.push(&mut partial, &Rows { times: &times, matches, ..Rows::default() });
                funnel.close(&mut partial, 0, GroupId(0));
            }
            black_box(partial)
        });
    });
    group.finish();
}
