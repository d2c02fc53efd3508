//! `kill -9` at random moments: of an import that is run again until it completes, and of a server whose clients send again
//! what was not acknowledged. Nothing that was acknowledged is lost, nothing counts twice.
//!
//! `CAIRN_KILLS` says how often each is killed (default 6; `make soak`: 200). The tails and the log's segments are small here,
//! so that parts are written, manifests replaced and segments dropped all the time.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cairn;
mod capture;
mod chance;
mod client;
mod found;
mod import;
mod kafka;

use std::{env, fs, path::PathBuf};

/// How often each test kills.
fn kills() -> usize {
    env::var("CAIRN_KILLS").map_or(6, |kills| kills.parse().expect("CAIRN_KILLS is a number"))
}

/// A folder on a disk. It is removed by [`done`], so that what a failed test leaves can be looked at.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kill-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn done(folder: PathBuf) {
    fs::remove_dir_all(folder).unwrap();
}

/// Says how far a long test is.
fn progress(what: &str, kills: usize, of: usize) {
    if kills.is_multiple_of(10) || kills == of {
        eprintln!("{what}: {kills} of {of} kills");
    }
}
