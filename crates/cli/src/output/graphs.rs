//! Graphs of several events, as tables and CSV.

use cairn_analysis::{GraphLine, GraphsAnswer, GraphsQuery, Number, PreviousAnswer, Totals};

use super::{
    Table,
    answer::{day, key_name, labels},
    csv,
    graph::{self, cell},
};

/// One row per group and bucket, and one of the group's total; the events and formulas beside each other.
pub(super) fn lines(query: &GraphsQuery, answer: &GraphsAnswer) -> Vec<String> {
    let keys = query.group_by.len();
    let heads = answer.lines.iter().flat_map(|line| heads(query, line));
    let first = ["from".to_owned()].into_iter().chain(query.group_by.iter().map(key_name));
    let mut table = Table::new(first.chain(heads), keys + 1..);
    let groups = answer.lines.first().map_or(0, |line| if keys == 0 { 0 } else { line.series.len() });
    for place in (0..groups).map(Some).chain([None]) {
        let group = place.and_then(|place| answer.lines[0].series.get(place));
        let labels: Vec<String> = match group {
            Some(series) => labels(series.group.as_deref(), keys),
            None => (0..keys).map(|_| "(all)".to_owned()).collect(),
        };
        let whole = [("all".to_owned(), None)];
        let buckets = answer.buckets.iter().map(|from| day(from)).zip((0..).map(Some));
        for (from, at) in buckets.filter(|_| answer.buckets.len() > 1).chain(whole) {
            let cells = (0..answer.lines.len()).flat_map(|line| cells(query, answer, (line, place, at)));
            table.row([from].into_iter().chain(labels.iter().cloned()).chain(cells));
        }
    }
    let names = query.events.iter().zip('A'..).map(|(of, letter)| format!("{letter} is {}", of.event.words()));
    table.lines().into_iter().chain([String::new()]).chain(names).collect()
}

/// The columns of a line: its values, their averages, and those of the period before.
fn heads(query: &GraphsQuery, line: &GraphLine) -> Vec<String> {
    let name = name(line);
    let average = query.trailing.map(|buckets| format!("{name}, average of {buckets}"));
    let before = query.previous.then(|| format!("{name} before"));
    [name.to_owned()].into_iter().chain(average).chain(before).collect()
}

/// The cells of a line in a row: of a group or all, in a bucket or in all.
fn cells(
    query: &GraphsQuery,
    answer: &GraphsAnswer,
    (line, place, at): (usize, Option<usize>, Option<usize>),
) -> Vec<String> {
    let number = |lines: &[GraphLine]| {
        let totals = lines.get(line).and_then(|line| totals(line, place));
        totals.map_or(Number::Nothing, |totals| at.map_or(&totals.total, |at| &totals.values[at]).clone())
    };
    let here = answer.lines.get(line).and_then(|line| totals(line, place));
    let average = query.trailing.map(|_| {
        let average = at.and_then(|at| here.and_then(|totals| totals.trailing.get(at)));
        average.map_or_else(String::new, text)
    });
    let before = answer.previous.as_ref().map(|previous| text(&number(&previous.lines)));
    [text(&number(&answer.lines))].into_iter().chain(average).chain(before).collect()
}

fn totals(line: &GraphLine, place: Option<usize>) -> Option<&Totals> {
    match place {
        Some(place) => line.series.get(place).map(|series| &series.totals),
        None => Some(&line.total),
    }
}

/// A number for people: of rates, which are small, four digits after the point.
fn text(number: &Number) -> String {
    match number {
        Number::Real(value) if value.abs() < 1.0 => {
            let digits = format!("{value:.4}");
            let short = digits.trim_end_matches('0').trim_end_matches('.');
            if short == "-0" { "0".to_owned() } else { short.to_owned() }
        }
        other => graph::text(other),
    }
}

fn name(line: &GraphLine) -> &str {
    line.event.as_deref().or(line.formula.as_deref()).unwrap_or_default()
}

/// One row per line, group and bucket: the form that spreadsheets pivot.
pub(super) fn csv_rows(query: &GraphsQuery, answer: &GraphsAnswer) -> Vec<Vec<String>> {
    let mut head = vec!["from".to_owned(), "line".to_owned()];
    head.extend(query.group_by.iter().map(|key| csv::text(&key_name(key))));
    head.push("value".to_owned());
    head.extend(query.trailing.map(|_| "average".to_owned()));
    head.extend(["before_from", "before"].map(str::to_owned).into_iter().filter(|_| query.previous));
    let mut rows = vec![head];
    for (number, line) in answer.lines.iter().enumerate() {
        for (place, series) in line.series.iter().enumerate() {
            let labels = labels(series.group.as_deref(), query.group_by.len());
            for (at, from) in answer.buckets.iter().enumerate() {
                let mut row = vec![from.clone(), csv::text(name(line))];
                row.extend(labels.iter().map(|label| csv::text(label)));
                row.push(cell(&series.totals.values[at]));
                row.extend(query.trailing.map(|_| series.totals.trailing.get(at).map_or_else(String::new, cell)));
                row.extend(answer.previous.iter().flat_map(|previous| before(previous, (number, place, at))));
                rows.push(row);
            }
        }
    }
    rows
}

