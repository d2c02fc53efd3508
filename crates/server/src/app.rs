//! What all handlers share, and the router.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    response::{IntoResponse, Response},
};
use cairn_analysis::Limits;
use tokio::sync::{Semaphore, watch};

use crate::{
    Engine, Network,
    api::{self, Access},
    assets::Assets,
    auth::{self, Auth},
    capture::Budget,
    enrich::{Enricher, GeoFile},
    error::ApiError,
    metrics::Metrics,
    visualizer::Visualizers,
};

/// How a server is set up. The defaults suit one that is reached directly.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// A file in MaxMind's format that knows where addresses are.
    pub geo_file: Option<PathBuf>,
    /// Whether browsers reach it by https, through a proxy: then the cookie is sent by nothing else.
    pub https: bool,
    /// How long a request's head, and again its body, may take to arrive.
    pub body_timeout: Duration,
    /// How long open requests may take after the signal to stop.
    pub grace: Duration,
    /// Connections at once; further ones wait.
    pub connections_max: usize,
    /// Bytes of bodies under way over all requests.
    pub bodies_bytes_max: usize,
    /// Queries at once; further ones wait.
    pub queries_max: usize,
    /// What one query may take, from when it is begun.
    pub query_limits: Limits,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            geo_file: None,
            https: false,
            body_timeout: Duration::from_secs(20),
            grace: Duration::from_secs(10),
            connections_max: 8_192,
            bodies_bytes_max: 256 << 20,
            queries_max: std::thread::available_parallelism().map_or(4, |cores| 2 * cores.get()),
            query_limits: Limits { time: Some(Duration::from_secs(30)), memory_bytes: Some(1 << 30) },
        }
    }
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The GeoIP file cannot be used.
    #[error("the GeoIP file {} cannot be read: {problem}", file.display())]
    GeoFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// What all handlers share.
pub struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) options: ServerOptions,
    pub(crate) enricher: Enricher,
    pub(crate) auth: Auth,
    pub(crate) visualizers: Visualizers,
    pub(crate) metrics: Metrics,
    pub(crate) bodies: Budget,
    pub(crate) queries: Arc<Semaphore>,
    /// True once the server stops: what would go on for ever ends then.
    pub(crate) closing: watch::Sender<bool>,
}

impl App {
    /// A server in front of `engine`.
    pub fn new(engine: Arc<Engine>, options: ServerOptions) -> Result<Arc<Self>, StartError> {
        let mut enricher = Enricher::default();
        if let Some(file) = &options.geo_file {
            let failed = |error: maxminddb::MaxMindDbError| StartError::GeoFile {
                file: file.clone(),
                problem: error.to_string(),
            };
            enricher.geo = Some(GeoFile::open(file).map_err(failed)?);
        }
        Ok(Arc::new(Self {
            engine,
            enricher,
            auth: Auth::default(),
            visualizers: Visualizers::default(),
            metrics: Metrics::default(),
            bodies: Budget::new(options.bodies_bytes_max),
            queries: Arc::new(Semaphore::new(options.queries_max)),
            closing: watch::Sender::new(false),
            options,
        }))
    }
}

/// How the server is, and nothing else.
pub(crate) fn health_router(app: Arc<App>) -> Router {
    let routes = api::table().into_iter().filter(|route| matches!(route.path, "/healthz" | "/metrics"));
    routes.fold(Router::new(), |router, route| router.route(route.path, route.handler)).with_state(app)
}

/// All routes. What is not listed as open in [`crate::routes`] needs a token.
pub fn router(app: Arc<App>) -> Router {
    let (mut open, mut closed, mut overlay) = (Router::new(), Router::new(), Router::new());
    for route in api::table() {
        match route.access {
            Access::Open => open = open.route(route.path, route.handler),
            Access::Token => closed = closed.route(route.path, route.handler),
            Access::Visualizer => overlay = overlay.route(route.path, route.handler),
        }
    }
    let require = middleware::from_fn_with_state(Arc::clone(&app), auth::require);
    let api = closed.route_layer(require).layer(middleware::map_response(api::headers));
    let (assets, random) = (Arc::new(Assets::web_app()), app.engine.random().clone());
    let admit = middleware::from_fn_with_state(Arc::clone(&app), api::visualizer::admit);
    let overlay = overlay.route_layer(admit).layer(middleware::map_response(api::headers));
    open.merge(api)
        .merge(overlay)
        .method_not_allowed_fallback(no_such_method)
        .fallback(move |request: Request| async move { assets.answer(&request, &random) })
        // Bodies have their own limits, by route.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

async fn no_such_method() -> Response {
    ApiError::Method("This address does not take that method; see docs/api.md.".into()).into_response()
}
