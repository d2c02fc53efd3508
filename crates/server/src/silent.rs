//! Definitions that used to match and match nothing any more: noticing it, and finding what they may have meant.
//!
//! Pure: counts and events come in, and words for people go out.

mod closest;
mod selector;

pub(crate) use closest::{Proposal, closest};
use serde::Serialize;

/// So many full days without a match are at least needed.
const QUIET_DAYS_MIN: usize = 3;
/// Days that are looked at before the last match.
const BEFORE_DAYS: usize = 28;
/// On so many of them something matched, else nobody counted on it.
const ACTIVE_DAYS_MIN: usize = 5;

/// How a definition fell silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Silence {
    /// Full days without a match, today not counted, nor days without any event.
    pub(crate) days: u64,
    /// Matches on a day before, on average over the days from the first match looked at to the last.
    pub(crate) daily_before: u64,
}

/// Whether a definition fell silent, by its matches and all events per day, today last. A day without any event says nothing. It did if it is quiet for more than twice as long as it ever was in
/// the four weeks before, and matched on five days of them or more.
pub(crate) fn silence(daily: &[u64], captured: &[u64]) -> Option<Silence> {
    let (today, before) = daily.split_last()?;
    let telling = before.iter().zip(captured).filter(|(_, captured)| **captured > 0);
    let before: Vec<u64> = telling.map(|(count, _)| *count).collect();
    let last = before.iter().rposition(|count| *count > 0)?;
    let days = before.len() - 1 - last;
    if *today > 0 || days < QUIET_DAYS_MIN {
        return None;
    }
    let looked_at = &before[(last + 1).saturating_sub(BEFORE_DAYS)..=last];
    let lively = &looked_at[looked_at.iter().position(|count| *count > 0)?..];
    let active = lively.iter().filter(|count| **count > 0).count();
    let longest_gap = lively.split(|count| *count > 0).map(<[u64]>::len).max().unwrap_or(0);
    if active < ACTIVE_DAYS_MIN || days <= 2 * longest_gap {
        return None;
    }
    let daily_before = lively.iter().sum::<u64>().div_ceil(lively.len() as u64);
    Some(Silence { days: days as u64, daily_before })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where something was captured on each day.
    fn silence(daily: &[u64]) -> Option<Silence> {
        super::silence(daily, &vec![100; daily.len()])
    }

    fn days(parts: &[(u64, usize)]) -> Vec<u64> {
        parts.iter().flat_map(|(count, days)| std::iter::repeat_n(*count, *days)).collect()
    }

    #[test]
    fn a_definition_that_matched_every_day_and_stopped_is_silent() {
        assert_eq!(silence(&days(&[(9, 30), (0, 4)])), Some(Silence { days: 3, daily_before: 9 }));
        assert_eq!(silence(&days(&[(0, 20), (4, 8), (0, 11)])), Some(Silence { days: 10, daily_before: 4 }));
    }

    #[test]
    fn days_without_any_event_say_nothing() {
        let (daily, captured) = (days(&[(9, 30), (0, 11)]), days(&[(9, 30), (0, 9), (9, 2)]));
        assert_eq!(super::silence(&daily, &captured), None);
        let captured = days(&[(9, 30), (0, 5), (9, 6)]);
        assert_eq!(super::silence(&daily, &captured), Some(Silence { days: 5, daily_before: 9 }));
    }

    #[test]
    fn a_few_quiet_days_a_new_definition_and_a_rare_one_are_not() {
        for quiet in [
            days(&[(9, 30), (0, 3)]),
            days(&[(9, 30), (0, 9), (1, 1)]),
            days(&[(0, 56)]),
            days(&[(9, 4), (0, 20)]),
            days(&[]),
            days(&[(7, 1)]),
            // Once a week, and a week without.
            [1, 0, 0, 0, 0, 0, 0].repeat(5),
            // Weekdays alone, and a long weekend.
            [[5, 5, 5, 5, 5, 0, 0].repeat(4), days(&[(0, 3)])].concat(),
        ] {
            assert_eq!(silence(&quiet), None, "{quiet:?}");
        }
        // But not two such weekends with nothing in between.
        assert!(silence(&[[5, 5, 5, 5, 5, 0, 0].repeat(4), days(&[(0, 5)])].concat()).is_some());
    }
}
