//! What has just been applied, for those who watch. Nothing is looked into unless somebody listens.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use cairn_analysis::Applied;
use cairn_model::{Batch, ProjectId};
use hashbrown::HashMap;
use tokio::sync::broadcast;

/// Records kept for a reader that is slow for a moment.
const KEPT_RECORDS: usize = 256;

/// An applied record.
#[derive(Debug)]
pub(crate) struct LiveRecord {
    pub(crate) project: ProjectId,
    pub(crate) payload: Bytes,
    /// The indexes, within the record, of events that are not in the answers.
    pub(crate) left_out: Vec<u32>,
    /// New events of the project sent before this record: who sees a gap knows how many were skipped.
    pub(crate) before: u64,
    /// New events in this record.
    pub(crate) stored: u64,
}

pub(crate) struct Live {
    sender: broadcast::Sender<Arc<LiveRecord>>,
    sent: Mutex<HashMap<ProjectId, u64>>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(KEPT_RECORDS), sent: Mutex::default() }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<LiveRecord>> {
        self.sender.subscribe()
    }

    /// Whether anybody listens.
    pub(crate) fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    pub(crate) fn send(&self, payload: &Bytes, applied: Applied) {
        if !self.is_watched() || applied.stored == 0 {
            return;
        }
        let Ok(project) = Batch::parse(payload).map(|batch| batch.project) else { return };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let count = sent.entry(project).or_default();
        let (before, Applied { stored, left_out }) = (*count, applied);
        *count += stored;
        let record = LiveRecord { project, payload: payload.clone(), left_out, before, stored };
        // Whoever listened may just have left.
        let _ = self.sender.send(Arc::new(record));
    }
}
