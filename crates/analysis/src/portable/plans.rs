//! Plans without conditions and words: as much of them as kernels look at while they count.

use cairn_model::{Predicate, TimeMs};

use super::{FunnelSpec, NodesSpec, PeriodsSpec, Stretches, spec::Counted};
use crate::{
    Buckets, FunnelPlan, GraphPlan, Interval, KeyPlan, LifecyclePlan, Measure, NodesPlan, PairsPlan, PathsPlan,
    Periods, RetentionPlan, Returned, StickinessPlan, plan::CellWords,
};

/// Whatever it is, whether events match it was decided before.
fn events(count: usize) -> Vec<Predicate> {
    vec![Predicate::every(); count]
}

fn keys(count: usize) -> Vec<KeyPlan> {
    vec![KeyPlan::Event(String::new()); count]
}

pub(super) fn measure(count: Counted) -> Measure {
    match count {
        Counted::Events => Measure::Count,
        Counted::Users => Measure::Users,
        Counted::Sessions => Measure::Sessions,
        Counted::EventsPerUser => Measure::CountPerUser,
    }
}

pub(super) fn graph(measure: Measure, buckets: &Stretches, key_count: usize) -> GraphPlan {
    GraphPlan {
        event: Some(Predicate::every()),
        users: None,
        measure,
        buckets: buckets.buckets(),
        group_by: keys(key_count),
        top: 0,
        segment: None,
        as_of: TimeMs(0),
        sentence: String::new(),
    }
}

pub(super) fn funnel(of: &FunnelSpec, key_count: usize) -> FunnelPlan {
    FunnelPlan {
        steps: events(of.steps),
        order: of.order,
        exclude: events(of.exclude),
        per: of.per,
        hold: keys(usize::from(of.holds)),
        window_ms: of.window_ms,
        from: TimeMs(0),
        to: TimeMs(of.to),
        over_time: of.over_time.as_ref().map(Stretches::buckets),
        segment: None,
        as_of: TimeMs(of.as_of),
        group_by: keys(key_count),
        top: 0,
        sentence: String::new(),
    }
}

pub(super) fn retention(
    (cohorts, periods): (Buckets, &PeriodsSpec),
    count: usize,
    returned: Returned,
    key_count: usize,
) -> RetentionPlan {
    let periods = match periods {
        PeriodsSpec::Calendar(buckets) => Periods::Calendar(buckets.buckets()),
        PeriodsSpec::Rolling(length) => Periods::Rolling(*length),
    };
    RetentionPlan {
        start: Predicate::every(),
        returns: Predicate::every(),
        cohorts,
        periods,
        count,
        returned,
        group_by: keys(key_count),
        top: 0,
        segment: None,
        as_of: TimeMs(0),
        sentence: String::new(),
        words: CellWords {
            start: String::new(),
            returns: String::new(),
            interval: Interval::Day,
            segments: Vec::new(),
        },
    }
}

pub(super) fn stickiness(buckets: &Stretches, days: &Stretches) -> StickinessPlan {
    StickinessPlan {
        event: Predicate::every(),
        buckets: buckets.buckets(),
        days: days.buckets(),
        segment: None,
        as_of: TimeMs(0),
        sentence: String::new(),
    }
}

pub(super) fn lifecycle(before: i64, buckets: &Stretches, as_of: i64) -> LifecyclePlan {
    LifecyclePlan {
        event: Predicate::every(),
        buckets: buckets.buckets(),
        before: TimeMs(before),
        segment: None,
        as_of: TimeMs(as_of),
        sentence: String::new(),
    }
}

fn nodes(of: NodesSpec) -> NodesPlan {
    let names = if of.by_group { Vec::new() } else { vec![String::new(); of.events] };
    NodesPlan { events: events(of.events), names, keys: keys(usize::from(of.by_group)) }
}

pub(super) fn paths(of: NodesSpec, turns: bool, (backwards, depth, collapse): (bool, usize, bool)) -> PathsPlan {
    PathsPlan {
        nodes: nodes(of),
        events: events(of.events + usize::from(turns)),
        backwards,
        depth,
        collapse,
        top: 0,
        from: TimeMs(0),
        to: TimeMs(0),
        segment: None,
        as_of: TimeMs(0),
        sentence: String::new(),
    }
}

pub(super) fn pairs(of: NodesSpec, collapse: bool) -> PairsPlan {
    PairsPlan {
        nodes: nodes(of),
        collapse,
        top: 0,
        from: TimeMs(0),
        to: TimeMs(0),
        segment: None,
        as_of: TimeMs(0),
        sentence: String::new(),
    }
}
