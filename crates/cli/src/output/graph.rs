//! Graphs, as tables and CSV.

mod summary;

use cairn_analysis::{GraphAnswer, GroupKey, Number};

use super::{
    Table,
    answer::{day, heading, key_name, labels},
    csv, thousands,
};

/// More groups than these do not fit beside each other.
const GROUPS_SHOWN: usize = 6;

/// A table: by group where there is one bucket, else by bucket.
pub(super) fn lines(keys: &[GroupKey], numbers: &GraphAnswer) -> Vec<String> {
    if matches!(numbers.total.total, Number::Summary(_)) {
        return summary::lines(keys, numbers);
    }
    let mut lines = match numbers.buckets.len() {
        0 | 1 => by_group(keys, numbers),
        _ => by_bucket(keys, numbers),
    };
    lines.extend(left_out(numbers));
    lines
}

/// What is in none of the numbers.
fn left_out(numbers: &GraphAnswer) -> Option<String> {
    let skipped = numbers.skipped.filter(|skipped| *skipped > 0);
    let skipped = skipped.map(|skipped| format!("{} events have no number there", thousands(skipped)));
    let outside = numbers.outside.filter(|outside| *outside > 0);
    let outside = outside.map(|outside| format!("{} numbers lie outside of the bins", thousands(outside)));
    let all: Vec<_> = skipped.into_iter().chain(outside).collect();
    (!all.is_empty()).then(|| format!("\n{}", all.join("; ")))
}

/// One row per group: for a single bucket.
fn by_group(keys: &[GroupKey], numbers: &GraphAnswer) -> Vec<String> {
    let head = keys.iter().map(key_name).chain(["total".to_owned()]);
    let mut table = Table::new(head, keys.len()..);
    if !keys.is_empty() {
        for series in &numbers.series {
            table.row(labels(series.group.as_deref(), keys.len()).into_iter().chain([text(&series.totals.total)]));
        }
    }
    let all = (0..keys.len()).map(|at| if at == 0 { "all" } else { "" }.to_owned());
    table.row(all.chain([text(&numbers.total.total)]));
    table.lines()
}

/// One row per bucket, the first groups beside each other.
fn by_bucket(keys: &[GroupKey], numbers: &GraphAnswer) -> Vec<String> {
    let grouped =
        numbers.series.iter().any(|series| series.other || series.group.as_ref().is_some_and(|g| !g.is_empty()));
    let shown: Vec<_> = if grouped { numbers.series.iter().take(GROUPS_SHOWN).collect() } else { Vec::new() };
    let names = shown.iter().map(|series| heading(series.group.as_deref(), keys));
    let mut table = Table::new(["from".to_owned()].into_iter().chain(names).chain(["all".to_owned()]), 1..);
    for (at, bucket) in numbers.buckets.iter().enumerate() {
        let value = |values: &[Number]| text(values.get(at).unwrap_or(&Number::Count(0)));
        let cells = shown.iter().map(|series| value(&series.totals.values));
        table.row([day(bucket)].into_iter().chain(cells).chain([value(&numbers.total.values)]));
    }
    let totals = shown.iter().map(|series| text(&series.totals.total));
    table.row(["total".to_owned()].into_iter().chain(totals).chain([text(&numbers.total.total)]));
    let mut lines = table.lines();
    if numbers.series.len() > GROUPS_SHOWN {
        lines.push(format!("\n{} more groups: --format csv has them all", numbers.series.len() - GROUPS_SHOWN));
    }
    lines
}

/// One row per bucket and group: the form that spreadsheets pivot.
pub(super) fn csv_rows(keys: &[GroupKey], numbers: &GraphAnswer) -> Vec<Vec<String>> {
    let head = ["from".to_owned()].into_iter().chain(keys.iter().map(key_name).map(|name| csv::text(&name)));
    let columns = match numbers.total.total {
        Number::Summary(_) => summary::COLUMNS.map(str::to_owned).to_vec(),
        _ => vec!["value".to_owned()],
    };
    let width = columns.len();
    let mut rows = vec![head.chain(columns).collect::<Vec<_>>()];
    for series in &numbers.series {
        for (bucket, value) in numbers.buckets.iter().zip(&series.totals.values) {
            let labels = labels(series.group.as_deref(), keys.len()).into_iter().map(|label| csv::text(&label));
            rows.push([bucket.clone()].into_iter().chain(labels).chain(cells(value, width)).collect());
        }
    }
    rows
}

/// A number for spreadsheets.
pub(super) fn cell(number: &Number) -> String {
    cells(number, 1).swap_remove(0)
}

