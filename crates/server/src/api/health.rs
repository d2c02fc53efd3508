//! How the server is: for monitors, for operators, and for those who ask where their events went.

use std::{
    fmt::Write,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use cairn_analysis::Ledger;
use cairn_model::{Definition, Position, Reason};
use cairn_postgres::{IndexProgress, IndexState};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{InProject, blocking};
use crate::{
    app::App,
    engine::{Delay, StoreSize},
    error::ApiError,
    metrics::{head, single},
};

/// `GET /healthz`.
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.engine.health() {
        Ok(()) => Json(json!({"status": "ok"})).into_response(),
        Err(ill) => {
            let body = Json(json!({"status": ill.status, "message": ill.message}));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// `GET /api/openapi.json`.
pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("../../openapi.json")).into_response()
}

#[derive(Serialize)]
pub(crate) struct LedgerAnswer {
    #[serde(flatten)]
    ledger: Ledger,
    refused: Map<String, Value>,
    /// What the store has applied, by partition, and what the log holds.
    positions: Vec<Position>,
    log: Vec<Position>,
    lag_ms: u64,
    delay: Delay,
    sizes: Sizes,
}

#[derive(Serialize)]
struct Sizes {
    #[serde(flatten)]
    store: StoreSize,
    /// Of all projects.
    log_bytes: u64,
}

/// `GET /api/projects/{project}/ledger`.
pub(crate) async fn ledger(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
) -> Result<Json<LedgerAnswer>, ApiError> {
    let look = move |app: &App| {
        let counted = entry.refused.counts().into_iter().filter(|(_, count)| *count > 0);
        Ok(Json(LedgerAnswer {
            ledger: app.engine.store().ledger(entry.project.id)?,
            refused: counted.map(|(reason, count)| (reason.name().to_owned(), count.into())).collect(),
            positions: app.engine.store().positions(),
            log: app.engine.log_ends(),
            lag_ms: app.engine.lag_ms(),
            delay: app.engine.delay(),
            sizes: Sizes { store: app.engine.store().size(entry.project.id)?, log_bytes: app.engine.log_bytes() },
        }))
    };
    blocking(&app, look).await
}

/// How far the index of a definition is.
#[derive(Serialize)]
struct IndexAnswer {
    /// The definitions that it serves.
    definitions: Vec<String>,
    name: String,
    state: &'static str,
    tries: u32,
    last_error: Option<String>,
    size_bytes: Option<u64>,
    phase: Option<String>,
    done: Option<f64>,
}

impl IndexAnswer {
    fn new(index: IndexProgress, definitions: &[Definition]) -> Self {
        let predicate = serde_json::from_str::<Value>(&index.predicate).ok();
        let serves = definitions.iter().filter(|of| predicate.as_ref() == Some(&of.predicate.to_json()));
        let state = match index.state {
            IndexState::Wanted => "wanted",
            IndexState::Building => "building",
            IndexState::Valid => "valid",
            IndexState::Failed => "failed",
            IndexState::Retired => "retired",
        };
        let IndexProgress { name, tries, last_error, size_bytes, phase, done, .. } = index;
        let definitions = serves.map(|of| of.name.clone()).collect();
        Self { definitions, name, state, tries, last_error, size_bytes, phase, done }
    }
}

/// `GET /api/projects/{project}/indexes`.
pub(crate) async fn indexes(State(app): State<Arc<App>>, InProject(entry): InProject) -> Result<Json<Value>, ApiError> {
    let look = move |app: &App| {
        let (found, definitions) = (app.engine.store().definition_indexes(entry.project.id)?, entry.definitions());
        let named = |index| IndexAnswer::new(index, &definitions);
        let indexes = found.map(|all| all.into_iter().map(named).collect::<Vec<_>>());
        Ok(Json(json!({"indexes": indexes})))
    };
    blocking(&app, look).await
}

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
    single(&mut out, "cairn_lag_records", "gauge", "Log records not applied yet.", engine.behind_records());
    single(&mut out, "cairn_lag_bytes", "gauge", "Bytes of the log not applied yet.", engine.behind_bytes());
    let lag_s = engine.lag_ms() as f64 / 1e3;
    single(&mut out, "cairn_lag_seconds", "gauge", "How far the answers are behind.", lag_s);
    head(&mut out, "cairn_log_end", "gauge", "The next offset of each partition of the log.");
    for end in engine.log_ends() {
        let _ = writeln!(out, "cairn_log_end{{partition=\"{}\"}} {}", end.partition, end.offset);
    }
    head(&mut out, "cairn_partition_lag_records", "gauge", "Log records of each partition that are not applied yet.");
    for (partition, records) in engine.behind() {
        let _ = writeln!(out, "cairn_partition_lag_records{{partition=\"{partition}\"}} {records}");
    }
    ledgers(&mut out, app);
    own.write_stopped(&mut out);
    own.write_latencies(&mut out);
    out
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
