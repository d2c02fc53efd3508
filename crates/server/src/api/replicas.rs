//! What servers on one topic, and those who look after them, ask of each other.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use cairn_model::Position;
use serde::{Deserialize, Serialize};

use super::{JsonBody, Params, blocking};
use crate::{
    app::App,
    engine::{EngineState, Replay, Replayed, bytes_digest},
    error::ApiError,
};

#[derive(Deserialize)]
pub(crate) struct OfTopic {
    /// The id of the topic that whoever asks follows.
    topic: String,
}

/// `GET /api/catalog?topic=ID`: the whole catalog, for a replica.
pub(crate) async fn catalog(
    State(app): State<Arc<App>>,
    Params(of): Params<OfTopic>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let known = headers.get(header::IF_NONE_MATCH).cloned();
    let copy = move |app: &App| {
        match app.engine.topic() {
            Some(topic) if topic.id == of.topic => {}
            _ => {
                let problem =
                    "This server does not follow the topic that the replica follows: give the right --replica-of.";
                return Err(ApiError::Conflict("topic", problem.to_owned()));
            }
        }
        Ok(app.engine.registry().copy()?)
    };
    let copy = blocking(&app, copy).await?;
    let digest = bytes_digest(&copy);
    let tag = format!("\"{}\"", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::ETAG, tag)];
    Ok((headers, copy).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateBody {
    /// What is wanted.
    want: Wanted,
    /// Where.
    #[serde(default)]
    at: Option<Vec<Position>>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    /// Where the store is.
    Positions,
    /// The same, and that it stays there for a moment.
    Hold,
    /// What it holds.
    Hashes,
}

/// `POST /api/state`.
pub(crate) async fn state(
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<StateBody>,
) -> Result<Json<EngineState>, ApiError> {
    let look = move |app: &App| match body.want {
        Wanted::Positions => Ok(Json(app.engine.positions())),
        Wanted::Hold => Ok(Json(app.engine.hold()?)),
        Wanted::Hashes => Ok(Json(app.engine.state(body.at.as_deref())?)),
    };
    blocking(&app, look).await
}

/// `POST /api/replay`.
pub(crate) async fn replay(
    State(app): State<Arc<App>>,
    JsonBody(step): JsonBody<Replay>,
) -> Result<Json<Replayed>, ApiError> {
    blocking(&app, move |app| Ok(Json(app.engine.replay(&step)?))).await
}
