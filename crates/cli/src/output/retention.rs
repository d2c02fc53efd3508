//! Retention, as tables and CSV.

use cairn_analysis::{Cohort, RetentionAnswer, RetentionCell, RetentionQuery};

use super::{
    Table,
    answer::{day, key_name, labels, share},
    csv, thousands,
};

/// So many periods fit beside each other.
const PERIODS_SHOWN: usize = 12;

/// One row per cohort, then all together; `*` where a period has not ended for all.
pub(super) fn lines(query: &RetentionQuery, numbers: &RetentionAnswer) -> Vec<String> {
    let keys = query.group_by.len();
    let interval = query.interval.word();
    let shown = numbers.total.cells.len().min(PERIODS_SHOWN);
    let periods = (0..shown).map(|period| format!("{interval} {period}"));
    let mut table = Table::new(head(query).into_iter().chain(["users".to_owned()]).chain(periods), keys.max(1)..);
    for cohort in &numbers.cohorts {
        table.row(name(cohort, keys).into_iter().chain(cells(cohort, shown)));
    }
    let all = (0..keys.max(1)).map(|at| if at == 0 { "all" } else { "" }.to_owned());
    table.row(all.chain(cells(&numbers.total, shown)));
    let mut lines = table.lines();
    let mut cohorts = numbers.cohorts.iter().chain([&numbers.total]);
    if cohorts.any(|cohort| cohort.cells[..shown].iter().any(|cell| !cell.complete)) {
        lines.push("\n* the period has not ended for all of them".to_owned());
    }
    if numbers.total.cells.len() > shown {
        lines.push(format!("\n{} more periods: --format csv has them all", numbers.total.cells.len() - shown));
    }
    lines
}

/// One row per cohort and period.
pub(super) fn csv_rows(query: &RetentionQuery, numbers: &RetentionAnswer) -> Vec<Vec<String>> {
    let keys = query.group_by.len();
    let head = head(query).iter().map(|name| csv::text(name)).collect::<Vec<_>>();
    let columns = ["users", "period", "returned", "complete"].map(str::to_owned);
    let mut rows = vec![head.into_iter().chain(columns).collect::<Vec<_>>()];
    for cohort in &numbers.cohorts {
        let name = match &cohort.from {
            Some(from) => vec![from.clone()],
            None => name(cohort, keys).iter().map(|label| csv::text(label)).collect(),
        };
        for (period, cell) in cohort.cells.iter().enumerate() {
            let cells =
                [cohort.users.to_string(), period.to_string(), cell.users.to_string(), cell.complete.to_string()];
            rows.push(name.iter().cloned().chain(cells).collect());
        }
    }
    rows
}

fn head(query: &RetentionQuery) -> Vec<String> {
    match query.group_by.is_empty() {
        true => vec!["from".to_owned()],
        false => query.group_by.iter().map(key_name).collect(),
    }
}

fn name(cohort: &Cohort, keys: usize) -> Vec<String> {
    cohort.from.as_ref().map_or_else(|| labels(cohort.group.as_deref(), keys), |from| vec![day(from)])
}

fn cells(cohort: &Cohort, shown: usize) -> Vec<String> {
    let cell = |cell: &RetentionCell| {
        let open = if cell.complete { "" } else { " *" };
        format!("{}{open}", share(cell.users, cohort.users))
    };
    [thousands(cohort.users)].into_iter().chain(cohort.cells[..shown].iter().map(cell)).collect()
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{Query, Returned};
    use cairn_model::Value;

    use super::*;

    fn example(group_by: &str) -> (RetentionQuery, RetentionAnswer) {
        let json = format!(
            r#"{{"retention": {{"start": "Sign up", "return": "Order", "from": 0, "to": 1, "periods": 2, "group_by": {group_by}}}}}"#
        );
        let Ok(Query::Retention(query)) = serde_json::from_str(&json) else { panic!("{json} is no retention") };
        assert_eq!(query.returned, Returned::On);
        let cell = |users, complete| RetentionCell { users, complete, sentence: String::new() };
        let cells = vec![cell(20, true), cell(5, false)];
        let from = query.group_by.is_empty().then(|| "2026-08-03T00:00:00+02:00".to_owned());
        let group = (!query.group_by.is_empty()).then(|| vec![Some(Value::from("=pro"))]);
        let cohort = Cohort { from, group, other: false, users: 40, cells };
        let total = Cohort { from: None, group: None, ..cohort.clone() };
        (query, RetentionAnswer { cohorts: vec![cohort], total })
    }

    #[test]
    fn tables_have_a_row_per_cohort() {
        let (query, numbers) = example("[]");
        let lines = lines(&query, &numbers);
        let words: Vec<Vec<_>> = lines.iter().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[0], ["from", "users", "week", "0", "week", "1"]);
        assert_eq!(words[2], ["2026-08-03", "+02:00", "40", "50.0", "%", "12.5", "%", "*"]);
        assert_eq!((words[3][0], words[4][0]), ("all", "*"));
    }

    #[test]
    fn csv_has_a_row_per_cohort_and_period() {
        let (query, numbers) = example(r#"[{"user": "plan"}]"#);
        let rows = csv_rows(&query, &numbers);
        assert_eq!(rows[0], ["user.plan", "users", "period", "returned", "complete"]);
        assert_eq!(rows[2], ["'=pro", "40", "1", "5", "false"]);
        assert_eq!(csv_rows(&example("[]").0, &example("[]").1)[1][0], "2026-08-03T00:00:00+02:00");
    }
}
