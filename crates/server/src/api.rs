//! The API: one table of all routes, and what their handlers share.

mod activity;
mod backup;
mod dashboards;
mod definitions;
mod erase;
mod events;
mod export;
mod health;
mod import;
mod lists;
mod live;
mod metrics;
mod people;
mod projects;
mod query;
mod replicas;
mod reports;
mod subject;
pub(crate) mod visualizer;

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderValue, Method, header, request::Parts},
    response::Response,
    routing::{MethodRouter, delete, get, options, patch, post, put},
};
use bytes::Bytes;
use cairn_analysis::{Budget, Cancel};
use cairn_model::{ProjectId, limits};
use serde::de::DeserializeOwned;

use crate::{app::App, assets, auth, capture, error::ApiError, registry::Entry};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Whoever has the token, or a session.
    Token,
    /// A page on which the visualizer is open.
    Visualizer,
}

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: MethodRouter<Arc<App>>,
}

/// All routes but the web app's files.
pub(crate) fn table() -> Vec<Route> {
    let open = |method, path, handler| Route { method, path, access: Access::Open, handler };
    let token = |method, path, handler| Route { method, path, access: Access::Token, handler };
    let overlay = |method, path, handler: MethodRouter<Arc<App>>| {
        let handler = handler.options(visualizer::preflight);
        Route { method, path, access: Access::Visualizer, handler }
    };
    let (g, p, c, d) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    vec![
        open(p.clone(), "/ingest/{write_key}", post(capture::ingest).fallback(capture::not_post)),
        open(Method::OPTIONS, "/ingest/{write_key}", options(capture::preflight)),
        open(g.clone(), "/cairn.js", get(assets::snippet)),
        open(g.clone(), "/visualizer.js", get(assets::overlay)),
        open(p.clone(), "/api/visualizer", post(visualizer::exchange)),
        overlay(d.clone(), "/api/visualizer", delete(visualizer::leave)),
        overlay(g.clone(), "/api/visualizer/definitions", get(visualizer::definitions)),
        overlay(Method::PUT, "/api/visualizer/definitions/{name}", put(visualizer::define)),
        overlay(p.clone(), "/api/visualizer/preview", post(visualizer::preview)),
        overlay(p.clone(), "/api/visualizer/overlap", post(visualizer::overlap)),
        token(p.clone(), "/api/projects/{project}/visualizer", post(visualizer::open)),
        token(g.clone(), "/api/projects/{project}/visualizer", get(visualizer::list)),
        token(d.clone(), "/api/projects/{project}/visualizer", delete(visualizer::end_all)),
        open(g.clone(), "/healthz", get(health::healthz)),
        open(g.clone(), "/metrics", get(metrics::metrics)),
        open(p.clone(), "/api/session", post(auth::sign_in)),
        token(g.clone(), "/api/session", get(auth::session)),
        token(d.clone(), "/api/session", delete(auth::sign_out)),
        token(g.clone(), "/api/openapi.json", get(health::openapi)),
        token(g.clone(), "/api/backup", get(backup::backup)),
        token(g.clone(), "/api/catalog", get(replicas::catalog)),
        token(p.clone(), "/api/state", post(replicas::state)),
        token(p.clone(), "/api/replay", post(replicas::replay)),
        token(g.clone(), "/api/projects", get(projects::list)),
        token(p.clone(), "/api/projects", post(projects::create)),
        token(Method::PUT, "/api/projects/{project}", put(projects::change)),
        token(p.clone(), "/api/projects/{project}/keys", post(projects::new_key)),
        token(d.clone(), "/api/projects/{project}/keys/{key}", delete(projects::revoke_key)),
        token(g.clone(), "/api/projects/{project}/definitions", get(definitions::list)),
        token(Method::PUT, "/api/projects/{project}/definitions/{name}", put(definitions::define)),
        token(d.clone(), "/api/projects/{project}/definitions/{name}", delete(definitions::forget)),
        token(g.clone(), "/api/projects/{project}/definitions/{name}/versions", get(definitions::versions)),
        token(p.clone(), "/api/projects/{project}/definitions/{name}/rename", post(definitions::rename)),
        token(g.clone(), "/api/projects/{project}/definitions/{name}/closest", get(activity::proposals)),
        token(g.clone(), "/api/projects/{project}/definition-activity", get(activity::activity)),
        token(g.clone(), "/api/projects/{project}/reports", get(reports::list)),
        token(p.clone(), "/api/projects/{project}/reports", post(reports::add)),
        token(c.clone(), "/api/projects/{project}/reports/{report}", patch(reports::change)),
        token(d.clone(), "/api/projects/{project}/reports/{report}", delete(reports::remove)),
        token(g.clone(), "/api/projects/{project}/dashboards", get(dashboards::list)),
        token(p.clone(), "/api/projects/{project}/dashboards", post(dashboards::add)),
        token(c, "/api/projects/{project}/dashboards/{dashboard}", patch(dashboards::change)),
        token(d.clone(), "/api/projects/{project}/dashboards/{dashboard}", delete(dashboards::remove)),
        token(g.clone(), "/api/projects/{project}/lists", get(lists::list)),
        token(Method::PUT, "/api/projects/{project}/lists/{name}", put(lists::put)),
        token(d, "/api/projects/{project}/lists/{name}", delete(lists::remove)),
        token(p.clone(), "/api/projects/{project}/preview", post(query::preview)),
        token(p.clone(), "/api/projects/{project}/query", post(query::query)),
        token(g.clone(), "/api/projects/{project}/live", get(live::live)),
        token(g.clone(), "/api/projects/{project}/events", get(events::newest)),
        token(g.clone(), "/api/projects/{project}/properties", get(events::properties)),
        token(g.clone(), "/api/projects/{project}/values", get(events::values)),
        token(g.clone(), "/api/projects/{project}/person", get(people::person)),
        token(p.clone(), "/api/projects/{project}/unidentify", post(people::unidentify)),
        token(p.clone(), "/api/projects/{project}/erase", post(erase::erase)),
        token(p.clone(), "/api/projects/{project}/expire", post(erase::expire)),
        token(p.clone(), "/api/projects/{project}/purge", post(erase::purge)),
        token(p, "/api/projects/{project}/import", post(import::import)),
        token(g.clone(), "/api/projects/{project}/export", get(export::export)),
        token(g.clone(), "/api/projects/{project}/ledger", get(health::ledger)),
        token(g, "/api/projects/{project}/indexes", get(health::indexes)),
    ]
}

