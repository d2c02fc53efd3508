//! What a worker has to know of a question to run its kernel: no conditions, which are decided before, and no words.

use cairn_model::TimeMs;
use serde::{Deserialize, Serialize};

use super::PartialError;
use crate::{
    Buckets, FunnelOrder, FunnelPer, Returned,
    plan::{STEPS_MAX, WINDOW_MAX_MS},
};

/// A kernel, in JSON where it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelSpec {
    /// How many keys make a group.
    #[serde(default)]
    pub(crate) keys: usize,
    /// Which kernel.
    pub(crate) kernel: Kind,
    /// Test-only: it counts wrongly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) faulty: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Kind {
    Graph {
        count: Counted,
        buckets: Stretches,
        /// In a second run, the groups that stand on their own: each value's JSON, or nothing where it is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<Vec<Vec<Option<String>>>>,
    },
    Numbers {
        buckets: Stretches,
    },
    Funnel(FunnelSpec),
    Retention {
        cohorts: Stretches,
        periods: PeriodsSpec,
        count: usize,
        returned: Returned,
    },
    Stickiness {
        buckets: Stretches,
        days: Stretches,
    },
    Lifecycle {
        before: i64,
        buckets: Stretches,
        as_of: i64,
    },
    Paths {
        nodes: NodesSpec,
        /// Whether the last event is that from which sessions are followed.
        turns: bool,
        backwards: bool,
        depth: usize,
        collapse: bool,
    },
    Pairs {
        nodes: NodesSpec,
        collapse: bool,
    },
}

/// What a graph counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Counted {
    Events,
    Users,
    Sessions,
    EventsPerUser,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FunnelSpec {
    pub(crate) steps: usize,
    pub(crate) exclude: usize,
    pub(crate) order: FunnelOrder,
    pub(crate) per: FunnelPer,
    pub(crate) holds: bool,
    pub(crate) window_ms: i64,
    pub(crate) to: i64,
    pub(crate) as_of: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) over_time: Option<Stretches>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PeriodsSpec {
    Calendar(Stretches),
    Rolling(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodesSpec {
    pub(crate) events: usize,
    /// Whether the groups are the nodes, and not the events.
    pub(crate) by_group: bool,
}

/// Buckets without names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stretches {
    pub(crate) starts: Vec<i64>,
    pub(crate) end: i64,
}

/// What an event's row must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// How many events the question asks about.
    pub(super) events: usize,
    pub(super) numbers: bool,
    pub(super) sessions: bool,
    pub(super) holds: bool,
}

/// Instants are within so many milliseconds of the epoch.
pub(super) const TIME_MAX: i64 = 1 << 53;
const KEYS_MAX: usize = 3;
const EVENTS_MAX: usize = 31;
const PERIODS_MAX: usize = 120;
const DEPTH_MAX: usize = 20;
const EXCLUDED_MAX: usize = 4;
/// No interval has more days.
const DAYS_MAX: usize = 31;

