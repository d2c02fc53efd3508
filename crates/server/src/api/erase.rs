//! Taking data out for good.

use std::sync::Arc;

use axum::{Json, extract::State};
use cairn_analysis::When;
use cairn_model::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, JsonBody, blocking};
use crate::{
    app::App,
    engine::{Erasure, Expiry, Whom},
    error::ApiError,
};

/// So many user ids at once.
const USERS_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erase {
    users: Option<Vec<UserId>>,
    handle: Option<String>,
    #[serde(default)]
    purge: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expire {
    before: When,
    #[serde(default)]
    purge: bool,
}

/// `POST /api/projects/{project}/erase`.
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(body): JsonBody<Erase>,
) -> Result<Json<Erasure>, ApiError> {
    let purge = body.purge;
    let whom = whom(body)?;
    let erase = move |app: &App| Ok(app.engine.erase(entry.project.id, &whom, purge)?);
    blocking(&app, erase).await.map(Json)
}

/// Exactly what was named: nobody is erased by a body that says too little or too much.
fn whom(body: Erase) -> Result<Whom, ApiError> {
    match (body.users, body.handle) {
        (Some(users), None) if (1..=USERS_MAX).contains(&users.len()) => Ok(Whom::Users(users)),
        (Some(_), None) => Err(ApiError::Bad("users", format!("\"users\" takes 1 to {USERS_MAX} ids."))),
        (None, Some(handle)) if !handle.is_empty() => Ok(Whom::Handle(handle)),
        _ => Err(ApiError::Bad("users", "Say whom: either \"users\", a list of ids, or \"handle\".".to_owned())),
    }
}

/// `POST /api/projects/{project}/expire`.
pub(crate) async fn expire(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    JsonBody(body): JsonBody<Expire>,
) -> Result<Json<Expiry>, ApiError> {
    let before = entry.calendar.instant(&body.before)?;
    let expire = move |app: &App| Ok(app.engine.expire(entry.project.id, before, body.purge)?);
    blocking(&app, expire).await.map(Json)
}

/// `POST /api/projects/{project}/purge`.
pub(crate) async fn purge(State(app): State<Arc<App>>, InProject(entry): InProject) -> Result<Json<Value>, ApiError> {
    blocking(&app, move |app| Ok(app.engine.purge(entry.project.id)?)).await?;
    Ok(Json(json!({"purged": true})))
}
