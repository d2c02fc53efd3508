//! Resolving a funnel.

use cairn_model::{Predicate, TimeMs};

use super::{KEYS_MAX, KeyPlan, Names, SegmentPlan, check_groups, filter_words, group_words};
use crate::{Buckets, EventRef, FunnelOrder, FunnelPer, FunnelQuery, QueryError, funnel::Bins};

/// A resolved funnel.
#[derive(Clone, Debug)]
pub struct FunnelPlan {
    /// The events of steps, 2 to 16: each with the conditions of the query's `where`.
    pub steps: Vec<Predicate>,
    /// In which order they are to come.
    pub order: FunnelOrder,
    /// Events, up to 4, that end attempts: each with the conditions of the query's `where`.
    pub exclude: Vec<Predicate>,
    /// What counts once.
    pub per: FunnelPer,
    /// Up to three properties of events that every step has equal to the first one's.
    pub hold: Vec<KeyPlan>,
    /// How long after its start an attempt may go on, in milliseconds; the last one included.
    pub window_ms: i64,
    /// The first instant at which an attempt may start.
    pub from: TimeMs,
    /// The first instant at which none may start any more.
    pub to: TimeMs,
    /// Where starts are told apart by time: the buckets of the range.
    pub over_time: Option<Buckets>,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// Up to three keys: properties of the event that started the counted attempt, or of the user.
    pub group_by: Vec<KeyPlan>,
    /// How many groups stand on their own.
    pub top: usize,
    /// What is counted, in words.
    pub sentence: String,
}

/// At most this many steps.
pub(crate) const STEPS_MAX: usize = 16;
/// At most this many excluded events.
const EXCLUDED_MAX: usize = 4;
/// Steps and excluded events are bits of [`crate::Rows::matches`].
const _: () = assert!(STEPS_MAX + EXCLUDED_MAX <= u32::BITS as usize);
/// At most this many steps of buckets and groups.
const OVER_TIME_MAX: usize = 1_000_000;
const HOUR_MS: i64 = 3_600_000;
/// The longest window, in milliseconds.
pub(crate) const WINDOW_MAX_MS: i64 = 366 * 24 * HOUR_MS;

impl FunnelPlan {
    pub(super) fn resolve(query: &FunnelQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_groups(&query.group_by, query.top)?;
        if !(2..=STEPS_MAX).contains(&query.steps.len()) {
            return Err(QueryError::new("query", format!("a funnel has 2 to {STEPS_MAX} steps")));
        }
        if query.exclude.len() > EXCLUDED_MAX {
            return Err(QueryError::new("query", format!("a funnel excludes at most {EXCLUDED_MAX} events")));
        }
        if query.hold.len() > KEYS_MAX {
            return Err(QueryError::new("query", format!("a funnel holds at most {KEYS_MAX} properties")));
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let events = |events: &[EventRef]| {
            let events = events.iter().map(|event| names.event(event, query.filter.as_ref(), query.bots));
            events.collect::<Result<Vec<_>, _>>()
        };
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            steps: events(&query.steps)?,
            order: query.order,
            exclude: events(&query.exclude)?,
            per: query.per,
            hold: query.hold.iter().cloned().map(KeyPlan::Event).collect(),
            window_ms: window_ms(&query.window)?,
            from,
            to,
            over_time: over_time(query, (from, to), names)?,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            group_by: names.keys(&query.group_by, as_of, query.bots)?,
            top: query.top,
            sentence: sentence(query, &names.calendar.name(from)?),
        })
    }

    /// The events that it asks about: the steps, and what is excluded.
    pub fn events(&self) -> impl Iterator<Item = &Predicate> {
        self.steps.iter().chain(&self.exclude)
    }

    /// How many bins its histograms have.
    pub(crate) fn bins(&self) -> usize {
        Bins::new(self.window_ms).len()
    }

    /// The times of events that matter, `[first, end)`; the first step's lie before `to` besides. Empty where `first` is not
    /// before `end`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        let of_windows = self.to.0.saturating_add(self.window_ms);
        (self.from, TimeMs(of_windows.min(self.as_of.0.saturating_add(1))))
    }
}

/// The milliseconds of a text such as `30m`, `12h`, `7d` or `2w`.
pub(super) fn window_ms(text: &str) -> Result<i64, QueryError> {
    let wrong = || {
        let message = format!("{text:?} is no window: write a number of minutes, hours, days or weeks, such as \"7d\"");
        QueryError::new("query", message)
    };
    let (unit_at, unit) = text.char_indices().next_back().ok_or_else(wrong)?;
    let unit_ms = match unit {
        'm' => HOUR_MS / 60,
        'h' => HOUR_MS,
        'd' => 24 * HOUR_MS,
        'w' => 7 * 24 * HOUR_MS,
        _ => return Err(wrong()),
    };
    let digits = &text[..unit_at];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    // More digits than fit are too long a window in any unit.
    let window_ms = digits.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(unit_ms);
    if !(1..=WINDOW_MAX_MS).contains(&window_ms) {
        return Err(QueryError::new("query", format!("a window is more than nothing and at most 366d, not {text:?}")));
    }
    Ok(window_ms)
}

/// The buckets that starts are told apart by, if any.
fn over_time(
    query: &FunnelQuery,
    (from, to): (TimeMs, TimeMs),
    names: Names<'_>,
) -> Result<Option<Buckets>, QueryError> {
    let Some(interval) = query.interval else { return Ok(None) };
    let buckets = names.calendar.buckets(from, to, interval)?;
    let groups = if query.group_by.is_empty() { 1 } else { query.top + 1 };
    if buckets.len() * groups * query.steps.len() > OVER_TIME_MAX {
        let message = format!(
            "{} buckets of up to {groups} groups are more than an answer may have: choose a longer interval, or fewer groups",
            buckets.len()
        );
        return Err(QueryError::new("query", message));
    }
    Ok(Some(buckets))
}

fn sentence(query: &FunnelQuery, from: &str) -> String {
    let steps: Vec<_> = query.steps.iter().map(EventRef::words).collect();
    let steps = match query.order {
        FunnelOrder::Sequential => steps.join(", then "),
        FunnelOrder::Strict => format!("{}, none out of turn,", steps.join(", then ")),
        FunnelOrder::Any => format!("{}, then {} in any order", steps[0], steps[1..].join(" and ")),
    };
    let who = match query.per {
        FunnelPer::User => "Users who did",
        FunnelPer::Session => "Sessions with",
    };
    let held =
        if query.hold.is_empty() { String::new() } else { format!(" with the same {}", query.hold.join(" and ")) };
    let excluded: Vec<_> = query.exclude.iter().map(EventRef::words).collect();
    let without = if excluded.is_empty() { String::new() } else { format!(" without {}", excluded.join(" or ")) };
    let (filter, groups) = (filter_words(query.filter.as_ref(), query.segment.as_ref()), group_words(&query.group_by));
    let by = query.interval.map(|interval| format!(", by {} of the start", interval.word())).unwrap_or_default();
    // The day is enough to read.
    let from = from.get(..10).unwrap_or_default();
    format!("{who} {steps}{held} within {}{without}{filter}{by}{groups}, from {from}", query.window)
}