impl KernelSpec {
    /// What was written as JSON.
    pub fn from_json(json: &str) -> Result<Self, PartialError> {
        let spec: Self = serde_json::from_str(json).map_err(|error| PartialError(format!("its question: {error}")))?;
        if spec.is_sound() { Ok(spec) } else { Err(PartialError::new("its question cannot be answered")) }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // Numbers and names: nothing here can fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How many keys make a group.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// What tells kernels apart in bytes.
    pub(super) fn tag(&self) -> u8 {
        match self.kernel {
            Kind::Graph { .. } => 1,
            Kind::Numbers { .. } => 2,
            Kind::Funnel { .. } => 3,
            Kind::Retention { .. } => 4,
            Kind::Stickiness { .. } => 5,
            Kind::Lifecycle { .. } => 6,
            Kind::Paths { .. } => 7,
            Kind::Pairs { .. } => 8,
        }
    }

    pub(super) fn needs(&self) -> Needs {
        let plain = Needs { events: 1, numbers: false, sessions: false, holds: false };
        match &self.kernel {
            Kind::Graph { count, .. } => Needs { sessions: *count == Counted::Sessions, ..plain },
            Kind::Numbers { .. } => Needs { numbers: true, ..plain },
            Kind::Funnel(of) => {
                let sessions = of.per == FunnelPer::Session;
                Needs { events: of.steps + of.exclude, sessions, holds: of.holds, ..plain }
            }
            Kind::Retention { .. } => Needs { events: 2, ..plain },
            Kind::Stickiness { .. } | Kind::Lifecycle { .. } => plain,
            Kind::Paths { nodes, turns, .. } => {
                Needs { events: nodes.events + usize::from(*turns), sessions: true, ..plain }
            }
            Kind::Pairs { nodes, .. } => Needs { events: nodes.events, sessions: true, ..plain },
        }
    }

    /// Whether a kernel can be made of it, whatever made it: a plan is checked when it is resolved, this where it is read.
    pub fn is_sound(&self) -> bool {
        let sound = match &self.kernel {
            Kind::Graph { buckets, kept, .. } => {
                buckets.is_sound() && kept.iter().flatten().all(|values| values.len() == self.keys)
            }
            Kind::Numbers { buckets } => buckets.is_sound(),
            Kind::Funnel(of) => of.is_sound(),
            Kind::Retention { cohorts, periods, count, .. } => {
                let periods = match periods {
                    // The periods of cohorts begin with theirs.
                    PeriodsSpec::Calendar(periods) => periods.is_sound() && periods.starts.starts_with(&cohorts.starts),
                    PeriodsSpec::Rolling(length) => (1..=TIME_MAX).contains(length),
                };
                periods && cohorts.is_sound() && (1..=PERIODS_MAX).contains(count)
            }
            Kind::Stickiness { buckets, days } => {
                let of_day = days.starts.iter().map(|day| buckets.starts.partition_point(|start| start <= day));
                let of_day: Vec<usize> = of_day.collect();
                let few = of_day.chunk_by(|a, b| a == b).all(|days| days.len() <= DAYS_MAX);
                buckets.is_sound() && days.is_sound() && few
            }
            Kind::Lifecycle { before, buckets, as_of } => {
                let before_first = buckets.starts.first().is_some_and(|start| before < start);
                buckets.is_sound() && before_first && are_times(&[*before, *as_of])
            }
            Kind::Paths { nodes, depth, .. } => nodes.is_sound(self.keys) && (1..=DEPTH_MAX).contains(depth),
            Kind::Pairs { nodes, .. } => nodes.is_sound(self.keys),
        };
        sound && self.keys <= KEYS_MAX && self.needs().events <= EVENTS_MAX
    }
}

fn are_times(times: &[i64]) -> bool {
    times.iter().all(|time| (-TIME_MAX..=TIME_MAX).contains(time))
}

impl FunnelSpec {
    fn is_sound(&self) -> bool {
        let window = (1..=WINDOW_MAX_MS).contains(&self.window_ms);
        let steps = (2..=STEPS_MAX).contains(&self.steps) && self.exclude <= EXCLUDED_MAX;
        steps && window && are_times(&[self.to, self.as_of]) && self.over_time.iter().all(Stretches::is_sound)
    }
}

impl NodesSpec {
    fn is_sound(&self, keys: usize) -> bool {
        (1..EVENTS_MAX).contains(&self.events) && keys == usize::from(self.by_group)
    }
}

impl Stretches {
    pub(crate) fn of(buckets: &Buckets) -> Self {
        Self { starts: buckets.starts.iter().map(|start| start.0).collect(), end: buckets.end.0 }
    }

    pub(super) fn buckets(&self) -> Buckets {
        let starts: Vec<TimeMs> = self.starts.iter().copied().map(TimeMs).collect();
        Buckets { names: vec![String::new(); starts.len()], starts, end: TimeMs(self.end) }
    }

    fn is_sound(&self) -> bool {
        let rising = self.starts.is_sorted_by(|a, b| a < b) && self.starts.last().is_some_and(|last| *last < self.end);
        rising && are_times(&self.starts) && are_times(&[self.end])
    }
}
