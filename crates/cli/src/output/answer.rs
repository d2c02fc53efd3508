//! Answers, as tables, JSON and CSV.

use anyhow::bail;
use cairn_analysis::{Answer, Body, GroupKey, Query};
use cairn_model::Value;

use super::{csv, funnel, graph, plain, say, thousands};
use crate::args::OutputFormat;

/// Prints an answer to `query`.
pub(crate) fn print_answer(query: &Query, answer: &Answer, format: OutputFormat) -> anyhow::Result<()> {
    if format == OutputFormat::Json {
        say(serde_json::to_string_pretty(answer)?);
        return Ok(());
    }
    let csv = format == OutputFormat::Csv;
    let lines = match (query, &answer.body) {
        (Query::Graph(query), Body::Graph(numbers)) if csv => csv::write(&graph::csv_rows(&query.group_by, numbers))?,
        (Query::Funnel(query), Body::Funnel(numbers)) if csv => csv::write(&funnel::csv_rows(query, numbers))?,
        (Query::Graph(query), Body::Graph(numbers)) => graph::lines(&query.group_by, numbers).join("\n"),
        (Query::Funnel(query), Body::Funnel(numbers)) => funnel::lines(query, numbers).join("\n"),
        _ => bail!("the answer is to another kind of question"),
    };
    if csv {
        say(lines.trim_end());
        return Ok(());
    }
    say(plain(&answer.explain.sentence));
    say("");
    say(lines);
    let rows = thousands(answer.explain.rows);
    say(format!("\n{rows} rows looked at in {:.1} ms", answer.explain.total_ms));
    Ok(())
}

pub(super) fn key_name(key: &GroupKey) -> String {
    match key {
        GroupKey::Event(name) => format!("event.{name}"),
        GroupKey::User(name) => format!("user.{name}"),
    }
}

/// One label per key; the rest of the groups and missing values have words of their own.
pub(super) fn labels(group: Option<&[Option<Value<'_>>]>, keys: usize) -> Vec<String> {
    match group {
        None => (0..keys).map(|_| "(other)".to_owned()).collect(),
        Some(values) => values.iter().map(|value| value.as_ref().map_or("(missing)".to_owned(), label)).collect(),
    }
}

fn label(value: &Value<'_>) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
