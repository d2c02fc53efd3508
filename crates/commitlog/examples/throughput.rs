//! How fast the log takes records on this machine's disk: `throughput [dir] [seconds] [payload bytes]`.
#![allow(clippy::print_stdout)]

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use cairn_commitlog::{Disk, EmbeddedLog, Log, LogError, LogOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let dir = arguments.first().map_or_else(env::temp_dir, PathBuf::from);
    let seconds = arguments.get(1).map_or(Ok(2), |seconds| seconds.parse())?;
    let payload_bytes = arguments.get(2).map_or(Ok(4096), |bytes| bytes.parse())?;
    println!("payload of {payload_bytes} bytes; each writer waits for its ack before it goes on");
    for writers in [1, 8, 16, 32] {
        measure(&dir, writers, 1, Duration::from_secs(seconds), payload_bytes)?;
    }
    println!("the same, each writer with 64 records under way");
    measure(&dir, 8, 64, Duration::from_secs(seconds), payload_bytes)?;
    Ok(())
}

fn measure(dir: &Path, writers: usize, depth: usize, time: Duration, bytes: usize) -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir_in(dir)?;
    let log = EmbeddedLog::open(Arc::new(Disk), &dir.path().join("log"), LogOptions::default())?;
    let payload = Bytes::from(vec![b'x'; bytes]);
    log.append(0, payload.clone())?.wait()?;
    let begin = Instant::now();
    let results: Result<Vec<Vec<Duration>>, LogError> = thread::scope(|scope| {
        let writers: Vec<_> =
            (0..writers).map(|_| scope.spawn(|| write(&log, &payload, depth, begin + time))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap_or_else(|_| Ok(Vec::new()))).collect()
    });
    let elapsed = begin.elapsed().as_secs_f64();
    let mut waits: Vec<Duration> = results?.into_iter().flatten().collect();
    waits.sort_unstable();
    let records = (waits.len() * depth) as f64;
    println!(
        "{writers:3} writers: {:8.0} records/s {:6.0} MB/s, ack p50 {:?} p99 {:?}",
        records / elapsed,
        records * bytes as f64 / elapsed / 1e6,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
    );
    Ok(())
}

fn write(log: &EmbeddedLog, payload: &Bytes, depth: usize, end: Instant) -> Result<Vec<Duration>, LogError> {
    let mut waits = Vec::new();
    while Instant::now() < end {
        let begin = Instant::now();
        let acks: Result<Vec<_>, _> = (0..depth).map(|_| log.append(0, payload.clone())).collect();
        for ack in acks? {
            ack.wait()?;
        }
        waits.push(begin.elapsed());
    }
    Ok(waits)
}
