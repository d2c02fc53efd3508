//! How the server is: for monitors, for operators, and for those who ask where their events went.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use cairn_analysis::Ledger;
use cairn_model::{Definition, Position};
use cairn_postgres::{IndexProgress, IndexState};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{InProject, blocking};
use crate::{
    app::App,
    engine::{Delay, Nearing, StoreSize},
    error::ApiError,
};

/// `GET /healthz`.
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.engine.health() {
        Ok(()) => match app.engine.warning() {
            None => Json(json!({"status": "ok"})).into_response(),
            Some(warning) => Json(json!({"status": "ok", "warning": warning})).into_response(),
        },
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
    /// Events of all projects.
    applied_per_s: f64,
    /// What Kafka may soon forget.
    nearing: Vec<Nearing>,
    /// Whose replica this is.
    primary: Option<String>,
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
            applied_per_s: app.engine.applied_per_s(),
            nearing: app.engine.nearing(),
            primary: app.engine.primary().map(str::to_owned),
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
