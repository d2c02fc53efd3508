//! Calendar intervals: every bucket once, also where clocks change.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_analysis::{Calendar, Interval, When};

fn names(zone: &str, from: &str, to: &str, interval: Interval) -> Vec<String> {
    let calendar = Calendar::new(zone).unwrap();
    let instant = |text: &str| calendar.instant(&When::Text(text.to_owned())).unwrap();
    calendar.buckets(instant(from), instant(to), interval).unwrap().names
}

#[test]
fn days_can_have_23_or_25_hours() {
    let calendar = Calendar::new("Europe/Berlin").unwrap();
    let instant = |text: &str| calendar.instant(&When::Text(text.to_owned())).unwrap();
    let hours = |from: &str, to: &str| (instant(to).0 - instant(from).0) / 3_600_000;
    assert_eq!(hours("2026-03-29", "2026-03-30"), 23);
    assert_eq!(hours("2026-10-25", "2026-10-26"), 25);
    let names = names("Europe/Berlin", "2026-10-24", "2026-10-27", Interval::Day);
    assert_eq!(names, ["2026-10-24T00:00:00+02:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]);
}

#[test]
fn a_repeated_hour_appears_as_two_with_other_offsets() {
    let names = names("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", Interval::Hour);
    assert_eq!(names, ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]);
}

#[test]
fn a_day_can_begin_after_midnight() {
    // Clocks in Beirut go from 00:00 to 01:00.
    let names = names("Asia/Beirut", "2026-03-28", "2026-03-31", Interval::Day);
    assert_eq!(names, ["2026-03-28T00:00:00+02:00", "2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"]);
}

#[test]
fn the_first_bucket_is_cut_to_the_range_and_the_others_are_whole() {
    let weeks = names("UTC", "2026-11-18", "2026-12-01", Interval::Week);
    assert_eq!(weeks, ["2026-11-18T00:00:00+00:00", "2026-11-23T00:00:00+00:00", "2026-11-30T00:00:00+00:00"]);
    let quarters = names("UTC", "2026-02-10", "2026-08-01", Interval::Quarter);
    assert_eq!(quarters, ["2026-02-10T00:00:00+00:00", "2026-04-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00"]);
    assert_eq!(names("UTC", "2026-02-10", "2027-08-01", Interval::Year).len(), 2);
    assert_eq!(names("UTC", "2026-01-31", "2026-04-01", Interval::Month).len(), 3);
    assert_eq!(names("UTC", "2026-01-01", "2027-01-01", Interval::Whole).len(), 1);
}

#[test]
fn buckets_never_repeat_and_cover_the_range() {
    for zone in ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"] {
        let calendar = Calendar::new(zone).unwrap();
        let instant = |text: &str| calendar.instant(&When::Text(text.to_owned())).unwrap();
        let (from, to) = (instant("2025-01-01"), instant("2026-12-31"));
        for interval in [Interval::Hour, Interval::Day, Interval::Week, Interval::Month] {
            let buckets = calendar.buckets(from, to, interval).unwrap();
            assert!(buckets.starts.is_sorted_by(|a, b| a < b), "{zone} {interval:?}");
            let mut names = buckets.names.clone();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), buckets.len(), "{zone} {interval:?}");
            assert_eq!((buckets.of(from), buckets.of(buckets.starts[3])), (0, 3));
        }
    }
}

#[test]
fn bad_ranges_and_zones_are_told() {
    let calendar = Calendar::new("UTC").unwrap();
    let day = |text: &str| calendar.instant(&When::Text(text.to_owned()));
    assert!(day("tomorrow").unwrap_err().to_string().contains("2026-08-01"));
    assert!(Calendar::new("Mars/Olympus").unwrap_err().to_string().contains("IANA"));
    let (from, to) = (day("2020-01-01").unwrap(), day("2026-01-01").unwrap());
    assert!(calendar.buckets(to, from, Interval::Day).unwrap_err().to_string().contains("empty"));
    assert!(calendar.buckets(from, to, Interval::Hour).unwrap_err().to_string().contains("longer interval"));
}
