//! Funnels, as tables and CSV.

mod over_time;
mod times;

use cairn_analysis::{FunnelAnswer, FunnelCounts, FunnelQuery, FunnelStep, FunnelTimes};
use times::duration;

use super::{
    Table,
    answer::{key_name, labels, share},
    csv, thousands,
};

/// More groups than these are left to CSV.
const GROUPS_SHOWN: usize = 6;

/// One row per step for each of the first groups, then for all together; the times of all together; and, where they are asked for,
/// the numbers by the interval of the start.
pub(super) fn lines(query: &FunnelQuery, numbers: &FunnelAnswer) -> Vec<String> {
    let keys = query.group_by.len();
    let head = query.group_by.iter().map(key_name);
    let columns = ["step", "reached", "of start", "dropped", "open", "median", "p90"].map(str::to_owned);
    let mut table = Table::new(head.chain(columns), keys + 1..);
    if keys > 0 {
        for series in numbers.series.iter().take(GROUPS_SHOWN) {
            add(&mut table, &labels(series.group.as_deref(), keys), query, &series.steps);
        }
    }
    let all: Vec<_> = (0..keys).map(|at| if at == 0 { "all" } else { "" }.to_owned()).collect();
    add(&mut table, &all, query, &numbers.total);
    let mut lines = table.lines();
    lines.extend(times::lines(numbers));
    if query.interval.is_some() {
        lines.extend(over_time::lines(numbers));
    }
    if keys > 0 && numbers.series.len() > GROUPS_SHOWN {
        lines.push(format!("\n{} more groups: --format csv has them all", numbers.series.len() - GROUPS_SHOWN));
    }
    lines
}

fn add(table: &mut Table, labels: &[String], query: &FunnelQuery, steps: &[FunnelStep]) {
    let start = steps.first().map_or(0, |step| step.counts.reached);
    for (at, (event, step)) in query.steps.iter().zip(steps).enumerate() {
        // A group's name stands once.
        let labels = labels.iter().map(|label| if at == 0 { label.clone() } else { String::new() });
        let cells = [
            format!("{}. {}", at + 1, event.words()),
            thousands(step.counts.reached),
            share(step.counts.reached, start),
            thousands(step.counts.dropped),
            thousands(step.counts.open),
            step.times.median_ms.map(duration).unwrap_or_default(),
            step.times.p90_ms.map(duration).unwrap_or_default(),
        ];
        table.row(labels.chain(cells));
    }
}

/// One row per group and step, and one for the whole conversion; or, where an interval is asked for, per group, interval and step.
pub(super) fn csv_rows(query: &FunnelQuery, numbers: &FunnelAnswer) -> Vec<Vec<String>> {
    if query.interval.is_some() {
        return over_time::csv_rows(query, numbers);
    }
    let keys = query.group_by.len();
    let columns = ["step", "event"].into_iter().chain(STEP_COLUMNS).chain(["median_ms", "p90_ms"]).map(str::to_owned);
    let bins = numbers.edges_ms.windows(2).map(|edges| format!("from_{}_to_{}_ms", edges[0], edges[1]));
    let names = query.group_by.iter().map(|key| csv::text(&key_name(key)));
    let mut rows = vec![names.chain(columns).chain(bins).collect::<Vec<_>>()];
    let bins = numbers.edges_ms.len().saturating_sub(1);
    for series in &numbers.series {
        let labels: Vec<_> = labels(series.group.as_deref(), keys).iter().map(|label| csv::text(label)).collect();
        let mut add = |name: [String; 2], cells: [String; 5], times: &FunnelTimes| {
            rows.push(labels.iter().cloned().chain(name).chain(cells).chain(time_cells(times, bins)).collect());
        };
        let counts: Vec<FunnelCounts> = series.steps.iter().map(|step| step.counts).collect();
        for (at, (event, step)) in query.steps.iter().zip(&series.steps).enumerate() {
            add([(at + 1).to_string(), csv::text(&event.words())], step_cells(&counts, at), &step.times);
        }
        let [start, end] = [counts.first(), counts.last()].map(|step| step.map_or(0, |step| step.reached));
        let name = ["all", "(first step to last)"].map(str::to_owned);
        let nothing = String::new;
        add(name, [end.to_string(), nothing(), nothing(), csv::percent(end, start), nothing()], &series.conversion);
    }
    rows
}

/// What spreadsheets have of a step: how many, and which part of those who reached the first step, and the one before.
const STEP_COLUMNS: [&str; 5] = ["reached", "dropped", "open", "of_start_percent", "of_previous_percent"];

/// The same of the step at this place.
fn step_cells(steps: &[FunnelCounts], at: usize) -> [String; 5] {
    let FunnelCounts { reached, dropped, open } = steps[at];
    let previous = at.checked_sub(1).map_or_else(String::new, |before| csv::percent(reached, steps[before].reached));
    let [reached_cell, dropped, open] = [reached, dropped, open].map(|count| count.to_string());
    [reached_cell, dropped, open, csv::percent(reached, steps[0].reached), previous]
}