/// Method, path and access of all routes but the web app's files.
pub fn routes() -> Vec<(Method, &'static str, Access)> {
    table().into_iter().map(|route| (route.method, route.path, route.access)).collect()
}

/// What every answer of the API carries: nothing of it is kept by anybody, or taken for anything but what it is.
pub(crate) async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The project that a path names. Every route below `/api/projects/{project}` has it, and no other way to data.
pub(crate) struct InProject(pub(crate) Arc<Entry>);

impl FromRequestParts<Arc<App>> for InProject {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        #[derive(serde::Deserialize)]
        struct Named {
            project: String,
        }
        let Path(named) = Path::<Named>::from_request_parts(parts, app).await.map_err(|_| ApiError::no_project())?;
        let entry = ProjectId::parse(&named.project).and_then(|id| app.engine.registry().entry(id));
        entry.map(Self).ok_or_else(ApiError::no_project)
    }
}

/// A body as it came, up to the limit.
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<Arc<App>> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let timeout = app.options.body_timeout;
        capture::read_body(body, &head.headers, limits::BODY_BYTES, timeout, &app.bodies).await.map(Self)
    }
}

/// A body of JSON, whatever its content type says.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let RawBody(body) = RawBody::from_request(request, app).await?;
        serde_json::from_slice(&body).map(Self).map_err(|error| ApiError::body(&error))
    }
}

/// The parameters of a URL.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        read.map(|query| Self(query.0)).map_err(|error| ApiError::Bad("parameter", error.body_text()))
    }
}

/// As [`blocking`], for a question: it is bounded by the server's limits, and stopped if nobody waits for the answer any more.
pub(crate) async fn asking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App, &Budget) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let cancel = Cancel::default();
    let _waiting = Waiting(cancel.clone());
    let work = move |app: &App| {
        let budget = Budget::new(app.options.query_limits, cancel);
        let made = work(app, &budget);
        if made.is_err() {
            budget.stopped().into_iter().for_each(|why| app.metrics.stopped(why));
        }
        made
    };
    blocking(app, work).await
}

/// Somebody waits for the answer of a question; dropped with the request when the other end has left.
struct Waiting(Cancel);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Runs what takes long, or waits for a disk, where it holds up no other request; so many at once and no more.
pub(crate) async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let permit = Arc::clone(&app.queries).acquire_owned().await;
    let app = Arc::clone(app);
    let run = move || {
        let _permit = permit;
        work(&app)
    };
    tokio::task::spawn_blocking(run)
        .await
        .map_err(|_| ApiError::Internal("The request met a defect; see the server's log.".into()))?
}
