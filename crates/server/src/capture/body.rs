//! Reading bodies: bounded in bytes, in time, and over all requests together.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use tokio_stream::StreamExt;

use crate::error::ApiError;

/// The most bytes of a body, as it comes and unpacked.
#[derive(Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) wire: usize,
    pub(crate) unpacked: usize,
}

/// Bytes of bodies under way, over all requests.
#[derive(Clone)]
pub(crate) struct Budget {
    used: Arc<AtomicUsize>,
    max: usize,
}

/// A part of the budget, given back when dropped.
struct Share<'a>(&'a Budget, usize);

impl Budget {
    pub(crate) fn new(max: usize) -> Self {
        Self { used: Arc::default(), max }
    }
}

impl Share<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.1 += bytes;
        let used = self.0.used.fetch_add(bytes, Relaxed) + bytes;
        if used > self.0.max { Err(ApiError::Overload("the server is receiving too much at once")) } else { Ok(()) }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.0.used.fetch_sub(self.1, Relaxed);
    }
}

/// Reads a body of at most `cap` bytes within `timeout`.
pub(crate) async fn read_body(
    body: Body,
    headers: &HeaderMap,
    cap: usize,
    timeout: Duration,
    budget: &Budget,
) -> Result<Bytes, ApiError> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > cap) {
        return Err(too_large(cap));
    }
    let read = collect(body, length.unwrap_or(0), cap, Share(budget, 0));
    tokio::time::timeout(timeout, read).await.unwrap_or(Err(ApiError::Timeout))
}

async fn collect(body: Body, length: usize, cap: usize, mut share: Share<'_>) -> Result<Bytes, ApiError> {
    let mut frames = body.into_data_stream();
    let mut first = Bytes::new();
    let mut whole: Vec<u8> = Vec::new();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|error| ApiError::json(format!("The body broke off: {error}.")))?;
        share.take(frame.len())?;
        if first.len() + whole.len() + frame.len() > cap {
            return Err(too_large(cap));
        }
        // Most bodies come in one frame, and need no copy.
        if first.is_empty() && whole.is_empty() {
            first = frame;
            continue;
        }
        if whole.is_empty() {
            // What a sender announces is believed only as far as a part of it has come.
            whole.reserve(length.min(4 * (first.len() + frame.len())));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&frame);
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

/// Unpacks a body that is gzip, whatever its headers say: JSON never begins with gzip's mark. Never holds more than `cap`.
pub(crate) fn unpack(body: Bytes, cap: usize) -> Result<Bytes, ApiError> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut unpacked = Vec::with_capacity((body.len() * 4).min(cap));
    let mut packed = MultiGzDecoder::new(&body[..]).take(cap as u64 + 1);
    packed.read_to_end(&mut unpacked).map_err(|error| ApiError::json(format!("The gzip body is broken: {error}.")))?;
    if unpacked.len() > cap { Err(too_large(cap)) } else { Ok(unpacked.into()) }
}

fn too_large(cap: usize) -> ApiError {
    ApiError::TooLarge(format!("The body is larger than {cap} bytes; send it in smaller batches."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap().into()
    }

    #[test]
    fn bodies_are_unpacked_up_to_the_cap() {
        let zeros = vec![0; 1001];
        assert_eq!(unpack(gzip(b"{}"), 1000).unwrap(), &b"{}"[..]);
        assert_eq!(unpack(gzip(&zeros[..1000]), 1000).unwrap().len(), 1000);
        assert!(matches!(unpack(gzip(&zeros), 1000), Err(ApiError::TooLarge(_))));
        assert!(matches!(unpack(Bytes::from_static(b"\x1f\x8bnonsense"), 1000), Err(ApiError::Bad("json", _))));
        assert_eq!(unpack(Bytes::from_static(b"{}"), 1000).unwrap(), &b"{}"[..]);
        let twice = [gzip(b"{"), gzip(b"}")].concat();
        assert_eq!(unpack(twice.into(), 1000).unwrap(), &b"{}"[..]);
    }
}
