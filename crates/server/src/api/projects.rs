//! Projects.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use cairn_analysis::catalog::Project;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{JsonBody, blocking};
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
