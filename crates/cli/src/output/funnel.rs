//! Funnels, as tables and CSV.

use cairn_analysis::{FunnelAnswer, FunnelQuery, FunnelStep};

use super::{
    Table,
    answer::{key_name, labels, share},
    csv, thousands,
};

/// More groups than these are left to CSV.
const GROUPS_SHOWN: usize = 6;

/// One row per step for each of the first groups, then for all together.
pub(super) fn lines(query: &FunnelQuery, numbers: &FunnelAnswer) -> Vec<String> {
    let keys = query.group_by.len();
    let head = query.group_by.iter().map(key_name);
    let columns = ["step", "reached", "of start", "dropped", "open", "median", "p90"].map(str::to_owned);
    let mut table = Table::new(head.chain(columns), keys + 1);
    if keys > 0 {
        for series in numbers.series.iter().take(GROUPS_SHOWN) {
            add(&mut table, &labels(series.group.as_deref(), keys), query, &series.steps);
        }
    }
    let all: Vec<_> = (0..keys).map(|at| if at == 0 { "all" } else { "" }.to_owned()).collect();
    add(&mut table, &all, query, &numbers.total);
    let mut lines = table.lines();
    if keys > 0 && numbers.series.len() > GROUPS_SHOWN {
        lines.push(format!("\n{} more groups: --format csv has them all", numbers.series.len() - GROUPS_SHOWN));
    }
    lines
}

fn add(table: &mut Table, labels: &[String], query: &FunnelQuery, steps: &[FunnelStep]) {
    let start = steps.first().map_or(0, |step| step.reached);
    for (at, (event, step)) in query.steps.iter().zip(steps).enumerate() {
        // A group's name stands once.
        let labels = labels.iter().map(|label| if at == 0 { label.clone() } else { String::new() });
        let cells = [
            format!("{}. {}", at + 1, event.words()),
            thousands(step.reached),
            share(step.reached, start),
            thousands(step.dropped),
            thousands(step.open),
            step.median_ms.map(duration).unwrap_or_default(),
            step.p90_ms.map(duration).unwrap_or_default(),
        ];
        table.row(labels.chain(cells));
    }
}

/// One row per group and step.
pub(super) fn csv_rows(query: &FunnelQuery, numbers: &FunnelAnswer) -> Vec<Vec<String>> {
    let keys = query.group_by.len();
    let columns = ["step", "event", "reached", "dropped", "open", "median_ms", "p90_ms"].map(str::to_owned);
    let mut rows = vec![query.group_by.iter().map(|key| csv::text(&key_name(key))).chain(columns).collect::<Vec<_>>()];
    for series in &numbers.series {
        let labels: Vec<_> = labels(series.group.as_deref(), keys).iter().map(|label| csv::text(label)).collect();
        for (at, (event, step)) in query.steps.iter().zip(&series.steps).enumerate() {
            let cells = [
                (at + 1).to_string(),
                csv::text(&event.words()),
                step.reached.to_string(),
                step.dropped.to_string(),
                step.open.to_string(),
                step.median_ms.map(|ms| ms.to_string()).unwrap_or_default(),
                step.p90_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            ];
            rows.push(labels.iter().cloned().chain(cells).collect());
        }
    }
    rows
}

/// A time in the largest unit that it fills.
fn duration(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    match units.into_iter().find(|(unit_ms, _)| ms >= *unit_ms) {
        Some((unit_ms, unit)) => format!("{:.1} {unit}", ms as f64 / unit_ms as f64),
        None => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{EventRef, FunnelSeries, GroupKey, When};
    use cairn_model::{TimeMs, Value};

    use super::*;

    fn example() -> (FunnelQuery, FunnelAnswer) {
        let query = FunnelQuery {
            steps: ["View", "=Buy"].map(|name| EventRef::Named(name.to_owned())).to_vec(),
            window: "1d".to_owned(),
            from: When::Instant(TimeMs(0)),
            to: When::Instant(TimeMs(1)),
            group_by: vec![GroupKey::Event("browser".to_owned())],
            filter: None,
            top: 20,
            segment: None,
            as_of: None,
            bots: false,
        };
        let steps = |start: u64, end: u64| {
            let first = FunnelStep { reached: start, dropped: start - end, ..FunnelStep::default() };
            let last = FunnelStep { reached: end, median_ms: Some(90_000), ..FunnelStep::default() };
            vec![first, last]
        };
        let series = |group, steps| FunnelSeries { other: false, group: Some(vec![group]), steps };
        let series = vec![series(Some(Value::from("Chrome")), steps(1_200, 300)), series(None, steps(3, 1))];
        (query, FunnelAnswer { series, total: steps(1_203, 301) })
    }

    #[test]
    fn tables_have_a_row_per_group_and_step() {
        let (query, numbers) = example();
        let lines = lines(&query, &numbers);
        let words: Vec<Vec<_>> = lines.iter().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[2], ["Chrome", "1.", "View", "1,200", "100.0", "%", "900", "0"]);
        assert_eq!(words[3], ["2.", "=Buy", "300", "25.0", "%", "0", "0", "1.5", "min"]);
        assert_eq!((words[4][0], words[6][0], lines.len()), ("(missing)", "all", 8));
    }

    #[test]
    fn csv_has_a_row_per_group_and_step() {
        let (query, numbers) = example();
        let rows = csv_rows(&query, &numbers);
        assert_eq!(rows[0], ["event.browser", "step", "event", "reached", "dropped", "open", "median_ms", "p90_ms"]);
        assert_eq!(rows[2], ["Chrome", "2", "'=Buy", "300", "0", "0", "90000", ""]);
        assert_eq!((rows[3][0].as_str(), rows.len()), ("(missing)", 5));
    }

    #[test]
    fn times_have_units_that_fit() {
        let texts = [0, 999, 1_000, 90_000, 5_400_000, 129_600_000].map(duration);
        assert_eq!(texts, ["0 ms", "999 ms", "1.0 s", "1.5 min", "1.5 h", "1.5 d"]);
    }
}
