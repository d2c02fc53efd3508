//! Backup: everything as one archive, streamed.

use std::{
    convert::Infallible,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use tokio::{runtime::Handle, sync::mpsc};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use crate::{
    app::App,
    backup::{BackupError, broken},
    error::ApiError,
};

const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that may wait for a slow reader.
const CHUNKS: usize = 4;
/// A reader that takes nothing for so long is gone: files that are merged meanwhile are kept for it.
const PATIENCE: Duration = Duration::from_secs(120);

/// `GET /api/backup`.
pub(crate) async fn backup(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let (sender, mut chunks) = mpsc::channel::<Result<Bytes, BackupError>>(CHUNKS);
    let mut out = Chunks { sender, runtime: Handle::current(), chunk: Vec::new(), begun: false };
    tokio::task::spawn_blocking(move || {
        if let Err(error) = app.engine.backup(&mut out) {
            out.fail(error);
        }
    });
    let first = match chunks.recv().await {
        Some(first) => first?,
        None => return Err(ApiError::Internal("The backup met a defect; see the server's log.".into())),
    };
    // An error behind the first chunk is one of the archive's own chunks.
    let rest = ReceiverStream::new(chunks).filter_map(Result::ok);
    let body = Body::from_stream(tokio_stream::once(first).chain(rest).map(Ok::<_, Infallible>));
    let name = "attachment; filename=\"cairn.backup\"";
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

/// Hands an archive over, chunk by chunk.
struct Chunks {
    sender: mpsc::Sender<Result<Bytes, BackupError>>,
    runtime: Handle,
    chunk: Vec<u8>,
    begun: bool,
}

impl Chunks {
    fn send(&mut self, chunk: Result<Bytes, BackupError>) -> io::Result<()> {
        self.begun = true;
        let sent = self.runtime.block_on(self.sender.send_timeout(chunk, PATIENCE));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes it any more"))
    }

    /// The status may be sent long since: then the archive itself says that it is not whole.
    fn fail(&mut self, error: BackupError) {
        tracing::error!("a backup broke off: {error}");
        let last = if self.begun { Ok(broken(&error.to_string()).into()) } else { Err(error) };
        // Errors come between the archive's chunks, so what waits is whole. Nobody may be there to hear it.
        if !self.begun || self.flush().is_ok() {
            drop(self.send(last));
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        if chunk.is_empty() { Ok(()) } else { self.send(Ok(chunk.into())) }
    }
}
