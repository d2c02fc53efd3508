//! Import: messages as they are, for a running server.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{InProject, blocking};
use crate::{
    app::App,
    capture::{Caps, Sender, keep, plan_counted, receive},
    enrich::Facts,
    error::ApiError,
    metrics::Timed,
};

/// Whoever has the token may send larger bodies than the whole world.
const CAPS: Caps = Caps { wire: 16 << 20, unpacked: 16 << 20 };

/// `POST /api/projects/{project}/import`.
pub(crate) async fn import(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    request: Request,
) -> Result<Response, ApiError> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let body = receive(&app, &entry, body, &head.headers, CAPS).await?;
    let now = app.engine.now();
    let planning = Arc::clone(&entry);
    let plan = move |_: &App| {
        let sender = Sender { project: planning.project.id, now, facts: Facts::default(), live: false, masks: None };
        plan_counted(&planning, &body, sender)
    };
    let planned = blocking(&app, plan).await?;
    let answer = keep(&app, &entry, planned, now).await;
    app.metrics.took(Timed::Api, started.elapsed());
    answer
}
