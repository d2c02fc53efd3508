//! Dashboards of saved reports.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use cairn_analysis::catalog::{Dashboard, Tile};
use cairn_model::DashboardId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, JsonBody, blocking};
use crate::{app::App, error::ApiError};

/// `GET /api/projects/{project}/dashboards`.
pub(crate) async fn list(State(app): State<Arc<App>>, InProject(entry): InProject) -> Result<Json<Value>, ApiError> {
    let dashboards = blocking(&app, move |app| Ok(app.engine.registry().dashboards(entry.project.id)?)).await?;
    Ok(Json(json!({"dashboards": dashboards})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    name: String,
}

/// `POST /api/projects/{project}/dashboards`.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(New { name }): JsonBody<New>,
) -> Result<(StatusCode, Json<Dashboard>), ApiError> {
    let add = move |app: &App| Ok(app.engine.registry().add_dashboard(entry.project.id, &name, app.engine.now())?);
    Ok((StatusCode::CREATED, Json(blocking(&app, add).await?)))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    dashboard: String,
}

impl Named {
    fn id(&self) -> Result<DashboardId, ApiError> {
        DashboardId::parse(&self.dashboard).ok_or_else(|| ApiError::NotFound("There is no such dashboard.".into()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    name: Option<String>,
    tiles: Option<Vec<Tile>>,
}

/// `PATCH /api/projects/{project}/dashboards/{dashboard}`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(named): Path<Named>,
    JsonBody(Change { name, tiles }): JsonBody<Change>,
) -> Result<Json<Dashboard>, ApiError> {
    let id = named.id()?;
    let change = move |app: &App| {
        let registry = app.engine.registry();
        Ok(registry.change_dashboard(entry.project.id, id, (name.as_deref(), tiles), app.engine.now())?)
    };
    blocking(&app, change).await.map(Json)
}

/// `DELETE /api/projects/{project}/dashboards/{dashboard}`.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(named): Path<Named>,
) -> Result<StatusCode, ApiError> {
    let id = named.id()?;
    blocking(&app, move |app| Ok(app.engine.registry().remove_dashboard(entry.project.id, id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
