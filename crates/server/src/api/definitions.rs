//! Event definitions.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use cairn_model::{Definition, Predicate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, JsonBody, blocking};
use crate::{app::App, error::ApiError};

/// `GET /api/projects/{project}/definitions`.
pub(crate) async fn list(InProject(entry): InProject) -> Json<Value> {
    Json(json!({"definitions": &*entry.definitions()}))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
}

#[derive(Deserialize)]
pub(crate) struct Body {
    pub(crate) predicate: Value,
}

/// `PUT /api/projects/{project}/definitions/{name}`.
pub(crate) async fn define(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Json<Definition>, ApiError> {
    let predicate = Predicate::from_json(&body.predicate)?;
    let define = move |app: &App| Ok(app.engine.define(entry.project.id, &name, predicate)?);
    blocking(&app, define).await.map(Json)
}

/// `DELETE /api/projects/{project}/definitions/{name}`.
pub(crate) async fn forget(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
) -> Result<StatusCode, ApiError> {
    let removed = blocking(&app, move |app| Ok(app.engine.forget(entry.project.id, &name)?)).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound("There is no such definition.".into())) }
}

/// `GET /api/projects/{project}/definitions/{name}/versions`.
pub(crate) async fn versions(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Value>, ApiError> {
    let look = move |app: &App| Ok(app.engine.registry().versions(entry.project.id, &name)?);
    let versions = blocking(&app, look).await?;
    if versions.is_empty() {
        return Err(ApiError::NotFound("There is no such definition.".into()));
    }
    Ok(Json(json!({"versions": versions})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    to: String,
    /// Whether saved reports that name it are changed, too.
    #[serde(default)]
    carry: bool,
}

/// `POST /api/projects/{project}/definitions/{name}/rename`.
pub(crate) async fn rename(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
    JsonBody(Rename { to, carry }): JsonBody<Rename>,
) -> Result<StatusCode, ApiError> {
    let rename = move |app: &App| {
        let engine = &app.engine;
        Ok(engine.registry().rename(entry.project.id, &name, &to, (carry, engine.now()))?)
    };
    blocking(&app, rename).await?;
    Ok(StatusCode::NO_CONTENT)
}
