//! Lists of users, as tables and CSV.

use cairn_analysis::{PersonRow, Seen, UsersAnswer};
use cairn_model::TimeMs;

use super::{Table, answer::label, csv, thousands};

/// One row per person.
pub(super) fn lines(list: &UsersAnswer, zone: &str) -> Vec<String> {
    let head = ["handle", "user ids", "properties"].into_iter().chain(seen_head(list));
    let mut table = Table::new(head, 5..);
    for person in &list.users {
        let row = [person.handle.clone().unwrap_or_default(), ids(person), properties(person).join(", ")];
        table.row(row.into_iter().chain(seen(person, zone, "%Y-%m-%d %H:%M:%S")));
    }
    let mut lines = table.lines();
    lines.push(format!("\n{} of {} users", thousands(list.users.len() as u64), thousands(list.total)));
    lines
}

/// The same for spreadsheets; properties as JSON.
pub(super) fn csv_rows(list: &UsersAnswer, zone: &str) -> Vec<Vec<String>> {
    let head = ["handle", "user_ids", "properties"].into_iter().chain(seen_head(list));
    let mut rows = vec![head.map(|name| name.replace(' ', "_")).collect::<Vec<_>>()];
    rows.extend(list.users.iter().map(|person| {
        let properties = serde_json::to_string(&person.properties).unwrap_or_default();
        let row = [csv::text(person.handle.as_deref().unwrap_or_default()), ids(person), csv::text(&properties)];
        row.into_iter().chain(seen(person, zone, super::INSTANT)).collect()
    }));
    rows
}

/// A person in one line.
pub(super) fn words(person: &PersonRow) -> String {
    let ids = match person.user_ids.len() {
        1 => format!("user id {}", ids(person)),
        _ => format!("user ids {}", ids(person)),
    };
    person.handle.iter().cloned().chain([ids]).chain(properties(person)).collect::<Vec<_>>().join(", ")
}

/// The names of what [`seen`] gives.
fn seen_head(list: &UsersAnswer) -> impl Iterator<Item = &'static str> {
    let any = list.users.iter().any(|person| person.seen.is_some());
    ["first seen", "last seen", "events"].into_iter().filter(move |_| any)
}

/// When somebody was there, where the list is in the order of that.
fn seen(person: &PersonRow, zone: &str, format: &str) -> Vec<String> {
    let Some(Seen { first, last, events }) = person.seen else { return Vec::new() };
    let at = |time: Option<TimeMs>| time.map(|time| super::local(time, zone, format)).unwrap_or_default();
    vec![at(first), at(last), events.to_string()]
}

fn properties(person: &PersonRow) -> Vec<String> {
    let properties = person.properties.iter().map(|(name, value)| format!("{name}: {}", label(value)));
    properties.collect()
}

fn ids(person: &PersonRow) -> String {
    let ids: Vec<String> = person.user_ids.iter().map(ToString::to_string).collect();
    ids.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cairn_model::{UserId, Value};

    use super::*;

    #[test]
    fn people_have_a_row_each() {
        let properties =
            BTreeMap::from([("age".to_owned(), Value::Number(7.0)), ("plan".to_owned(), Value::from("pro"))]);
        let jane = PersonRow {
            handle: Some("=jane".to_owned()),
            user_ids: [1, 2].into_iter().filter_map(UserId::new).collect(),
            properties,
            seen: None,
        };
        let mut list = UsersAnswer { total: 1_234, users: vec![jane] };
        assert_eq!(
            lines(&list, "UTC")[2].split_whitespace().collect::<Vec<_>>(),
            ["=jane", "1", "2", "age:", "7.0,", "plan:", "pro"]
        );
        assert_eq!(lines(&list, "UTC")[3], "\n1 of 1,234 users");
        assert_eq!(csv_rows(&list, "UTC")[1], ["'=jane", "1 2", r#"{"age":7.0,"plan":"pro"}"#]);
        let time = Some(TimeMs(1_785_751_200_000));
        list.users[0].seen = Some(Seen { first: None, last: time, events: 3 });
        assert!(lines(&list, "Europe/Berlin")[2].ends_with("2026-08-03 12:00:00       3"), "{:?}", lines(&list, "UTC"));
        // Times are text.
        let head = &lines(&list, "UTC")[0];
        assert!(head.ends_with("  first seen  last seen            events"), "{head:?}");
        let rows = csv_rows(&list, "UTC");
        assert_eq!(rows[0][3..], ["first_seen", "last_seen", "events"]);
        assert_eq!(rows[1][3..], ["", "2026-08-03T10:00:00.000+00:00", "3"]);
    }
}
