//! Saved reports.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use cairn_analysis::catalog::Report;
use cairn_model::ReportId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, JsonBody, blocking};
use crate::{app::App, error::ApiError};

/// `GET /api/projects/{project}/reports`.
pub(crate) async fn list(State(app): State<Arc<App>>, InProject(entry): InProject) -> Result<Json<Value>, ApiError> {
    let reports = blocking(&app, move |app| Ok(app.engine.registry().reports(entry.project.id)?)).await?;
    Ok(Json(json!({"reports": reports})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    name: String,
    kind: String,
    state: Value,
}

/// `POST /api/projects/{project}/reports`.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(New { name, kind, state }): JsonBody<New>,
) -> Result<(StatusCode, Json<Report>), ApiError> {
    let add = move |app: &App| {
        let registry = app.engine.registry();
        Ok(registry.add_report(entry.project.id, (&name, &kind), &state, app.engine.now())?)
    };
    Ok((StatusCode::CREATED, Json(blocking(&app, add).await?)))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    report: String,
}

impl Named {
    fn id(&self) -> Result<ReportId, ApiError> {
        ReportId::parse(&self.report).ok_or_else(|| ApiError::NotFound("There is no such report.".into()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    name: Option<String>,
    state: Option<Value>,
}

/// `PATCH /api/projects/{project}/reports/{report}`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(named): Path<Named>,
    JsonBody(Change { name, state }): JsonBody<Change>,
) -> Result<Json<Report>, ApiError> {
    let id = named.id()?;
    let change = move |app: &App| {
        let registry = app.engine.registry();
        Ok(registry.change_report(entry.project.id, id, (name.as_deref(), state), app.engine.now())?)
    };
    blocking(&app, change).await.map(Json)
}

/// `DELETE /api/projects/{project}/reports/{report}`.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(named): Path<Named>,
) -> Result<StatusCode, ApiError> {
    let id = named.id()?;
    blocking(&app, move |app| Ok(app.engine.registry().remove_report(entry.project.id, id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
