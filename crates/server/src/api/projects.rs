//! Projects.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use cairn_analysis::catalog::{Project, ProjectSettings};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, JsonBody, blocking};
use crate::{app::App, error::ApiError};

/// `GET /api/projects`.
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({"projects": app.engine.registry().projects()}))
}

#[derive(Deserialize)]
pub(crate) struct New {
    name: String,
    zone: String,
}

/// `POST /api/projects`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<Project>), ApiError> {
    let create = move |app: &App| Ok(app.engine.registry().create_project(&new.name, &new.zone, app.engine.now())?);
    Ok((StatusCode::CREATED, Json(blocking(&app, create).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    name: String,
    zone: String,
    retention_days: Option<u32>,
    masks: Vec<String>,
}

/// `PUT /api/projects/{project}`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(to): JsonBody<Settings>,
) -> Result<Json<Project>, ApiError> {
    let change = move |app: &App| {
        let Settings { name, zone, retention_days, masks } = &to;
        let settings = ProjectSettings { name, zone, retention_days: *retention_days, masks };
        Ok(app.engine.registry().change_project(entry.project.id, settings)?)
    };
    blocking(&app, change).await.map(Json)
}

/// `POST /api/projects/{project}/keys`.
pub(crate) async fn new_key(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
) -> Result<(StatusCode, Json<Project>), ApiError> {
    let replace = move |app: &App| Ok(app.engine.registry().replace_key(entry.project.id, app.engine.now())?);
    Ok((StatusCode::CREATED, Json(blocking(&app, replace).await?)))
}

#[derive(Deserialize)]
pub(crate) struct Key {
    key: String,
}

/// `DELETE /api/projects/{project}/keys/{key}`.
pub(crate) async fn revoke_key(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Key { key }): Path<Key>,
) -> Result<Json<Project>, ApiError> {
    let revoke = move |app: &App| Ok(app.engine.registry().revoke_key(entry.project.id, &key)?);
    blocking(&app, revoke).await.map(Json)
}
