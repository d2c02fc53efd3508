//! Funnels by their definition: every attempt is followed to its end.

use std::{cmp::Reverse, collections::BTreeMap, collections::BTreeSet};

use cairn_analysis::{FunnelAnswer, FunnelPlan, FunnelSeries, FunnelStep};

use super::{Group, Oracle, Person, group};

/// An event of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When, in milliseconds.
    pub time: i64,
    /// Whether it matches each step.
    pub matches: Vec<bool>,
    /// Its group.
    pub group: Group,
}

/// The attempt of a person that counts.
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
        let mut people: BTreeMap<Person, Vec<_>> = BTreeMap::new();
        for event in of.events().into_iter().filter(|event| event.time <= plan.as_of) {
            let person = self.person(event.user_id);
            let properties = self.properties(&person);
            let matches = plan.steps.iter().map(|step| step.matches(event, &|name| properties.get(name)));
            let happening = Happening {
                time: event.time.0,
                matches: matches.collect(),
                group: group(&plan.group_by, event, &properties),
            };
            people.entry(person).or_default().push(((event.time, event.event_id, event.user_id), happening));
        }
        let in_order = |mut events: Vec<_>| {
            events.sort_by_key(|(order, _)| *order);
            events.into_iter().map(|(_, happening)| happening).collect()
        };
        funnel(plan, &people.into_values().map(in_order).collect::<Vec<_>>())
    }
}

/// The answer to a funnel over each person's events, which are in order and not past "as of".
pub fn funnel(plan: &FunnelPlan, people: &[Vec<Happening>]) -> FunnelAnswer {
    let counted: Vec<Counted> = people.iter().filter_map(|events| count(plan, events)).collect();
    let groups: BTreeSet<&Group> = counted.iter().map(|counted| &counted.group).collect();
    let of = |wanted: &dyn Fn(&Group) -> bool| counted.iter().filter(|one| wanted(&one.group)).collect::<Vec<_>>();
    let mut ranked: Vec<&Group> = groups.into_iter().collect();
    ranked.sort_by_key(|group| Reverse(of(&|other| other == *group).len()));
    let (own, rest) = ranked.split_at(ranked.len().min(plan.top));
    let mut series: Vec<FunnelSeries> = own
        .iter()
        .map(|group| FunnelSeries {
            group: Some((*group).clone()),
            other: false,
            steps: steps(plan, &of(&|other| other == *group)),
        })
        .collect();
    if !rest.is_empty() {
        let steps = steps(plan, &of(&|group| rest.contains(&group)));
        series.push(FunnelSeries { group: None, other: true, steps });
    }
    if series.is_empty() && plan.group_by.is_empty() {
        series.push(FunnelSeries { group: Some(Vec::new()), other: false, steps: steps(plan, &[]) });
    }
    FunnelAnswer { series, total: steps(plan, &of(&|_| true)) }
}

/// The places of the events that an attempt starting at `start` takes.
fn follow(plan: &FunnelPlan, events: &[Happening], start: usize) -> Vec<usize> {
    let mut places = vec![start];
    for step in 1..plan.steps.len() {
        let after = places[step - 1] + 1;
        let next = (after..events.len()).find(|at| events[*at].matches[step]);
        match next {
            Some(next) if events[next].time <= events[start].time + plan.window_ms => places.push(next),
            _ => break,
        }
    }
    places
}

fn count(plan: &FunnelPlan, events: &[Happening]) -> Option<Counted> {
    let in_range = |event: &Happening| event.time >= plan.from.0 && event.time < plan.to.0;
    let starts: Vec<usize> = (0..events.len()).filter(|at| events[*at].matches[0] && in_range(&events[*at])).collect();
    let attempts = starts.iter().map(|start| follow(plan, events, *start));
    // The furthest; of those the one whose last step came first; of those the one that started last.
    let counted = attempts.min_by_key(|places| (Reverse(places.len()), places.last().copied(), Reverse(places[0])))?;
    let alive = starts.iter().any(|start| events[*start].time + plan.window_ms > plan.as_of.0);
    Some(Counted {
        group: events[counted[0]].group.clone(),
        times: counted.iter().map(|at| events[*at].time).collect(),
        open: counted.len() < plan.steps.len() && alive,
    })
}

fn steps(plan: &FunnelPlan, counted: &[&Counted]) -> Vec<FunnelStep> {
    let step = |step: usize| {
        let last_here = |open: bool| {
            counted.iter().filter(|one| one.times.len() == step && one.open == open && step < plan.steps.len()).count()
        };
        let reached = counted.iter().filter(|one| one.times.len() >= step);
        let mut times: Vec<i64> = match step {
            1 => Vec::new(),
            _ => reached.clone().map(|one| one.times[step - 1] - one.times[step - 2]).collect(),
        };
        times.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (1..=times.len()).find(|rank| rank * 100 >= percent * times.len());
            rank.map(|rank| times[rank - 1] as u64)
        };
        FunnelStep {
            reached: reached.count() as u64,
            dropped: last_here(false) as u64,
            open: last_here(true) as u64,
            median_ms: percentile(50),
            p90_ms: percentile(90),
        }
    };
    (1..=plan.steps.len()).map(step).collect()
}
