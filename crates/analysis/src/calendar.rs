//! Calendar intervals of a time zone.

use cairn_model::TimeMs;
use jiff::{Span, Timestamp, ToSpan, Zoned, civil, fmt::temporal::DateTimePrinter, tz::TimeZone};

use crate::{Buckets, Interval, QueryError, When};

/// Writes instants with their offset, in whole seconds.
const NAMES: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// The most buckets that one answer may have.
const BUCKETS_MAX: usize = 20_000;

/// A project's time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of an IANA zone, such as `Europe/Berlin`.
    pub fn new(zone: &str) -> Result<Self, QueryError> {
        let zone = TimeZone::get(zone).map_err(|_| {
            QueryError::new("zone", format!("{zone:?} is not an IANA time zone such as \"Europe/Berlin\" or \"UTC\""))
        })?;
        Ok(Self { zone })
    }

    /// The instant that `when` means.
    pub fn instant(&self, when: &When) -> Result<TimeMs, QueryError> {
        let text = match when {
            When::Instant(time) => return checked(*time),
            When::Text(text) => text,
        };
        if let Ok(date) = text.parse::<civil::Date>()
            && !text.contains('T')
        {
            return Ok(millis(&self.start_of_day(date)?));
        }
        let instant: Timestamp = text.parse().map_err(|_| {
            QueryError::new(
                "time",
                format!("{text:?} is neither a date (2026-08-01) nor an instant (2026-08-01T12:00:00Z)"),
            )
        })?;
        checked(TimeMs(instant.as_millisecond()))
    }

    /// The buckets of `[from, to)`.
    pub fn buckets(&self, from: TimeMs, to: TimeMs, interval: Interval) -> Result<Buckets, QueryError> {
        if from >= to {
            return Err(QueryError::new("time", "the range is empty: `from` must lie before `to`"));
        }
        let starts = self.starts(from, interval, |starts, next| next < to && starts.len() <= BUCKETS_MAX)?;
        if starts.len() > BUCKETS_MAX {
            let message = format!("the range has more than {BUCKETS_MAX} buckets; choose a longer interval");
            return Err(QueryError::new("time", message));
        }
        let names = starts.iter().map(|start| self.name(*start)).collect::<Result<_, _>>()?;
        Ok(Buckets { starts, end: to, names })
    }

    /// `buckets`, the last one up to its interval's end, and the `more` intervals after it; without names.
    pub(crate) fn extended(&self, buckets: &Buckets, interval: Interval, more: usize) -> Result<Buckets, QueryError> {
        let wanted = buckets.len() + more;
        let mut starts = self.starts(buckets.starts[0], interval, |starts, _| starts.len() <= wanted)?;
        let end = starts.pop().unwrap_or(buckets.end);
        Ok(Buckets { starts, end, names: Vec::new() })
    }

    /// Where the day starts that lies so many days before the one of `time`.
    pub fn day_start(&self, time: TimeMs, days_before: u32) -> Result<TimeMs, QueryError> {
        let date = self.zoned(time)?.date().checked_sub(i64::from(days_before).days()).map_err(|_| out_of_range())?;
        Ok(millis(&self.start_of_day(date)?))
    }

    /// Where the interval starts that ends at `time`, or that `time` lies in.
    pub(crate) fn start_before(&self, time: TimeMs, interval: Interval) -> Result<TimeMs, QueryError> {
        let before = self.zoned(TimeMs(time.0.saturating_sub(1)))?;
        self.boundary(&before, interval, 0).map(|start| millis(&start))
    }

    /// Where the range of equal length starts that ends at `from`. Where both ends are at the same time of day, as many days; else as much
    /// elapsed time.
    pub(crate) fn previous(&self, from: TimeMs, to: TimeMs) -> Result<TimeMs, QueryError> {
        let (first, end) = (self.zoned(from)?, self.zoned(to)?);
        if first.time() == end.time() {
            let days = first.date().until(end.date()).map_err(|_| out_of_range())?;
            let start = first.datetime().checked_sub(days).map_err(|_| out_of_range())?;
            let start = start.to_zoned(self.zone.clone()).map_err(|_| out_of_range())?;
            // Where clocks are turned back, both can be of one day; a day that a zone left out has no instant of its own.
            if millis(&start) < from {
                return Ok(millis(&start));
            }
        }
        checked(TimeMs(from.0.saturating_sub(to.0 - from.0)))
    }

    /// `from`, and the starts of the intervals after it, as long as `goes_on` says so of those before and the next.
    fn starts(
        &self,
        from: TimeMs,
        interval: Interval,
        goes_on: impl Fn(&[TimeMs], TimeMs) -> bool,
    ) -> Result<Vec<TimeMs>, QueryError> {
        let mut starts = vec![from];
        if interval == Interval::Whole {
            return Ok(starts);
        }
        let first = self.zoned(from)?;
        for k in 1.. {
            let next = millis(&self.boundary(&first, interval, k)?);
            if !goes_on(&starts, next) {
                break;
            }
            // A clock turned back can put a boundary at an instant already passed.
            if starts.last().is_some_and(|last| next > *last) {
                starts.push(next);
            }
        }
        Ok(starts)
    }

    /// `time` in the zone, with its offset: `2026-08-01T00:00:00+02:00`.
    pub fn name(&self, time: TimeMs) -> Result<String, QueryError> {
        let zoned = self.zoned(time)?;
        let offset = zoned.offset();
        if offset.seconds() % 60 != 0 {
            return Ok(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        }
        Ok(NAMES.timestamp_with_offset_to_string(&zoned.timestamp(), offset))
    }

    fn zoned(&self, time: TimeMs) -> Result<Zoned, QueryError> {
        let instant = Timestamp::from_millisecond(time.0).map_err(|_| out_of_range())?;
        Ok(instant.to_zoned(self.zone.clone()))
    }

    fn start_of_day(&self, date: civil::Date) -> Result<Zoned, QueryError> {
        date.to_zoned(self.zone.clone()).and_then(|day| day.start_of_day()).map_err(|_| out_of_range())
    }

    /// The start of the `k`-th interval after the one that holds `first`.
    fn boundary(&self, first: &Zoned, interval: Interval, k: i64) -> Result<Zoned, QueryError> {
        let date = first.date();
        let start = match interval {
            Interval::Hour => return self.hour(first, k),
            Interval::Day => date.checked_add(k.days()),
            Interval::Week => {
                let since_monday = i64::from(date.weekday().to_monday_zero_offset());
                date.checked_add((7 * k - since_monday).days())
            }
            Interval::Month => date.first_of_month().checked_add(k.months()),
            Interval::Quarter => {
                let into = i64::from((date.month() - 1) % 3);
                date.first_of_month().checked_add((3 * k - into).months())
            }
            Interval::Year => Span::new().try_years(k).and_then(|years| date.first_of_year().checked_add(years)),
            Interval::Whole => Ok(date),
        };
        self.start_of_day(start.map_err(|_| out_of_range())?)
    }

    /// Full hours of the zone's clock: offsets need not be whole hours, and may change by less than one.
    fn hour(&self, first: &Zoned, k: i64) -> Result<Zoned, QueryError> {
        let into =
            i64::from(first.minute()) * 60_000 + i64::from(first.second()) * 1_000 + i64::from(first.millisecond());
        let start = millis(first).0 - into + k * 3_600_000;
        let zoned = self.zoned(TimeMs(start))?;
        let past = i64::from(zoned.minute()) * 60_000;
        // After such a change the next full hour of the new clock counts.
        if past == 0 { Ok(zoned) } else { self.zoned(TimeMs(start - past)) }
    }
}

fn millis(zoned: &Zoned) -> TimeMs {
    TimeMs(zoned.timestamp().as_millisecond())
}

fn checked(time: TimeMs) -> Result<TimeMs, QueryError> {
    Timestamp::from_millisecond(time.0).map(|_| time).map_err(|_| out_of_range())
}

fn out_of_range() -> QueryError {
    QueryError::new("time", "the time lies outside the years that can be asked about")
}
