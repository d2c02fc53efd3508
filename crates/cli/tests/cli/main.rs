//! The real `cairn`, used as a newcomer would use it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod backup;
mod demo;
mod erasing;
mod exporting;
mod following;
mod importing;
mod ingesting;
mod listing;
mod postgres;
mod querying;
mod serving;
mod stopping;
mod support;
