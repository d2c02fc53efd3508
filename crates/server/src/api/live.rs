//! The live feed: events as soon as they are in the answers, as server-sent events.

use std::{convert::Infallible, fmt::Write, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use cairn_analysis::SeenEvent;
use cairn_model::{Batch, CodecError, Event, RawMessage};
use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval},
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use super::{InProject, blocking, events::Named};
use crate::{app::App, engine::LiveRecord, error::ApiError, registry::Entry};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// Chunks that may wait for a slow reader; then it misses events, and is told how many.
const CHUNKS: usize = 8;
/// Of one record, the latest events that are shown: an import is not for watching.
const EVENTS_MAX: usize = 200;

/// `GET /api/projects/{project}/live`.
pub(crate) async fn live(State(app): State<Arc<App>>, InProject(entry): InProject) -> Response {
    let (sender, chunks) = mpsc::channel(CHUNKS);
    let records = app.engine.live().subscribe();
    tokio::spawn(async move {
        let mut closing = app.closing.subscribe();
        let feed = Feed { app: &app, entry, out: sender, next: None };
        tokio::select! {
            () = feed.run(records) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    });
    let body = Body::from_stream(ReceiverStream::new(chunks).map(Ok::<_, Infallible>));
    // Proxies must not collect what is to be seen at once.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    ([(header::CONTENT_TYPE, "text/event-stream"), unbuffered], body).into_response()
}

struct Feed<'a> {
    app: &'a Arc<App>,
    entry: Arc<Entry>,
    out: mpsc::Sender<Bytes>,
    /// The project's next event, counted as the records count them.
    next: Option<u64>,
}

impl Feed<'_> {
    async fn run(mut self, mut records: broadcast::Receiver<Arc<LiveRecord>>) {
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let chunk = tokio::select! {
                () = self.out.closed() => return,
                // The first comes at once, and opens the feed.
                _ = heartbeat.tick() => Bytes::from_static(b": \n\n"),
                record = records.recv() => match record {
                    Ok(record) if record.project == self.entry.project.id => self.chunk(record).await,
                    // What was missed shows in the next record's count.
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            };
            if self.out.send(chunk).await.is_err() {
                return;
            }
        }
    }

    async fn chunk(&mut self, record: Arc<LiveRecord>) -> Bytes {
        let missed = self.next.map_or(0, |next| record.before.saturating_sub(next));
        self.next = Some(record.before + record.stored);
        let entry = Arc::clone(&self.entry);
        let rendered = blocking(self.app, move |app| render(app, &entry, &record, missed)).await;
        rendered.unwrap_or_else(|error| {
            tracing::warn!("a record is not shown in the live feed: {error}");
            Bytes::from_static(b": \n\n")
        })
    }
}

fn render(app: &App, entry: &Entry, record: &LiveRecord, missed: u64) -> Result<Bytes, ApiError> {
    let mut events = new_events(record).map_err(|error| ApiError::Internal(error.to_string()))?;
    let beyond = events.len().saturating_sub(EVENTS_MAX);
    events.drain(..beyond);
    let mut text = String::with_capacity(512 * events.len() + 64);
    if missed + beyond as u64 > 0 {
        let _ = write!(text, "event: skipped\ndata: {}\n\n", missed + beyond as u64);
    }
    let definitions = entry.definitions();
    for event in events {
        // The web app shows the id where there is no name; what is wrong is reported by whatever else asks.
        let person = app.engine.store().person(entry.project.id, event.user_id).ok().flatten();
        let named = Named::new(SeenEvent { event, person }, &definitions);
        let json = serde_json::to_string(&named).map_err(|error| ApiError::Internal(error.to_string()))?;
        let _ = write!(text, "data: {json}\n\n");
    }
    Ok(text.into())
}

/// The events of a record that are new in the answers.
fn new_events(record: &LiveRecord) -> Result<Vec<Event<'static>>, CodecError> {
    let batch = Batch::parse(&record.payload)?;
    let mut events = Vec::new();
    let mut index = 0;
    for message in batch.messages()? {
        let count = message.count();
        let is_new = |index: usize| record.left_out.binary_search(&(index as u32)).is_err();
        match message {
            RawMessage::Event(row) if is_new(index) => events.push(batch.event(&row)?.into_owned()),
            RawMessage::Events(block) => {
                let all = batch.events(&block)?.into_iter().zip(index..);
                events.extend(all.filter(|(_, index)| is_new(*index)).map(|(event, _)| event.into_owned()));
            }
            RawMessage::Event(_) | RawMessage::Other(_) => {}
        }
        index += count;
    }
    Ok(events)
}
