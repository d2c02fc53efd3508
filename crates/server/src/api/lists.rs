//! Named lists of people.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{StatusCode, header},
};
use cairn_analysis::catalog::PeopleList;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{InProject, blocking};
use crate::{
    app::App,
    capture::read_body,
    error::ApiError,
    list_file::{LIST_BYTES, ListFormat},
};

/// `GET /api/projects/{project}/lists`.
pub(crate) async fn list(State(app): State<Arc<App>>, InProject(entry): InProject) -> Result<Json<Value>, ApiError> {
    let lists = blocking(&app, move |app| Ok(app.engine.registry().lists(entry.project.id)?)).await?;
    Ok(Json(json!({"lists": lists})))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// `PUT /api/projects/{project}/lists/{name}`.
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
    request: Request,
) -> Result<Json<PeopleList>, ApiError> {
    let (head, body) = request.into_parts();
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let format = ListFormat::of_content_type(content_type);
    let body = read_body(body, &head.headers, LIST_BYTES, app.options.body_timeout, &app.bodies).await?;
    let put = move |app: &App| {
        Ok(app.engine.registry().put_list(entry.project.id, &name, (&body, format), app.engine.now())?)
    };
    blocking(&app, put).await.map(Json)
}

/// `DELETE /api/projects/{project}/lists/{name}`.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Path(Named { name }): Path<Named>,
) -> Result<StatusCode, ApiError> {
    let removed = blocking(&app, move |app| Ok(app.engine.registry().remove_list(entry.project.id, &name)?)).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound("There is no such list.".into())) }
}
