//! Answers, as tables, JSON and CSV.

use anyhow::bail;
use cairn_analysis::{Answer, Body, GroupKey, Query};
use cairn_model::Value;

use super::{
    activity,
    chart::{self, Canvas},
    csv, explain, funnel, graph, graphs, plain, retention, say, say_dim, stream, users, ways,
};
use crate::args::OutputFormat;

/// Prints an answer to `query` of a project in `zone`; tables under a chart, if there is a canvas.
pub(crate) fn print_answer(
    query: &Query,
    answer: &Answer,
    zone: &str,
    format: OutputFormat,
    canvas: Option<Canvas>,
) -> anyhow::Result<()> {
    if format == OutputFormat::Json {
        say(serde_json::to_string_pretty(answer)?);
        return Ok(());
    }
    let csv = format == OutputFormat::Csv;
    let lines = match csv {
        true => csv::write(&csv_rows(query, &answer.body, zone)?)?,
        false => lines(query, &answer.body, zone)?.join("\n"),
    };
    if csv {
        say(lines.trim_end());
        return Ok(());
    }
    say(plain(&answer.explain.sentence));
    say("");
    let chart = canvas.map(|canvas| chart::lines(query, &answer.body, canvas)).unwrap_or_default();
    if !chart.is_empty() {
        say(chart.join("\n"));
        say("");
    }
    say(lines);
    say("");
    say_dim(&explain::line(answer));
    Ok(())
}

fn lines(query: &Query, body: &Body, zone: &str) -> anyhow::Result<Vec<String>> {
    Ok(match (query, body) {
        (Query::Graph(query), Body::Graph(numbers)) => graph::lines(&query.group_by, numbers),
        (Query::Graphs(query), Body::Graphs(numbers)) => graphs::lines(query, numbers),
        (Query::Funnel(query), Body::Funnel(numbers)) => funnel::lines(query, numbers),
        (Query::Retention(query), Body::Retention(numbers)) => retention::lines(query, numbers),
        (Query::Stickiness(_), Body::Stickiness(numbers)) => activity::stickiness(numbers),
        (Query::Lifecycle(_), Body::Lifecycle(numbers)) => activity::lifecycle(numbers),
        (Query::Paths(_), Body::Paths(numbers)) => ways::paths(numbers),
        (Query::Pairs(_), Body::Pairs(numbers)) => ways::pairs(numbers),
        (Query::Users(_) | Query::People(_), Body::Users(list)) => users::lines(list, zone),
        (Query::Stream(_), Body::Stream(events)) => stream::lines(events, zone),
        _ => bail!("the answer is to another kind of question"),
    })
}

fn csv_rows(query: &Query, body: &Body, zone: &str) -> anyhow::Result<Vec<Vec<String>>> {
    Ok(match (query, body) {
        (Query::Graph(query), Body::Graph(numbers)) => graph::csv_rows(&query.group_by, numbers),
        (Query::Graphs(query), Body::Graphs(numbers)) => graphs::csv_rows(query, numbers),
        (Query::Funnel(query), Body::Funnel(numbers)) => funnel::csv_rows(query, numbers),
        (Query::Retention(query), Body::Retention(numbers)) => retention::csv_rows(query, numbers),
        (Query::Stickiness(_), Body::Stickiness(numbers)) => activity::stickiness_csv(numbers),
        (Query::Lifecycle(_), Body::Lifecycle(numbers)) => activity::lifecycle_csv(numbers),
        (Query::Paths(_), Body::Paths(numbers)) => ways::paths_csv(numbers),
        (Query::Pairs(_), Body::Pairs(numbers)) => ways::pairs_csv(numbers),
        (Query::Users(_) | Query::People(_), Body::Users(list)) => users::csv_rows(list, zone),
        (Query::Stream(_), Body::Stream(events)) => stream::csv_rows(events, zone),
        _ => bail!("the answer is to another kind of question"),
    })
}

pub(super) fn key_name(key: &GroupKey) -> String {
    match key {
        GroupKey::Event(name) => format!("event.{name}"),
        GroupKey::User(name) => format!("user.{name}"),
        GroupKey::Segment(key) => key.name.clone().unwrap_or_else(|| "in segment".to_owned()),
    }
}

/// A group in one label, where no column says what its values are of.
pub(super) fn heading(group: Option<&[Option<Value<'_>>]>, keys: &[GroupKey]) -> String {
    let mut names = labels(group, 1);
    for (name, (key, value)) in names.iter_mut().zip(keys.iter().zip(group.unwrap_or_default())) {
        if let (GroupKey::Segment(_), Some(Value::Bool(is_of))) = (key, value) {
            *name = if *is_of { key_name(key) } else { format!("not {}", key_name(key)) };
        }
    }
    names.join(" / ")
}

/// One label per key; the rest of the groups and missing values have words of their own.
pub(super) fn labels(group: Option<&[Option<Value<'_>>]>, keys: usize) -> Vec<String> {
    match group {
        None => (0..keys).map(|_| "(other)".to_owned()).collect(),
        Some(values) => values.iter().map(|value| value.as_ref().map_or("(missing)".to_owned(), label)).collect(),
    }
}

/// Which part of `of`, in percent; nothing of nothing.
pub(super) fn share(part: u64, of: u64) -> String {
    if of == 0 { String::new() } else { format!("{:.1} %", 100.0 * part as f64 / of as f64) }
}

/// A bucket's first instant, short where it is the first of a day.
pub(super) fn day(instant: &str) -> String {
    instant.replace("T00:00:00", " ").replace('T', " ")
}

pub(super) fn label(value: &Value<'_>) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
