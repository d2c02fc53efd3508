//! The commit log as its users meet it: in use, after power cuts, on failing disks, with flipped bits.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod basics;
mod common;
mod concurrency;
mod damage;
mod failures;
mod power;
mod spool;
mod torn;
