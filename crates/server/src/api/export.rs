//! Export: all events or users as lines of JSON, or all about one person as a document, streamed.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use cairn_analysis::StoreError;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use super::{InProject, Params, people::Whose, subject};
use crate::{app::App, error::ApiError};

const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may wait for a slow reader.
const CHUNKS: usize = 4;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Events,
    Users,
    Person,
}

#[derive(Deserialize)]
pub(crate) struct What {
    kind: Kind,
    #[serde(flatten)]
    whose: Whose,
}

/// `GET /api/projects/{project}/export`.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    InProject(entry): InProject,
    Params(What { kind, whose }): Params<What>,
) -> Result<Response, ApiError> {
    if let Kind::Person = kind {
        return subject::export(app, entry, whose.listed()?).await;
    }
    let permit = Arc::clone(&app.queries).acquire_owned().await;
    let (sender, chunks) = mpsc::channel::<Bytes>(CHUNKS);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut lines = Lines { sender, chunk: Vec::with_capacity(CHUNK_BYTES + 4096) };
        let (store, project) = (app.engine.store(), entry.project.id);
        let exported = match kind {
            Kind::Events => store.events(project, &mut |event| lines.push(&event)),
            Kind::Users | Kind::Person => store.users(project, &mut |user| lines.push(&user)),
        };
        lines.finish(exported);
    });
    let body = Body::from_stream(ReceiverStream::new(chunks).map(Ok::<_, Infallible>));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

struct Lines {
    sender: mpsc::Sender<Bytes>,
    chunk: Vec<u8>,
}

impl Lines {
    /// False once nobody reads any more.
    fn push(&mut self, line: &impl Serialize) -> bool {
        if serde_json::to_writer(&mut self.chunk, line).is_err() {
            return false;
        }
        self.chunk.push(b'\n');
        self.chunk.len() < CHUNK_BYTES || self.send()
    }

    fn send(&mut self) -> bool {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES + 4096));
        self.sender.blocking_send(chunk.into()).is_ok()
    }

    /// The status is sent long since: that the rest is missing can only be a last line of its own.
    fn finish(mut self, exported: Result<(), StoreError>) {
        if let Err(error) = exported {
            tracing::error!("an export broke off: {error}");
            self.push(&serde_json::json!({"error": {"code": "store", "message": error.to_string()}}));
        }
        self.send();
    }
}