/// Median, 90th percentile and histogram.
fn time_cells(times: &FunnelTimes, bins: usize) -> impl Iterator<Item = String> {
    let percentiles = [times.median_ms, times.p90_ms].map(|ms| ms.map(|ms| ms.to_string()).unwrap_or_default());
    let bin = |bin| times.histogram.get(bin).map(u64::to_string).unwrap_or_default();
    percentiles.into_iter().chain((0..bins).map(bin))
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{EventRef, FunnelOrder, FunnelPer, FunnelSeries, GroupKey, Interval, When};
    use cairn_model::{TimeMs, Value};

    use super::*;

    fn example() -> (FunnelQuery, FunnelAnswer) {
        let query = FunnelQuery {
            steps: ["View", "=Buy"].map(|name| EventRef::Named(name.to_owned())).to_vec(),
            order: FunnelOrder::Sequential,
            exclude: Vec::new(),
            per: FunnelPer::User,
            hold: Vec::new(),
            window: "1d".to_owned(),
            from: When::Instant(TimeMs(0)),
            to: When::Instant(TimeMs(1)),
            interval: None,
            group_by: vec![GroupKey::Event("browser".to_owned())],
            filter: None,
            top: 20,
            segment: None,
            as_of: None,
            bots: false,
        };
        let counts = |start: u64, end: u64| {
            let first = FunnelCounts { reached: start, dropped: start - end, open: 0 };
            vec![first, FunnelCounts { reached: end, ..FunnelCounts::default() }]
        };
        let times = |end| FunnelTimes { median_ms: Some(90_000), p90_ms: None, histogram: vec![0, end, 0] };
        let steps = |start: u64, end: u64| {
            let counts = counts(start, end);
            let last = FunnelStep { counts: counts[1], times: times(end) };
            vec![FunnelStep { counts: counts[0], ..FunnelStep::default() }, last]
        };
        let series = |group, start, end| FunnelSeries {
            other: false,
            group: Some(vec![group]),
            steps: steps(start, end),
            conversion: times(end),
            over_time: vec![counts(start, end), counts(0, 0)],
        };
        let answer = FunnelAnswer {
            series: vec![series(Some(Value::from("Chrome")), 1_200, 300), series(None, 3, 1)],
            total: steps(1_203, 301),
            conversion: FunnelTimes { p90_ms: Some(100_000), ..times(301) },
            edges_ms: vec![0, 60_000, 120_000, 86_400_000],
            buckets: ["2026-08-03T00:00:00+02:00", "2026-08-10T00:00:00+02:00"].map(str::to_owned).to_vec(),
            over_time: vec![counts(1_203, 301), counts(0, 0)],
        };
        (query, answer)
    }

    fn words(lines: &[String]) -> Vec<Vec<&str>> {
        lines.iter().map(|line| line.split_whitespace().collect()).collect()
    }

    #[test]
    fn tables_have_a_row_per_group_and_step() {
        let (query, numbers) = example();
        let lines = lines(&query, &numbers);
        let words = words(&lines);
        assert_eq!(words[2], ["Chrome", "1.", "View", "1,200", "100.0", "%", "900", "0"]);
        assert_eq!(words[3], ["2.", "=Buy", "300", "25.0", "%", "0", "0", "1.5", "min"]);
        assert_eq!((words[4][0], words[6][0]), ("(missing)", "all"));
        assert_eq!(lines[8], "\nFrom the first step to the last: median 1.5 min, p90 1.7 min");
        // Only bins that somebody is in, and those between.
        assert_eq!(words[12..], [["1.0", "min", "to", "2.0", "min", "301"]]);
    }

    #[test]
    fn csv_has_a_row_per_group_and_step() {
        let (query, numbers) = example();
        let rows = csv_rows(&query, &numbers);
        let bins = ["from_0_to_60000_ms", "from_60000_to_120000_ms", "from_120000_to_86400000_ms"];
        assert_eq!(rows[0][..6], ["event.browser", "step", "event", "reached", "dropped", "open"]);
        assert_eq!(rows[0][6..10], ["of_start_percent", "of_previous_percent", "median_ms", "p90_ms"]);
        assert_eq!(rows[0][10..], bins);
        assert_eq!(rows[1][..8], ["Chrome", "1", "View", "1200", "900", "0", "100", ""]);
        assert_eq!(rows[2], ["Chrome", "2", "'=Buy", "300", "0", "0", "25", "25", "90000", "", "0", "300", "0"]);
        assert_eq!(rows[3][..8], ["Chrome", "all", "(first step to last)", "300", "", "", "25", ""]);
        assert_eq!(rows[3][8..], rows[2][8..]);
        assert_eq!((rows[4][0].as_str(), rows.len()), ("(missing)", 7));
    }

    #[test]
    fn parts_are_of_the_first_step_and_of_the_one_before() {
        let steps = [10, 5, 1].map(|reached| FunnelCounts { reached, dropped: 0, open: 0 });
        assert_eq!(step_cells(&steps, 0), ["10", "0", "0", "100", ""]);
        assert_eq!(step_cells(&steps, 2), ["1", "0", "0", "10", "20"]);
    }

    #[test]
    fn starts_are_told_apart_by_time_where_that_is_asked_for() {
        let (mut query, numbers) = example();
        assert!(!words(&lines(&query, &numbers)).iter().flatten().any(|word| *word == "2026-08-03"));
        query.interval = Some(Interval::Week);
        let lines = lines(&query, &numbers);
        let words = words(&lines);
        assert_eq!(words[words.len() - 2], ["2026-08-03", "+02:00", "1,203", "301", "25.0", "%", "0"]);
        assert_eq!(words[words.len() - 1], ["2026-08-10", "+02:00", "0", "0", "0"]);
        let rows = csv_rows(&query, &numbers);
        assert_eq!(rows[0][..4], ["event.browser", "from", "step", "event"]);
        assert_eq!(rows[0][4..], STEP_COLUMNS);
        assert_eq!(rows[1], ["Chrome", "2026-08-03T00:00:00+02:00", "1", "View", "1200", "900", "0", "100", ""]);
        assert_eq!(rows[2], ["Chrome", "2026-08-03T00:00:00+02:00", "2", "'=Buy", "300", "0", "0", "25", "25"]);
        // Nobody started in the second week.
        assert_eq!(rows[4], ["Chrome", "2026-08-10T00:00:00+02:00", "2", "'=Buy", "0", "0", "0", "", ""]);
        assert_eq!(rows.len(), 9);
    }
}
