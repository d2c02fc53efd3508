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

    /// So many bytes are no longer kept.
    pub(crate) fn dropped(&mut self, bytes: u64) {
        self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
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

/// Of a file of records, those that are to be `kept`; a record that is cut off is not.
pub(crate) fn kept(mut file: &[u8], kept: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((length, rest)) = file.split_first_chunk::<4>() {
        let Some((record, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
            break;
        };
        if kept(record) {
            out.extend_from_slice(length);
            out.extend_from_slice(record);
        }
        file = rest;
    }
    out
}
