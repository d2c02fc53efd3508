//! Small charts of answers, in text.

use cairn_analysis::{Body, FunnelAnswer, GraphAnswer, GroupKey, Query, RetentionAnswer};

use super::{
    answer::{day, heading, share},
    plain,
};

/// How charts are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canvas {
    /// So many characters fit in a line.
    pub(crate) width: usize,
    /// Without block characters.
    pub(crate) ascii: bool,
}

/// Series beyond these are left out.
const SERIES_SHOWN: usize = 6;
/// Names are cut to so many characters.
const NAME_CHARS: usize = 24;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const BLOCKS_ASCII: [char; 8] = ['_', '.', ',', '-', '~', '=', '*', '#'];
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];
const SHADES_ASCII: [char; 5] = ['.', '-', '+', '*', '#'];

/// The chart of an answer; nothing for those that have none.
pub(super) fn lines(query: &Query, body: &Body, canvas: Canvas) -> Vec<String> {
    match (query, body) {
        (Query::Graph(query), Body::Graph(numbers)) => graph(&query.group_by, numbers, canvas),
        (Query::Funnel(query), Body::Funnel(numbers)) => {
            funnel(&query.steps.iter().map(cairn_analysis::EventRef::words).collect::<Vec<_>>(), numbers, canvas)
        }
        (Query::Retention(query), Body::Retention(numbers)) => retention(&query.group_by, numbers, canvas),
        _ => Vec::new(),
    }
}

/// A line per series over its buckets, each by its own greatest value.
fn graph(keys: &[GroupKey], numbers: &GraphAnswer, canvas: Canvas) -> Vec<String> {
    if numbers.buckets.len() < 2 {
        return Vec::new();
    }
    let room = canvas.width.saturating_sub(NAME_CHARS + 2).max(1);
    let series = numbers.series.iter().take(SERIES_SHOWN);
    let lines = series.map(|series| {
        let values: Vec<f64> = series.totals.values.iter().map(|value| value.value().unwrap_or(0.0)).collect();
        let name = heading(series.group.as_deref(), keys);
        let name = if name.is_empty() { "all".to_owned() } else { name };
        format!("{}  {}", fit(&name), sparkline(&resampled(&values, room), canvas.ascii))
    });
    lines.collect()
}

/// A bar per step, by users of the first one.
fn funnel(names: &[String], numbers: &FunnelAnswer, canvas: Canvas) -> Vec<String> {
    let start = numbers.total.first().map_or(0, |step| step.counts.reached);
    let room = canvas.width.saturating_sub(NAME_CHARS + 11).max(1);
    let steps = names.iter().zip(&numbers.total);
    let lines = steps.map(|(name, step)| {
        let length = (room as f64 * step.counts.reached as f64 / start.max(1) as f64).round() as usize;
        let bar = if canvas.ascii { "#" } else { "█" }.repeat(length);
        format!("{}  {bar} {}", fit(name), share(step.counts.reached, start)).trim_end().to_owned()
    });
    lines.collect()
}

/// A row per cohort, a shade per period: from none to all of its users in five steps.
fn retention(keys: &[GroupKey], numbers: &RetentionAnswer, canvas: Canvas) -> Vec<String> {
    let shades = if canvas.ascii { SHADES_ASCII } else { SHADES };
    let room = canvas.width.saturating_sub(NAME_CHARS + 2).max(1);
    let lines = numbers.cohorts.iter().map(|cohort| {
        let name = match &cohort.from {
            Some(from) => day(from),
            None => heading(cohort.group.as_deref(), keys),
        };
        let shade = |users: u64| shades[(4.0 * users as f64 / cohort.users.max(1) as f64).ceil().min(4.0) as usize];
        let cells = cohort.cells.iter().take(room / 2).flat_map(|cell| [shade(cell.users); 2]);
        format!("{}  {}", fit(&name), cells.collect::<String>())
    });
    lines.collect()
}

