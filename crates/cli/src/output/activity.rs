//! Stickiness and lifecycle, as tables and CSV.

use cairn_analysis::{LifecycleAnswer, StickinessAnswer};

use super::{
    Table,
    answer::{day, share},
    csv, thousands,
};

/// One row per interval: how many users, and which share of them on 1, 2, ... days.
pub(super) fn stickiness(numbers: &StickinessAnswer) -> Vec<String> {
    let most = numbers.intervals.iter().flat_map(|of| of.days.iter().rposition(|users| *users > 0)).max();
    let shown = most.map_or(0, |most| most + 1);
    let days = (1..=shown).map(|days| if days == 1 { "1 day".to_owned() } else { format!("{days} days") });
    let mut table = Table::new(["from", "users"].map(str::to_owned).into_iter().chain(days), 1..);
    for of in &numbers.intervals {
        let shares = (0..shown).map(|at| of.days.get(at).map_or_else(String::new, |users| share(*users, of.users)));
        table.row([day(&of.from), thousands(of.users)].into_iter().chain(shares));
    }
    table.lines()
}

/// One row per interval and number of days.
pub(super) fn stickiness_csv(numbers: &StickinessAnswer) -> Vec<Vec<String>> {
    let mut rows = vec![["from", "days", "users"].map(str::to_owned).to_vec()];
    for of in &numbers.intervals {
        rows.extend(
            (1..).zip(&of.days).map(|(days, users)| vec![of.from.clone(), days.to_string(), users.to_string()]),
        );
    }
    rows
}

/// One row per interval.
pub(super) fn lifecycle(numbers: &LifecycleAnswer) -> Vec<String> {
    let mut table = Table::new(["from", "new", "returning", "resurrecting", "dormant"], 1..);
    for of in &numbers.intervals {
        let counts = [of.new, of.returning, of.resurrecting, of.dormant].map(thousands);
        table.row([day(&of.from)].into_iter().chain(counts));
    }
    table.lines()
}

/// The same for spreadsheets.
pub(super) fn lifecycle_csv(numbers: &LifecycleAnswer) -> Vec<Vec<String>> {
    let mut rows = vec![["from", "new", "returning", "resurrecting", "dormant"].map(str::to_owned).to_vec()];
    rows.extend(numbers.intervals.iter().map(|of| {
        let counts = [of.new, of.returning, of.resurrecting, of.dormant].map(|count| count.to_string());
        [csv::text(&of.from)].into_iter().chain(counts).collect()
    }));
    rows
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{LifecycleInterval, StickinessInterval};

    use super::*;

    #[test]
    fn days_that_nobody_reached_are_not_shown() {
        let of = StickinessInterval { from: "2026-08-03T00:00:00Z".into(), users: 4, days: vec![1, 3, 0, 0, 0, 0, 0] };
        let numbers = StickinessAnswer { intervals: vec![of] };
        let lines = stickiness(&numbers);
        let words: Vec<_> = lines[2].split_whitespace().collect();
        assert_eq!(words, ["2026-08-03", "Z", "4", "25.0", "%", "75.0", "%"]);
        assert_eq!(stickiness_csv(&numbers)[2], ["2026-08-03T00:00:00Z", "2", "3"]);
    }

    #[test]
    fn lifecycles_have_a_row_per_interval() {
        let of = LifecycleInterval { new: 1_000, dormant: 2, ..LifecycleInterval::default() };
        let numbers = LifecycleAnswer { intervals: vec![of] };
        assert_eq!(lifecycle(&numbers)[2].split_whitespace().collect::<Vec<_>>(), ["1,000", "0", "0", "2"]);
        assert_eq!(lifecycle_csv(&numbers)[1], ["", "1000", "0", "0", "2"]);
    }
}
