//! Lists of users, as tables and CSV.

use cairn_analysis::{PersonRow, UsersAnswer};

use super::{Table, csv, thousands};

/// One row per person.
pub(super) fn lines(list: &UsersAnswer) -> Vec<String> {
    let mut table = Table::new(["handle", "user ids", "properties"], 3);
    for person in &list.users {
        let properties = person.properties.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| serde_json::to_string(value).unwrap_or_default(), str::to_owned);
            format!("{name}: {value}")
        });
        let properties: Vec<String> = properties.collect();
        table.row([person.handle.clone().unwrap_or_default(), ids(person), properties.join(", ")]);
    }
    let mut lines = table.lines();
    lines.push(format!("\n{} of {} users", thousands(list.users.len() as u64), thousands(list.total)));
    lines
}

/// The same for spreadsheets; properties as JSON.
pub(super) fn csv_rows(list: &UsersAnswer) -> Vec<Vec<String>> {
    let mut rows = vec![["handle", "user_ids", "properties"].map(str::to_owned).to_vec()];
    rows.extend(list.users.iter().map(|person| {
        let properties = serde_json::to_string(&person.properties).unwrap_or_default();
        vec![csv::text(person.handle.as_deref().unwrap_or_default()), ids(person), csv::text(&properties)]
    }));
    rows
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
        };
        let list = UsersAnswer { total: 1_234, users: vec![jane] };
        assert_eq!(
            lines(&list)[2].split_whitespace().collect::<Vec<_>>(),
            ["=jane", "1", "2", "age:", "7.0,", "plan:", "pro"]
        );
        assert_eq!(lines(&list)[3], "\n1 of 1,234 users");
        assert_eq!(csv_rows(&list)[1], ["'=jane", "1 2", r#"{"age":7.0,"plan":"pro"}"#]);
    }
}
