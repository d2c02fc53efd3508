//! Retention, stickiness and lifecycle by their definitions.

use std::collections::{BTreeMap, BTreeSet};

use cairn_analysis::{
    Buckets, Cohort, LifecycleAnswer, LifecycleInterval, LifecyclePlan, Periods, RetentionAnswer, RetentionCell,
    RetentionPlan, Returned, StickinessAnswer, StickinessInterval, StickinessPlan,
};
use cairn_model::{Event, Predicate, TimeMs};

use super::{Group, Oracle, Person, group};

/// A user of a cohort: the bucket of the start, the group, and the periods of all returns.
struct Started {
    bucket: usize,
    group: Group,
    periods: BTreeSet<usize>,
}

impl Oracle {
    /// The answer to a retention, without its sentences.
    pub(super) fn retention(&self, plan: &RetentionPlan) -> RetentionAnswer {
        let (from, to) = (plan.cohorts.starts[0], plan.cohorts.end);
        let (mut started, keys) = (Vec::new(), self.keys(&plan.group_by));
        for (person, events) in self.histories(plan.as_of) {
            let properties = self.properties(&person);
            let holds =
                |predicate: &Predicate, event: &Event<'_>| predicate.matches(event, &|name| properties.get(name));
            let is_start = |event: &&Event<'static>| event.time >= from && event.time < to && holds(&plan.start, event);
            let Some(at) = events.iter().position(is_start) else { continue };
            let start = events[at];
            let Some(bucket) = bucket(&plan.cohorts, start.time) else { continue };
            let later = events[at + 1..].iter().filter(|event| holds(&plan.returns, event));
            started.push(Started {
                bucket,
                group: group(&keys, start, (&person, &properties)),
                periods: later.filter_map(|event| period(plan, start.time, event.time)).collect(),
            });
        }
        let all: Vec<&Started> = started.iter().collect();
        let last = plan.cohorts.len() - 1;
        let mut cohorts = Vec::new();
        if plan.group_by.is_empty() {
            for (at, name) in plan.cohorts.names.iter().enumerate() {
                let users: Vec<_> = all.iter().copied().filter(|user| user.bucket == at).collect();
                cohorts.push(Cohort { from: Some(name.clone()), ..cohort(plan, &users, at) });
            }
        } else {
            let groups: BTreeSet<&Group> = started.iter().map(|user| &user.group).collect();
            let of = |wanted: &Group| all.iter().copied().filter(|user| user.group == *wanted).collect::<Vec<_>>();
            let mut ranked: Vec<&Group> = groups.into_iter().collect();
            ranked.sort_by_key(|group| std::cmp::Reverse(of(group).len()));
            let (own, rest) = ranked.split_at(ranked.len().min(plan.top));
            for group in own {
                cohorts.push(Cohort { group: Some((*group).clone()), ..cohort(plan, &of(group), last) });
            }
            if !rest.is_empty() {
                let users: Vec<_> = rest.iter().flat_map(|group| of(group)).collect();
                cohorts.push(Cohort { other: true, ..cohort(plan, &users, last) });
            }
        }
        RetentionAnswer { cohorts, total: cohort(plan, &all, last) }
    }

    /// The answer to a stickiness.
    pub(super) fn stickiness(&self, plan: &StickinessPlan) -> StickinessAnswer {
        let mut days: BTreeMap<(usize, Person), BTreeSet<usize>> = BTreeMap::new();
        for (person, time) in self.active(&plan.event, plan.as_of) {
            if let (Some(day), Some(interval)) = (bucket(&plan.days, time), bucket(&plan.buckets, time)) {
                days.entry((interval, person)).or_default().insert(day);
            }
        }
        let ends = plan.buckets.starts[1..].iter().chain([&plan.buckets.end]);
        let intervals = plan.buckets.names.iter().zip(plan.buckets.starts.iter().zip(ends)).enumerate();
        let intervals = intervals.map(|(at, (from, (start, end)))| {
            let users: Vec<usize> = days.iter().filter(|((of, _), _)| *of == at).map(|(_, days)| days.len()).collect();
            let days = plan.days.starts.iter().filter(|day| *day >= start && *day < end).count();
            StickinessInterval {
                from: from.clone(),
                users: users.len() as u64,
                days: (1..=days).map(|days| users.iter().filter(|of| **of == days).count() as u64).collect(),
            }
        });
        StickinessAnswer { intervals: intervals.collect() }
    }

