//! Scenarios of the embedded store.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, clippy::print_stdout)]

mod behind;
mod common;
mod conformance;
mod damage;
mod examples;
mod explain;
mod graphs;
mod instant;
mod limits;
mod messages;
mod power;
mod purge;
mod replay;
mod retire;
mod segments;
mod sorted;
mod stream;
mod zones;