/// A number for people.
pub(super) fn text(number: &Number) -> String {
    match number {
        Number::Count(count) => thousands(*count),
        Number::Nothing => String::new(),
        other => other.value().map(real).unwrap_or_default(),
    }
}

/// At most two digits after the point, for people.
fn real(value: f64) -> String {
    let text = format!("{value:.2}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let whole = digits.parse().map_or_else(|_| digits.to_owned(), thousands);
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A number for spreadsheets, in so many cells.
fn cells(number: &Number, width: usize) -> Vec<String> {
    match number {
        Number::Count(count) => vec![count.to_string()],
        Number::Real(value) => vec![value.to_string()],
        Number::Summary(summary) => summary::cells(summary, |value| value.to_string()),
        Number::Nothing => vec![String::new(); width],
    }
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{SegmentKey, Series, Totals};
    use cairn_model::Value;

    use super::*;

    fn numbers() -> GraphAnswer {
        let totals = |values: [u64; 2]| Totals {
            values: values.map(Number::Count).to_vec(),
            total: values.iter().sum::<u64>().into(),
            trailing: Vec::new(),
        };
        let series = |group: Option<&'static str>, other: bool, values| Series {
            group: (!other).then(|| vec![group.map(Value::from)]),
            other,
            totals: totals(values),
        };
        GraphAnswer {
            buckets: vec!["2026-08-01T00:00:00+02:00".into(), "2026-08-02T00:00:00+02:00".into()],
            series: vec![
                series(Some("=Chrome"), false, [3, 5]),
                series(None, false, [1, 0]),
                series(None, true, [0, 1]),
            ],
            total: totals([4, 6]),
            ..GraphAnswer::default()
        }
    }

    #[test]
    fn csv_has_a_row_per_bucket_and_group() {
        let rows = csv_rows(&[GroupKey::Event("browser".into())], &numbers());
        assert_eq!(rows[0], ["from", "event.browser", "value"]);
        assert_eq!(rows[1], ["2026-08-01T00:00:00+02:00", "'=Chrome", "3"]);
        assert_eq!(rows[3][1], "(missing)");
        assert_eq!(rows[6], ["2026-08-02T00:00:00+02:00", "(other)", "1"]);
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0.0, 1.5, 1_234_567.891, -2_000.0, 0.004].map(real), ["0", "1.5", "1,234,567.89", "-2,000", "0"]);
        assert_eq!(text(&Number::Nothing), "");
        assert_eq!(cells(&Number::Real(-2.5), 1), ["-2.5"]);
        assert_eq!(cells(&Number::Nothing, 8).len(), 8);
    }

    #[test]
    fn tables_have_a_row_per_bucket() {
        let lines = by_bucket(&[GroupKey::Event("browser".into())], &numbers());
        assert!(lines[0].starts_with("from") && lines[0].ends_with("(missing)  (other)  all"), "{}", lines[0]);
        assert!(lines[2].starts_with("2026-08-01 +02:00"), "{}", lines[2]);
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn groups_that_are_not_shown_are_counted() {
        let series = |at: usize| Series {
            group: Some(vec![Some(Value::Number(at as f64)), None]),
            ..numbers().series.swap_remove(0)
        };
        let mut answer = GraphAnswer { series: (0..20).map(series).collect(), ..numbers() };
        let keys = ["browser", "plan"].map(|name| GroupKey::Event(name.into()));
        let said = lines(&keys, &answer);
        assert_eq!((said.len(), said[5].as_str()), (6, "\n14 more groups: --format csv has them all"));
        // Of one bucket all are shown.
        answer.buckets.truncate(1);
        let said = lines(&keys, &answer);
        assert!(said.len() == 23 && said[22].starts_with("all"), "{said:?}");
    }

    #[test]
    fn columns_of_a_segment_say_its_name() {
        let of = |is_of| Series { group: Some(vec![Some(Value::Bool(is_of))]), ..numbers().series.swap_remove(0) };
        let answer = GraphAnswer { series: vec![of(true), of(false)], ..numbers() };
        let key = |name: Option<&str>| {
            GroupKey::Segment(SegmentKey { segment: serde_json::json!({"all": []}), name: name.map(str::to_owned) })
        };
        let lines = by_bucket(&[key(Some("Active"))], &answer);
        assert!(lines[0].ends_with("Active  not Active  all"), "{}", lines[0]);
        let lines = by_bucket(&[key(None)], &answer);
        assert!(lines[0].ends_with("in segment  not in segment  all"), "{}", lines[0]);
        let rows = csv_rows(&[key(Some("Active"))], &answer);
        assert_eq!((&rows[0][1], &rows[1][1], &rows[3][1]), (&"Active".into(), &"true".into(), &"false".into()));
    }
}