    /// The answer to a lifecycle.
    pub(super) fn lifecycle(&self, plan: &LifecyclePlan) -> LifecycleAnswer {
        let mut times: BTreeMap<Person, Vec<TimeMs>> = BTreeMap::new();
        for (person, time) in self.active(&plan.event, plan.as_of) {
            times.entry(person).or_default().push(time);
        }
        let ends: Vec<TimeMs> = plan.buckets.starts[1..].iter().copied().chain([plan.buckets.end]).collect();
        let starts = &plan.buckets.starts;
        let intervals = plan.buckets.names.iter().enumerate().map(|(at, from)| {
            let mut line = LifecycleInterval { from: from.clone(), ..LifecycleInterval::default() };
            if starts[at] > plan.as_of {
                return line;
            }
            let before = if at == 0 { plan.before } else { starts[at - 1] };
            for times in times.values() {
                let within = |from: TimeMs, to: TimeMs| times.iter().any(|time| *time >= from && *time < to);
                let (now, just) = (within(starts[at], ends[at]), within(before, starts[at]));
                let long = within(TimeMs(i64::MIN), before);
                match (now, just, long) {
                    (true, true, _) => line.returning += 1,
                    (true, false, true) => line.resurrecting += 1,
                    (true, false, false) => line.new += 1,
                    (false, true, _) => line.dormant += 1,
                    (false, false, _) => {}
                }
            }
            line
        });
        LifecycleAnswer { intervals: intervals.collect() }
    }

    /// Each person's events up to "as of", in order.
    pub(super) fn histories(&self, as_of: TimeMs) -> BTreeMap<Person, Vec<&Event<'static>>> {
        let mut people: BTreeMap<Person, Vec<&Event<'static>>> = BTreeMap::new();
        for event in self.events().into_iter().filter(|event| event.time <= as_of) {
            people.entry(self.person(event.user_id)).or_default().push(event);
        }
        let in_order = |events: &mut Vec<&Event<'_>>| {
            events.sort_by_key(|event| (event.time, event.event_id, event.user_id));
        };
        people.values_mut().for_each(in_order);
        people
    }

    /// Who did it when.
    fn active(&self, predicate: &Predicate, as_of: TimeMs) -> Vec<(Person, TimeMs)> {
        let mut active = Vec::new();
        for (person, events) in self.histories(as_of) {
            let properties = self.properties(&person);
            let holds = |event: &&&Event<'_>| predicate.matches(event, &|name| properties.get(name));
            active.extend(events.iter().filter(holds).map(|event| (person.clone(), event.time)));
        }
        active
    }
}

fn bucket(buckets: &Buckets, time: TimeMs) -> Option<usize> {
    let at = buckets.starts.iter().rposition(|start| *start <= time)?;
    (time < buckets.end).then_some(at)
}

/// The period of a return, if there is one.
fn period(plan: &RetentionPlan, start: TimeMs, time: TimeMs) -> Option<usize> {
    let period = match &plan.periods {
        Periods::Calendar(buckets) => bucket(buckets, time)? - bucket(buckets, start)?,
        Periods::Rolling(length) => ((time.0 - start.0) / length) as usize,
    };
    (period < plan.count).then_some(period)
}

/// `last` is the bucket in which the last of them may start.
fn cohort(plan: &RetentionPlan, users: &[&Started], last: usize) -> Cohort {
    let last_start = plan.cohorts.starts.get(last + 1).unwrap_or(&plan.cohorts.end).0 - 1;
    let cell = |period: usize| {
        let counts = |user: &&&Started| match plan.returned {
            Returned::On => user.periods.contains(&period),
            Returned::OnOrAfter => user.periods.iter().any(|of| *of >= period),
        };
        // The last instant at which anybody can still be added.
        let through = if plan.returned == Returned::On { period } else { plan.count - 1 };
        let until = match &plan.periods {
            Periods::Calendar(buckets) => buckets.starts.get(last + through + 1).unwrap_or(&buckets.end).0 - 1,
            Periods::Rolling(length) => last_start + length * (through as i64 + 1) - 1,
        };
        RetentionCell {
            users: users.iter().filter(counts).count() as u64,
            complete: until <= plan.as_of.0,
            sentence: String::new(),
        }
    };
    Cohort { users: users.len() as u64, cells: (0..plan.count).map(cell).collect(), ..Cohort::default() }
}
