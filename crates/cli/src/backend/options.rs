//! What the environment says of sizes and limits.

use std::{env, time::Duration};

use anyhow::bail;
use cairn_analysis::Limits;
use cairn_server::EngineOptions;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// What a merge needs for each row, in bytes: 100M events were merged, 31M of them at a time, within 2.6 GB.
const MERGE_ROW_BYTES: u64 = 64;
/// How long a question may take, where nothing is said.
const QUERY_SECONDS: usize = 30;
/// The memory that a question may take where the system does not tell how much there is.
const QUERY_MEMORY_BYTES: usize = 1 << 30;

/// The sizes of log and store, smaller for small machines: `CAIRN_TAIL_ROWS` events stay in memory before they are written as
/// a part, parts of at most `CAIRN_MERGE_ROWS` together are merged, the log's files have `CAIRN_SEGMENT_BYTES`, and a spool `CAIRN_SPOOL_BYTES`. An index that
/// no question has used for `CAIRN_INDEX_DAYS` is removed.
pub(crate) fn engine_options() -> anyhow::Result<EngineOptions> {
    let mut options = EngineOptions::default();
    if let Some(rows) = size("CAIRN_TAIL_ROWS")? {
        options.store.tail_rows = rows;
    }
    options.store.merge_rows = match size("CAIRN_MERGE_ROWS")? {
        Some(rows) => (rows as u64).clamp(1 << 20, 1 << 30),
        None => memory().map_or(options.store.merge_rows, merge_rows),
    };
    if let Some(bytes) = size("CAIRN_SEGMENT_BYTES")? {
        options.log.segment_bytes = bytes as u64;
    }
    if let Some(bytes) = size("CAIRN_SPOOL_BYTES")? {
        options.spool_bytes_max = bytes as u64;
    }
    if let Some(days) = size("CAIRN_INDEX_DAYS")? {
        options.store.index_retire_ms = (days as i64).saturating_mul(86_400_000);
    }
    Ok(options)
}

/// What one question may take: `CAIRN_QUERY_SECONDS`, by default 30, and `CAIRN_QUERY_MEMORY_BYTES`, by default an eighth of the
/// machine's memory.
pub(crate) fn query_limits() -> anyhow::Result<Limits> {
    let seconds = size("CAIRN_QUERY_SECONDS")?.unwrap_or(QUERY_SECONDS);
    let memory_bytes = match size("CAIRN_QUERY_MEMORY_BYTES")? {
        Some(bytes) => bytes,
        None => memory().map_or(QUERY_MEMORY_BYTES, |memory| (memory / 8) as usize),
    };
    Ok(Limits { time: Some(Duration::from_secs(seconds as u64)), memory_bytes: Some(memory_bytes) })
}

/// The memory that this process may use, in bytes, if the system tells.
fn memory() -> Option<u64> {
    let wanted = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let system = System::new_with_specifics(wanted).ok()?;
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    Some(system.total_memory().min(limit)).filter(|memory| *memory > 0)
}

/// How many rows a merge may take on a machine of so much memory: about an eighth of it.
fn merge_rows(memory: u64) -> u64 {
    (memory / 8 / MERGE_ROW_BYTES).clamp(1 << 20, 64 << 20)
}

fn size(name: &str) -> anyhow::Result<Option<usize>> {
    let Ok(text) = env::var(name) else { return Ok(None) };
    match text.parse() {
        Ok(size) if size > 0 => Ok(Some(size)),
        _ => bail!("{name} is {text:?}: it takes a number from 1"),
    }
}
