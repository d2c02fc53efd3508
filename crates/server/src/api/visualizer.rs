//! The visualizer: opened by whoever is signed in, used by a page of the site that it was opened on.

mod look;

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cairn_model::{Definition, Predicate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use look::{overlap, preview};

use super::{InProject, JsonBody, blocking, definitions::Body, headers as api_headers};
use crate::{
    app::App,
    auth,
    error::ApiError,
    registry::Entry,
    visualizer::{Denied, Grant, Listed, is_origin},
};

/// Browsers ask again whether a request may be sent after this time.
const PREFLIGHT_S: &str = "600";

#[derive(Deserialize)]
pub(crate) struct Opening {
    origin: String,
    app: String,
}

#[derive(Serialize)]
pub(crate) struct Ticket {
    ticket: String,
    #[serde(flatten)]
    listed: Listed,
}

/// `POST /api/projects/{project}/visualizer`.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    headers: HeaderMap,
    JsonBody(Opening { origin, app: web_app }): JsonBody<Opening>,
) -> Result<Json<Ticket>, ApiError> {
    for (name, text) in [("origin", &origin), ("app", &web_app)] {
        if !is_origin(text) {
            let message =
                format!("`{name}` is an origin as browsers write it, such as https://shop.example, without a path.");
            return Err(ApiError::Bad("origin", message));
        }
    }
    let ticket = app.engine.random().token::<32>("vt_").map_err(|error| ApiError::Internal(error.to_string()))?;
    let session = auth::session_digest(&headers, &app);
    let grant = Grant { project: entry.project.id, origin: origin.clone(), app: web_app, session };
    let (id, expires_at) = app.visualizers.add_ticket(&ticket, grant, app.engine.now());
    Ok(Json(Ticket { ticket, listed: Listed { id, origin, open: false, expires_at } }))
}

/// `GET /api/projects/{project}/visualizer`.
pub(crate) async fn list(State(app): State<Arc<App>>, InProject(entry): InProject) -> Json<Value> {
    Json(json!({"visualizers": app.visualizers.list(entry.project.id, app.engine.now())}))
}

/// `DELETE /api/projects/{project}/visualizer`.
pub(crate) async fn end_all(State(app): State<Arc<App>>, InProject(entry): InProject) -> StatusCode {
    app.visualizers.end_all(entry.project.id);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Exchange {
    ticket: String,
}

/// `POST /api/visualizer`: a ticket for a token. Every site may ask, and be told why it gets none: without a ticket there is nothing to learn.
pub(crate) async fn exchange(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(origin) = origin_of(request.headers()) else { return ApiError::VisualizerOrigin.into_response() };
    let answer = exchanged(&app, &origin, request).await.into_response();
    api_headers(with_cors(answer, &origin)).await
}

async fn exchanged(app: &Arc<App>, origin: &str, request: Request) -> Result<Json<Value>, ApiError> {
    use axum::extract::FromRequest;
    let JsonBody(Exchange { ticket }) = JsonBody::from_request(request, app).await?;
    let token = app.engine.random().token::<32>("vs_").map_err(|error| ApiError::Internal(error.to_string()))?;
    let (grant, expires_at) = app.visualizers.exchange(&ticket, origin, &token, app.engine.now())?;
    let entry = app.engine.registry().entry(grant.project).ok_or_else(ApiError::no_project)?;
    let project = json!({"id": entry.project.id, "name": entry.project.name, "zone": entry.project.zone});
    Ok(Json(json!({"token": token, "expires_at": expires_at, "project": project, "app": grant.app})))
}

/// Any preflight of these routes: only the sites on which a visualizer is open may ask.
pub(crate) async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Lets through pages of a site with a token for it, and tells browsers so. Stands in front of every route of this kind; cookies are not
/// looked at.
pub(crate) async fn admit(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let now = app.engine.now();
    let origin = origin_of(request.headers()).filter(|origin| app.visualizers.knows_origin(origin, now));
    let Some(origin) = origin else { return ApiError::VisualizerOrigin.into_response() };
    if request.method() == Method::OPTIONS {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_S),
        ];
        return with_cors((headers, next.run(request).await), &origin);
    }
    let token = auth::bearer(request.headers()).unwrap_or_default().to_owned();
    match app.visualizers.admit(&token, &origin, now) {
        Ok(grant) => {
            request.extensions_mut().insert(Admitted { token, grant });
            with_cors(next.run(request).await, &origin)
        }
        // The page of another site learns nothing.
        Err(Denied::Origin) => ApiError::VisualizerOrigin.into_response(),
        Err(Denied::Over) => with_cors(ApiError::VisualizerOver, &origin),
    }
}

#[derive(Clone)]
pub(crate) struct Admitted {
    token: String,
    grant: Grant,
}

/// The project that the token is for: of these routes the only way to one.
pub(crate) struct Allowed(pub(crate) Arc<Entry>);

impl FromRequestParts<Arc<App>> for Allowed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let admitted = parts.extensions.get::<Admitted>().ok_or(ApiError::VisualizerOver)?;
        app.engine.registry().entry(admitted.grant.project).map(Self).ok_or_else(ApiError::no_project)
    }
}

/// `DELETE /api/visualizer`: the token ends.
pub(crate) async fn leave(State(app): State<Arc<App>>, Extension(admitted): Extension<Admitted>) -> StatusCode {
    app.visualizers.end(&admitted.token);
    StatusCode::NO_CONTENT
}

/// `GET /api/visualizer/definitions`.
pub(crate) async fn definitions(Allowed(entry): Allowed) -> Json<Value> {
    Json(json!({"definitions": &*entry.definitions()}))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// `PUT /api/visualizer/definitions/{name}`: a new one; what there is cannot be changed from a page of the site.
pub(crate) async fn define(
    State(app): State<Arc<App>>,
    Allowed(entry): Allowed,
    Path(Named { name }): Path<Named>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Json<Definition>, ApiError> {
    let predicate = Predicate::from_json(&body.predicate)?;
    let define = move |app: &App| Ok(app.engine.define_new(entry.project.id, &name, predicate)?);
    blocking(&app, define).await.map(Json)
}

fn origin_of(headers: &HeaderMap) -> Option<String> {
    headers.get(header::ORIGIN)?.to_str().ok().filter(|origin| is_origin(origin)).map(str::to_owned)
}

fn with_cors(answer: impl IntoResponse, origin: &str) -> Response {
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    response
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Over => ApiError::VisualizerOver,
            Denied::Origin => ApiError::VisualizerOrigin,
        }
    }
}
