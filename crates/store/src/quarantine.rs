//! Records that were accepted and cannot be applied: kept, bounded, so that they can be replayed.

use cairn_model::CodecError;

/// At most this many bytes are kept; beyond it records are only counted, loudly.
const BYTES_MAX: u64 = 64 << 20;

/// The quarantine: files already written, and what is still to be written.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    kept_bytes: u64,
    /// Length (u32) and bytes of each record not yet in a file.
    pub(crate) pending: Vec<u8>,
}

impl Quarantine {
    pub(crate) fn open(files: &[(String, u64)]) -> Self {
        Self { kept_bytes: files.iter().map(|(_, bytes)| bytes).sum(), pending: Vec::new() }
    }

    pub(crate) fn push(&mut self, payload: &[u8], error: &CodecError) {
        let bytes = payload.len() as u64 + 4;
        if self.kept_bytes + bytes > BYTES_MAX {
            tracing::error!(%error, bytes, "a log record cannot be applied, and the quarantine is full: it is dropped");
            return;
        }
        tracing::error!(%error, bytes, "a log record cannot be applied: it is kept in quarantine");
        self.kept_bytes += bytes;
        self.pending.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        self.pending.extend_from_slice(payload);
    }
}
