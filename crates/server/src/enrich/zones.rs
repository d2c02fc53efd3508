//! The country of a time zone, by `data/zones.tsv`.

use std::sync::LazyLock;

use hashbrown::HashMap;

static COUNTRIES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/zones.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
});

/// The country's English name; zones without one, such as `UTC`, have none.
pub(super) fn country(zone: &str) -> Option<&'static str> {
    COUNTRIES.get(zone).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_their_former_names_and_what_is_none() {
        let table = [
            ("America/Toronto", Some("Canada")),
            ("Asia/Calcutta", Some("India")),
            ("Asia/Kolkata", Some("India")),
            ("US/Pacific", Some("United States")),
            ("Europe/Kiev", Some("Ukraine")),
            ("Europe/Kyiv", Some("Ukraine")),
            ("Europe/London", Some("United Kingdom")),
            ("Atlantic/Reykjavik", Some("Iceland")),
            ("UTC", None),
            ("Etc/GMT+5", None),
            ("europe/berlin", None),
            ("", None),
        ];
        for (zone, expected) in table {
            assert_eq!(country(zone), expected, "{zone}");
        }
        assert!(COUNTRIES.len() > 500);
    }
}
