//! Summaries of a property's numbers, as tables and CSV.

use cairn_analysis::{GraphAnswer, GroupKey, Number, Summary};

use super::{
    super::{
        Table,
        answer::{day, key_name, labels},
    },
    real,
};

/// The numbers of a summary.
pub(super) const COLUMNS: [&str; 8] = ["count", "sum", "avg", "min", "p50", "p90", "p99", "max"];

/// One row per group and bucket, where it has values.
pub(super) fn lines(keys: &[GroupKey], numbers: &GraphAnswer) -> Vec<String> {
    let head = ["from".to_owned()].into_iter().chain(keys.iter().map(key_name)).chain(COLUMNS.map(str::to_owned));
    let mut table = Table::new(head, keys.len() + 1..);
    for series in &numbers.series {
        let whole = ("all".to_owned(), &series.totals.total);
        let buckets = numbers.buckets.iter().map(|from| day(from)).zip(&series.totals.values);
        for (from, number) in buckets.filter(|_| numbers.buckets.len() > 1).chain([whole]) {
            if let Number::Summary(summary) = number {
                let labels = labels(series.group.as_deref(), keys.len());
                table.row([from].into_iter().chain(labels).chain(cells(summary, real)));
            }
        }
    }
    table.lines()
}

/// Its numbers, in the order of [`COLUMNS`].
pub(super) fn cells(summary: &Summary, real: impl Fn(f64) -> String) -> Vec<String> {
    let Summary { count, sum, avg, min, max, p50, p90, p99 } = *summary;
    [count.to_string()].into_iter().chain([sum, avg, min, p50, p90, p99, max].map(real)).collect()
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{Series, Totals};

    use super::*;

    #[test]
    fn buckets_without_values_have_no_row() {
        let summary = Summary { count: 2, sum: 5.0, avg: 2.5, min: 1.0, max: 4.0, p50: 1.0, p90: 4.0, p99: 4.0 };
        let total = Number::Summary(Box::new(summary));
        let totals = Totals { values: vec![total.clone(), Number::Nothing], total, trailing: Vec::new() };
        let series = vec![Series { group: Some(Vec::new()), other: false, totals: totals.clone() }];
        let buckets = ["2026-08-03T00:00:00Z", "2026-08-10T00:00:00Z"].map(str::to_owned).to_vec();
        let lines =
            lines(&[], &GraphAnswer { buckets, series, total: totals, skipped: Some(0), ..GraphAnswer::default() });
        assert_eq!(lines.len(), 4);
        let words: Vec<_> = lines[2].split_whitespace().collect();
        assert_eq!(words, ["2026-08-03", "Z", "2", "5", "2.5", "1", "1", "4", "4", "4"]);
    }
}
