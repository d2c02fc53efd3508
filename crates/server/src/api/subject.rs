//! All about one person as one JSON document, streamed: for those who ask what is known of them.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use cairn_analysis::{Budget, EventKey, Listed, StreamAnswer};
use cairn_model::Event;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use super::people::{page, profile, properties, stream};
use crate::{Engine, app::App, error::ApiError, registry::Entry};

/// Events that are read at once.
const PAGE: usize = 1_000;
/// Pieces that may wait for a slow reader.
const PIECES: usize = 4;

/// Answers once it is known that there is such a person; what follows is sent as it is read.
pub(super) async fn export(app: Arc<App>, entry: Arc<Entry>, whose: Listed) -> Result<Response, ApiError> {
    let permit = Arc::clone(&app.queries).acquire_owned().await;
    let (sender, mut pieces) = mpsc::channel::<Result<Bytes, ApiError>>(PIECES);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let sent = send(&app.engine, &entry, &whose, &|piece| sender.blocking_send(Ok(piece.into())).is_ok());
        if let Err(error) = sent {
            let _ = sender.blocking_send(Err(error));
        }
    });
    let broken = || ApiError::Internal("The export met a defect; see the server's log.".to_owned());
    let first = pieces.recv().await.ok_or_else(broken)??;
    // The status is sent long since: that the rest is missing can only be said at the end.
    let rest =
        ReceiverStream::new(pieces).map(|piece| Ok::<_, Infallible>(piece.unwrap_or_else(|error| broken_off(&error))));
    let body = Body::from_stream(tokio_stream::once(Ok(first)).chain(rest));
    let kind = HeaderValue::from_static("application/json");
    let saved = HeaderValue::from_static("attachment; filename=\"person.json\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, saved)], body).into_response())
}

fn broken_off(error: &ApiError) -> Bytes {
    tracing::error!("the export of a person broke off: {error}");
    let error = json!({"code": error.code(), "message": error.to_string()});
    format!("],\"complete\":false,\"error\":{error}}}\n").into()
}

/// `push` gets the pieces in order; it says no once nobody reads any more.
fn send(engine: &Engine, entry: &Entry, whose: &Listed, push: &dyn Fn(Vec<u8>) -> bool) -> Result<(), ApiError> {
    let budget = Budget::unlimited();
    let (known, facts) = profile(engine, entry, whose, &budget)?;
    let mut head = Map::new();
    head.insert("exported_at".to_owned(), json!(engine.now()));
    head.insert("project".to_owned(), json!({"id": entry.project.id, "name": entry.project.name}));
    let known = serde_json::to_value(&known).and_then(|known| Ok((known, serde_json::to_value(properties(&facts))?)));
    let (known, given) = known.map_err(unwritable)?;
    if let Value::Object(known) = known {
        head.extend(known);
    }
    head.insert("property_values".to_owned(), given);
    let mut head = Value::Object(head).to_string().into_bytes();
    // The object goes on.
    head.pop();
    head.extend_from_slice(b",\"events\":[");
    let mut going = push(head);
    let (mut plan, mut is_first) = (stream(whose.clone(), PAGE), true);
    while going {
        let found = page(engine, entry, plan.clone(), &budget)?;
        let mut piece = Vec::new();
        for event in events(&found) {
            if !std::mem::take(&mut is_first) {
                piece.push(b',');
            }
            piece.push(b'\n');
            serde_json::to_writer(&mut piece, event).map_err(unwritable)?;
        }
        plan.before = found.next.as_deref().and_then(EventKey::parse);
        let is_last = plan.before.is_none();
        if is_last {
            piece.extend_from_slice(b"],\"complete\":true}\n");
        }
        going = push(piece) && !is_last;
    }
    Ok(())
}

/// Newest first.
fn events(page: &StreamAnswer) -> impl Iterator<Item = &Event<'static>> {
    page.sessions.iter().flat_map(|session| session.events.iter().map(|named| &named.event))
}

fn unwritable(error: serde_json::Error) -> ApiError {
    ApiError::Internal(format!("the export cannot be written: {error}"))
}
