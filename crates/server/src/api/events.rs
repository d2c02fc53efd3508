//! Events as people see them, and what to complete names and values with.

use std::sync::Arc;

use axum::{Json, extract::State};
use cairn_analysis::SeenEvent;
use cairn_model::Definition;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{InProject, Params, blocking};
use crate::{app::App, error::ApiError};

const LIMIT_MAX: usize = 1_000;

/// An event with the names of the definitions that it matches.
#[derive(Serialize)]
pub(crate) struct Named {
    #[serde(flatten)]
    seen: SeenEvent,
    definitions: Vec<String>,
}

impl Named {
    pub(crate) fn new(seen: SeenEvent, definitions: &[Definition]) -> Self {
        let definitions = Definition::names_of(definitions, &seen.event);
        Self { seen, definitions }
    }

    pub(crate) fn all(events: Vec<SeenEvent>, definitions: &[Definition]) -> Vec<Self> {
        events.into_iter().map(|seen| Self::new(seen, definitions)).collect()
    }
}

#[derive(Deserialize)]
pub(crate) struct Limit {
    #[serde(default = "fifty")]
    limit: usize,
}

fn fifty() -> usize {
    50
}

fn checked(limit: usize) -> Result<usize, ApiError> {
    let fits = (1..=LIMIT_MAX).contains(&limit);
    fits.then_some(limit)
        .ok_or_else(|| ApiError::Bad("parameter", format!("`limit` is a number from 1 to {LIMIT_MAX}.")))
}

/// `GET /api/projects/{project}/events`.
pub(crate) async fn newest(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Params(params): Params<Limit>,
) -> Result<Json<Value>, ApiError> {
    let limit = checked(params.limit)?;
    let look = move |app: &App| {
        let seen = app.engine.store().newest(entry.project.id, limit)?;
        Ok(Json(json!({"events": Named::all(seen, &entry.definitions())})))
    };
    blocking(&app, look).await
}

/// `GET /api/projects/{project}/properties`.
pub(crate) async fn properties(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
) -> Result<Json<Value>, ApiError> {
    let look = move |app: &App| {
        let (event, user) = app.engine.store().names(entry.project.id)?;
        Ok(Json(json!({"event": event, "user": user})))
    };
    blocking(&app, look).await
}

#[derive(Deserialize)]
pub(crate) struct Of {
    property: String,
    #[serde(default = "fifty")]
    limit: usize,
}

/// `GET /api/projects/{project}/values`.
pub(crate) async fn values(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Params(of): Params<Of>,
) -> Result<Json<Value>, ApiError> {
    let limit = checked(of.limit)?;
    let look =
        move |app: &App| Ok(Json(json!({"values": app.engine.store().values(entry.project.id, &of.property, limit)?})));
    blocking(&app, look).await
}
