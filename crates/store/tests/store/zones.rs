//! Zones with all kinds of clock changes, past and to come: each bucket appears once, and all together are the whole.

use std::collections::BTreeSet;

use cairn_analysis::{Calendar, Interval, Number, Query, Store, When};
use cairn_model::{Event, EventKind, Message};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::json;

use crate::common::{at, batch, graph, open, plan, project};

/// Changes by half an hour, at midnight, twice a year around Ramadan, of the date line, of the offset for good; and none.
const ZONES: [&str; 30] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Europe/Chisinau",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Almaty",
    "Asia/Amman",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "America/St_Johns",
    "America/New_York",
    "America/Santiago",
    "America/Asuncion",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
];
/// Two years each: with the last day that Samoa left out, Pyongyang's half hours, and what is planned.
const YEARS: [(&str, &str); 4] = [
    ("2011-01-01", "2013-01-01"),
    ("2015-01-01", "2017-01-01"),
    ("2018-01-01", "2020-01-01"),
    ("2026-01-01", "2028-01-01"),
];
const INTERVALS: [Interval; 6] =
    [Interval::Hour, Interval::Day, Interval::Week, Interval::Month, Interval::Quarter, Interval::Year];

#[test]
fn every_bucket_of_two_years_appears_once_and_they_sum_to_the_whole() {
    let disk = FaultyDisk::new();
    let store = open(&disk, StoreOptions::default());
    // About one every seven hours, at any minute, from 2011 to 2028.
    let first = Calendar::new("UTC").unwrap().instant(&When::Text("2010-12-30".to_owned())).unwrap().0;
    let times = (0..22_000_u64).map(|number| first + (number * 25_171_003 % (17 * 366 * 86_400_000)) as i64);
    let messages: Vec<Message<'_>> = (1..)
        .zip(times)
        .map(|(id, time)| Message::Event(Event::new(1 + id % 50, id, time, EventKind::Click)))
        .collect();
    for (offset, messages) in (0..).zip(messages.chunks(1_000)) {
        store.apply(at(0, offset), &batch(messages)).unwrap();
    }
    for zone in ZONES {
        for (from, to) in YEARS {
            let whole = count(&store, zone, (from, to), Interval::Whole);
            assert!(whole.1 > 1_000.0, "{zone} from {from}: {} events", whole.1);
            for interval in INTERVALS {
                let (names, sum) = count(&store, zone, (from, to), interval);
                let distinct: BTreeSet<&String> = names.iter().collect();
                assert_eq!(distinct.len(), names.len(), "{zone} from {from} by {interval:?}");
                assert!((sum - whole.1).abs() < 0.5, "{zone} from {from} by {interval:?}: {sum} of {}", whole.1);
            }
        }
    }
    assert_eq!(store.ledger(project()).unwrap().stored, 22_000);
}

/// The names of the buckets, and the sum of their numbers.
fn count(store: &EmbeddedStore, zone: &str, (from, to): (&str, &str), interval: Interval) -> (Vec<String>, f64) {
    let query = json!({"graph": {"event": {"type": "click"}, "from": from, "to": to, "interval": interval}});
    let Ok(Query::Graph(query)) = serde_json::from_value(query) else { panic!("no graph") };
    let answer = graph(store, &plan(&query, zone));
    let sum = answer.total.values.iter().filter_map(Number::value).sum();
    (answer.buckets, sum)
}