/// A character per value, from nothing to the greatest one. What is not above 0 is the lowest.
fn sparkline(values: &[f64], ascii: bool) -> String {
    let (blocks, most) = (if ascii { BLOCKS_ASCII } else { BLOCKS }, values.iter().copied().fold(0.0, f64::max));
    let block = |value: f64| match value > 0.0 {
        true => blocks[((value / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
        false => ' ',
    };
    values.iter().map(|value| block(*value)).collect::<String>().trim_end().to_owned()
}

/// At most `room` values: neighbours are put together by their mean.
fn resampled(values: &[f64], room: usize) -> Vec<f64> {
    let together = values.len().div_ceil(room).max(1);
    values.chunks(together).map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64).collect()
}

/// A name, cut or filled up.
fn fit(name: &str) -> String {
    let name: String = plain(name).chars().take(NAME_CHARS).collect();
    format!("{name:<NAME_CHARS$}")
}

#[cfg(test)]
mod tests {
    use cairn_analysis::{Cohort, FunnelCounts, FunnelStep, Number, RetentionCell, Series, Totals};

    use super::*;

    const WIDE: Canvas = Canvas { width: 60, ascii: false };

    #[test]
    fn graphs_have_a_line_per_series() {
        let values: Vec<Number> = [0, 1, 4, 8].map(Number::Count).to_vec();
        let totals = Totals { values, total: Number::Count(13), ..Totals::default() };
        let series = vec![Series { group: Some(Vec::new()), other: false, totals: totals.clone() }];
        let buckets = vec!["2026-08-01T00:00:00Z".to_owned(); 4];
        let numbers = GraphAnswer { buckets, series, total: totals, ..GraphAnswer::default() };
        assert_eq!(graph(&[], &numbers, WIDE), [format!("{:24}   ▁▄█", "all")]);
        assert_eq!(graph(&[], &numbers, Canvas { ascii: true, ..WIDE }), [format!("{:24}   _-#", "all")]);
        assert_eq!(graph(&[], &numbers, Canvas { width: 28, ..WIDE }), [format!("{:24}  ▁█", "all")]);
    }

    #[test]
    fn funnels_have_a_bar_per_step() {
        let step = |reached| {
            let counts = FunnelCounts { reached, ..FunnelCounts::default() };
            FunnelStep { counts, ..FunnelStep::default() }
        };
        let numbers = FunnelAnswer { total: vec![step(100), step(40), step(0)], ..FunnelAnswer::default() };
        let lines =
            funnel(&["View", "Buy\x1b[2J", "Pay"].map(str::to_owned), &numbers, Canvas { width: 45, ascii: true });
        assert_eq!(lines[0], format!("{:24}  ########## 100.0 %", "View"));
        assert_eq!(lines[1], format!("{:24}  #### 40.0 %", "Buy\u{fffd}[2J"));
        assert_eq!(lines[2], format!("{:24}   0.0 %", "Pay"));
    }

    #[test]
    fn retentions_have_a_shade_per_period() {
        let cell = |users| RetentionCell { users, complete: true, sentence: String::new() };
        let cells = [40, 21, 1, 0].map(cell).to_vec();
        let from = Some("2026-08-03T00:00:00Z".to_owned());
        let cohort = Cohort { from, group: None, other: false, users: 40, cells };
        let numbers = RetentionAnswer { cohorts: vec![cohort.clone()], total: cohort };
        assert_eq!(retention(&[], &numbers, WIDE), [format!("{:24}  ██▓▓░░··", "2026-08-03 Z")]);
    }

    #[test]
    fn what_does_not_fit_is_put_together() {
        assert_eq!(resampled(&[1.0, 3.0, 5.0, 7.0, 9.0], 3), [2.0, 6.0, 9.0]);
        assert_eq!(resampled(&[1.0, 3.0], 80), [1.0, 3.0]);
        assert_eq!(sparkline(&[0.0, -1.0, 0.0], false), "");
    }
}
