//! Resolving a funnel.

use cairn_model::{Predicate, TimeMs};

use super::{Names, SegmentPlan, check_groups, filter_words, group_words};
use crate::{EventRef, FunnelQuery, GroupKey, QueryError};

/// A resolved funnel.
#[derive(Clone, Debug)]
pub struct FunnelPlan {
    /// The events of steps, 2 to 16: each with the conditions of the query's `where`.
    pub steps: Vec<Predicate>,
    /// How long after its start an attempt may go on, in milliseconds; the last one included.
    pub window_ms: i64,
    /// The first instant at which an attempt may start.
    pub from: TimeMs,
    /// The first instant at which none may start any more.
    pub to: TimeMs,
    /// Only users of this segment.
    pub segment: Option<SegmentPlan>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// Up to three keys: properties of the event that started the counted attempt, or of the user.
    pub group_by: Vec<GroupKey>,
    /// How many groups stand on their own.
    pub top: usize,
    /// What is counted, in words.
    pub sentence: String,
}

/// At most this many steps.
pub(crate) const STEPS_MAX: usize = 16;
const HOUR_MS: i64 = 3_600_000;
/// The longest window, in milliseconds.
pub(crate) const WINDOW_MAX_MS: i64 = 366 * 24 * HOUR_MS;

impl FunnelPlan {
    pub(super) fn resolve(query: &FunnelQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_groups(&query.group_by, query.top)?;
        if !(2..=STEPS_MAX).contains(&query.steps.len()) {
            return Err(QueryError::new("query", format!("a funnel has 2 to {STEPS_MAX} steps")));
        }
        let (from, to) = names.range(&query.from, &query.to)?;
        let steps = query.steps.iter().map(|step| names.event(step, query.filter.as_ref(), query.bots));
        let as_of = names.as_of(query.as_of.as_ref())?;
        Ok(Self {
            steps: steps.collect::<Result<_, _>>()?,
            window_ms: window_ms(&query.window)?,
            from,
            to,
            segment: names.segment(query.segment.as_ref(), as_of, query.bots)?,
            as_of,
            group_by: query.group_by.clone(),
            top: query.top,
            sentence: sentence(query, &names.calendar.name(from)?),
        })
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

fn sentence(query: &FunnelQuery, from: &str) -> String {
    let steps: Vec<_> = query.steps.iter().map(EventRef::words).collect();
    let (filter, groups) = (filter_words(query.filter.as_ref(), query.segment.as_ref()), group_words(&query.group_by));
    // The day is enough to read.
    let from = from.get(..10).unwrap_or_default();
    format!("Users who did {} within {}{filter}{groups}, from {from}", steps.join(", then "), query.window)
}
