//! Funnels by the interval of the start, as tables and CSV.

use cairn_analysis::{FunnelAnswer, FunnelQuery};

use super::{STEP_COLUMNS, step_cells};
use crate::output::{
    Table,
    answer::{day, key_name, labels, share},
    csv, thousands,
};

/// One row per bucket, of all groups together.
pub(super) fn lines(numbers: &FunnelAnswer) -> Vec<String> {
    let steps = (1..=numbers.total.len()).map(|step| format!("step {step}"));
    let columns = ["from".to_owned()].into_iter().chain(steps).chain(["of start", "open"].map(str::to_owned));
    let mut table = Table::new(columns, 1..);
    for (bucket, steps) in numbers.buckets.iter().zip(&numbers.over_time) {
        let [start, end] = [steps.first(), steps.last()].map(|step| step.map_or(0, |step| step.reached));
        let reached = steps.iter().map(|step| thousands(step.reached));
        let open = thousands(steps.iter().map(|step| step.open).sum());
        table.row([day(bucket)].into_iter().chain(reached).chain([share(end, start), open]));
    }
    [String::new()].into_iter().chain(table.lines()).collect()
}

/// One row per group, bucket and step.
pub(super) fn csv_rows(query: &FunnelQuery, numbers: &FunnelAnswer) -> Vec<Vec<String>> {
    let keys = query.group_by.len();
    let columns = ["from", "step", "event"].into_iter().chain(STEP_COLUMNS).map(str::to_owned);
    let mut rows = vec![query.group_by.iter().map(|key| csv::text(&key_name(key))).chain(columns).collect::<Vec<_>>()];
    for series in &numbers.series {
        let labels: Vec<_> = labels(series.group.as_deref(), keys).iter().map(|label| csv::text(label)).collect();
        for (bucket, steps) in numbers.buckets.iter().zip(&series.over_time) {
            for (at, event) in query.steps.iter().enumerate().take(steps.len()) {
                let place = [bucket.clone(), (at + 1).to_string(), csv::text(&event.words())];
                rows.push(labels.iter().cloned().chain(place).chain(step_cells(steps, at)).collect());
            }
        }
    }
    rows
}
