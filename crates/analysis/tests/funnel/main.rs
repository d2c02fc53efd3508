//! Funnels: the hard cases one by one, and random ones against the oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cases;
mod numbers;
mod orders;
mod query;
mod random;
mod subsequence;

use cairn_analysis::{
    Budget, Funnel, FunnelAnswer, FunnelOrder, FunnelPer, FunnelPlan, GroupId, Groups, Kernel, KeyPlan, Rows,
};
use cairn_model::{Predicate, TimeMs, Value};

/// A relevant event, or one to be passed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) time: i64,
    /// Bit `i`: it matches step `i`, or, after the steps, what is excluded.
    pub(crate) matches: u32,
    /// Its value of the only key.
    pub(crate) group: Option<&'static str>,
    /// 0: none.
    pub(crate) session: u64,
    /// What it has of the properties that are held; 0: not all.
    pub(crate) hold: u32,
}

/// A funnel of `steps` steps over `[0, to)`, by one key.
pub(crate) fn plan(steps: usize, window_ms: i64, to: i64, as_of: i64) -> FunnelPlan {
    FunnelPlan {
        steps: vec![Predicate::every(); steps],
        order: FunnelOrder::Sequential,
        exclude: Vec::new(),
        per: FunnelPer::User,
        hold: Vec::new(),
        window_ms,
        from: TimeMs(0),
        to: TimeMs(to),
        over_time: None,
        segment: None,
        as_of: TimeMs(as_of),
        group_by: vec![KeyPlan::Event("key".into())],
        top: 20,
        sentence: String::new(),
    }
}

/// The answer of the kernel. Users go to partials in turn; events come in pieces of the given lengths, over and over.
pub(crate) fn answer(plan: &FunnelPlan, users: &[Vec<Event>], partials: usize, pieces: &[usize]) -> FunnelAnswer {
    answer_of(plan, users, (partials, pieces), false)
}

/// The same of a kernel that may be faulty.
pub(crate) fn answer_of(
    plan: &FunnelPlan,
    users: &[Vec<Event>],
    (partials, pieces): (usize, &[usize]),
    faulty: bool,
) -> FunnelAnswer {
    let groups = Groups::default();
    let kernel = Funnel::new(plan, &groups).faulty(faulty);
    let mut all: Vec<_> = (0..partials).map(|_| kernel.init()).collect();
    let mut pieces = pieces.iter().copied().cycle();
    for (at, events) in users.iter().enumerate() {
        let partial = &mut all[at % partials];
        let mut left = &in_range(plan, events)[..];
        while !left.is_empty() {
            let (piece, rest) = left.split_at(pieces.next().unwrap_or(usize::MAX).min(left.len()));
            push(&kernel, partial, &groups, plan, piece);
            left = rest;
        }
        kernel.close(partial, 0, GroupId(0));
    }
    let merged = all.into_iter().rev().reduce(|mut into, from| {
        kernel.merge(&mut into, from);
        into
    });
    kernel.finish(merged.unwrap(), &Budget::unlimited()).unwrap()
}

fn push<K: Kernel>(kernel: &K, partial: &mut K::Partial, groups: &Groups, plan: &FunnelPlan, piece: &[Event]) {
    let group = |event: &Event| match event.matches {
        0 => GroupId(u32::MAX),
        _ => groups.group(&[groups.value(event.group.map(Value::from).as_ref())]),
    };
    let grouped = !plan.group_by.is_empty();
    let rows = Rows {
        times: &piece.iter().map(|event| event.time).collect::<Vec<_>>(),
        matches: &piece.iter().map(|event| event.matches).collect::<Vec<_>>(),
        groups: &piece.iter().filter(|_| grouped).map(group).collect::<Vec<_>>(),
        sessions: &piece.iter().map(|event| event.session).collect::<Vec<_>>(),
        holds: &piece.iter().map(|event| event.hold).collect::<Vec<_>>(),
        ..Rows::default()
    };
    kernel.push(partial, &rows);
}

/// What a store would push.
fn in_range(plan: &FunnelPlan, events: &[Event]) -> Vec<Event> {
    let (first, end) = plan.range();
    events.iter().filter(|event| event.time >= first.0 && event.time < end.0).cloned().collect()
}
