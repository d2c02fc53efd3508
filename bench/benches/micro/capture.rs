//! What a captured batch costs: reading its JSON, and making it durable.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use cairn_bench::{
    capture::{BATCH, requests},
    data::World,
};
use cairn_commitlog::{Disk, EmbeddedLog, Log, LogOptions};
use cairn_model::parse;
use criterion::{Criterion, Throughput};

const UNDER_WAY: usize = 32;

pub(crate) fn parsing(criterion: &mut Criterion) {
    let request = requests(&World::new(3), 1, ([127, 0, 0, 1], 80).into(), "/ingest/ck_1").remove(0);
    let body = &request.bytes()[request.bytes().len() - request.body_bytes()..];
    assert_eq!(parse::parse_body(body).unwrap().messages.iter().filter(|message| message.is_ok()).count(), BATCH);
    let mut group = criterion.benchmark_group("capture");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("parse a batch", |bencher| bencher.iter(|| parse::parse_body(body).unwrap().messages.len()));
    group.finish();
}

pub(crate) fn appending(criterion: &mut Criterion) {
    // On the disk of the build, since a temporary folder may be in memory.
    let dir = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let log = EmbeddedLog::open(Arc::new(Disk), &dir.path().join("log"), LogOptions::default()).unwrap();
    let payload = Bytes::from(vec![b'x'; 16 << 10]);
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Bytes((UNDER_WAY * payload.len()) as u64));
    group.bench_function("append and sync", |bencher| {
        bencher.iter(|| {
            let acks: Vec<_> = (0..UNDER_WAY).map(|_| log.append(0, payload.clone()).unwrap()).collect();
            acks.into_iter().map(|ack| ack.wait().unwrap().offset).max()
        });
    });
    group.finish();
}
