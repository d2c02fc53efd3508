//! What the server counts, for Prometheus.

use std::{
    fmt::Write,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use cairn_analysis::Ledger;
use cairn_model::{Position, Reason};

use super::blocking;
use crate::{
    app::App,
    error::ApiError,
    metrics::{head, single},
};

/// `GET /metrics`.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let text = blocking(&app, |app| Ok(exposition(app))).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// The Prometheus text format. Over all projects: it says nothing about any one of them.
fn exposition(app: &App) -> String {
    let mut out = String::with_capacity(4096);
    let (engine, own) = (&app.engine, &app.metrics);
    let counter = "counter";
    single(&mut out, "cairn_up", "gauge", "Whether events are taken and applied.", u8::from(engine.health().is_ok()));
    single(&mut out, "cairn_accepted_messages_total", counter, "Messages acknowledged.", own.accepted.load(Relaxed));
    refused(&mut out, app);
    let help = "Requests with a write key that no project has.";
    single(&mut out, "cairn_unknown_key_total", counter, help, own.unknown_key.load(Relaxed));
    let help = "Requests turned away because nothing could be made durable.";
    single(&mut out, "cairn_unavailable_total", counter, help, own.unavailable.load(Relaxed));
    single(&mut out, "cairn_applied_records_total", counter, "Log records applied.", engine.applied_records());
    let help = "Events applied.";
    single(&mut out, "cairn_applied_events_total", counter, help, engine.applied_events());
    let help = "Events applied per second, over the last ten.";
    single(&mut out, "cairn_applied_events_per_second", "gauge", help, engine.applied_per_s());
    single(&mut out, "cairn_lag_records", "gauge", "Log records not applied yet.", engine.behind_records());
    single(&mut out, "cairn_lag_bytes", "gauge", "Bytes of the log not applied yet.", engine.behind_bytes());
    let lag_s = engine.lag_ms() as f64 / 1e3;
    single(&mut out, "cairn_lag_seconds", "gauge", "How far the answers are behind.", lag_s);
    if let Some(spooled) = engine.spooled() {
        let help = "Acknowledged records that wait on this machine until Kafka takes them.";
        single(&mut out, "cairn_spool_records", "gauge", help, spooled.records);
        single(&mut out, "cairn_spool_bytes", "gauge", "What the files of the spool hold.", spooled.bytes);
    }
    delays(&mut out, app);
    head(&mut out, "cairn_log_end", "gauge", "The next offset of each partition of the log.");
    for end in engine.log_ends() {
        let _ = writeln!(out, "cairn_log_end{{partition=\"{}\"}} {}", end.partition, end.offset);
    }
    head(&mut out, "cairn_partition_lag_records", "gauge", "Log records of each partition that are not applied yet.");
    for (partition, records) in engine.behind() {
        let _ = writeln!(out, "cairn_partition_lag_records{{partition=\"{partition}\"}} {records}");
    }
    kept(&mut out, app);
    ledgers(&mut out, app);
    own.write_stopped(&mut out);
    own.write_latencies(&mut out);
    out
}

/// How long events take from their 2xx to the answers.
fn delays(out: &mut String, app: &App) {
    let delay = app.engine.delay();
    let seconds = |ms: Option<f64>| ms.map(|ms| ms / 1e3);
    if let Some(last) = seconds(delay.last_ms) {
        let help = "From acknowledged to in the answers, of the last record.";
        single(out, "cairn_delay_seconds", "gauge", help, last);
    }
    if let Some(slowest) = seconds(delay.slowest_ms) {
        let help = "The same, of the slowest of the last one to two minutes.";
        single(out, "cairn_delay_slowest_seconds", "gauge", help, slowest);
    }
}

/// What the log still has, and what of it is stored.
fn kept(out: &mut String, app: &App) {
    let (begins, stored) = app.engine.kept();
    let mut all = |name: &str, help: &str, positions: Vec<Position>| {
        head(out, name, "gauge", help);
        for one in positions {
            let _ = writeln!(out, "{name}{{partition=\"{}\"}} {}", one.partition, one.offset);
        }
    };
    all("cairn_log_begin", "The first offset of each partition that the log still has.", begins);
    all("cairn_stored_position", "The first offset of each partition that is not on the disk here.", stored);
    let near = app.engine.nearing();
    if near.is_empty() {
        return;
    }
    let name = "cairn_retention_left_seconds";
    head(
        out,
        name,
        "gauge",
        "Time until Kafka forgets what is not stored here, of partitions near it; 0 if it is not known.",
    );
    for one in near {
        let left_s = one.left_ms.unwrap_or(0).max(0) as f64 / 1e3;
        let _ = writeln!(out, "{name}{{partition=\"{}\"}} {left_s}", one.partition);
    }
}

fn refused(out: &mut String, app: &App) {
    let mut sums = [0; Reason::ALL.len()];
    for entry in app.engine.registry().entries() {
        entry.refused.counts().iter().zip(&mut sums).for_each(|((_, count), sum)| *sum += count);
    }
    head(out, "cairn_refused_messages_total", "counter", "Messages refused, by reason.");
    for (reason, count) in Reason::ALL.iter().zip(sums) {
        let _ = writeln!(out, "cairn_refused_messages_total{{reason=\"{}\"}} {count}", reason.name());
    }
}

fn ledgers(out: &mut String, app: &App) {
    let mut sum = Ledger::default();
    let entries = app.engine.registry().entries();
    for entry in &entries {
        // What cannot be counted now is left out: a sum that falls to 0 would be taken for a loss.
        let Ok(one) = app.engine.store().ledger(entry.project.id) else { return };
        sum.stored += one.stored;
        sum.duplicate += one.duplicate;
        sum.quarantined += one.quarantined;
        sum.erased += one.erased;
        sum.expired += one.expired;
    }
    single(out, "cairn_projects", "gauge", "Projects.", entries.len());
    head(out, "cairn_events", "gauge", "Events of the log, by where they went.");
    let parts = [
        ("stored", sum.stored),
        ("duplicate", sum.duplicate),
        ("quarantined", sum.quarantined),
        ("erased", sum.erased),
        ("expired", sum.expired),
    ];
    for (state, count) in parts {
        let _ = writeln!(out, "cairn_events{{state=\"{state}\"}} {count}");
    }
}