/// The bucket of the period before, and its number.
fn before(previous: &PreviousAnswer, (line, place, at): (usize, usize, usize)) -> [String; 2] {
    let totals = previous.lines.get(line).and_then(|line| totals(line, Some(place)));
    let number = totals.and_then(|totals| totals.values.get(at));
    [previous.buckets.get(at).cloned().flatten().unwrap_or_default(), number.map_or_else(String::new, cell)]
}

#[cfg(test)]
mod tests {
    use cairn_analysis::Body;

    use super::*;

    fn asked() -> (GraphsQuery, GraphsAnswer) {
        let query = serde_json::from_value(serde_json::json!({
            "events": [{"event": "Order Placed"}, {"event": {"type": "pageview"}}], "formulas": ["-A / B"],
            "from": "2026-08-01", "to": "2026-08-03", "group_by": [{"event": "browser"}], "previous": true, "trailing": 2
        }));
        let line = |name: [&str; 2], values: [serde_json::Value; 2]| {
            let totals = |values: &[serde_json::Value; 2]| serde_json::json!({"group": ["Chrome"], "other": false, "values": values, "total": 9, "trailing": [null, 1.5]});
            serde_json::json!({name[0]: name[1], "series": [totals(&values)], "total": totals(&values)})
        };
        let lines = [
            line(["event", "A"], [1.into(), 2000.into()]),
            line(["event", "B"], [0.into(), 4.into()]),
            line(["formula", "-A / B"], [serde_json::Value::Null, (-0.5).into()]),
        ];
        let answer = serde_json::from_value(serde_json::json!({"graphs": {
            "buckets": ["2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z"], "lines": lines,
            "previous": {"from": "2026-07-30T00:00:00Z", "buckets": [null, "2026-07-31T00:00:00Z"], "lines": lines}
        }}));
        let Body::Graphs(answer) = answer.unwrap() else { panic!("no graphs") };
        (query.unwrap(), answer)
    }

    #[test]
    fn tables_have_a_column_for_each_line() {
        let (query, answer) = asked();
        let lines = lines(&query, &answer);
        let words =
            |line: usize| lines[line].split("  ").map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let head = ["from", "event.browser", "A", "A, average of 2", "A before", "B", "B, average of 2", "B before"];
        assert_eq!(words(0)[..8], head);
        assert_eq!(words(0)[8..], ["-A / B", "-A / B, average of 2", "-A / B before"]);
        assert_eq!(words(2), ["2026-08-01 Z", "Chrome", "1", "1", "0", "0"]);
        assert_eq!(words(3)[..5], ["2026-08-02 Z", "Chrome", "2,000", "1.5", "2,000"]);
        assert_eq!(words(4)[..4], ["all", "Chrome", "9", "9"]);
        assert_eq!(words(7)[..2], ["all", "(all)"]);
        assert_eq!(lines[9..], ["A is Order Placed", "B is pageview"]);
    }

    #[test]
    fn small_rates_are_readable() {
        let texts = [0.0, 0.034_56, -0.5, 0.000_01, -0.000_01, 12.345].map(|value| text(&Number::Real(value)));
        assert_eq!(texts, ["0", "0.0346", "-0.5", "0", "0", "12.35"]);
    }

    #[test]
    fn csv_has_a_row_for_each_line_group_and_bucket() {
        let (query, answer) = asked();
        let rows = csv_rows(&query, &answer);
        assert_eq!(rows[0], ["from", "line", "event.browser", "value", "average", "before_from", "before"]);
        assert_eq!(rows[1], ["2026-08-01T00:00:00Z", "A", "Chrome", "1", "", "", "1"]);
        assert_eq!(rows[2], ["2026-08-02T00:00:00Z", "A", "Chrome", "2000", "1.5", "2026-07-31T00:00:00Z", "2000"]);
        assert_eq!(
            rows[6],
            ["2026-08-02T00:00:00Z", "'-A / B", "Chrome", "-0.5", "1.5", "2026-07-31T00:00:00Z", "-0.5"]
        );
        assert_eq!(rows.len(), 7);
    }
}
