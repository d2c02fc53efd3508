//! Capture: from a request to a durable record. What is decided stands in `plan`, without effects.

mod body;
pub(crate) mod mask;
mod plan;

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use cairn_commitlog::LogError;
use cairn_model::{Reason, TimeMs, limits};
use serde::Serialize;

pub(crate) use body::{Budget, Caps, read_body, unpack};
pub(crate) use mask::Masks;
pub(crate) use plan::{Planned, Sender, plan};

use crate::{app::App, enrich::Facts, error::ApiError, metrics::Timed, registry::Entry, serve::Peer};
use plan::Refused;

const CAPS: Caps = Caps { wire: limits::BODY_BYTES, unpacked: limits::BODY_UNPACKED_BYTES };

/// `POST /ingest/{write_key}`.
pub(crate) async fn ingest(State(app): State<Arc<App>>, Path(key): Path<String>, request: Request) -> Response {
    let started = Instant::now();
    let answer = take(&app, &key, request).await;
    app.metrics.took(Timed::Ingest, started.elapsed());
    with_cors(answer)
}

/// `OPTIONS /ingest/{write_key}`. Every origin may write, none may read, and no cookie is ever looked at.
pub(crate) async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, content-encoding"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    with_cors((StatusCode::NO_CONTENT, headers))
}

/// Any other method.
pub(crate) async fn not_post() -> Response {
    with_cors(ApiError::Method("Send events with POST.".into()))
}

fn with_cors(answer: impl IntoResponse) -> Response {
    const EVERY: HeaderValue = HeaderValue::from_static("*");
    // Without it, the script could not see when to come back.
    const EXPOSED: (HeaderName, HeaderValue) =
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, EVERY);
    if headers.contains_key(header::RETRY_AFTER) {
        headers.insert(EXPOSED.0, EXPOSED.1);
    }
    response
}

async fn take(app: &App, key: &str, request: Request) -> Result<Response, ApiError> {
    let Some(entry) = app.engine.registry().of_key(key) else {
        app.metrics.unknown_key.fetch_add(1, Relaxed);
        return Err(ApiError::UnknownKey(key.to_owned()));
    };
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let agent = head.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.map(|agent| app.enricher.agents.get(agent));
    let place = app.enricher.place(crate::address::sender(peer, &head.headers, &app.options.trusted_proxies));
    let body = receive(app, &entry, body, &head.headers, CAPS).await?;
    let facts = Facts::new(agent.as_deref(), place.as_ref());
    let now = app.engine.now();
    let sender = Sender { project: entry.project.id, now, facts, live: true, masks: entry.masks.as_ref() };
    let planned = plan_counted(&entry, &body, sender)?;
    drop(body);
    keep(app, &entry, planned, now).await.map_err(|error| match error {
        ApiError::Log(error @ LogError::Replica { .. }) => ApiError::Elsewhere(error.to_string()),
        error => error,
    })
}

/// Reads and unpacks a body, counting what is too large.
pub(crate) async fn receive(
    app: &App,
    entry: &Entry,
    body: Body,
    headers: &axum::http::HeaderMap,
    caps: Caps,
) -> Result<Bytes, ApiError> {
    let read = read_body(body, headers, caps.wire, app.options.body_timeout, &app.bodies).await;
    read.and_then(|body| unpack(body, caps.unpacked)).inspect_err(|error| match error {
        ApiError::TooLarge(_) => entry.refused.count(Reason::Size),
        ApiError::Bad(..) => entry.refused.count(Reason::Json),
        _ => {}
    })
}

/// Plans, and counts what is refused.
pub(crate) fn plan_counted<'a>(entry: &Entry, body: &'a [u8], sender: Sender<'a>) -> Result<Planned, ApiError> {
    let planned = plan(body, sender).map_err(|refusal| {
        entry.refused.count(refusal.reason);
        match refusal.reason {
            Reason::Size => ApiError::TooLarge(refusal.message),
            reason => ApiError::Bad(reason.name(), refusal.message),
        }
    })?;
    planned.refused.iter().for_each(|refused| entry.refused.count(refused.reason));
    Ok(planned)
}

#[derive(Serialize)]
struct Answer<'a> {
    accepted: usize,
    refused: &'a [Refused],
    server_time: TimeMs,
}

/// Makes what was planned durable, and says so.
pub(crate) async fn keep(app: &App, entry: &Entry, planned: Planned, now: TimeMs) -> Result<Response, ApiError> {
    let Planned { batch, refused } = planned;
    let accepted = batch.len();
    if accepted > 0 {
        let appended = match app.engine.append(entry.project.id, batch) {
            Ok(appended) => appended.await,
            Err(error) => Err(error),
        };
        if let Err(error) = appended {
            app.metrics.unavailable.fetch_add(1, Relaxed);
            return Err(error.into());
        }
        app.metrics.accepted.fetch_add(accepted as u64, Relaxed);
    }
    let status = if accepted == 0 && !refused.is_empty() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let answer = Answer { accepted, refused: &refused, server_time: now };
    let json = serde_json::to_vec(&answer).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], json).into_response())
}
