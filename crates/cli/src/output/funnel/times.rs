//! How long the steps of a funnel took.

use cairn_analysis::{FunnelAnswer, FunnelTimes};

use crate::output::{Table, thousands};

/// From the first step to the last, and how many took how long from step to step.
pub(super) fn lines(numbers: &FunnelAnswer) -> Vec<String> {
    let (Some(median), Some(p90)) = (numbers.conversion.median_ms, numbers.conversion.p90_ms) else {
        return histogram(numbers);
    };
    let whole = format!("\nFrom the first step to the last: median {}, p90 {}", duration(median), duration(p90));
    [whole].into_iter().chain(histogram(numbers)).collect()
}

/// One row per bin, from the first that somebody is in to the last.
fn histogram(numbers: &FunnelAnswer) -> Vec<String> {
    let steps = numbers.total.iter().enumerate().skip(1);
    let steps = steps.map(|(at, step)| (format!("to step {}", at + 1), &step.times));
    // Of two steps the second is all.
    let whole = Some(("in all".to_owned(), &numbers.conversion)).filter(|_| numbers.total.len() > 2);
    let columns: Vec<(String, &FunnelTimes)> = steps.chain(whole).collect();
    let count = |times: &FunnelTimes, bin: usize| times.histogram.get(bin).copied().unwrap_or(0);
    let bins = 0..numbers.edges_ms.len().saturating_sub(1);
    let somebody: Vec<usize> = bins.filter(|bin| columns.iter().any(|(_, times)| count(times, *bin) > 0)).collect();
    let (Some(first), Some(last)) = (somebody.first(), somebody.last()) else { return Vec::new() };
    let mut table =
        Table::new(["it took".to_owned()].into_iter().chain(columns.iter().map(|(name, _)| name.clone())), 1..);
    for bin in *first..=*last {
        let stretch = format!("{} to {}", duration(numbers.edges_ms[bin]), duration(numbers.edges_ms[bin + 1]));
        table.row([stretch].into_iter().chain(columns.iter().map(|(_, times)| thousands(count(times, bin)))));
    }
    [String::new()].into_iter().chain(table.lines()).collect()
}

/// A time in the largest unit that it fills.
pub(super) fn duration(ms: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    match units.into_iter().find(|(unit_ms, _)| ms >= *unit_ms) {
        Some((unit_ms, unit)) => format!("{:.1} {unit}", ms as f64 / unit_ms as f64),
        None => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_that_fit() {
        let texts = [0, 999, 1_000, 90_000, 5_400_000, 129_600_000].map(duration);
        assert_eq!(texts, ["0 ms", "999 ms", "1.0 s", "1.5 min", "1.5 h", "1.5 d"]);
    }
}
