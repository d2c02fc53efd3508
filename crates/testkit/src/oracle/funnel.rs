//! Funnels by their definition: every attempt is followed to its end.

use std::{cmp::Reverse, collections::BTreeMap, collections::BTreeSet};

use cairn_analysis::{
    FunnelAnswer, FunnelCounts, FunnelOrder, FunnelPer, FunnelPlan, FunnelSeries, FunnelStep, FunnelTimes,
};
use cairn_model::{TimeMs, UserId, Value};

use super::{Group, Oracle, Person, group};

/// An event of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When, in milliseconds.
    pub time: i64,
    /// Whether it matches each step.
    pub matches: Vec<bool>,
    /// Whether it matches an excluded event.
    pub excluded: bool,
    /// Its group.
    pub group: Group,
    /// Its values of the properties that are held.
    pub held: Group,
}

impl Happening {
    /// Whether it fills the step; what is excluded, or lacks what is held, fills none.
    fn fills(&self, step: usize) -> bool {
        self.matches[step] && !self.excluded && !self.held.contains(&None)
    }
}

/// A session of a user id; nothing where sessions are not told apart.
type Session = Option<(UserId, Value<'static>)>;

/// An attempt.
struct Attempt {
    /// The places of the events by which it took its steps.
    places: Vec<usize>,
    /// Whether an event ended it.
    ended: bool,
}

/// The attempt of a person, or of a session, that counts.
struct Counted {
    group: Group,
    /// When it reached each of its steps.
    times: Vec<i64>,
    open: bool,
}

impl Oracle {
    /// The answer to a funnel.
    pub fn funnel(&self, plan: &FunnelPlan) -> FunnelAnswer {
        let of = self.within(plan.segment.as_ref());
        // Each person's events, or each session's.
        let mut units: BTreeMap<(Person, Session), Vec<_>> = BTreeMap::new();
        let (keys, holds) = (of.keys(&plan.group_by), of.keys(&plan.hold));
        for event in of.events().into_iter().filter(|event| event.time <= plan.as_of) {
            let person = self.person(event.user_id);
            let session = match plan.per {
                FunnelPer::User => None,
                FunnelPer::Session => match event.properties.get("session_id") {
                    Some(id) => Some((event.user_id, id.clone())),
                    None => continue,
                },
            };
            let properties = self.properties(&person);
            let matches = plan.steps.iter().map(|step| step.matches(event, &|name| properties.get(name)));
            let happening = Happening {
                time: event.time.0,
                matches: matches.collect(),
                excluded: plan.exclude.iter().any(|excluded| excluded.matches(event, &|name| properties.get(name))),
                group: group(&keys, event, (&person, &properties)),
                held: group(&holds, event, (&person, &properties)),
            };
            units.entry((person, session)).or_default().push(((event.time, event.event_id, event.user_id), happening));
        }
        let in_order = |mut events: Vec<_>| {
            events.sort_by_key(|(order, _)| *order);
            events.into_iter().map(|(_, happening)| happening).collect()
        };
        funnel(plan, &units.into_values().map(in_order).collect::<Vec<_>>())
    }
}

/// The answer to a funnel over each person's events, or each session's, which are in order and not past "as of".
pub fn funnel(plan: &FunnelPlan, units: &[Vec<Happening>]) -> FunnelAnswer {
    let counted: Vec<Counted> = units.iter().filter_map(|events| count(plan, events)).collect();
    let groups: BTreeSet<&Group> = counted.iter().map(|counted| &counted.group).collect();
    let of = |wanted: &dyn Fn(&Group) -> bool| counted.iter().filter(|one| wanted(&one.group)).collect::<Vec<_>>();
    let mut ranked: Vec<&Group> = groups.into_iter().collect();
    ranked.sort_by_key(|group| Reverse(of(&|other| other == *group).len()));
    let (own, rest) = ranked.split_at(ranked.len().min(plan.top));
    let line = |group: Option<&Group>, of: &[&Counted]| FunnelSeries {
        group: group.cloned(),
        other: group.is_none(),
        steps: steps(plan, of),
        conversion: conversion(plan, of),
        over_time: over_time(plan, of),
    };
    let mut series: Vec<FunnelSeries> =
        own.iter().map(|group| line(Some(*group), &of(&|other| other == *group))).collect();
    if !rest.is_empty() {
        series.push(line(None, &of(&|group| rest.contains(&group))));
    }
    if series.is_empty() && plan.group_by.is_empty() {
        series.push(line(Some(&Vec::new()), &[]));
    }
    let all = line(None, &of(&|_| true));
    FunnelAnswer {
        series,
        total: all.steps,
        conversion: all.conversion,
        edges_ms: edges_ms(plan),
        buckets: plan.over_time.iter().flat_map(|buckets| buckets.names.clone()).collect(),
        over_time: all.over_time,
    }
}

/// The attempt that starts at `start`.
fn follow(plan: &FunnelPlan, events: &[Happening], start: usize) -> Attempt {
    let mut places = vec![start];
    // Those after the start that could be steps: with the start's values of what is held.
    let mut same: Vec<&Happening> = Vec::new();
    for at in start + 1..events.len() {
        let event = &events[at];
        if event.time > events[start].time + plan.window_ms || places.len() == plan.steps.len() {
            break;
        }
        if event.excluded {
            return Attempt { places, ended: true };
        }
        if event.held != events[start].held {
            continue;
        }
        same.push(event);
        let takes_the_next = match plan.order {
            FunnelOrder::Sequential | FunnelOrder::Strict => event.fills(places.len()),
            FunnelOrder::Any => filled(plan, &same) == places.len(),
        };
        if takes_the_next {
            places.push(at);
        } else if plan.order == FunnelOrder::Strict && event.matches.contains(&true) {
            return Attempt { places, ended: true };
        }
    }
    Attempt { places, ended: false }
}

/// How many of the steps after the first these events can fill, if each fills one at most. By Kőnig's theorem: the least, over all
/// choices of steps, of the steps that are not chosen and the events that match a chosen one.
fn filled(plan: &FunnelPlan, events: &[&Happening]) -> usize {
    let steps = plan.steps.len() - 1;
    let limit = |chosen: u32| {
        let is_chosen = |step: &usize| chosen >> (step - 1) & 1 == 1;
        let of_events = events.iter().filter(|event| (1..=steps).filter(is_chosen).any(|step| event.fills(step)));
        steps - chosen.count_ones() as usize + of_events.count()
    };
    (0..1 << steps).map(limit).min().unwrap_or(0)
}

fn count(plan: &FunnelPlan, events: &[Happening]) -> Option<Counted> {
    let in_range = |event: &Happening| event.time >= plan.from.0 && event.time < plan.to.0;
    let starts = (0..events.len()).filter(|at| events[*at].fills(0) && in_range(&events[*at]));
    let attempts: Vec<Attempt> = starts.map(|start| follow(plan, events, start)).collect();
    // The furthest; of those the one whose last step came first; of those the one that started last.
    let by_rank = |places: &&Vec<usize>| (Reverse(places.len()), places.last().copied(), Reverse(places[0]));
    let counted = attempts.iter().map(|attempt| &attempt.places).min_by_key(by_rank)?;
    let is_alive = |attempt: &Attempt| !attempt.ended && events[attempt.places[0]].time + plan.window_ms > plan.as_of.0;
    Some(Counted {
        group: events[counted[0]].group.clone(),
        times: counted.iter().map(|at| events[*at].time).collect(),
        open: counted.len() < plan.steps.len() && attempts.iter().any(is_alive),
    })
}

fn steps(plan: &FunnelPlan, counted: &[&Counted]) -> Vec<FunnelStep> {
    let step = |(at, counts): (usize, FunnelCounts)| {
        let reached = counted.iter().filter(|one| one.times.len() > at && at > 0);
        FunnelStep { counts, times: times(plan, reached.map(|one| one.times[at] - one.times[at - 1]).collect()) }
    };
    counts(plan, counted).into_iter().enumerate().map(step).collect()
}

fn counts(plan: &FunnelPlan, counted: &[&Counted]) -> Vec<FunnelCounts> {
    let step = |step: usize| {
        let last_here = |open: bool| {
            counted.iter().filter(|one| one.times.len() == step && one.open == open && step < plan.steps.len()).count()
        };
        FunnelCounts {
            reached: counted.iter().filter(|one| one.times.len() >= step).count() as u64,
            dropped: last_here(false) as u64,
            open: last_here(true) as u64,
        }
    };
    (1..=plan.steps.len()).map(step).collect()
}

fn conversion(plan: &FunnelPlan, counted: &[&Counted]) -> FunnelTimes {
    let converted = counted.iter().filter(|one| one.times.len() == plan.steps.len());
    times(plan, converted.map(|one| one.times[one.times.len() - 1] - one.times[0]).collect())
}

fn over_time(plan: &FunnelPlan, counted: &[&Counted]) -> Vec<Vec<FunnelCounts>> {
    let Some(buckets) = &plan.over_time else { return Vec::new() };
    let bucket = |at: usize| {
        let end = buckets.starts.get(at + 1).copied().unwrap_or(buckets.end);
        let is_in = |one: &&&Counted| (buckets.starts[at]..end).contains(&TimeMs(one.times[0]));
        counts(plan, &counted.iter().filter(is_in).copied().collect::<Vec<_>>())
    };
    (0..buckets.len()).map(bucket).collect()
}

fn times(plan: &FunnelPlan, mut times: Vec<i64>) -> FunnelTimes {
    times.sort_unstable();
    let percentile = |percent: usize| {
        let rank = (1..=times.len()).find(|rank| rank * 100 >= percent * times.len());
        rank.map(|rank| times[rank - 1] as u64)
    };
    let edges = edges_ms(plan);
    let bin = |bin: usize| {
        let is_last = bin + 2 == edges.len();
        let is_in = |ms: u64| ms >= edges[bin] && (ms < edges[bin + 1] || is_last);
        times.iter().filter(|ms| is_in(**ms as u64)).count() as u64
    };
    let bins = if times.is_empty() { 0 } else { edges.len() - 1 };
    FunnelTimes { median_ms: percentile(50), p90_ms: percentile(90), histogram: (0..bins).map(bin).collect() }
}

/// Those of docs/semantics.md that lie within the window, and its end.
fn edges_ms(plan: &FunnelPlan) -> Vec<u64> {
    let (second, minute, hour, day) = (1_000, 60_000, 3_600_000, 86_400_000);
    let seconds = [0, 1, 2, 5, 10, 30].map(|n| n * second);
    let minutes = [1, 2, 5, 10, 30].map(|n| n * minute);
    let hours = [1, 2, 6, 12].map(|n| n * hour);
    let days = [1, 2, 7, 14, 30, 60, 120, 240].map(|n| n * day);
    let all = seconds.into_iter().chain(minutes).chain(hours).chain(days);
    all.filter(|edge| *edge < plan.window_ms).chain([plan.window_ms]).map(|edge| edge as u64).collect()
}
